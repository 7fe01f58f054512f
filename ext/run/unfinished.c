/*
** ext/run/unfinished.c - revisions and scripts that have begun and not ended:
** how they begin, go on, end, and keep others from running.
*/
#include "ext/run/run.h"

/* "3 ops", "1 op" */
static char *unfinished_ops(mig_cx *cx, sqlite3_int64 n) {
  return mig_printf(cx, "%lld op%s", n, n == 1 ? "" : "s");
}

/* The revision, if a script is known. */
static mig_revision *unfinished_known(const mig_run *run, const char *name) {
  const mig_graph *g = run->project->graph;

  return g ? mig_map_get(&g->by_id, name) : NULL;
}

/* "a,b": the rows that there are when the revision has been taken back.  The
** graph's state is then that, too: the run ends with this. */
static char *unfinished_below(mig_cx *cx, mig_run *run, mig_revision *r) {
  mig_graph *g = run->project->graph;
  mig_list gone = {0}, come = {0}, rows;

  if (r->applied && !r->above) mig_graph_step(cx, g, r, 0, &gone, &come);
  rows = mig_rev_ids(cx, &g->rows);
  return rows.n ? mig_list_join(cx, &rows, ",") : mig_strdup(cx, "base");
}

char *mig_resume_exit(mig_cx *cx, mig_run *run, const char *name,
                      const char *direction) {
  mig_revision *r = unfinished_known(run, name);

  if (!strcmp(direction, "run"))
    return mig_printf(cx,
                      "DELETE FROM \"%w\"._migrate_journal WHERE revision = %Q",
                      run->db->schema, name);
  if (!r)
    return mig_strdup(cx, "SELECT migrate_stamp(TARGET), with what it is at");
  if (!strcmp(direction, "upgrade"))
    return mig_printf(cx, "SELECT migrate_stamp(%Q)", name);
  return mig_printf(cx, "SELECT migrate_stamp(%Q, 'purge')",
                    unfinished_below(cx, run, r));
}

/* ---- beginning, or going on ---- */

static void unfinished_new(mig_cx *cx, mig_run *run, mig_resume *r) {
  mig_journal_row row = {
      .revision = r->name, .op = r->direction, .checksum = r->checksum};

  r->fresh = 1;
  r->log_id = row.result = mig_log_begin(cx, run->db, &r->log);
  mig_journal_put(cx, run->db, &row);
}

/* What the journal says of it. */
static void unfinished_read(mig_cx *cx, const mig_run *run, mig_resume *r,
                            const mig_journal_row *row) {
  r->log_id = row->result;
  r->done = mig_journal_count(cx, run->db, r->name, 0);
  r->started = mig_journal_count(cx, run->db, r->name, 1) > r->done;
}

/* Has its text changed?  Fine as long as nothing was done of the old one. */
static int unfinished_changed(mig_cx *cx, mig_run *run, const mig_resume *r,
                              const mig_journal_row *row) {
  if (cx->rc || (row->checksum && !strcmp(row->checksum, r->checksum)))
    return 0;
  if (r->done || r->started)
    mig_fail(cx, SQLITE_ERROR,
             "%s: its text%s changed since it was interrupted, behind %s; "
             "finish with the old text (SELECT source FROM _migrate_log WHERE "
             "id = %lld), or, when the database is right as it is, %s",
             r->title,
             strcmp(r->direction, "run") ? " has" : " or its arguments have",
             unfinished_ops(cx, r->done), r->log_id,
             mig_resume_exit(cx, run, r->name, r->direction));
  return !cx->rc;
}

void mig_resume_begin(mig_cx *cx, mig_run *run, mig_resume *r) {
  mig_journal_row *row = mig_journal_get(cx, run->db, r->name, 0);

  if (cx->rc) return;
  if (!row) {
    unfinished_new(cx, run, r);
    return;
  }
  unfinished_read(cx, run, r, row);
  if (cx->rc) return;
  if (strcmp(row->op, r->direction))
    mig_fail(cx, SQLITE_ERROR,
             "%s: its %s, or another one of this name, has begun and is "
             "unfinished; finish that first",
             r->title, row->op);
  else if (unfinished_changed(cx, run, r, row)) {
    row->checksum = r->checksum;
    mig_journal_put(cx, run->db, row);
    mig_log_text(cx, run->db, r->log_id, &r->log);
  }
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
             r->title, mig_resume_exit(cx, run, r->name, r->direction));
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

/* How the step is finished, for a message.  A target that takes back this one
** revision and no other there is only where it is the one current. */
static char *unfinished_target(mig_cx *cx, const mig_run *run,
                               const mig_journal_row *row) {
  if (!unfinished_known(run, row->revision))
    return mig_strdup(cx, "its script, which is not there any more (SELECT "
                          "source FROM _migrate_log)");
  if (!strcmp(row->op, "upgrade"))
    return mig_printf(cx, "SELECT migrate_upgrade(%Q)", row->revision);
  return mig_strdup(cx, run->project->graph->rows.n == 1
                            ? "SELECT migrate_downgrade('-1')"
                            : "the migrate_downgrade() that was interrupted");
}

/* The step that finishes it, or NULL. */
static mig_revision *unfinished_step(const mig_run *run, const mig_list *steps,
                                     const mig_journal_row *row) {
  int i;

  if (strcmp(row->op, run->dir == MIG_UP ? "upgrade" : "downgrade"))
    return NULL;
  for (i = 0; i < steps->n; i++) {
    mig_revision *r = steps->at[i];
    if (!strcmp(r->h.id, row->revision)) return r;
  }
  return NULL;
}

/* Can the step finish it? */
static void unfinished_check(mig_cx *cx, mig_run *run, const mig_revision *rev,
                             const mig_journal_row *row) {
  const mig_source *s = rev->source;
  mig_resume r = {.name = rev->h.id, .direction = row->op};

  r.title = mig_printf(cx, "revision %s (%s)", rev->h.id, rev->path);
  r.checksum = mig_checksum(cx, s->text);
  unfinished_read(cx, run, &r, row);
  (void)unfinished_changed(cx, run, &r, row);
}

static void unfinished_refuse(mig_cx *cx, mig_run *run,
                              const mig_journal_row *row) {
  const char *ops =
      unfinished_ops(cx, mig_journal_count(cx, run->db, row->revision, 0));
  const char *target = unfinished_target(cx, run, row);
  const char *out = mig_resume_exit(cx, run, row->revision, row->op);

  mig_fail(cx, SQLITE_ERROR,
           "revision %s is unfinished: its %s was interrupted behind %s; "
           "finish it with %s, or, when the database is right as it is, %s",
           row->revision, row->op, ops, target, out);
}

int mig_resume_goes_on(mig_cx *cx, const mig_run *run) {
  mig_list begun = mig_journal_begun(cx, run->db);
  int i;

  for (i = 0; i < begun.n; i++) {
    const mig_journal_row *row = begun.at[i];
    int script = !strcmp(row->op, "run");
    if (run->script ? script && !strcmp(row->revision, run->script) : !script)
      return 1;
  }
  return 0;
}

void mig_resume_plan(mig_cx *cx, mig_run *run, const mig_list *steps) {
  mig_list begun = mig_journal_begun(cx, run->db);
  int i;

  for (i = 0; i < begun.n && !cx->rc; i++) {
    const mig_journal_row *row = begun.at[i];
    mig_revision *rev = unfinished_step(run, steps, row);
    if (!strcmp(row->op, "run")) continue;
    if (rev) {
      unfinished_check(cx, run, rev, row);
      continue;
    }
    unfinished_refuse(cx, run, row);
  }
}
