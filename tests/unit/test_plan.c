/* tests/unit/test_plan.c - every way to name a target, and the plan it gives.
 */
#include "tests/unit/revisions.h"

#define UP(text, rows, target) revs_do(cx, text, rows, "up", target)
#define DOWN(text, rows, target) revs_do(cx, text, rows, "down", target)
#define STAMP(text, rows, target) revs_do(cx, text, rows, "stamp", target)
#define PURGE(text, rows, target) revs_do(cx, text, rows, "purge", target)

#define LINE "aaaa1; bbbb2 <- aaaa1; cccc3 <- bbbb2; dddd4 <- cccc3"
#define DIAMOND "a; b <- a; c <- a; m <- b,c; n <- m"
#define TWO "a; b <- a; l [left] <- b; l2 <- l; r <- b [right]; r2 <- r"

/* ---- upgrade ---- */

TEST(plan_up_along_a_line) {
  EQ_STR(UP(LINE, "", NULL), "aaaa1 bbbb2 cccc3 dddd4");
  EQ_STR(UP(LINE, "", "head"), "aaaa1 bbbb2 cccc3 dddd4");
  EQ_STR(UP(LINE, "", "heads"), "aaaa1 bbbb2 cccc3 dddd4");
  EQ_STR(UP(LINE, "bbbb2", "head"), "cccc3 dddd4");
  EQ_STR(UP(LINE, "bbbb2", "cccc3"), "cccc3");
  EQ_STR(UP(LINE, "", "bbbb"), "aaaa1 bbbb2");
  EQ_STR(UP(LINE, "", "+2"), "aaaa1 bbbb2");
  EQ_STR(UP(LINE, "bbbb2", "+1"), "cccc3");
  EQ_STR(UP(LINE, "bbbb2", "current+1"), "cccc3");
  EQ_STR(UP(LINE, "bbbb2", "aaaa1+2"), "cccc3");
  EQ_STR(UP(LINE, "", "aaaa1+0"), "aaaa1");
  EQ_STR(UP(LINE, "", "head-1"), "aaaa1 bbbb2 cccc3");
  EQ_STR(UP(LINE, "", "dddd-2"), "aaaa1 bbbb2");
  EQ_STR(UP(LINE, "", "base+1"), "aaaa1");
}

TEST(plan_up_with_nothing_to_do) {
  EQ_STR(UP("", "", NULL), "");
  EQ_STR(UP("", "", "heads"), "");
  EQ_STR(UP("", "", "current"), "");
  EQ_STR(UP(LINE, "dddd4", "head"), "");
  EQ_STR(UP(LINE, "dddd4", "heads"), "");
  EQ_STR(UP(LINE, "bbbb2", "bbbb2"), "");
  EQ_STR(UP(LINE, "bbbb2", "current"), "");
  /* the head of a branch may be behind a row that depends on it */
  EQ_STR(UP("a [x]; b <- a; c : b", "c", "x@head"), "");
}

TEST(plan_up_refuses_what_makes_no_sense) {
  EQ_STR(UP(LINE, "", "base"), "error: 'base' is behind every revision; to go "
                               "back to it use migrate_downgrade('base')");
  EQ_STR(UP(LINE, "", "aaaa1-1"),
         "error: 'aaaa1-1' is behind every revision; to go back to it use "
         "migrate_downgrade('aaaa1-1')");
  EQ_STR(UP(LINE, "cccc3", "aaaa1"),
         "error: revision aaaa1 is behind the current cccc3; to go back to it "
         "use migrate_downgrade('aaaa1')");
  EQ_STR(UP(DIAMOND, "b c", "a"),
         "error: revision a is behind the current b and c; to go back to it "
         "use migrate_downgrade('a')");
  EQ_STR(UP(LINE, "cccc3", "-1"),
         "error: '-1' goes back; use migrate_downgrade('-1')");
  EQ_STR(UP(LINE, "cccc3", "+2"), "error: '+2' goes too far: there is only 1 "
                                  "revision above the current one");
  EQ_STR(UP(LINE, "", "+99999999999"),
         "error: '+99999999999' goes too far: there are only 4 revisions above "
         "the base");
  EQ_STR(UP(LINE, "", "bbbb2+3"), "error: 'bbbb2+3' goes too far: there are "
                                  "only 2 revisions above bbbb2");
  EQ_STR(UP(LINE, "", "bbbb2-3"), "error: 'bbbb2-3' goes too far: there is "
                                  "only 1 revision below bbbb2");
  EQ_STR(UP(LINE, "", "base-1"),
         "error: 'base-1' starts from none; start from one revision");
  EQ_STR(UP(LINE, "", "+0"),
         "error: '+0' takes no step: write +1 or -1, or current");
  EQ_STR(UP(LINE, "", "bbbb3"), "error: no revision or branch is called "
                                "'bbbb3'; the nearest is bbbb2");
  EQ_STR(UP(LINE, "", "bbb"),
         "error: no revision or branch is called 'bbb'; the beginning of an id "
         "needs at least 4 characters");
}

