/*
** ext/db/backup.c - SQLite's online backup: one database copied over another,
** page for page (https://sqlite.org/c3ref/backup_finish.html).
**
** It copies nothing out of a transaction that has the lock for writing, not
** even on that connection.  While such a one has written nothing yet, another
** connection to the file sees the same; else SQLite gives all pages at once.
*/
#include "ext/db/db.h"

#define BACKUP_PAGES 256 /* between two questions whether to stop */
#define BACKUP_NAP 10    /* milliseconds before a lock is tried again */
#define BACKUP_ANEW 3 /* so often it begins anew before it holds others off */
#define BACKUP_OPCODES 1000 /* of SQLite's between two questions ... */

void mig_fail_private(mig_cx *to, mig_cx *from) {
  int rc = from->rc & 0xff;

  if (rc == SQLITE_IOERR || rc == SQLITE_CORRUPT || rc == SQLITE_FULL)
    from->rc = SQLITE_ERROR;
  mig_fail_move(to, from);
}

/* ---- where to read it ---- */

static void backup_close(void *h) {
  sqlite3_close(h);
}

/* Another connection to the file, through the same VFS; NULL when it cannot
** read what this one does. */
static sqlite3 *backup_twin(mig_cx *cx, const mig_db *from) {
  const char *file = sqlite3_db_filename(from->h, from->schema);
  sqlite3_vfs *vfs = NULL;
  mig_cx own = {0};
  mig_db twin = {.schema = "main"};
  int moved = 0;

  if (cx->rc || !file || !*file) return NULL;
  sqlite3_file_control(from->h, from->schema, SQLITE_FCNTL_VFS_POINTER,
                       (void *)&vfs);
  sqlite3_file_control(from->h, from->schema, SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved ||
      sqlite3_open_v2(file, &twin.h, SQLITE_OPEN_READONLY,
                      vfs ? vfs->zName : NULL) ||
      !mig_query_int(&own, &twin, 0, "SELECT 1 + count(*) FROM sqlite_schema"))
    mig_fail(&own, SQLITE_BUSY, "another one");
  if (own.rc) sqlite3_close(twin.h);
  if (own.rc) twin.h = NULL;
  mig_cx_release(&own);
  return mig_own(cx, twin.h, backup_close);
}

