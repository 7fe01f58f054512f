/*
** ext/run/unfinished.c - revisions and scripts that have begun and not ended:
** how they begin, go on, end, and keep others from running.
*/
#include "ext/run/run.h"

/* "3 ops", "1 op" */
static char *unfinished_ops(mig_cx *cx, sqlite3_int64 n) {
  return mig_printf(cx, "%lld op%s", n, n == 1 ? "" : "s");
}

char *mig_resume_exit(mig_cx *cx, const char *name, const char *direction) {
  return mig_printf(cx,
                    strcmp(direction, "run")
                        ? "SELECT migrate_stamp(%Q)"
                        : "DELETE FROM _migrate_journal WHERE revision = %Q",
                    name);
}

/* ---- beginning, or going on ---- */

static void unfinished_new(mig_cx *cx, mig_run *run, mig_resume *r) {
  mig_journal_row row = {
      .revision = r->name, .op = r->direction, .checksum = r->checksum};

  r->fresh = 1;
  r->log_id = row.result = mig_log_begin(cx, run->db, &r->log);
  mig_journal_put(cx, run->db, &row);
}

/* Another text: fine as long as nothing was done of the old one. */
static void unfinished_changed(mig_cx *cx, mig_run *run, mig_resume *r,
                               mig_journal_row *row) {
  if (r->done || r->started) {
    mig_fail(cx, SQLITE_ERROR,
             "%s: its text%s changed since it was interrupted, behind %s; "
             "finish with the old text (SELECT source FROM _migrate_log WHERE "
             "id = %lld), or, when the database is right as it is, %s",
             r->title,
             strcmp(r->direction, "run") ? " has" : " or its arguments have",
             unfinished_ops(cx, r->done), r->log_id,
             mig_resume_exit(cx, r->name, r->direction));
    return;
  }
  row->checksum = r->checksum;
  mig_journal_put(cx, run->db, row);
  mig_log_text(cx, run->db, r->log_id, &r->log);
}

void mig_resume_begin(mig_cx *cx, mig_run *run, mig_resume *r) {
  mig_journal_row *row = mig_journal_get(cx, run->db, r->name, 0);

  if (cx->rc) return;
  if (!row) {
    unfinished_new(cx, run, r);
    return;
  }
  r->log_id = row->result;
  r->done = mig_journal_count(cx, run->db, r->name, 0);
  r->started = mig_journal_count(cx, run->db, r->name, 1) > r->done;
  if (cx->rc) return;
  if (strcmp(row->op, r->direction))
    mig_fail(cx, SQLITE_ERROR,
             "%s is unfinished: another connection has begun its %s meanwhile",
             r->title, row->op);
  else if (!row->checksum || strcmp(row->checksum, r->checksum))
    unfinished_changed(cx, run, r, row);
}

/* Before its first op another connection may have taken it over with another
** text; their ops must not mix. */
void mig_resume_still(mig_cx *cx, mig_run *run, mig_resume *r) {
  const mig_journal_row *row = mig_journal_get(cx, run->db, r->name, 0);
  const char *what = "finished it";

  if (cx->rc) return;
  if (row && row->result == r->log_id) {
    if (row->checksum && !strcmp(row->checksum, r->checksum)) return;
    what = strcmp(r->direction, "run")
               ? "begun it with another text"
               : "begun it with another text or other arguments";
  }
  mig_fail(cx, SQLITE_BUSY, "another connection has %s meanwhile; call again",
           what);
  r->gone = 1;
}

/* ---- ending ---- */

void mig_resume_end(mig_cx *cx, mig_run *run, mig_resume *r, sqlite3_int64 ms) {
  sqlite3_int64 n;

  if (cx->rc) return;
  mig_resume_still(cx, run, r);
  mig_fail_in(cx, "%s", r->title);
  n = mig_journal_count(cx, run->db, r->name, 1) -
      mig_journal_count(cx, run->db, r->name, 0);
  if (!cx->rc && n) {
    mig_fail(cx, SQLITE_ERROR,
             "%s: an op was interrupted half-way, and this script does not do "
             "it any more: what it does depends on data that it changes; "
             "finish by hand what is left, and then %s",
             r->title, mig_resume_exit(cx, r->name, r->direction));
    r->gone = 1;
  }
  mig_log_end(cx, run->db, r->log_id, ms);
  mig_journal_drop(cx, run->db, r->name);
}

void mig_resume_fail(mig_cx *cx, const mig_resume *r) {
  mig_cx own = {0};
  char *ops;

  if (!cx->rc || !cx->msg || r->gone) return;
  ops = unfinished_ops(&own, r->done);
  own.msg = sqlite3_mprintf(
      "%s; it stays unfinished: %s %s done and %s; the next %s goes on from "
      "there",
      cx->msg, own.rc ? "some" : ops, r->done == 1 ? "is" : "are",
      r->done == 1 ? "stays" : "stay",
      strcmp(r->direction, "run") ? r->direction : "call");
  if (own.msg) {
    own.rc = cx->rc;
    sqlite3_free(cx->msg);
    cx->rc = SQLITE_OK;
    cx->msg = NULL;
    mig_fail_move(cx, &own);
  }
  mig_cx_release(&own);
}

/* ---- what else may run ---- */

/* How the step is finished, as SQL for a message. */
static char *unfinished_target(mig_cx *cx, const mig_journal_row *row) {
  if (!strcmp(row->op, "upgrade"))
    return mig_printf(cx, "migrate_upgrade(%Q)", row->revision);
  return mig_printf(cx, "migrate_downgrade('%w-1')", row->revision);
}

void mig_resume_plan(mig_cx *cx, mig_run *run, const mig_list *steps) {
  const char *direction = run->dir == MIG_UP ? "upgrade" : "downgrade";
  mig_list begun = mig_journal_begun(cx, run->db);
  const mig_journal_row *row;
  int i, k, in;

  for (i = 0; i < begun.n && !cx->rc; i++) {
    row = begun.at[i];
    if (!strcmp(row->op, "run")) continue;
    for (in = k = 0; !strcmp(row->op, direction) && k < steps->n; k++)
      in |= !strcmp(((mig_revision *)steps->at[k])->h.id, row->revision);
    if (in) continue;
    mig_fail(
        cx, SQLITE_ERROR,
        "revision %s is unfinished: its %s was interrupted behind %s; "
        "finish it with SELECT %s, or, when the database is right as it "
        "is, %s",
        row->revision, row->op,
        unfinished_ops(cx, mig_journal_count(cx, run->db, row->revision, 0)),
        unfinished_target(cx, row),
        mig_resume_exit(cx, row->revision, row->op));
  }
}
