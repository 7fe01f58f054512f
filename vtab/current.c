/*
** vtab/current.c - migrate_current: the version rows, as they stand in the
** database, with or without a script.
**
**     SELECT revision, is_head FROM migrate_current;
*/
#include "vtab/table.h"

static void current_row(mig_cx *cx, mig_rows *out, const char *id,
                        const mig_revision *r, const mig_log_row *log) {
  const char *known = log ? log->message : NULL;

  mig_row_text(cx, out, id);
  mig_row_text(cx, out, r ? r->h.message : known);
  mig_row_int(cx, out, r ? mig_rev_is_head(r) : 0);
  mig_row_text(cx, out, log ? log->started_at : NULL);
}

static void current_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                         mig_rows *out) {
  mig_project *p = mig_table_project(cx, conn);
  mig_list rows = {0};
  mig_map logs = {0};
  int i;

  (void)arg;
  if (p) rows = mig_version_rows(cx, &p->db);
  if (!cx->rc) logs = mig_log_last(cx, &p->db);
  for (i = 0; !cx->rc && i < rows.n; i++) {
    const char *id = rows.at[i];
    current_row(cx, out, id, mig_map_get(&p->graph->by_id, id),
                mig_log_applied(&logs, id));
  }
}

const mig_vtable mig_table_current = {
    .name = "migrate_current",
    .decl = "CREATE TABLE x(revision TEXT, message TEXT, is_head INTEGER,"
            " applied_at TEXT)",
    .ncol = 4,
    .fill = current_fill,
};
