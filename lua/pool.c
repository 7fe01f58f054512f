/*
** lua/pool.c - Lua's many small blocks, cut from a few large ones.
**
** A script makes some hundred blocks of some ten bytes each.  Taken one by one
** from sqlite3_malloc64() they cost more than the script, and lie scattered
** among SQLite's own.  A slab goes back when the state is closed.
*/
#include "lua/host.h"

#define SLAB 16384 /* bytes of one slab, with its link */
#define STEP 16    /* sizes are rounded up to this     */

struct mig_slab {
  struct mig_slab *next;
};

static int pool_is_small(size_t n) {
  return n - 1 < (size_t)MIG_NPOOL * STEP; /* 0 is not */
}

/* The class of blocks of n bytes, or MIG_NPOOL when they are not small */
static int pool_class(size_t n) {
  return pool_is_small(n) ? (int)((n - 1) / STEP) : MIG_NPOOL;
}

static void *pool_take(mig_pool *p, int class) {
  size_t n = (size_t)(class + 1) * STEP;
  void *block = p->free[class];

  if (block) {
    memcpy(&p->free[class], block, sizeof(void *));
    return block;
  }
  if (p->left < n) {
    struct mig_slab *s = sqlite3_malloc64(SLAB);
    if (!s) return NULL;
    s->next = p->slabs;
    p->slabs = s;
    p->cut = (char *)s + STEP;
    p->left = SLAB - STEP;
  }
  block = p->cut;
  p->cut += n;
  p->left -= n;
  return block;
}

static void pool_give(mig_pool *p, void *block, int class) {
  memcpy(block, &p->free[class], sizeof(void *));
  p->free[class] = block;
}

static void pool_free(mig_pool *p, void *block, int class) {
  if (class == MIG_NPOOL)
    sqlite3_free((char *)block - STEP);
  else
    pool_give(p, block, class);
}

/* A large block has a link before it, as a slab has, for when it becomes one */
static void *pool_large(void *block, size_t n) {
  char *p = sqlite3_realloc64(block ? (char *)block - STEP : NULL, n + STEP);

  return p ? p + STEP : NULL;
}

static void pool_adopt(mig_pool *p, void *large) {
  struct mig_slab *s = (struct mig_slab *)(void *)((char *)large - STEP);

  s->next = p->slabs;
  p->slabs = s;
}

/* Move a block between classes; NULL when there is no memory */
static void *pool_move(mig_pool *p, void *block, size_t had, int from,
                       size_t want, int to) {
  void *now = to == MIG_NPOOL ? pool_large(NULL, want) : pool_take(p, to);

  if (!now || !block) return now;
  memcpy(now, block, had < want ? had : want);
  pool_free(p, block, from);
  return now;
}

void *mig_pool_alloc(mig_pool *p, void *block, size_t had, size_t want) {
  int from = block ? pool_class(had) : -1, to = want ? pool_class(want) : -1;
  void *now = block;

  if (to < 0) {
    if (block) pool_free(p, block, from);
    return NULL;
  }
  if (from == MIG_NPOOL && to == MIG_NPOOL)
    now = pool_large(block, want);
  else if (from != to)
    now = pool_move(p, block, had, from, want, to);
  if (now || want > had || !block) return now;
  if (to != MIG_NPOOL && from == MIG_NPOOL) pool_adopt(p, block);
  return block; /* to shrink does not fail */
}

/* Two of three calls are for small blocks, of which one was given back */
void *mig_pool_lua(void *host, void *block, size_t had, size_t want) {
  mig_host *h = host;
  void *now;

  if (!block && pool_is_small(want)) {
    now = h->pool.free[pool_class(want)];
    if (now && (!h->limit || want <= h->limit - h->used)) {
      memcpy(&h->pool.free[pool_class(want)], now, sizeof(void *));
      h->used += want;
      return now;
    }
  } else if (block && !want && pool_is_small(had) &&
             !(h->at && block == lua_getextraspace(h->at))) {
    pool_give(&h->pool, block, pool_class(had));
    h->used -= had;
    return NULL;
  }
  return mig_host_alloc(host, block, had, want);
}

void mig_pool_release(mig_pool *p) {
  while (p->slabs) {
    struct mig_slab *next = p->slabs->next;
    sqlite3_free(p->slabs);
    p->slabs = next;
  }
}
