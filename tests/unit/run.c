/*
** tests/unit/run.c - run every TEST() once, and again for each allocation it
** makes, failing that one.
**
** usage: run [--oom=N | --no-oom] [--oom-forever] [NAME...]
**   --oom=N   at most N failing allocations for each test, evenly spread
**   NAME      only tests whose name contains one of these
*/
#include <stdlib.h>
#include "tests/crash.h"
#include "tests/fuse.h"
#include "tests/unit/test.h"

static struct test *test_first, **test_last = &test_first;
static int wrong;        /* what the test under way got wrong */
static const char *name; /* of that test                       */

void test_add(struct test *t) {
  *test_last = t;
  test_last = &t->next;
}

int test_oom(void) {
  return fuse.at >= 0;
}

static void test_wrong(const char *file, int line) {
  fuse_pause();
  printf("%s:%d: in %s: ", file, line, name);
  wrong++;
}

void test_eq_str(const char *file, int line, const char *what, const char *got,
                 const char *want) {
  int armed = fuse_pause();

  if (!test_oom() && (!got != !want || (got && strcmp(got, want) != 0))) {
    test_wrong(file, line);
    printf("%s\n  is     %s%s%s\n  not    %s%s%s\n", what, got ? "\"" : "",
           got ? got : "NULL", got ? "\"" : "", want ? "\"" : "",
           want ? want : "NULL", want ? "\"" : "");
  }
  fuse.armed = armed;
}

void test_eq_int(const char *file, int line, const char *what, long long got,
                 long long want) {
  int armed = fuse_pause();

  if (!test_oom() && got != want) {
    test_wrong(file, line);
    printf("%s is %lld, not %lld\n", what, got, want);
  }
  fuse.armed = armed;
}

void test_eq_err(const char *file, int line, const mig_cx *cx, int rc,
                 const char *part) {
  int armed = fuse_pause();
  const char *msg = mig_cx_message(cx);

  if (!test_oom() && (cx->rc != rc || !strstr(msg, part))) {
    test_wrong(file, line);
    printf("error\n  is     %d \"%s\"\n  not    %d with \"%s\"\n", cx->rc, msg,
           rc, part);
  }
  fuse.armed = armed;
}

/* Once, with allocation `at` failing. */
static void test_once(const struct test *t, long at, int forever) {
  sqlite3_int64 used = sqlite3_memory_used();
  mig_cx cx = {0};

  fuse_arm(at, forever);
  t->fn(&cx);
  mig_cx_release(&cx);
  fuse_pause();
  used = sqlite3_memory_used() - used;
  if (!used) return;
  wrong++;
  printf("%s: leaks %lld bytes", name, (long long)used);
  if (at >= 0) printf(" after failing allocation %ld", at);
  printf("\n");
}

static void test_sweep(const struct test *t, long points, int forever,
                       unsigned seed) {
  long total = fuse.count, n = points && points < total ? points : total, i;

  for (i = 0; i < n && !wrong; i++) {
    crash_at(t->name, 300);
    test_once(t, fuse_point(i, n, total, seed), forever);
  }
}

static int test_chosen(int n, char **names) {
  int i;

  for (i = 0; i < n; i++)
    if (strstr(name, names[i])) return 1;
  return n == 0;
}

int main(int argc, char **argv) {
  int passed = 0, failed = 0, forever = 0, sweep = 1, i;
  const struct test *t;
  long points = 0;

  for (i = 1; i < argc && argv[i][0] == '-'; i++) {
    if (!strncmp(argv[i], "--oom=", 6)) points = atol(argv[i] + 6);
    if (!strcmp(argv[i], "--oom-forever")) forever = 1;
    if (!strcmp(argv[i], "--no-oom")) sweep = 0;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (fuse_install()) return 2;
  crash_install();
  for (t = test_first; t; t = t->next) {
    name = t->name;
    if (!test_chosen(argc - i, argv + i)) continue;
    wrong = 0;
    crash_at(name, 300);
    test_once(t, -1, 0);
    if (sweep && !wrong) test_sweep(t, points, forever, (unsigned)passed);
    wrong ? failed++ : passed++;
    if (wrong) printf("not ok - %s\n", name);
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
