/*
** tests/bench/measure.h - what something costs, in a process of its own, and
** beside what others need for the same: time, memory, bytes written.
**
** A job in C runs in a forked child and turns the clock on and off itself.  A
** peer is a script in tests/bench/peers/ that prints `took WALL CPU`, the
** milliseconds of the work after its imports, as its last line; 3 is its exit
** status for what it cannot do.
*/
#ifndef MIG_MIG_MEASURE_H
#define MIG_MIG_MEASURE_H
#include "bench.h"
#include <stddef.h>

enum { ALEMBIC, DJANGO, UTILS, RAILS, SQITCH, PEERS };

typedef enum bench_state {
  NOT_ASKED, /* the row is nothing for it */
  ABSENT,    /* not installed */
  CANNOT,    /* it has no such thing */
  FAILED,
  TOO_LONG, /* not run: more than PATIENCE seconds, by what a tenth took */
  RAN
} bench_state;

typedef struct bench_cost {
  bench_state state;
  bench_time work;  /* of the work alone */
  bench_time whole; /* of the process */
  double memory;    /* of the process at its highest; MB, < 0: unknown */
  double heap;      /* of SQLite's allocator in a job, at its highest; MB */
  double written;   /* by write(); MB, < 0: unknown */
  int less;         /* it did not do all: it counts for no lead */
  char note[160];   /* why it failed, or what got lost */
} bench_cost;

/* One row: ours, the least that it could cost, the peers. */
typedef struct bench_row {
  const char *what;
  const char *least_is; /* what `least` is */
  bench_cost ours, least, peer[PEERS];
  double allowed; /* ours to the least; 0: only shown */
  double budget;  /* milliseconds; 0: none */
  double lead;    /* how often faster than each peer; 0: only shown */
  double alembic; /* the same for Alembic alone */
  int process;    /* compare whole processes, not the work alone */
} bench_row;

/* Within a job: what is between them counts. */
void clock_on(void);
void clock_off(void);

bench_cost run_job(void (*job)(const void *), const void *arg);
/* As a process of its own, whose work is itself. */
bench_cost run_program(const char *const *argv);
/* `script ARGS... NULL`; ABSENT when PEERS does not name it. */
bench_cost run_peer(int peer, const char *const *args);
bench_cost typical(const bench_cost *costs, int n);

const char *peer_name(int peer);
int peer_there(int peer);
/* Would `times` as much as that be more than PATIENCE seconds, or `more` times
** as many? */
int too_long(const bench_cost *smaller, double times, double more);
/* The same measure again and again: fewer times when it is long. */
int tries_for(double milliseconds);

bench_time of_row(const bench_row *r, const bench_cost *c);
int put_row(const bench_row *r); /* 1: a limit is missed */
/* Memory must not grow with the rows.  1: it does */
int put_flat(const char *what, const bench_cost *most, const bench_cost *few,
             double allowed);
void put_head(const char *title);
char *rows_text(int rows); /* "1,000,000"; of sqlite3_malloc */

/* ---- databases and projects ---- */

void remove_file(const char *path);
void remove_database(const char *path); /* and what lies beside it */
/* On the disk, so that nothing is left to write when the clock runs. */
void copy_file(const char *from, const char *to);
/* A directory without revisions: all are registered.  Returns its path. */
char *make_project(const char *root, const char *name);
/* The n-th revision of this connection, with this body in Lua. */
void revise(sqlite3 *db, int n, const char *lua);
bench_time timed(sqlite3 *db, const char *text);
sqlite3_int64 number(sqlite3 *db, const char *text); /* -1: an error */

/* With revision 0 applied, so that migrate's own tables are made. */
static inline sqlite3 *open_loaded(const char *path, const char *project) {
  sqlite3 *db = connect_to(path);

  load(db, project); /* `extension` is the including file's */
  revise(db, 0, "");
  sql(db, "SELECT migrate_upgrade()");
  return db;
}

/* ---- the plot ---- */

enum { PLOT_POINTS = 8, PLOT_OURS = -1, PLOT_LEAST = -2 };

typedef struct plot_line {
  const char *name;
  int kind;               /* or a peer */
  double ms[PLOT_POINTS]; /* 0: not measured */
} plot_line;

/* Milliseconds by rows, both logarithmic, as SVG. */
void plot(const char *path, const plot_line *lines, int n, const int *rows,
          int points);
#endif
