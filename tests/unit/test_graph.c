/* tests/unit/test_graph.c - building the graph: what is refused, and how. */
#include "tests/unit/revisions.h"

#define BUILD(text) revs_do(cx, text, "", "all", NULL)
#define FIND(text, name) revs_do(cx, text, "", "find", name)

TEST(graph_of_nothing) {
  EQ_STR(BUILD(""), "");
  EQ_STR(revs_do(cx, "", "", "heads", NULL), "");
}

TEST(graph_orders_each_after_what_it_stands_on) {
  EQ_STR(BUILD("c <- b; b <- a; a"), "a b c");
  EQ_STR(BUILD("a; b <- a; c <- a; d <- b,c"), "a b c d");
  EQ_STR(BUILD("a; z : b; b <- a"), "a b z");
}

TEST(graph_keeps_a_branch_together_then_goes_by_file_name) {
  EQ_STR(BUILD("a; b1 <- a; c1 <- a; b2 <- b1; c2 <- c1"), "a b1 b2 c1 c2");
  EQ_STR(BUILD("a; x; b <- a; y <- x; c <- b"), "a b c x y");
  /* a2 waits for x1: then x goes on before the branch of a is resumed */
  EQ_STR(BUILD("a1; a2 <- a1 : x1; x1; x2 <- x1"), "a1 x1 x2 a2");
  /* a child that is a dependent too is a child */
  EQ_STR(BUILD("a; x; b <- a : a"), "a b x");
}

TEST(graph_knows_heads_and_bases) {
  const char *g = "a; b <- a; c <- a; d <- b,c; e <- a; f : d";
  EQ_STR(revs_do(cx, g, "", "heads", NULL), "d e f");
  EQ_STR(revs_do(cx, g, "", "bases", NULL), "a f");
}

TEST(graph_knows_branch_and_merge_points) {
  mig_graph *g = revs_read(cx, "a; b <- a; c <- a; d <- b,c");
  const mig_revision *a, *d;

  if (!g) return;
  mig_graph_link(cx, g);
  if (cx->rc) return;
  a = g->revs.at[0], d = g->revs.at[3];
  EQ_INT(mig_rev_is_base(a), 1);
  EQ_INT(mig_rev_is_branch_point(a), 1);
  EQ_INT(mig_rev_is_merge_point(a), 0);
  EQ_INT(mig_rev_is_head(a), 0);
  EQ_INT(mig_rev_is_base(d), 0);
  EQ_INT(mig_rev_is_branch_point(d), 0);
  EQ_INT(mig_rev_is_merge_point(d), 1);
  EQ_INT(mig_rev_is_head(d), 1);
}

TEST(graph_refuses_malformed_ids) {
  EQ_STR(BUILD("a@b"),
         "error: v/01_a@b.lua: 'a@b' cannot be a revision id: use letters, "
         "digits and _ . - only, begin with a letter, digit or _, and keep to "
         "64 bytes");
  EQ_STR(BUILD("-a"),
         "error: v/01_-a.lua: '-a' cannot be a revision id: use letters, "
         "digits and _ . - only, begin with a letter, digit or _, and keep to "
         "64 bytes");
  EQ_STR(BUILD("heads"), "error: v/01_heads.lua: 'heads' cannot be a revision "
                         "id: it is a reserved word, choose another");
  EQ_STR(
      BUILD("Base; _; 0; a.b-c_d; "
            "a234567890123456789012345678901234567890123456789012345678901234"),
      "Base _ 0 a.b-c_d "
      "a234567890123456789012345678901234567890123456789012345678901234");
}

TEST(graph_refuses_a_script_without_an_id) {
  mig_graph *g = mig_graph_new(cx);
  mig_header h = {0};

  mig_graph_add(cx, g, &h, "v/x.lua", NULL);
  EQ_ERR(cx, SQLITE_ERROR,
         "v/x.lua: the script does not say which revision it is; give it an "
         "id");
}

TEST(graph_refuses_an_id_that_is_too_long) {
  char id[66] = {0};
  mig_header h = {.id = id};
  mig_graph *g = mig_graph_new(cx);

  memset(id, 'x', 65);
  mig_graph_add(cx, g, &h, "v/x.lua", NULL);
  EQ_ERR(cx, SQLITE_ERROR, "and keep to 64 bytes");
}

TEST(graph_refuses_duplicates) {
  EQ_STR(BUILD("a; b <- a; a"),
         "error: revision a is in two files: v/01_a.lua and v/03_a.lua; give "
         "one of them another id, or remove it");
}

