/*
** ext/db/undo.c - a rollback that was prepared while there was memory.
*/
#include "ext/db/db.h"

void mig_undo_arm(mig_cx *cx, const mig_db *db) {
  sqlite3_stmt *st;
  int i, rc;

  for (i = 0; i < 2 && !cx->rc && db->undo && db->undo->sql[i]; i++) {
    rc = sqlite3_prepare_v2(db->h, db->undo->sql[i], -1, &st, NULL);
    mig_fail_db(cx, db->h, rc, db->undo->sql[i]);
    if (rc) return;
    sqlite3_finalize(db->undo->st[i]);
    db->undo->st[i] = st;
  }
}

/* ROLLBACK TO makes the RELEASE behind it expire; a savepoint that stays holds
** nothing, and ends with the caller's transaction. */
int mig_undo_run(const mig_db *db) {
  mig_cx own = {0};
  int i, done = 0;

  if (!db->undo || !db->undo->st[0]) return 0;
  for (i = 0; i < 2 && db->undo->st[i]; i++) {
    mig_row(&own, db->undo->st[i]);
    sqlite3_reset(db->undo->st[i]);
    if (i == 0) done = !own.rc;
  }
  mig_cx_release(&own);
  return done || sqlite3_get_autocommit(db->h);
}

void mig_undo_end(const mig_db *db) {
  int i;

  for (i = 0; i < 2 && db->undo; i++) {
    sqlite3_finalize(db->undo->st[i]);
    db->undo->st[i] = NULL;
  }
}
