/*
** ext/db/backup.c - SQLite's online backup: one database copied over another,
** page for page (https://sqlite.org/c3ref/backup_finish.html).
*/
#include "ext/db/db.h"

#define BACKUP_PAGES 256 /* between two questions whether to stop */
#define BACKUP_NAP 10    /* milliseconds before a lock is tried again */

static void backup_finish(void *b) {
  sqlite3_backup_finish(b);
}

/* SQLite copies into a database in memory only pages of that one's size. */
static void backup_page_size(mig_cx *cx, const mig_db *from, const mig_db *to) {
  sqlite3_int64 size =
      mig_query_int(cx, from, 4096, "PRAGMA \"%w\".page_size", from->schema);

  mig_exec(cx, to, "PRAGMA \"%w\".page_size = %lld", to->schema, size);
}

static int backup_waits(int rc) {
  return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
}

void mig_backup_copy(mig_cx *cx, const mig_db *from, const mig_db *to,
                     const mig_backup *o) {
  sqlite3_backup *b;
  int rc = SQLITE_OK, waited = 0;

  backup_page_size(cx, from, to);
  if (cx->rc) return;
  b = sqlite3_backup_init(to->h, to->schema, from->h, from->schema);
  if (!b) mig_fail_db(cx, to->h, sqlite3_errcode(to->h), "a backup");
  b = mig_own(cx, b, backup_finish);
  while (!cx->rc && rc != SQLITE_DONE) {
    rc = sqlite3_backup_step(b, BACKUP_PAGES);
    if (o && o->watch && !backup_waits(rc))
      o->watch(cx, o->arg,
               sqlite3_backup_pagecount(b) - sqlite3_backup_remaining(b),
               sqlite3_backup_pagecount(b));
    if (o && o->wait && backup_waits(rc) && o->wait(cx, o->arg, waited)) {
      waited += sqlite3_sleep(BACKUP_NAP);
      continue;
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
      mig_fail(cx, rc, "copying database %s: %s", from->schema,
               sqlite3_errstr(rc));
  }
  if (!b) return;
  mig_disown(cx, b);
  sqlite3_backup_finish(b);
}