TEST(graph_refuses_parents_that_do_not_exist) {
  EQ_STR(BUILD("a; b <- zz"),
         "error: v/02_b.lua: down_revision of revision b: no revision or "
         "branch is called 'zz'");
  EQ_STR(BUILD("6efc3153bd83; b <- 6efc3153bd84"),
         "error: v/02_b.lua: down_revision of revision b: no revision or "
         "branch is called '6efc3153bd84'; the nearest is 6efc3153bd83");
  EQ_STR(BUILD("a; b : users; c [user]; d [use]; e [usersx]; f [musers]"),
         "error: v/02_b.lua: depends_on of revision b: no revision or branch "
         "is called 'users'; the nearest is usersx, then user, then musers");
  EQ_STR(BUILD("a [lab]; b <- lab"),
         "error: v/02_b.lua: down_revision of revision b: 'lab' is a branch "
         "label; name a revision, such as a which carries it");
}

TEST(graph_refuses_what_is_named_twice_and_itself) {
  EQ_STR(BUILD("a; b <- a,a"),
         "error: v/02_b.lua: down_revision of revision b: revision a is named "
         "twice; name it once");
  EQ_STR(BUILD("abcd1; b : abcd1,abcd"),
         "error: v/02_b.lua: depends_on of revision b: revision abcd1 is named "
         "twice; name it once");
  EQ_STR(BUILD("a <- a"), "error: v/01_a.lua: down_revision of revision a: 'a' "
                          "is the revision itself; name another");
  EQ_STR(BUILD("a [lab] : lab"),
         "error: v/01_a.lua: depends_on of revision a: 'lab' is the revision "
         "itself; name another");
  EQ_STR(BUILD("a; b <- a : a"), "a b"); /* once as each is harmless */
}

TEST(graph_refuses_cycles) {
  EQ_STR(BUILD("a <- b; b <- a"),
         "error: revisions stand on each other in a cycle: a (v/01_a.lua) -> b "
         "(v/02_b.lua) -> a; change down_revision or depends_on in one of "
         "them");
  EQ_STR(BUILD("top <- d; b <- d; c <- b; d <- c; x"),
         "error: revisions stand on each other in a cycle: b (v/02_b.lua) -> d "
         "(v/04_d.lua) -> c (v/03_c.lua) -> b; change down_revision or "
         "depends_on in one of them");
  EQ_STR(BUILD("a; b <- a : d; c <- b; d <- c"),
         "error: revisions stand on each other in a cycle: b (v/02_b.lua) -> d "
         "(v/04_d.lua) -> c (v/03_c.lua) -> b; change down_revision or "
         "depends_on in one of them");
  EQ_STR(BUILD("a : lab; b [lab] : a"),
         "error: revisions stand on each other in a cycle: a (v/01_a.lua) -> b "
         "(v/02_b.lua) -> a; change down_revision or depends_on in one of "
         "them");
}

TEST(graph_resolves_prefixes) {
  EQ_STR(BUILD("abcd11; b <- abcd; c : abcd1"), "abcd11 b c");
  EQ_STR(BUILD("abcd11; abcd12; b <- abcd"),
         "error: v/03_b.lua: down_revision of revision b: 'abcd' is ambiguous: "
         "the ids of abcd11 and abcd12 begin so; write more of it");
  EQ_STR(BUILD("abcd; abcd12; b <- abcd"), "abcd b abcd12");
  EQ_STR(BUILD("abcd11; b <- abc"),
         "error: v/02_b.lua: down_revision of revision b: no revision or "
         "branch is called 'abc'; the beginning of an id needs at least 4 "
         "characters");
}

TEST(graph_finds_one_revision) {
  const char *g = "abcd11 [lab]; abcd22 <- abcd11; abcd33 <- abcd11 [three]";
  EQ_STR(FIND(g, "abcd11"), "abcd11");
  EQ_STR(FIND(g, " abcd2\n"), "abcd22");
  EQ_STR(FIND(g, "lab"), "abcd11");
  EQ_STR(FIND(g, "three@head"), "abcd33");
  EQ_STR(FIND(g, "abcd2@head"), "abcd22");
  EQ_STR(FIND(g, "head"),
         "error: 'head' is ambiguous: the heads are abcd22 and abcd33; name "
         "one, say 'heads' for all, or join them with migrate_merge()");
  EQ_STR(FIND(g, "heads"), "error: 'heads' names several revisions: abcd22 and "
                           "abcd33; name one");
  EQ_STR(FIND(g, "base"),
         "error: 'base' names no revision: there is none below the first");
  EQ_STR(FIND(g, "current"), "error: 'current' names no revision: there is "
                             "none");
  EQ_STR(FIND(g, "-1"), "error: '-1' names no revision; write its id");
  EQ_STR(FIND("", "head"), "error: 'head' names no revision: there is none");
  EQ_STR(revs_do(cx, g, "abcd22", "find", "current"), "abcd22");
}