TEST(plan_up_refuses_what_is_no_target) {
#define NO_TARGET                                                              \
  "' is not a target: write an id, a label, head, heads, base, current, +N "   \
  "or "                                                                        \
  "-N, with LABEL@ before it to keep to a branch"
  EQ_STR(UP(LINE, "", ""), "error: '" NO_TARGET);
  EQ_STR(UP(LINE, "", "@"), "error: '@" NO_TARGET);
  EQ_STR(UP(LINE, "", "@head"), "error: '@head" NO_TARGET);
  EQ_STR(UP(LINE, "", "aaaa1@"), "error: 'aaaa1@" NO_TARGET);
  EQ_STR(UP(LINE, "", "x y"), "error: no revision or branch is called 'x y'");
}

TEST(plan_refuses_strangers) {
#define STRANGER                                                               \
  "error: the database is at revision zz, which no script has (the id is "     \
  "from the database's table _migrate_version); put the script back, which a " \
  "newer program may have, or set another version with "                       \
  "migrate_stamp(TARGET, 'purge')"
  EQ_STR(UP(LINE, "zz aaaa1", "head"), STRANGER);
  EQ_STR(DOWN(LINE, "zz", "base"), STRANGER);
}

TEST(plan_reads_names_with_a_minus) {
  const char *g = "2024-01-01; 2024-01-02 <- 2024-01-01; x-1 <- 2024-01-02";
  EQ_STR(UP(g, "", "2024-01-01"), "2024-01-01");
  EQ_STR(UP(g, "", "2024-01-02-1"), "2024-01-01");
  EQ_STR(UP(g, "", "2024-01"),
         "error: '2024-01' is ambiguous: the ids of 2024-01-01 and 2024-01-02 "
         "begin so; write more of it");
  EQ_STR(UP(g, "", "x-1-2"), "2024-01-01");
  EQ_STR(UP("abcd; abcd-123", "", "abcd-1"),
         "error: 'abcd-1' is behind every revision; to go back to it use "
         "migrate_downgrade('abcd-1')");
}

TEST(plan_up_several_heads) {
  EQ_STR(UP(TWO, "", "heads"), "a b l l2 r r2");
  EQ_STR(UP(TWO, "", "head"),
         "error: 'head' is ambiguous: the heads are l2 and r2; name one, say "
         "'heads' for all, or join them with migrate_merge()");
  EQ_STR(UP(TWO, "", "a@head"),
         "error: 'a@head' is ambiguous: the heads are l2 and r2; name one, say "
         "'a@heads' for all, or join them with migrate_merge()");
  EQ_STR(UP(TWO, "l", "a@heads"), "l2 r r2");
  EQ_STR(UP(TWO, "", "left@head"), "a b l l2");
  EQ_STR(UP(TWO, "l2", "right@head"), "r r2");
  EQ_STR(UP(TWO, "l2", "right"), "r");
  EQ_STR(UP(TWO, "l2 r", "heads"), "r2");
  EQ_STR(UP(TWO, "", "right@l2"), "error: 'right@l2' names nothing: revision "
                                  "l2 is neither above nor below r");
  EQ_STR(UP(TWO, "", "right@b"), "a b");
  EQ_STR(UP(TWO, "", "up@head"), "error: no revision or branch is called 'up'");
}

