/*
** vtab/history.c - migrate_history: every known revision, newest first, then
** those that the database has and no script describes.
**
**     SELECT revision, message FROM migrate_history WHERE status = 'pending';
**     SELECT revision FROM migrate_history('6efc3153bd83:head');
**
** The log is what was true when a step ran, so it counts only for a revision
** that is applied now; but what a revision without a script stands on, only the
** log can tell.
*/
#include "vtab/table.h"

static int history_newest(const void *a, const void *b) {
  const mig_revision *x = a, *y = b;

  return y->rank - x->rank;
}

/* Has the script changed since it ran?  A stamp may have no checksum. */
static int history_edited(mig_cx *cx, const mig_revision *r,
                          const mig_log_row *log) {
  const mig_source *s = r->source;
  const char *now;

  if (!log || !log->checksum) return 0;
  now = mig_checksum(cx, s->text);
  return now && strcmp(now, log->checksum) != 0;
}

static const char *history_status(mig_cx *cx, const mig_revision *r,
                                  int applied, int unfinished,
                                  const mig_log_row *log) {
  if (unfinished) return "unfinished";
  if (!applied) return "pending";
  if (((const mig_source *)r->source)->row) return "missing";
  return history_edited(cx, r, log) ? "edited" : "applied";
}

static void history_log(mig_cx *cx, mig_rows *out, const mig_log_row *log) {
  mig_row_text(cx, out, log ? log->started_at : NULL);
  if (log)
    mig_row_int(cx, out, log->duration_ms);
  else
    mig_row_null(cx, out);
}

static void history_row(mig_cx *cx, mig_rows *out, const mig_graph *g,
                        const mig_revision *r, const mig_map *logs,
                        const mig_map *begun) {
  const mig_log_row *log = mig_log_applied(logs, r->h.id);
  int unfinished = mig_map_get(begun, r->h.id) != NULL;
  int applied = r->applied || (g->strangers.n && log && !unfinished);

  if (!applied) log = NULL;
  mig_row_text(cx, out, r->h.id);
  mig_row_ids(cx, out, &r->parents);
  mig_row_text(cx, out, r->h.message);
  mig_row_list(cx, out, &r->h.labels);
  mig_row_ids(cx, out, &r->deps);
  mig_row_text(cx, out, r->h.created);
  mig_row_int(cx, out, mig_rev_is_head(r));
  mig_row_int(cx, out, mig_rev_is_base(r));
  mig_row_int(cx, out, mig_rev_is_branch_point(r));
  mig_row_int(cx, out, mig_rev_is_merge_point(r));
  mig_row_int(cx, out, applied);
  mig_row_int(cx, out, r->current);
  history_log(cx, out, log);
  mig_row_text(cx, out, history_status(cx, r, applied, unfinished, log));
  mig_row_text(cx, out, r->path);
}

/* Is it a version row? */
static int history_is_stranger(const mig_graph *g, const char *id) {
  int i;

  for (i = 0; i < g->strangers.n; i++)
    if (!strcmp(g->strangers.at[i], id)) return 1;
  return 0;
}

/* Applied, and without a script: only the log can say what it was. */
static void history_missing(mig_cx *cx, mig_rows *out, const mig_graph *g,
                            const mig_stored *t, const mig_map *logs) {
  static const mig_header unknown = {0};
  const mig_header *h = t->h ? t->h : &unknown;
  const mig_log_row *log = mig_log_applied(logs, t->id);

  mig_row_text(cx, out, t->id);
  mig_row_list(cx, out, &h->down);
  mig_row_text(cx, out, log ? log->message : h->message);
  mig_row_list(cx, out, &h->labels);
  mig_row_list(cx, out, &h->depends);
  mig_row_text(cx, out, h->created);
  mig_row_int(cx, out, 0);
  mig_row_int(cx, out, t->h && !h->down.n);
  mig_row_int(cx, out, 0);
  mig_row_int(cx, out, h->down.n > 1);
  mig_row_int(cx, out, 1);
  mig_row_int(cx, out, history_is_stranger(g, t->id));
  history_log(cx, out, log);
  mig_row_text(cx, out, "missing");
  mig_row_null(cx, out);
}

/* The revisions that have begun and not ended: mig_journal_row by id. */
static mig_map history_begun(mig_cx *cx, const mig_db *db) {
  mig_list rows = mig_journal_begun(cx, db);
  mig_map begun = {0};
  int i;

  for (i = 0; i < rows.n && !cx->rc; i++) {
    mig_journal_row *row = rows.at[i];
    if (strcmp(row->op, "run")) mig_map_put(cx, &begun, row->revision, row);
  }
  return begun;
}

static void history_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                         mig_rows *out) {
  const char *range = mig_table_text(cx, arg[0], "range");
  mig_project *p = mig_table_project(cx, conn);
  const unsigned char *within = NULL;
  mig_list revs = {0};
  mig_map logs = {0}, begun = {0};
  int i;

  if (range && !cx->rc) within = mig_graph_range(cx, p->graph, range);
  if (!cx->rc) logs = mig_log_last(cx, &p->db);
  if (!cx->rc) begun = history_begun(cx, &p->db);
  for (i = 0; !cx->rc && i < p->graph->revs.n; i++)
    if (!within || within[i]) mig_list_add(cx, &revs, p->graph->revs.at[i]);
  mig_list_sort(cx, &revs, history_newest);
  for (i = 0; !cx->rc && i < revs.n; i++)
    history_row(cx, out, p->graph, revs.at[i], &logs, &begun);
  for (i = 0; !cx->rc && !range && i < p->stored.n; i++) {
    const mig_stored *t = p->stored.at[i];
    if (!t->source) history_missing(cx, out, p->graph, t, &logs);
  }
}

const mig_vtable mig_table_history = {
    .name = "migrate_history",
    .decl = "CREATE TABLE x(revision TEXT, down_revision TEXT, message TEXT,"
            " branch_labels TEXT, depends_on TEXT, created TEXT,"
            " is_head INTEGER, is_base INTEGER, is_branch_point INTEGER,"
            " is_merge_point INTEGER, is_applied INTEGER, is_current INTEGER,"
            " applied_at TEXT, duration_ms INTEGER, status TEXT, path TEXT,"
            " range HIDDEN)",
    .ncol = 16,
    .narg = 1,
    .fill = history_fill,
};
