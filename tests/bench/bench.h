/*
** tests/bench/bench.h - what the benches have in common: a clock, a median, a
** connection with the extension in it, and a line of the report.
**
** A measure is a wall-clock time and the processor's, of the user and of the
** system.  Other programs on the machine disturb the first and hardly the
** second, so a limit is missed when both ratios are above it.
*/
#ifndef MIG_MIG_BENCH_H
#define MIG_MIG_BENCH_H
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { TRIES = 7 };

/* Milliseconds. */
typedef struct bench_time {
  double wall, cpu;
} bench_time;

static const char *extension;

static inline double bench_wall(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline double bench_seconds(struct timeval t) {
  return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Of this process and of those that it has waited for. */
static inline double bench_cpu(void) {
  struct rusage own, children;
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  return bench_seconds(own.ru_utime) + bench_seconds(own.ru_stime) +
         bench_seconds(children.ru_utime) + bench_seconds(children.ru_stime);
}

static inline bench_time now(void) {
  return (bench_time){bench_wall(), bench_cpu()};
}

static inline bench_time since(bench_time from) {
  return (bench_time){bench_wall() - from.wall, bench_cpu() - from.cpu};
}

static inline void die(const char *what, const char *why) {
  fprintf(stderr, "bench: %s: %s\n", what, why ? why : "?");
  exit(1);
}

static inline void sql(sqlite3 *db, const char *text) {
  char *err = NULL;
  if (sqlite3_exec(db, text, NULL, NULL, &err)) die(text, err);
}

/* The same for a text that is then freed. */
static inline void sql_take(sqlite3 *db, char *text) {
  sql(db, text);
  sqlite3_free(text);
}

static inline sqlite3 *connect_to(const char *path) {
  sqlite3 *db = NULL;
  if (sqlite3_open(path, &db)) die(path, sqlite3_errmsg(db));
  return db;
}

static inline void load(sqlite3 *db, const char *dir) {
  char *err = NULL;
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (sqlite3_load_extension(db, extension, NULL, &err)) die(extension, err);
  sql_take(db, sqlite3_mprintf("SELECT migrate_config('directory', %Q)", dir));
}

static inline int bench_by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline bench_time median(const bench_time *t, int n) {
  double wall[64], cpu[64];
  int i;

  for (i = 0; i < n; i++) {
    wall[i] = t[i].wall;
    cpu[i] = t[i].cpu;
  }
  qsort(wall, (size_t)n, sizeof *wall, bench_by_value);
  qsort(cpu, (size_t)n, sizeof *cpu, bench_by_value);
  return (bench_time){wall[n / 2], cpu[n / 2]};
}

static inline void report_head(const char *ours, const char *least) {
  printf("%-34s %12s %12s   ratio  of cpu\n", "", ours, least);
}

static inline int report(const char *what, bench_time ours, bench_time least,
                         double allowed) {
  double wall = ours.wall / least.wall;
  double cpu = least.cpu > 0 ? ours.cpu / least.cpu : wall;
  int missed = wall > allowed && cpu > allowed;

  printf("%-34s %9.2f ms %9.2f ms   %5.2f   %5.2f  (at most %.1f)%s\n", what,
         ours.wall, least.wall, wall, cpu, allowed, missed ? "  MISSED" : "");
  fflush(stdout);
  return missed;
}
#endif
