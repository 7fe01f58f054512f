/*
** tests/bench/plan.c - how planning grows with the number of revisions: a line,
** and a line with a branch and a merge every tenth.  Pure layers only.
**
** Each row doubles the last; the last column is the cost of one revision as a
** ratio to the first row's.  Linear stays near 1.
*/
#define _POSIX_C_SOURCE 200809L
#include "ext/revision/revision.h"
#include <stdio.h>
#include <time.h>

enum { ROWS = 5, TRIES = 5 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void add(mig_cx *cx, mig_graph *g, int i, int a, int b) {
  mig_header h = {.transactional = 1, .has_upgrade = 1, .has_downgrade = 1};

  h.id = mig_printf(cx, "r%07d", i);
  h.message = "";
  if (a >= 0) mig_list_add(cx, &h.down, mig_printf(cx, "r%07d", a));
  if (b >= 0) mig_list_add(cx, &h.down, mig_printf(cx, "r%07d", b));
  mig_graph_add(cx, g, &h, mig_printf(cx, "versions/%07d.lua", i), NULL);
}

/* Every tenth joins the one before it with one that branched off below. */
static mig_graph *make(mig_cx *cx, int n, int branched) {
  mig_graph *g = mig_graph_new(cx);
  int i;

  for (i = 0; i < n; i++) {
    int tenth = branched && i % 10 == 9, twig = branched && i % 10 == 8;
    if (twig)
      add(cx, g, i, i - 4, -1); /* a branch */
    else if (tenth)
      add(cx, g, i, i - 2, i - 1); /* the merge */
    else
      add(cx, g, i, i - 1, -1);
  }
  return g;
}

/* Milliseconds to link, plan up, and plan down again. */
static void measure(int n, int branched, double *t) {
  mig_cx cx = {0};
  mig_graph *g = make(&cx, n, branched);
  mig_list up = {0}, down = {0};
  char last[16];
  const char *rows[1] = {last};

  snprintf(last, sizeof last, "r%07d", n - 1);
  t[0] = now();
  mig_graph_link(&cx, g);
  t[0] = now() - t[0];
  mig_graph_state(&cx, g, rows, 0);
  t[1] = now();
  mig_plan_upgrade(&cx, g, "head", &up);
  t[1] = now() - t[1];
  mig_graph_state(&cx, g, rows, 1);
  t[2] = now();
  mig_plan_downgrade(&cx, g, "base", &down);
  t[2] = now() - t[2];
  if (cx.rc || up.n != n || down.n != n)
    printf("wrong: %s, %d and %d of %d\n", mig_cx_message(&cx), up.n, down.n,
           n);
  mig_cx_release(&cx);
}

/* The best of some tries: noise only ever adds. */
static double best(int n, int branched, double *t) {
  double one[3];
  int i, k;

  for (i = 0; i < TRIES; i++) {
    measure(n, branched, one);
    for (k = 0; k < 3; k++)
      if (!i || one[k] < t[k]) t[k] = one[k];
  }
  return (t[0] + t[1] + t[2]) / n;
}

static int curve(const char *what, int from, int branched) {
  double t[3], first = 0, each = 0;
  int i, n = from;

  for (i = 0; i < ROWS; i++, n *= 2) {
    each = best(n, branched, t);
    if (!i) first = each;
    printf("%-10s %8d %9.2f ms %9.2f ms %9.2f ms   %5.2f\n", what, n, t[0],
           t[1], t[2], each / first);
  }
  return each / first > 4; /* quadratic would be 16 */
}

int main(void) {
  int bad;

  printf("%-10s %8s %12s %12s %12s   each\n", "", "", "link", "up", "down");
  bad = curve("a line", 6250, 0);
  bad += curve("merges", 625, 1);
  return bad;
}