TEST(plan_up_steps_on_branches) {
  EQ_STR(UP(TWO, "", "+3"),
         "error: '+3' is ambiguous: above b are l and r; name the one you "
         "want");
  EQ_STR(UP(TWO, "", "left@+3"), "a b l");
  EQ_STR(UP(TWO, "b", "left@+1"), "l");
  EQ_STR(UP(TWO, "l2", "right@+1"), "r"); /* from b, where both part */
  EQ_STR(UP(TWO, "l2", "right@+2"), "r r2");
  EQ_STR(UP(TWO, "l2", "right@+3"),
         "error: 'right@+3' goes too far: there are only 2 revisions above the "
         "current one on branch right");
  EQ_STR(UP(TWO, "l r", "+1"),
         "error: '+1' is ambiguous: the current revisions are l and r; say "
         "which, by an id or as LABEL@+1");
  EQ_STR(UP(TWO, "l r", "right@+1"), "r2");
  EQ_STR(UP(TWO, "l r", "l+1"), "l2");
  EQ_STR(UP(TWO, "", "right@base+3"), "a b r");
  EQ_STR(UP("a; b", "", "+1"), "error: '+1' is ambiguous: above the base are a "
                               "and b; name the one you want");
  EQ_STR(UP("a; b [x]", "a", "x@+1"), "b");
  EQ_STR(UP("a; b", "", "heads+1"),
         "error: 'heads+1' starts from a and b; start from one revision");
}

TEST(plan_up_ambiguous_prefix_is_settled_by_a_branch) {
  const char *g = "a; abcd1 <- a [x]; abcd2 <- a [y]";
  EQ_STR(UP(g, "", "abcd"), "error: 'abcd' is ambiguous: the ids of abcd1 and "
                            "abcd2 begin so; write more of it");
  EQ_STR(UP(g, "", "y@abcd"), "a abcd2");
  EQ_STR(UP("a; abcd1 <- a [x]; b <- a [y]", "", "y@abcd"),
         "error: 'y@abcd' names nothing: revision abcd1 is neither above nor "
         "below b");
}

TEST(plan_up_merges) {
  EQ_STR(UP(DIAMOND, "", "head"), "a b c m n");
  EQ_STR(UP(DIAMOND, "b", "m"), "c m");
  EQ_STR(UP(DIAMOND, "b c", "+1"),
         "error: '+1' is ambiguous: the current revisions are b and c; say "
         "which, by an id or as LABEL@+1");
  EQ_STR(UP(DIAMOND, "", "n-2"),
         "error: 'n-2' is ambiguous: below m are b and c; name the one you "
         "want");
  /* three ways, twin merges, a branch off a merge */
  EQ_STR(UP("a; b <- a; c <- a; d <- a; m <- b,c,d", "c", "head"), "b d m");
  EQ_STR(UP("a; b <- a; c <- a; m <- b,c; n <- c,b", "b", "heads"), "c m n");
  EQ_STR(UP("a; b <- a; c <- a; m <- b,c; n <- c,b", "b", "n"), "c n");
  EQ_STR(UP("a; b; m <- a,b; c <- m; d <- m", "m", "heads"), "c d");
}

TEST(plan_up_dependencies) {
  const char *g = "a; b <- a : y; c <- b; x [other]; y <- x; z <- y";
  EQ_STR(UP(g, "", "c"), "a x y b c");
  EQ_STR(UP(g, "", "heads"), "a x y z b c");
  EQ_STR(UP(g, "a z", "c"), "b c");
  EQ_STR(UP(g, "b", "other@head"), "z");
  EQ_STR(UP(g, "b", "other@+1"), "z"); /* y is applied, but no row */
  EQ_STR(UP(g, "c", "y"),
         "error: revision y is behind the current c; to go back to it use "
         "migrate_downgrade('y')");
  EQ_STR(UP("a; b <- a : other; x [other]; y <- x", "", "b"), "a x b");
  EQ_STR(UP("a; b <- a; c <- b : a", "", "head"), "a b c");
  EQ_STR(UP("a; b <- a : y; x; y <- x; p; q <- p : y,b", "p", "q"),
         "a x y b q");
}

