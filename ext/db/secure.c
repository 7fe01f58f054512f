/*
** ext/db/secure.c - PRAGMA secure_delete, switched off for a while.
**
** With it SQLite overwrites what it gives up.  A build may have said so for
** everybody, and Debian's has; a value that is not the build's is the user's
** (https://sqlite.org/pragma.html#pragma_secure_delete).
*/
#include "ext/db/db.h"

static int secure_default(void) {
  if (sqlite3_compileoption_used("SECURE_DELETE")) return 1;
  return sqlite3_compileoption_used("FAST_SECURE_DELETE") ? 2 : 0;
}

void mig_secure_off(mig_cx *cx, const mig_db *db, mig_secure *s) {
  int is =
      (int)mig_query_int(cx, db, -1, "PRAGMA \"%w\".secure_delete", db->schema);

  if (cx->rc || s->schema || is < 1 || is != secure_default()) return;
  s->schema = sqlite3_mprintf("%s", db->schema);
  if (!s->schema) {
    mig_fail_nomem(cx);
    return;
  }
  mig_query_int(cx, db, 0, "PRAGMA \"%w\".secure_delete = OFF", s->schema);
}

void mig_secure_back(const mig_db *db, mig_secure *s) {
  static const char *const words[] = {"OFF", "ON", "FAST"};
  mig_cx own = {0};

  if (!s->schema) return;
  mig_query_int(&own, db, 0, "PRAGMA \"%w\".secure_delete = %s", s->schema,
                words[secure_default()]);
  if (!own.rc) mig_secure_free(s);
  mig_cx_release(&own);
}

void mig_secure_free(mig_secure *s) {
  sqlite3_free(s->schema);
  s->schema = NULL;
}
