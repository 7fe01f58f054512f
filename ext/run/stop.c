/*
** ext/run/stop.c - hearing sqlite3_interrupt() between statements.
**
** The flag that sqlite3_interrupt() sets stays up while any statement runs,
** and the one that called us does; a statement that is stepped meanwhile
** fails with SQLITE_INTERRUPT (https://sqlite.org/c3ref/interrupt.html).
*/
#include "ext/run/run.h"

int mig_run_stopped(mig_cx *cx, mig_run *run) {
  if (cx->rc) return 1;
  (void)mig_row(cx, run->probe);
  sqlite3_reset(run->probe);
  return cx->rc != SQLITE_OK;
}