TEST(plan_up_refuses_a_revision_without_upgrade) {
  EQ_STR(UP("a; b <- a ^; c <- b", "", "head"),
         "error: revision b (v/02_b.lua) has no upgrade; write one, if only an "
         "empty one");
  EQ_STR(UP("a; b <- a ^; c <- b", "b", "head"), "c");
}

/* ---- downgrade ---- */

TEST(plan_down_along_a_line) {
  EQ_STR(DOWN(LINE, "cccc3", NULL), "cccc3");
  EQ_STR(DOWN(LINE, "cccc3", "-1"), "cccc3");
  EQ_STR(DOWN(LINE, "cccc3", "-2"), "cccc3 bbbb2");
  EQ_STR(DOWN(LINE, "cccc3", "-3"), "cccc3 bbbb2 aaaa1");
  EQ_STR(DOWN(LINE, "cccc3", "current-1"), "cccc3");
  EQ_STR(DOWN(LINE, "cccc3", "base"), "cccc3 bbbb2 aaaa1");
  EQ_STR(DOWN(LINE, "cccc3", "aaaa1"), "cccc3 bbbb2");
  EQ_STR(DOWN(LINE, "cccc3", "aaaa"), "cccc3 bbbb2");
  EQ_STR(DOWN(LINE, "cccc3", "cccc3-1"), "cccc3");
  EQ_STR(DOWN(LINE, "cccc3", "cccc3-3"), "cccc3 bbbb2 aaaa1");
  EQ_STR(DOWN(LINE, "cccc3", "aaaa1+1"), "cccc3");
  EQ_STR(DOWN(LINE, "dddd4", "head-1"), "dddd4");
  EQ_STR(DOWN(LINE, "dddd4", "base+1"), "dddd4 cccc3 bbbb2");
  EQ_STR(DOWN(LINE, "cccc3", "cccc3"), "");
  EQ_STR(DOWN(LINE, "cccc3", "current"), "");
  EQ_STR(DOWN(LINE, "dddd4", "head"), "");
  EQ_STR(DOWN(LINE, "", "base"), "");
  EQ_STR(DOWN("", "", "base"), "");
}

TEST(plan_down_refuses_what_makes_no_sense) {
  EQ_STR(DOWN(LINE, "bbbb2", "-3"),
         "error: '-3' goes too far: only 2 revisions are applied; 'base' takes "
         "back all");
  EQ_STR(DOWN(LINE, "aaaa1", "-2"), "error: '-2' goes too far: only 1 revision "
                                    "is applied; 'base' takes back all");
  EQ_STR(DOWN(LINE, "", NULL),
         "error: '-1' has nothing to take back: no revision is applied");
  EQ_STR(DOWN(LINE, "aaaa1", "+1"),
         "error: '+1' goes forward; use migrate_upgrade('+1')");
  EQ_STR(DOWN(LINE, "aaaa1", "bbbb"),
         "error: revision bbbb2 is not applied, so nothing is above it to take "
         "back; to go forward to it use migrate_upgrade('bbbb2')");
  EQ_STR(DOWN(LINE, "aaaa1", "head"),
         "error: revision dddd4 is not applied, so nothing is above it to take "
         "back; to go forward to it use migrate_upgrade('dddd4')");
  EQ_STR(DOWN(LINE, "aaaa1", "-0"),
         "error: '-0' takes no step: write +1 or -1, or current");
  EQ_STR(DOWN(TWO, "l2 r2", "heads"), "error: 'heads' names several revisions: "
                                      "l2 and r2; a downgrade goes to one");
  EQ_STR(DOWN(LINE, "aaaa1", "nope"),
         "error: no revision or branch is called 'nope'");
}

