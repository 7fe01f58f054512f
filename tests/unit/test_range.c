/* tests/unit/test_range.c - sets by their two ends, and graphs that would be.
 */
#include "tests/unit/revisions.h"

#define DIAMOND "a; b <- a [left]; c <- a; m <- b,c; n <- m"

/* The ids of a range, in the order of files. */
static const char *range(mig_cx *cx, const char *text, const char *rows,
                         const char *ends) {
  mig_graph *g = revs_read(cx, text);
  mig_list ids = {0};
  unsigned char *set;
  int i;

  mig_graph_link(cx, g);
  if (!cx->rc) mig_graph_state(cx, g, &rows, rows ? 1 : 0);
  set = cx->rc ? NULL : mig_graph_range(cx, g, ends);
  for (i = 0; !cx->rc && i < g->revs.n; i++)
    if (set[i])
      mig_list_add(cx, &ids,
                   (void *)(uintptr_t)((mig_revision *)g->revs.at[i])->h.id);
  return mig_list_join(cx, &ids, " ");
}

TEST(range_is_what_lies_on_the_way) {
  EQ_STR(range(cx, DIAMOND, NULL, ":"), "a b c m n");
  EQ_STR(range(cx, DIAMOND, NULL, "b:n"), "b c m n");
  EQ_STR(range(cx, DIAMOND, NULL, "m:"), "m n");
  EQ_STR(range(cx, DIAMOND, NULL, ":c"), "a c");
  EQ_STR(range(cx, DIAMOND, NULL, "c"), "c");
  EQ_STR(range(cx, DIAMOND, NULL, " base : left "), "a b");
  EQ_STR(range(cx, DIAMOND, "c", "current:head"), "b c m n");
  EQ_STR(range(cx, DIAMOND, NULL, "n:a"), "");
  EQ_STR(range(cx, DIAMOND, NULL, "n-1:n"), "m n");
}

TEST(range_refuses_ends_that_name_nothing) {
  EQ_STR(range(cx, DIAMOND, NULL, "a:z"), NULL);
  EQ_ERR(cx, SQLITE_ERROR, "no revision or branch is called 'z'");
}

TEST(range_refuses_steps_back_from_what_is_current) {
  EQ_STR(range(cx, DIAMOND, "n", "-1:"), NULL);
  EQ_ERR(cx, SQLITE_ERROR, "'-1' is no end of a range");
}

/* The error that the graph would have with c on these parents, or NULL. */
static const char *would(mig_cx *cx, const char *parents) {
  mig_graph *g = revs_read(cx, "a; b <- a; c <- a; d <- c");
  mig_header h = {.id = "c", .message = ""};
  mig_cx own = {0};
  const char *z;

  mig_graph_link(cx, g);
  h.down = mig_list_split(cx, mig_span_z(parents));
  if (cx->rc) return NULL;
  mig_graph_with(&own, g, mig_map_get(&g->by_id, "c"), &h, "v/c.lua");
  z = own.rc ? mig_strdup(cx, mig_cx_message(&own)) : NULL;
  mig_cx_release(&own);
  return z;
}

TEST(range_graph_with_another_header) {
  const char *z;

  EQ_STR(would(cx, "b"), NULL);
  EQ_STR(would(cx, " a , b,, "), NULL);
  EQ_STR(would(cx, ""), NULL);
  z = would(cx, "d");
  EQ_INT(z && strstr(z, "cycle"), 1);
  z = would(cx, "z");
  EQ_INT(z && strstr(z, "z"), 1);
}
