/*
** tests/crash.h - a test runner that dies says which test it was in.
**
** For both runners: a signal, a sanitizer's report and a test that hangs all
** print crash.where and end the process with a failure.
*/
#ifndef MIG_CRASH_H
#define MIG_CRASH_H
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/fuse.h"

static struct {
  char where[512]; /* what is running now */
  int done;        /* printed already?    */
} crash;

/* Of the sanitizers' runtime, where one is linked. */
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static void crash_print(void) {
  char out[700];
  int n;

  if (crash.done++) return;
  n = snprintf(out, sizeof out, "not ok - %s: died", crash.where);
  if (fuse.at >= 0)
    n += snprintf(out + n, sizeof out - (size_t)n,
                  " with allocation %ld failing%s", fuse.at,
                  fuse.forever ? ", and all after it" : "");
  out[n++] = '\n';
  if (write(STDOUT_FILENO, out, (size_t)n) < 0) _exit(3);
}

static void crash_signal(int sig) {
  static const char late[] = "it took too long\n";

  if (sig == SIGALRM && write(STDOUT_FILENO, late, sizeof late - 1) < 0)
    _exit(3);
  crash_print();
  signal(sig, SIG_DFL);
  if (sig == SIGALRM) _exit(3);
  raise(sig);
}

static void crash_install(void) {
  static const int sigs[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
  size_t i;

  signal(SIGALRM, crash_signal);
  if (__sanitizer_set_death_callback)
    __sanitizer_set_death_callback(crash_print);
  else
    for (i = 0; i < sizeof sigs / sizeof *sigs; i++)
      signal(sigs[i], crash_signal);
}

/* From now on this is running; it has `seconds` to end (0: for ever), or fifty
** times as long under valgrind. */
static void crash_at(const char *where, unsigned seconds) {
  const char *valgrind = getenv("VALGRIND");

  snprintf(crash.where, sizeof crash.where, "%s", where);
  alarm(valgrind && *valgrind ? seconds * 50 : seconds);
}
#endif
