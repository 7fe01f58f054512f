/* tests/unit/test_known.c - a set of names as a number. */
#include "ext/store/store.h"
#include "tests/unit/test.h"

/* The sum of some names, NULL-terminated. */
static mig_names names_of(const char *const *z) {
  mig_names s = {0};

  for (; *z; z++) mig_names_add(&s, *z);
  return s;
}

static int names_same(mig_names a, mig_names b) {
  return a.n == b.n && a.sum[0] == b.sum[0] && a.sum[1] == b.sum[1];
}

#define NAMES(...) names_of((const char *const[]){__VA_ARGS__, NULL})

TEST(known_names_are_a_set) {
  (void)cx;
  EQ_INT(names_same(NAMES("a.lua", "b.lua", "c.lua"),
                    NAMES("c.lua", "a.lua", "b.lua")),
         1);
  EQ_INT(names_same(NAMES("a.lua", "b.lua"), NAMES("a.lua", "c.lua")), 0);
  EQ_INT(names_same(NAMES("a.lua"), NAMES("a.lua", "b.lua")), 0);
  EQ_INT(names_same(NAMES("a.lua", "a.lua"), NAMES("b.lua", "b.lua")), 0);
  EQ_INT(names_same(NAMES("a1.lua", "b2.lua"), NAMES("a2.lua", "b1.lua")), 0);
  EQ_INT(names_same(NAMES("12345678a", "12345678"),
                    NAMES("12345678", "a12345678")),
         0);
  EQ_INT(names_same(NAMES("a", "bc"), NAMES("ab", "c")), 0);
}

/* Names alike, each number of which must be its own. */
static int names_meet(mig_cx *cx, const char *fmt, int n) {
  mig_map half[2] = {{0}, {0}};
  int i, k, met = 0;

  for (i = 0; i < n && !cx->rc; i++) {
    mig_names s = {0};
    const char *name = mig_printf(cx, fmt, i, i);
    if (name) mig_names_add(&s, name);
    for (k = 0; k < 2 && name; k++) {
      const char *key = mig_printf(cx, "%016llx", s.sum[k]);
      if (key) met += mig_map_put(cx, &half[k], key, s.sum) != NULL;
    }
  }
  return cx->rc ? 0 : met;
}

TEST(known_names_that_are_alike_differ_in_either_half) {
  EQ_INT(names_meet(cx, "%d.lua", 3000), 0);
  EQ_INT(names_meet(cx, "%05d_add_a_table.lua", 3000), 0);
  EQ_INT(names_meet(cx, "20260101000000_%012x_slug_%d.sql", 3000), 0);
}
