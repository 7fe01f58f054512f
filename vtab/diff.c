/*
** vtab/diff.c - migrate_diff: what differs between the database and the target.
**
**     SELECT kind, object, name FROM migrate_diff WHERE destructive;
*/
#include "vtab/table.h"

static void diff_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                      mig_rows *out) {
  mig_project *p = mig_project_new(cx, conn);
  mig_comparison *t = mig_comparison_make(cx, p);
  mig_list rows = {0};
  int i;

  (void)arg;
  if (t) rows = mig_comparison_rows(cx, t);
  for (i = 0; !cx->rc && i < rows.n; i++) {
    const mig_difference *d = rows.at[i];
    mig_row_text(cx, out, d->kind);
    mig_row_text(cx, out, d->object);
    mig_row_text(cx, out, d->name);
    mig_row_text(cx, out, d->detail);
    mig_row_int(cx, out, d->destructive);
  }
}

const mig_vtable mig_table_diff = {
    .name = "migrate_diff",
    .decl = "CREATE TABLE x(kind TEXT, object TEXT, name TEXT, detail TEXT,"
            " destructive INTEGER)",
    .ncol = 5,
    .fill = diff_fill,
};
