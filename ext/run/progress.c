/*
** ext/run/progress.c - how far a run has come, told to who watches.
**
** A run that nobody watches costs a test of one field.  What is known is noted
** at once; words are made of it, and the rows are counted, only when something
** is to be shown.
*/
#include "ext/run/run.h"

#define CALL_MS 50       /* between two calls of on_progress */
#define TERMINAL_MS 100  /* ... two states of its line   */
#define LINES_MS 1000    /* ... two lines of a file          */
#define PATIENCE_MS 1000 /* before an automatic report       */
#define COLUMNS 250      /* of a line, at most               */
#define UNKNOWN (-1)
#define UNASKED (-2)

/* ---- what is being done ---- */

static int progress_is_watched(const mig_run *run) {
  return run->progress.watch != MIG_WATCH_NONE;
}

void mig_progress_step(mig_run *run, int i, int n) {
  run->progress.step = i;
  run->progress.steps = n;
  run->progress.due = 1;
}

void mig_progress_work(mig_run *run, const char *doing, const char *table) {
  mig_progress *p = &run->progress;

  if (!progress_is_watched(run)) return;
  sqlite3_free(p->table);
  /* without memory for it the report says less */
  p->table = doing && table ? sqlite3_mprintf("%s", table) : NULL;
  p->doing = doing;
  p->total = UNASKED;
  p->done = p->base = UNKNOWN;
}

void mig_progress_total(mig_run *run, sqlite3_int64 total) {
  run->progress.total = total;
  if (total >= MIG_PROGRESS_LONG) run->progress.late = 1;
}

/* ---- in numbers ---- */

/* What a report says besides what is noted; UNKNOWN where it cannot. */
typedef struct progress_state {
  sqlite3_int64 elapsed; /* milliseconds       */
  sqlite3_int64 rate;    /* rows in a second   */
  sqlite3_int64 left;    /* seconds            */
} progress_state;

