/*
** ext/run/stop.c - hearing sqlite3_interrupt() between statements.
**
** The flag that sqlite3_interrupt() sets stays up while any statement runs,
** and the one that called us does; what is prepared or stepped meanwhile fails
** with SQLITE_INTERRUPT (https://sqlite.org/c3ref/interrupt.html).  To step
** would be to prepare as well: CREATE INDEX makes every statement expire.
*/
#include "ext/run/run.h"

sqlite3_stmt *mig_stop_probe(mig_cx *cx, const mig_conn *c) {
  const mig_db host = {.h = c->host, .schema = "main"};

  return mig_query(cx, &host, "SELECT 1");
}

int mig_stopped(mig_cx *cx, sqlite3_stmt *probe) {
  if (cx->rc) return 1;
  if (probe) mig_hear(cx, sqlite3_db_handle(probe));
  return cx->rc != SQLITE_OK;
}
