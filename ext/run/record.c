/*
** ext/run/record.c - what was done, written down: version rows and log.
**
** Written once for each transaction, at its end: the statements are prepared
** once, however many steps there were.
*/
#include "ext/run/run.h"

/* What `a` has and `b` has not. */
static mig_list record_minus(mig_cx *cx, const mig_list *a, const mig_list *b) {
  mig_list out = {0};
  mig_map in = {0};
  int i;

  for (i = 0; i < b->n; i++) mig_map_put(cx, &in, b->at[i], b->at[i]);
  for (i = 0; i < a->n && !cx->rc; i++)
    if (!mig_map_get(&in, a->at[i])) mig_list_add(cx, &out, a->at[i]);
  return out;
}

static void record_log(mig_cx *cx, const mig_run *run, sqlite3_stmt *st,
                       const mig_taken *t, const char *direction) {
  const mig_source *s = t->rev->source;
  mig_log_row row = {
      .revision = t->rev->h.id,
      .direction = direction,
      .message = t->rev->h.message,
      .duration_ms = t->ms,
  };
  sqlite3_int64 age = mig_os_clock_ms() - t->began;
  mig_cx own = {0};

  if (cx->rc) return;
  if (run->db->tape) row.duration_ms = age = 0; /* not known yet */
  row.checksum = mig_checksum(&own, s->text);
  row.source = mig_strndup(&own, s->text.p, s->text.n);
  mig_log_add(&own, run->db, st, &row, age);
  mig_fail_in(&own, "revision %s (%s): recording the step", row.revision,
              t->rev->path);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

void mig_record(mig_cx *cx, mig_run *run, const mig_list *rows,
                const mig_list *taken, const char *direction) {
  mig_list had, gone, come, now;
  sqlite3_stmt *st;
  int i;

  mig_store_create(cx, run->db);
  had = mig_version_rows(cx, run->db);
  gone = record_minus(cx, &had, rows);
  come = record_minus(cx, rows, &had);
  mig_version_change(cx, run->db, &gone, &come);
  now = mig_version_rows(cx, run->db);
  if (now.n != rows->n || record_minus(cx, rows, &now).n)
    mig_fail(cx, SQLITE_ERROR,
             "_migrate_version in database %s does not hold what was written; "
             "drop the triggers that are on it",
             run->db->schema);
  st = mig_log_open(cx, run->db);
  for (i = 0; i < taken->n; i++)
    record_log(cx, run, st, taken->at[i], direction);
  mig_stmt_end(cx, st);
  mig_known_note(cx, run->project, &now);
}