/* Ask how many rows there are.  A table that cannot be asked has no number. */
static void progress_count(mig_cx *cx, mig_run *run) {
  mig_progress *p = &run->progress;
  mig_cx own = {0};
  char *path;

  if (p->total != UNASKED || p->done == UNKNOWN) return;
  p->total = UNKNOWN;
  path = p->table ? mig_sql_path(&own, run->db->schema, p->table) : NULL;
  if (path)
    p->total =
        mig_query_int(&own, run->db, UNKNOWN, "SELECT count(*) FROM %s", path);
  if ((own.rc & 0xff) == SQLITE_INTERRUPT || (own.rc & 0xff) == SQLITE_NOMEM)
    mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

static progress_state progress_reckon(const mig_progress *p,
                                      sqlite3_int64 now) {
  progress_state s = {now - p->began, UNKNOWN, UNKNOWN};
  sqlite3_int64 ms = now - p->since, rows = p->done - p->base;

  if (p->done == UNKNOWN || rows <= 0 || ms <= 0) return s;
  s.rate = (sqlite3_int64)((double)rows * 1000 / (double)ms);
  if (p->total >= p->done && s.rate > 0)
    s.left = (p->total - p->done + s.rate - 1) / s.rate;
  return s;
}

static const char *progress_direction(const mig_run *run) {
  if (run->script) return "run";
  return run->dir == MIG_UP ? "upgrade" : "downgrade";
}

/* ---- the host's function ---- */

#define CALL_SQL                                                               \
  "SELECT CASE WHEN \"%w\"(json_object("                                       \
  "'revision', ?1, 'path', ?2, 'direction', ?3, 'step', ?4, 'steps', ?5,"      \
  " 'doing', ?6, 'table', ?7, 'rows', ?8, 'total', ?9, 'rate', ?10,"           \
  " 'seconds_left', ?11, 'elapsed_ms', ?12)) THEN 1 ELSE 0 END"

/* SQLite's own message, without the statement that is ours. */
static mig_span progress_why(const mig_cx *cx) {
  mig_span msg = mig_span_z(mig_cx_message(cx));
  const char *in = strstr(msg.p, "; in: SELECT CASE");

  if (in) msg.n = (int)(in - msg.p);
  return msg;
}

static void progress_prepare(mig_cx *cx, mig_run *run) {
  mig_progress *p = &run->progress;
  mig_cx own = {0};
  mig_span why;
  char *sql;

  sql = mig_printf(cx, CALL_SQL, p->function);
  if (!sql) return;
  /* once to hear what is wrong, which is told in other words */
  mig_stmt_end(&own, mig_prepare(&own, run->db, sql, NULL));
  why = progress_why(&own);
  if (!own.rc)
    p->call = mig_prepare(cx, run->db, sql, NULL);
  else if ((own.rc & 0xff) == SQLITE_NOMEM)
    mig_fail_nomem(cx);
  else
    mig_fail(cx, own.rc,
             "setting on_progress: %.*s; register %s, a function of one "
             "argument, on this connection, or set it to ''",
             why.n, why.p, p->function);
  mig_cx_release(&own);
}

/* A number, or NULL. */
static void progress_bind_known(mig_cx *cx, sqlite3_stmt *st, int i,
                                sqlite3_int64 v) {
  if (v >= 0) mig_bind_int(cx, st, i, v);
}

static void progress_bind(mig_cx *cx, mig_run *run, sqlite3_int64 now) {
  const mig_progress *p = &run->progress;
  progress_state s = progress_reckon(p, now);
  sqlite3_stmt *st = p->call;

  if (run->at) mig_bind_text(cx, st, 1, run->at->h.id);
  if (run->at || run->script) {
    mig_bind_text(cx, st, 2, run->script ? run->script : run->at->path);
    mig_bind_text(cx, st, 3, progress_direction(run));
  }
  if (p->steps) mig_bind_int(cx, st, 4, p->step);
  if (p->steps) mig_bind_int(cx, st, 5, p->steps);
  mig_bind_text(cx, st, 6, p->doing);
  mig_bind_text(cx, st, 7, p->table);
  progress_bind_known(cx, st, 8, p->done);
  progress_bind_known(cx, st, 9, p->total);
  progress_bind_known(cx, st, 10, s.rate);
  progress_bind_known(cx, st, 11, s.left);
  mig_bind_int(cx, st, 12, s.elapsed);
}

/* The function may read.  What it writes would be the migration's, and the end
** of the transaction that of all or nothing. */
static void progress_check_host(mig_cx *cx, mig_run *run, int autocommit,
                                sqlite3_int64 changes) {
  sqlite3 *h = run->db->h;

  if (sqlite3_get_autocommit(h) != autocommit)
    mig_fail(cx, SQLITE_ABORT,
             "on_progress function %s has begun or ended a transaction; it may "
             "only read",
             run->progress.function);
  else if (sqlite3_total_changes64(h) != changes)
    mig_fail(cx, SQLITE_ABORT,
             "on_progress function %s has changed rows of this connection; it "
             "may only read",
             run->progress.function);
}

/* The error of the function, which is told as ours: its code is the host's. */
static void progress_fail(mig_cx *cx, mig_run *run, const mig_cx *own) {
  mig_span why = progress_why(own);
  int rc = own->rc & 0xff;

  if (rc == SQLITE_NOMEM)
    mig_fail_nomem(cx);
  else if (rc == SQLITE_INTERRUPT)
    mig_fail(cx, own->rc, "%s", sqlite3_errstr(own->rc));
  else if (rc)
    mig_fail(cx, SQLITE_ABORT, "on_progress function %s: %.*s",
             run->progress.function, why.n, why.p);
}

static void progress_call(mig_cx *cx, mig_run *run, sqlite3_int64 now) {
  mig_progress *p = &run->progress;
  int autocommit = sqlite3_get_autocommit(run->db->h), yes = 0;
  sqlite3_int64 changes = sqlite3_total_changes64(run->db->h);
  mig_cx own = {0};

  progress_bind(&own, run, now);
  if (mig_row(&own, p->call)) yes = sqlite3_column_int(p->call, 0);
  sqlite3_reset(p->call);
  sqlite3_clear_bindings(p->call);
  progress_fail(cx, run, &own);
  mig_cx_release(&own);
  progress_check_host(cx, run, autocommit, changes);
  if (yes)
    mig_fail(cx, SQLITE_ABORT, "cancelled by on_progress function %s",
             p->function);
  if (cx->rc) run->cancelled = 1;
}

/* ---- standard error ---- */

/* A line in the making: printable characters, and the columns they take, of
** which one outside ASCII may take two. */
typedef struct progress_line {
  char text[4 * COLUMNS + 8];
  int n, columns, limit;
} progress_line;

static void line_add(progress_line *l, const char *z) {
  int k, wide;

  for (; z && *z && l->columns < l->limit; z += k) {
    k = mig_utf8_length(z, (int)strlen(z));
    wide = k > 1 && (unsigned char)*z != 0xC2; /* not U+0080 to U+00BF */
    if (l->columns + 1 + wide > l->limit) return;
    if (wide)
      memcpy(l->text + l->n, z, (size_t)k);
    else
      l->text[l->n] = *z >= ' ' && *z < 0x7F ? *z : '?';
    l->n += wide ? k : 1;
    l->columns += 1 + wide;
    if (!k) k = 1;
  }
}

static void line_addf(progress_line *l, const char *fmt, ...) {
  char z[120];
  va_list ap;

  va_start(ap, fmt);
  sqlite3_vsnprintf(sizeof z, z, fmt, ap);
  va_end(ap);
  line_add(l, z);
}

static void line_time(progress_line *l, sqlite3_int64 seconds) {
  if (seconds < 120)
    line_addf(l, ", %lld s left", seconds);
  else if (seconds < 7200)
    line_addf(l, ", %lld min left", (seconds + 59) / 60);
  else
    line_addf(l, ", %lld h left", (seconds + 3599) / 3600);
}

/* What is counted. */
static const char *progress_unit(const mig_progress *p) {
  return p->doing && !strcmp(p->doing, "backup") ? "pages" : "rows";
}

static void line_rows(progress_line *l, const mig_progress *p,
                      const progress_state *s) {
  const char *unit = progress_unit(p);

  if (p->done >= 0 && p->total >= p->done)
    line_addf(l, ", %lld of %lld %s", p->done, p->total, unit);
  else if (p->done >= 0 || p->total >= 0)
    line_addf(l, ", %lld %s", p->done >= 0 ? p->done : p->total, unit);
  if (s->rate >= 0) line_addf(l, ", %lld %s/s", s->rate, unit);
  if (s->left >= 0) line_time(l, s->left);
}

static void progress_words(const mig_run *run, sqlite3_int64 now,
                           progress_line *l) {
  const mig_progress *p = &run->progress;
  progress_state s = progress_reckon(p, now);

  line_add(l, "migrate");
  if (p->steps) line_addf(l, ": step %d of %d", p->step, p->steps);
  if (run->at || run->script) {
    line_addf(l, ": %s ", progress_direction(run));
    line_add(l, run->script ? run->script : run->at->h.id);
  }
  if (!p->doing) return;
  line_addf(l, ": %s ", p->doing);
  line_add(l, p->table);
  line_rows(l, p, &s);
}

/* Make the terminal's line this one; "" clears it. */
static void progress_rewrite(mig_progress *p, const progress_line *l) {
  char out[sizeof l->text + 2 * COLUMNS + 8];
  int n = 0;

  out[n++] = '\r';
  memcpy(out + n, l->text, (size_t)l->n);
  n += l->n;
  for (; p->columns > l->columns; p->columns--) out[n++] = ' ';
  if (!l->n) out[n++] = '\r';
  p->columns = l->columns;
  if (!mig_os_note(out, n)) p->watch = MIG_WATCH_NONE;
}

static void progress_write(mig_run *run, sqlite3_int64 now) {
  mig_progress *p = &run->progress;
  progress_line l = {.limit = COLUMNS};

  if (p->watch == MIG_WATCH_LINE) {
    l.limit = mig_os_columns() - 1;
    if (l.limit > COLUMNS) l.limit = COLUMNS;
    progress_words(run, now, &l);
    progress_rewrite(p, &l);
    return;
  }
  progress_words(run, now, &l);
  l.text[l.n++] = '\n';
  if (!mig_os_note(l.text, l.n)) p->watch = MIG_WATCH_NONE;
}

/* ---- when ---- */

static int progress_is_due(const mig_progress *p, sqlite3_int64 now) {
  sqlite3_int64 since = now - p->shown;

  switch (p->watch) {
  case MIG_WATCH_CALL:
    return p->due || p->late || since >= CALL_MS;
  case MIG_WATCH_LINE:
    return now - p->began >= p->patience && (p->late || since >= TERMINAL_MS);
  default:
    return since >= LINES_MS;
  }
}

static void progress_show(mig_cx *cx, mig_run *run, sqlite3_int64 now) {
  mig_progress *p = &run->progress;

  p->inside = 1;
  p->due = p->late = 0;
  progress_count(cx, run);
  if (cx->rc) {
    /* it was interrupted */
  } else if (p->watch == MIG_WATCH_CALL) {
    progress_call(cx, run, now);
  } else {
    progress_write(run, now);
  }
  p->shown = mig_os_clock_ms();
  p->inside = 0;
}

void mig_progress_poll(mig_cx *cx, mig_run *run) {
  sqlite3_int64 now;

  if (!progress_is_watched(run) || cx->rc || run->progress.inside) return;
  now = mig_os_clock_ms();
  if (progress_is_due(&run->progress, now)) progress_show(cx, run, now);
}

void mig_progress_rows(mig_cx *cx, mig_run *run, sqlite3_int64 done) {
  mig_progress *p = &run->progress;

  if (!progress_is_watched(run)) return;
  p->done = done;
  if (p->base == UNKNOWN) {
    p->base = done;
    p->since = mig_os_clock_ms();
  }
  mig_progress_poll(cx, run);
}

/* ---- begin and end ---- */

/* Who watches, by the settings. */
static mig_watch progress_watch(const mig_run *run, const char *setting) {
  int columns = strcmp(setting, "off") ? mig_os_columns() : 0;

  if (run->progress.function) return MIG_WATCH_CALL;
  if (columns) return MIG_WATCH_LINE;
  return strcmp(setting, "on") ? MIG_WATCH_NONE : MIG_WATCH_LINES;
}

void mig_progress_open(mig_cx *cx, mig_run *run) {
  const char *function = mig_config_get(run->conn, "on_progress");
  const char *setting = mig_config_get(run->conn, "progress");
  mig_progress *p = &run->progress;

  if (cx->rc) return;
  if (*function) {
    p->function = mig_strdup(cx, function);
    progress_prepare(cx, run);
    if (cx->rc) return;
  }
  p->began = mig_os_clock_ms();
  p->shown = p->began - LINES_MS;
  p->patience = strcmp(setting, "on") ? PATIENCE_MS : 0;
  p->total = UNASKED;
  p->done = p->base = UNKNOWN;
  p->cx = cx;
  p->watch = progress_watch(run, setting);
}

/* Tell the function that all is done, which nothing it says changes. */
static void progress_done(mig_run *run) {
  mig_cx own = {0};
  int cancelled = run->cancelled;

  mig_progress_work(run, "done", NULL);
  run->progress.step = run->progress.steps;
  progress_call(&own, run, mig_os_clock_ms());
  run->cancelled = cancelled;
  mig_cx_release(&own);
}

void mig_progress_close(mig_run *run) {
  const progress_line none = {.n = 0};
  mig_progress *p = &run->progress;

  if (!p->cx) return;
  if (p->watch == MIG_WATCH_CALL && !p->cx->rc) progress_done(run);
  if (p->columns) progress_rewrite(p, &none);
  mig_stmt_end(p->cx, p->call);
  sqlite3_free(p->table);
  *p = (mig_progress){0};
}
