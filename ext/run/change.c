/* ext/run/change.c - one change to the schema, done. */
#include "ext/run/run.h"

void mig_run_change(mig_cx *cx, mig_run *run, const mig_change *c) {
  char *sql = mig_change_sql(cx, run->db->schema, c);

  mig_exec_alive(cx, run->db->h);
  if (sql) mig_exec(cx, run->db, "%s", sql);
}