TEST(plan_down_merges) {
  EQ_STR(DOWN(DIAMOND, "n", "-1"), "n");
  EQ_STR(DOWN(DIAMOND, "n", "-2"), "n m");
  EQ_STR(DOWN(DIAMOND, "m", "-1"), "m");
  EQ_STR(DOWN(DIAMOND, "n", "-3"),
         "error: '-3' is ambiguous: below m the current revisions would be b "
         "and c; take back 2 first and then say which, by an id or as "
         "LABEL@-1");
  EQ_STR(DOWN(DIAMOND, "b c", "-1"),
         "error: '-1' is ambiguous: the current revisions are b and c; say "
         "which, by an id or as LABEL@-1");
  EQ_STR(DOWN(DIAMOND, "n", "a"), "n m c b");
  EQ_STR(DOWN(DIAMOND, "n", "b"), "n m");
  EQ_STR(DOWN(DIAMOND, "n", "base"), "n m c b a");
  EQ_STR(DOWN("a; b <- a; c <- a; m <- b,c; n <- c,b", "m n", "b"), "n m");
}

TEST(plan_down_keeps_to_a_branch) {
  EQ_STR(DOWN(TWO, "l2 r2", "left@-1"), "l2");
  EQ_STR(DOWN(TWO, "l2 r2", "left@-2"), "l2 l");
  EQ_STR(DOWN(TWO, "l2 r2", "left@-3"), "r2 r l2 l b");
  EQ_STR(DOWN(TWO, "l2 r2", "left@-5"),
         "error: 'left@-5' goes too far: there are only 3 revisions below the "
         "current one on branch left");
  EQ_STR(DOWN(TWO, "l2", "right@-1"),
         "error: 'right@-1' has nothing to take back: no revision of branch "
         "right is applied");
  EQ_STR(DOWN(TWO, "l2 r2", "b@-1"),
         "error: 'b@-1' is ambiguous: the current revisions are l2 and r2; say "
         "which, by an id or as LABEL@-1");
  EQ_STR(DOWN(TWO, "l2 r2", "b"), "r2 r l2 l");
  EQ_STR(DOWN(TWO, "l2 r2", "left@b"), "l2 l");
  EQ_STR(DOWN(TWO, "l2 r2", "left@l"), "l2");
  EQ_STR(DOWN(TWO, "l2", "right@b"),
         "error: 'right@b' has nothing to take back: what leads from revision "
         "b to r is not applied");
  EQ_STR(DOWN(TWO, "b", "right@b"), "");
  EQ_STR(DOWN(TWO, "l2 r2", "left"), "l2");
  EQ_STR(DOWN("a; b <- a : y; y", "b", "heads"), ""); /* y is below b */
  EQ_STR(DOWN(TWO, "l2 r2", "left@base"), "r2 r l2 l b a");
  EQ_STR(DOWN("a [x]; b <- a; c [y]; d <- c", "b d", "y@base"), "d c");
  EQ_STR(DOWN("a [x]; b <- a; c [y]; d <- c", "b d", "x@a"), "b");
  EQ_STR(DOWN(DIAMOND, "n", "b@-2"), "n m");
  EQ_STR(DOWN(DIAMOND, "n", "b@-3"),
         "error: 'b@-3' is ambiguous: below m are b and c; name the one you "
         "want");
}

TEST(plan_down_dependencies) {
  const char *g = "a; b <- a : y; c <- b; x [other]; y <- x; z <- y";
  EQ_STR(DOWN(g, "c", "x"), "c b y");
  EQ_STR(DOWN(g, "c z", "x"), "c b z y");
  EQ_STR(DOWN(g, "c z", "y"), "z c b");
  EQ_STR(DOWN(g, "c", "a"), "c b");
  EQ_STR(DOWN(g, "c", "-1"), "c");
  EQ_STR(DOWN(g, "c", "-3"),
         "error: '-3' is ambiguous: below b the current revisions would be a "
         "and y; take back 2 first and then say which, by an id or as "
         "LABEL@-1");
  /* y is no row, but the tip of its branch; b and c stand on it */
  EQ_STR(DOWN(g, "c", "other@-1"), "c b y");
  EQ_STR(DOWN(g, "c z", "other@base"), "c b z y x");
  EQ_STR(DOWN("a; b <- a; c <- b : a", "c", "-2"), "c b");
}

