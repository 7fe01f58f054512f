/*
** tests/fuse.h - an allocator that fails when told to, for both test runners.
**
** It stands in front of SQLite's own.  All that the extension allocates comes
** through it, Lua's heap included.  Include it in one .c file of a program.
*/
#ifndef MIG_FUSE_H
#define MIG_FUSE_H
#include <sqlite3.h>

static struct {
  sqlite3_mem_methods real; /* SQLite's own allocator                     */
  int armed;                /* are allocations counted and failed now?    */
  long count;               /* how many there were while armed            */
  long at;                  /* which one fails, from 0; -1: none          */
  int forever;              /* ... and all that follow it?                */
  int blown;                /* has one failed?                            */
} fuse;

static int fuse_trips(void) {
  long i;

  if (!fuse.armed) return 0;
  i = fuse.count++;
  if (fuse.at < 0 || i < fuse.at || (i > fuse.at && !fuse.forever)) return 0;
  return fuse.blown = 1;
}

static void *fuse_malloc(int n) {
  return fuse_trips() ? NULL : fuse.real.xMalloc(n);
}

static void *fuse_realloc(void *p, int n) {
  return fuse_trips() ? NULL : fuse.real.xRealloc(p, n);
}

/* Before SQLite's first use.  Without lookaside and the page cache's bulk
** allocation, each request is an allocation that can fail. */
static int fuse_install(void) {
  sqlite3_mem_methods m;
  int rc = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fuse.real);

  m = fuse.real;
  m.xMalloc = fuse_malloc;
  m.xRealloc = fuse_realloc;
  if (!rc) rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &m);
  if (!rc) rc = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  if (!rc) rc = sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
  return rc ? rc : sqlite3_initialize();
}

/* Fail allocation `at` from now on, counting from 0; -1 only counts. */
static void fuse_arm(long at, int forever) {
  fuse.count = 0;
  fuse.at = at;
  fuse.forever = forever;
  fuse.blown = 0;
  fuse.armed = 1;
}

/* Nothing fails and nothing counts until fuse.armed is put back. */
static int fuse_pause(void) {
  int was = fuse.armed;

  fuse.armed = 0;
  return was;
}

/* The i-th of `n` points spread over `total` allocations; `seed` shifts them,
** so that cases which begin alike do not all fail alike. */
static long fuse_point(long i, long n, long total, unsigned seed) {
  double shift = (double)(seed * 2654435769u) / 4294967296.0;

  return n >= total ? i
                    : (long)(((double)i + shift) * (double)total / (double)n);
}
#endif