#if SQLITE_VERSION_NUMBER >= 3039000
/* A database in memory out of these pages, which are its from now on.  There
** is no WAL in memory: so its header names a rollback journal. */
static sqlite3 *backup_open(mig_cx *cx, unsigned char *pages,
                            sqlite3_int64 bytes) {
  const unsigned flags =
      SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY;
  sqlite3 *h = NULL;
  int rc = sqlite3_open_v2(":memory:", &h,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

  if (rc || !h) {
    sqlite3_free(pages);
  } else {
    pages[18] = pages[19] = 1; /* https://sqlite.org/fileformat.html */
    rc = sqlite3_deserialize(h, "main", pages, bytes, bytes, flags);
  }
  if (rc || !h) mig_fail_nomem(cx);
  if (rc) sqlite3_close(h);
  return cx->rc ? NULL : mig_own(cx, h, backup_close);
}

/* All pages as this connection sees them, in memory. */
static sqlite3 *backup_image(mig_cx *cx, const mig_db *from) {
  sqlite3_int64 bytes = -1;
  unsigned char *pages;

  if (cx->rc) return NULL;
  if (!mig_sqlite_has(sqlite3_libversion_number(), MIG_SINCE_SERIALIZE) ||
      sqlite3_compileoption_used("OMIT_DESERIALIZE")) {
    mig_fail(cx, SQLITE_ERROR,
             "SQLite %s copies no database inside a transaction that writes; "
             "COMMIT first",
             sqlite3_libversion());
    return NULL;
  }
  pages = sqlite3_serialize(from->h, from->schema, &bytes, 0);
  if (!pages || bytes < 100)
    mig_fail(cx, bytes > 0 ? SQLITE_NOMEM : SQLITE_ERROR,
             "database %s has a transaction under way that writes, so it is "
             "copied in memory, and %lld bytes could not be; COMMIT first",
             from->schema, bytes);
  if (cx->rc) sqlite3_free(pages);
  return cx->rc ? NULL : backup_open(cx, pages, bytes);
}
#else
static sqlite3 *backup_image(mig_cx *cx, const mig_db *from) {
  mig_fail(cx, SQLITE_ERROR,
           "database %s has a transaction under way that writes, of which "
           "this build of migrate copies nothing; COMMIT first",
           from->schema);
  return NULL;
}
#endif

static mig_db backup_source(mig_cx *cx, const mig_db *from,
                            const mig_backup *o) {
  mig_db at = *from;

  if (cx->rc || sqlite3_txn_state(from->h, from->schema) < SQLITE_TXN_WRITE)
    return at;
  at.schema = "main";
  at.h = o && o->unwritten ? backup_twin(cx, from) : NULL;
  if (!at.h) at.h = backup_image(cx, from);
  return at;
}

/* ---- copying ---- */

/* A copy under way. */
typedef struct backup_state {
  sqlite3_backup *b;
  mig_db from;
  const mig_backup *o;
  int waited;         /* milliseconds, for locks                          */
  int done;           /* pages                                            */
  int anew;           /* how often it has begun anew: somebody has written */
  sqlite3_stmt *hold; /* which keeps others from that, or NULL            */
} backup_state;

static void backup_finish(void *b) {
  sqlite3_backup_finish(b);
}

static int backup_waits(int rc) {
  return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
}

/* Is there time to try again? */
static int backup_again(mig_cx *cx, backup_state *s, int rc) {
  const mig_backup *o = s->o;

  if (!backup_waits(rc) || !o || !o->wait || !o->wait(cx, o->arg, s->waited))
    return 0;
  s->waited += sqlite3_sleep(BACKUP_NAP);
  return 1;
}

/* SQLite copies into a database in memory only pages of that one's size. */
static void backup_page_size(mig_cx *cx, backup_state *s, const mig_db *to) {
  sqlite3_int64 size = 4096;
  int again = 1;

  while (again && !cx->rc) {
    mig_cx tried = {0};
    size = mig_query_int(&tried, &s->from, size, "PRAGMA \"%w\".page_size",
                         s->from.schema);
    again = backup_again(cx, s, tried.rc);
    if (!again) mig_fail_move(cx, &tried);
    mig_cx_release(&tried);
  }
  mig_exec(cx, to, "PRAGMA \"%w\".page_size = %lld", to->schema, size);
}

/* Who keeps writing meanwhile has to wait in the end: a statement that is not
** read to its end holds what it reads as it is. */
static void backup_hold(mig_cx *cx, backup_state *s, int done) {
  if (done < s->done) s->anew++;
  s->done = done;
  if (s->anew < BACKUP_ANEW || s->hold) return;
  s->hold =
      mig_query(cx, &s->from, "PRAGMA \"%w\".schema_version", s->from.schema);
  mig_row(cx, s->hold);
}

/* The next pages; is there more to do? */
static int backup_piece(mig_cx *cx, backup_state *s) {
  const mig_backup *o = s->o;
  int rc = sqlite3_backup_step(s->b, BACKUP_PAGES);
  int pages = sqlite3_backup_pagecount(s->b);
  int done = pages - sqlite3_backup_remaining(s->b);

  if (backup_again(cx, s, rc)) return 1;
  if (rc == SQLITE_OK) backup_hold(cx, s, done);
  if (o && o->watch && (rc == SQLITE_OK || rc == SQLITE_DONE))
    o->watch(cx, o->arg, done, pages);
  if (rc != SQLITE_OK && rc != SQLITE_DONE)
    mig_fail(cx, rc, "copying database %s: %s", s->from.schema,
             sqlite3_errstr(rc));
  return rc == SQLITE_OK && !cx->rc;
}

void mig_backup_copy(mig_cx *cx, const mig_db *from, const mig_db *to,
                     const mig_backup *o) {
  mig_cx own = {0};
  backup_state s = {.o = o};

  if (cx->rc) return;
  s.from = backup_source(&own, from, o);
  if (!own.rc) backup_page_size(&own, &s, to);
  if (!own.rc) {
    s.b = sqlite3_backup_init(to->h, to->schema, s.from.h, s.from.schema);
    if (!s.b) mig_fail_db(&own, to->h, sqlite3_errcode(to->h), "a backup");
    s.b = mig_own(&own, s.b, backup_finish);
  }
  while (!own.rc && backup_piece(&own, &s)) continue;
  mig_fail_private(cx, &own);
  mig_cx_release(&own);
}

/* ---- looking at a copy ---- */

char *mig_backup_check(mig_cx *cx, const mig_db *db, int (*stop)(void *),
                       void *arg) {
  sqlite3_stmt *st;
  mig_cx own = {0};
  char *said = NULL;

  if (cx->rc) return NULL;
  mig_db_watch(db->h, BACKUP_OPCODES, stop, arg);
  st = mig_query(&own, db, "PRAGMA \"%w\".quick_check(1)", db->schema);
  if (mig_row(&own, st)) said = mig_column(cx, st, 0);
  mig_stmt_end(&own, st);
  mig_db_watch(db->h, 0, NULL, NULL);
  mig_fail_private(cx, &own);
  mig_cx_release(&own);
  return said && strcmp(said, "ok") ? said : NULL;
}