TEST(plan_down_refuses_what_is_irreversible) {
  EQ_STR(DOWN("a; b <- a !; c <- b", "c", "-2"),
         "error: revision b (v/02_b.lua) is irreversible: it has no downgrade; "
         "nothing was taken back, and until one is written a downgrade can go "
         "to b at most");
  EQ_STR(DOWN("a; b <- a !; c <- b", "c", "-1"), "c");
  EQ_STR(DOWN("a !dropped_for_good; b <- a", "b", "base"),
         "error: revision a (v/01_a.lua) is irreversible: dropped_for_good; "
         "nothing was taken back, and a downgrade can go to a at most");
}

/* ---- stamp ---- */

TEST(plan_stamp_sets_rows) {
  EQ_STR(STAMP(LINE, "", NULL), "dddd4");
  EQ_STR(STAMP(LINE, "", "bbbb"), "bbbb2");
  EQ_STR(STAMP(LINE, "dddd4", "aaaa1"), "aaaa1");
  EQ_STR(STAMP(LINE, "aaaa1", "dddd4"), "dddd4");
  EQ_STR(STAMP(LINE, "dddd4", "base"), "");
  EQ_STR(STAMP(LINE, "cccc3", "current"), "cccc3");
  EQ_STR(STAMP(LINE, "cccc3", "+1"), "dddd4");
  EQ_STR(STAMP(LINE, "cccc3", "-1"), "bbbb2");
  EQ_STR(STAMP(LINE, "cccc3", "-3"), "");
  EQ_STR(STAMP(LINE, "cccc3", "cccc3-3"), "");
  EQ_STR(STAMP("", "", "head"), "");
  EQ_STR(STAMP(DIAMOND, "m", "-1"), "b c");
  EQ_STR(STAMP(DIAMOND, "b", "c"), "b c");
  EQ_STR(STAMP(DIAMOND, "b c", "m"), "m");
  EQ_STR(STAMP(DIAMOND, "m", "b"), "b");
  EQ_STR(STAMP(DIAMOND, "m", "b, c"), "b c");
  EQ_STR(STAMP(DIAMOND, "", "a,b,m"), "m");
}

TEST(plan_stamp_keeps_to_the_lineage) {
  EQ_STR(STAMP(TWO, "l2", "right@head"), "l2 r2");
  EQ_STR(STAMP(TWO, "", "heads"), "l2 r2");
  EQ_STR(STAMP(TWO, "l2 r2", "b"), "b");
  EQ_STR(STAMP(TWO, "l2 r2", "left@base"), "r2");
  EQ_STR(STAMP(TWO, "l2 r2", "left@base, right@r"), "r");
  EQ_STR(STAMP(TWO, "l2 r2", "left@-1"), "l r2");
  EQ_STR(STAMP(TWO, "l2 r2", "base"), "");
  EQ_STR(STAMP("a [x]; b <- a; c [y] : a", "b c", "x@base"), "");
  EQ_STR(STAMP("a [x]; b <- a; c [y] : a", "b c", "y@base"), "b");
  EQ_STR(STAMP("a; b <- a : x; x; y <- x", "y", "b"), "b y");
  EQ_STR(STAMP("a; b <- a : x; x; y <- x", "x", "b"), "b");
}

TEST(plan_stamp_purges) {
  EQ_STR(PURGE(TWO, "l2 zz", "r"), "r");
  EQ_STR(PURGE(TWO, "zz", "base"), "");
  EQ_STR(PURGE(TWO, "zz", "left,right"), "l r");
  EQ_STR(PURGE(TWO, "l2", "left@+1"),
         "error: 'left@+1' starts from what is current, which 'purge' forgets; "
         "name a revision, head, heads or base");
  EQ_STR(STAMP(TWO, "zz", "left,right"),
         "error: the database is at revision zz, which no script has; to "
         "forget it use migrate_stamp('left,right', 'purge')");
}

