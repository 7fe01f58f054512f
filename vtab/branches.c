/*
** vtab/branches.c - migrate_branches: each revision on which several stand,
*with
** each of those.
**
**     SELECT child FROM migrate_branches WHERE revision = '6efc3153bd83';
*/
#include "vtab/table.h"

static void branches_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                          mig_rows *out) {
  mig_project *p = mig_table_project(cx, conn);
  int i, k;

  (void)arg;
  for (i = 0; !cx->rc && i < p->graph->revs.n; i++) {
    const mig_revision *r = p->graph->revs.at[i];
    if (!mig_rev_is_branch_point(r)) continue;
    for (k = 0; !cx->rc && k < r->children.n; k++) {
      const mig_revision *child = r->children.at[k];
      mig_row_text(cx, out, r->h.id);
      mig_row_text(cx, out, child->h.id);
      mig_row_text(cx, out, mig_rev_labels(cx, p->graph, child));
    }
  }
}

const mig_vtable mig_table_branches = {
    .name = "migrate_branches",
    .decl = "CREATE TABLE x(revision TEXT, child TEXT, branch_labels TEXT)",
    .ncol = 3,
    .fill = branches_fill,
};
