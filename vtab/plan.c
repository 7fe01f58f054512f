/*
** vtab/plan.c - migrate_plan: the steps that an upgrade or a downgrade would
** take, without taking them.
**
**     SELECT step, revision, message FROM migrate_plan;
**     SELECT revision FROM migrate_plan('-2', 'downgrade');
*/
#include "vtab/table.h"

/* Which way, by the second argument; upgrade when it is not given. */
static mig_direction plan_direction(mig_cx *cx, const char *way) {
  if (!way || !strcmp(way, "upgrade")) return MIG_UP;
  if (strcmp(way, "downgrade"))
    mig_fail(cx, SQLITE_ERROR,
             "the direction is 'upgrade' or 'downgrade', not '%s'", way);
  return MIG_DOWN;
}

static void plan_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                      mig_rows *out) {
  const char *target = mig_table_text(cx, arg[0], "target");
  const char *way = mig_table_text(cx, arg[1], "direction");
  mig_direction dir = plan_direction(cx, way);
  mig_project *p = mig_table_project(cx, conn);
  mig_list steps = {0};
  int i;

  if (cx->rc) return;
  if (dir == MIG_UP)
    mig_plan_upgrade(cx, p->graph, target, &steps);
  else
    mig_plan_downgrade(cx, p->graph, target, &steps);
  for (i = 0; !cx->rc && i < steps.n; i++) {
    const mig_revision *r = steps.at[i];
    mig_row_int(cx, out, i + 1);
    mig_row_text(cx, out, dir == MIG_UP ? "upgrade" : "downgrade");
    mig_row_text(cx, out, r->h.id);
    mig_row_text(cx, out, r->h.message);
    mig_row_text(cx, out, r->path);
  }
}

const mig_vtable mig_table_plan = {
    .name = "migrate_plan",
    .decl = "CREATE TABLE x(step INTEGER, direction TEXT, revision TEXT,"
            " message TEXT, path TEXT, target HIDDEN, way HIDDEN)",
    .ncol = 5,
    .narg = 2,
    .fill = plan_fill,
};