TEST(plan_stamp_refuses) {
  EQ_STR(STAMP(TWO, "", "head"),
         "error: 'head' is ambiguous: the heads are l2 and r2; name one, say "
         "'heads' for all, or join them with migrate_merge()");
  EQ_STR(STAMP(TWO, "", "a,"), "error: '" NO_TARGET);
  EQ_STR(STAMP(TWO, "", "-1"),
         "error: '-1' has nothing to take back: no revision is applied");
}

/* ---- properties ---- */

/* Take the steps; mig_graph_step() refuses one that comes too early. */
static void plan_take(mig_cx *cx, revs_random *x, const mig_list *steps,
                      int up) {
  mig_list gone = {0}, come = {0};
  int i;

  for (i = 0; !cx->rc && i < steps->n; i++)
    mig_graph_step(cx, x->g, steps->at[i], up, &gone, &come);
}

/* Up or down to any target that makes sense leaves exactly what it should. */
static int plan_random(mig_cx *cx, revs_random *x) {
  int to = revs_pick(x, x->n), up = !x->r[to]->applied, i;
  int want[REVS_MOST];
  mig_list steps = {0};

  for (i = 0; i < x->n; i++)
    want[i] = up ? x->r[i]->applied || i == to || x->below[to][i]
                 : x->r[i]->applied && !x->below[i][to];
  if (up)
    mig_plan_upgrade(cx, x->g, x->r[to]->h.id, &steps);
  else
    mig_plan_downgrade(cx, x->g, x->r[to]->h.id, &steps);
  plan_take(cx, x, &steps, up);
  for (i = 0; !cx->rc && i < x->n; i++)
    if (x->r[i]->applied != want[i]) return 0;
  return revs_rows_are_maximal(x);
}

static int plan_all_and_back(mig_cx *cx, revs_random *x) {
  mig_list there = {0}, back = {0};
  int i;

  mig_graph_state(cx, x->g, NULL, 0);
  mig_plan_upgrade(cx, x->g, "heads", &there);
  plan_take(cx, x, &there, 1);
  mig_plan_downgrade(cx, x->g, "base", &back);
  plan_take(cx, x, &back, 0);
  if (cx->rc) return 0;
  for (i = 0; i < there.n; i++)
    if (there.at[i] != back.at[back.n - 1 - i]) return 0;
  return there.n == x->n && back.n == x->n && x->g->rows.n == 0;
}

/* What a stamp leaves must be rows: none of them behind another. */
static int plan_random_stamp(mig_cx *cx, revs_random *x) {
  const char *to = mig_printf(cx, "%s,%s", x->r[revs_pick(x, x->n)]->h.id,
                              x->r[revs_pick(x, x->n)]->h.id);
  mig_list rows = {0};

  if (cx->rc) return 0;
  mig_plan_stamp(cx, x->g, to, revs_pick(x, 2), &rows);
  mig_graph_state(cx, x->g, (const char *const *)rows.at, rows.n);
  return rows.n == x->g->rows.n;
}

TEST(plan_leaves_what_the_target_says) {
  revs_random x = {.seed = 42};
  int graphs = test_oom() ? 2 : 500, right = 0, i, j;

  for (i = 0; !cx->rc && i < graphs; i++) {
    mig_cx own = {0};
    int ok = 1;
    revs_make(&own, &x, i % 2);
    revs_make_state(&own, &x);
    for (j = 0; !own.rc && ok && j < 12; j++)
      ok = plan_random(&own, &x) && plan_random_stamp(&own, &x);
    if (!own.rc && ok) ok = plan_all_and_back(&own, &x);
    right += ok && !own.rc;
    mig_cx_release(&own);
  }
  EQ_INT(right, graphs);
}
