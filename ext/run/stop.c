/*
** ext/run/stop.c - hearing sqlite3_interrupt() between statements.
**
** The flag that sqlite3_interrupt() sets stays up while any statement runs,
** and the one that called us does; a statement that is stepped meanwhile
** fails with SQLITE_INTERRUPT (https://sqlite.org/c3ref/interrupt.html).
*/
#include "ext/run/run.h"

sqlite3_stmt *mig_stop_probe(mig_cx *cx, const mig_conn *c) {
  const mig_db host = {.h = c->host, .schema = "main"};

  return mig_query(cx, &host, "SELECT 1");
}

int mig_stopped(mig_cx *cx, sqlite3_stmt *probe) {
  if (cx->rc) return 1;
  (void)mig_row(cx, probe);
  sqlite3_reset(probe);
  return cx->rc != SQLITE_OK;
}
