/*
** tests/unit/test.h - a unit test is a function that gets a fresh cx.
**
** The runner (tests/unit/run.c) runs each once, and once more for every
** allocation it makes, failing that one: then the EQ_ macros are silent, and
** what counts is that nothing crashes and nothing leaks.
*/
#ifndef MIG_TEST_H
#define MIG_TEST_H
#include <stdio.h>
#include "ext/base/base.h"

typedef void test_fn(mig_cx *cx);
struct test {
  const char *name;
  test_fn *fn;
  struct test *next;
};
void test_add(struct test *t);
int test_oom(void); /* is an allocation being failed now? */
void test_eq_str(const char *file, int line, const char *what, const char *got,
                 const char *want);
void test_eq_int(const char *file, int line, const char *what, long long got,
                 long long want);
void test_eq_err(const char *file, int line, const mig_cx *cx, int rc,
                 const char *part);

#define TEST(name)                                                             \
  static test_fn name;                                                         \
  __attribute__((constructor)) static void add_##name(void) {                  \
    static struct test t = {#name, name, NULL};                                \
    test_add(&t);                                                              \
  }                                                                            \
  static void name(mig_cx *cx)

/* NULL equals NULL only. */
#define EQ_STR(got, want) test_eq_str(__FILE__, __LINE__, #got, (got), (want))
#define EQ_INT(got, want) test_eq_int(__FILE__, __LINE__, #got, (got), (want))
/* cx holds error `code`, and its message contains `part`. */
#define EQ_ERR(cx, code, part) test_eq_err(__FILE__, __LINE__, cx, code, part)
#endif
