/*
** vtab/heads.c - migrate_heads: the revisions that no other revision revises.
**
**     SELECT revision FROM migrate_heads WHERE NOT is_applied;
**
** Its labels are all that cover the head, as `label@head` finds it, not only
** those it carries itself.
*/
#include "vtab/table.h"

static void heads_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                       mig_rows *out) {
  mig_project *p = mig_table_project(cx, conn);
  int i;

  (void)arg;
  for (i = 0; !cx->rc && i < p->graph->heads.n; i++) {
    const mig_revision *r = p->graph->heads.at[i];
    mig_row_text(cx, out, r->h.id);
    mig_row_text(cx, out, mig_rev_labels(cx, p->graph, r));
    mig_row_text(cx, out, r->h.message);
    mig_row_int(cx, out, r->applied);
    mig_row_int(cx, out, r->current);
    mig_row_text(cx, out, r->path);
  }
}

const mig_vtable mig_table_heads = {
    .name = "migrate_heads",
    .decl = "CREATE TABLE x(revision TEXT, branch_labels TEXT, message TEXT,"
            " is_applied INTEGER, is_current INTEGER, path TEXT)",
    .ncol = 6,
    .fill = heads_fill,
};
