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

/*
** An interrupt stands until the statement that called us has ended, and where
** there is a space SQLite's parser hears it; but what this PRAGMA does, it does
** as soon as it has read the semicolon.
*/
void mig_secure_back(const mig_db *db, mig_secure *s) {
  static const char *const words[] = {"OFF", "ON", "FAST"};
  mig_cx ask = {0}, set = {0};
  int is;

  if (!s->schema) return;
  is =
      (int)mig_query_int(&ask, db, 0, "PRAGMA \"%w\".secure_delete", s->schema);
  if (!is)
    mig_query_int(&set, db, 0, "PRAGMA\"%w\".secure_delete=%s;", s->schema,
                  words[secure_default()]);
  /* SQLITE_ERROR: there is no such database any more */
  if ((!ask.rc && !set.rc) || ask.rc == SQLITE_ERROR) mig_secure_free(s);
  mig_cx_release(&ask);
  mig_cx_release(&set);
}

void mig_secure_free(mig_secure *s) {
  sqlite3_free(s->schema);
  s->schema = NULL;
}
