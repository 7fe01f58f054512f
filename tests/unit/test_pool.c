/* tests/unit/test_pool.c - Lua's memory: blocks keep their bytes. */
#include "lua/host.h"
#include "tests/unit/test.h"

enum { NBLOCK = 64 };

static void fill(char *p, size_t n, int with) {
  if (p) memset(p, with, n);
}

static int kept(const char *p, size_t n, int with) {
  size_t i;

  for (i = 0; i < n; i++)
    if (p[i] != (char)with) return 0;
  return 1;
}

TEST(pool_blocks_keep_their_bytes_while_they_grow_and_shrink) {
  mig_pool pool = {0};
  char *block[NBLOCK] = {NULL};
  size_t size[NBLOCK] = {0}, want, same;
  unsigned seed = 7;
  int i, k, bad = 0;

  (void)cx;
  for (i = 0; i < 4000; i++) {
    seed = seed * 1103515245u + 12345u;
    k = (int)(seed >> 16) % NBLOCK;
    want = (seed >> 8) % 5 ? (seed >> 10) % 300 : (seed >> 10) % 3000;
    same = size[k] < want ? size[k] : want;
    char *p = mig_pool_alloc(&pool, block[k], size[k], want);
    if (!p && want > size[k]) continue; /* no memory: the old one stays */
    if (want && p) bad += !kept(p, same, k);
    bad += want && !p; /* to shrink does not fail */
    block[k] = p;
    size[k] = want;
    fill(p, want, k);
  }
  for (k = 0; k < NBLOCK; k++) mig_pool_alloc(&pool, block[k], size[k], 0);
  mig_pool_release(&pool);
  EQ_INT(bad, 0);
}