TEST(graph_lists_at_most_ten) {
  EQ_STR(FIND("a; b; c; d; e; f; g; h; i; j; k; l", "heads"),
         "error: 'heads' names several revisions: a, b, c, d, e, f, g, h, i, j "
         "and 2 more; name one");
}

TEST(graph_refuses_labels) {
  EQ_STR(BUILD("a [x]; b [x]"),
         "error: branch label 'x' is on two revisions: a (v/01_a.lua) and b "
         "(v/02_b.lua); rename it in one of them");
  EQ_STR(BUILD("a; b [a]"),
         "error: v/02_b.lua: branch label 'a' of revision b is the id of a "
         "revision (v/01_a.lua); rename the label");
  EQ_STR(BUILD("a [base]"), "error: v/01_a.lua: 'base' cannot be a branch "
                            "label: it is a reserved word, choose another");
  EQ_STR(BUILD("a [x+1]"),
         "error: v/01_a.lua: 'x+1' cannot be a branch label: use letters, "
         "digits and _ . - only, begin with a letter, digit or _, and keep to "
         "64 bytes");
}

TEST(graph_labels_cover_a_branch) {
  /* up to every descendant, down to where ways part */
  const char *g = "a; b <- a; c <- b [lab,al]; d <- c; e <- d; f <- d; x <- a; "
                  "m <- e,x";
  EQ_STR(revs_do(cx, g, "", "labels", "a"), "-");
  EQ_STR(revs_do(cx, g, "", "labels", "b"), "al, lab");
  EQ_STR(revs_do(cx, g, "", "labels", "c"), "al, lab");
  EQ_STR(revs_do(cx, g, "", "labels", "f"), "al, lab");
  EQ_STR(revs_do(cx, g, "", "labels", "m"), "al, lab");
  EQ_STR(revs_do(cx, g, "", "labels", "x"), "-");
  /* a branch point that carries a label keeps it from what is below */
  EQ_STR(revs_do(cx, "a; b <- a [p]; c <- b; d <- b", "", "labels", "a"), "-");
  EQ_STR(revs_do(cx, "a; b <- a", "", "labels", "a"), "-");
}

TEST(graph_labels_meet_at_a_merge_and_stop_there) {
  const char *g = "a [p]; b [q]; m <- a,b; n <- m [r]; d : n; o <- n [s]";
  EQ_STR(revs_do(cx, g, "", "labels", "m"), "p, q");
  EQ_STR(revs_do(cx, g, "", "labels", "n"), "p, q, r");
  EQ_STR(revs_do(cx, g, "", "labels", "o"), "p, q, r, s");
  EQ_STR(revs_do(cx, g, "", "labels", "d"), "-");
}

/* Ids without a sqlite3_mprintf() each, which would make the sweep long. */
static char *graph_number(mig_cx *cx, int i) {
  char *z = mig_alloc(cx, 16);

  if (z) sqlite3_snprintf(16, z, "r%08d", i);
  return z;
}

TEST(graph_does_not_recurse_and_is_linear) {
  int n = test_oom() ? 50 : 100000, i;
  mig_graph *g = mig_graph_new(cx);
  mig_list up = {0}, down = {0}, back = {0};
  const char *top;

  for (i = 0; !cx->rc && i < n; i++) {
    mig_header h = {.has_upgrade = 1, .has_downgrade = 1, .message = ""};
    h.id = graph_number(cx, i);
    if (i) mig_list_add(cx, &h.down, graph_number(cx, i - 1));
    if (i % 10 == 9) mig_list_add(cx, &h.depends, graph_number(cx, i - 5));
    if (i % 1000 == 0) mig_list_add(cx, &h.labels, graph_number(cx, n + i));
    mig_graph_add(cx, g, &h, h.id, NULL);
  }
  if (cx->rc) return;
  mig_graph_link(cx, g);
  mig_plan_upgrade(cx, g, "heads", &up);
  EQ_INT(up.n, n);
  top = graph_number(cx, n - 1);
  mig_graph_state(cx, g, &top, 1);
  mig_plan_downgrade(cx, g, "base", &down);
  EQ_INT(down.n, n);
  mig_plan_downgrade(cx, g, "-40", &back);
  EQ_INT(back.n, 40);
}
