/*
** ext/run/backup.c - a copy of the database in a file of its own: by request,
** or before a migration.
**
** It is made under another name in the same directory, and has its own only
** when it is complete: whoever finds a backup finds a whole one.
*/
#include "ext/run/run.h"

static const char *const backup_tails[] = {"-journal", "-wal", "-shm", NULL};

/* One copy on its way. */
typedef struct backup_job {
  mig_run *run;
  mig_cx *cx;          /* of the call: what a question comes to    */
  const char *path;    /* the name it shall have                   */
  const char *draft;   /* ... and has until it is complete         */
  sqlite3_int64 bytes; /* of the copy                              */
} backup_job;

/* ---- before ---- */

static void backup_check_name(mig_cx *cx, const char *path) {
  int i;

  if (!cx->rc && !*path) mig_fail(cx, SQLITE_ERROR, "a backup needs a name");
  mig_os_fresh(cx, path);
  for (i = 0; backup_tails[i] && !cx->rc; i++) {
    char *beside = mig_printf(cx, "%s%s", path, backup_tails[i]);
    if (beside) mig_os_fresh(cx, beside); /* SQLite would take it for its own */
  }
}

static void backup_check_room(mig_cx *cx, mig_run *run, backup_job *j) {
  const char *schema = run->db->schema;
  sqlite3_int64 room;

  mig_txn_retry(cx, run,
                mig_printf(cx, "PRAGMA \"%w\".schema_version", schema));
  j->bytes = mig_query_int(cx, run->db, 0, "PRAGMA \"%w\".page_count", schema) *
             mig_query_int(cx, run->db, 0, "PRAGMA \"%w\".page_size", schema);
  if (cx->rc) return;
  room = mig_os_space(j->path);
  if (room >= 0 && room < j->bytes)
    mig_fail(cx, SQLITE_ERROR,
             "%s: a backup of database %s needs %lld bytes, and %lld are free "
             "there",
             j->path, schema, j->bytes, room);
}

static void backup_name_draft(mig_cx *cx, backup_job *j) {
  unsigned r = 0;

  sqlite3_randomness(sizeof r, &r);
  j->draft = mig_printf(cx, "%s%s.migrate-%08x~",
                        strncmp(j->path, "file:", 5) ? "" : "./", j->path, r);
}

/* ---- copying ---- */

static void backup_watch(mig_cx *cx, void *arg, int done, int pages) {
  backup_job *j = arg;

  mig_progress_total(j->run, pages);
  mig_progress_rows(cx, j->run, done);
  mig_stopped(cx, j->run->probe);
}

int mig_backup_wait(mig_cx *cx, void *arg, int ms) {
  mig_run *run = arg;

  mig_progress_poll(cx, run);
  return !mig_stopped(cx, run->probe) &&
         ms < mig_config_int(run->conn, "lock_timeout_ms");
}

static int backup_wait(mig_cx *cx, void *arg, int ms) {
  backup_job *j = arg;

  return mig_backup_wait(cx, j->run, ms);
}

/* Asked while the copy is checked. */
static int backup_stop(void *arg) {
  backup_job *j = arg;

  mig_progress_poll(j->cx, j->run);
  return mig_stopped(j->cx, j->run->probe);
}

/* The copy is checked on the connection that made it: no other one can have
** seen it. */
static void backup_fill(mig_cx *cx, backup_job *j) {
  mig_run *run = j->run;
  const mig_backup o = {backup_watch, backup_wait, j,
                        run->txn.open && !run->txn.nested};
  mig_db to = {.schema = "main"};
  mig_cx own = {0};
  char *wrong;

  j->cx = cx;
  to.h = mig_replica_open(&own, run->conn, j->draft);
  if (to.h) mig_exec(&own, &to, "PRAGMA journal_mode = OFF");
  if (to.h) mig_exec(&own, &to, "PRAGMA synchronous = OFF"); /* see publish */
  mig_fail_private(cx, &own);
  mig_backup_copy(cx, run->db, &to, &o);
  wrong = mig_backup_check(cx, &to, backup_stop, j);
  if (wrong && !cx->rc)
    mig_fail(cx, SQLITE_ERROR,
             "%s: the copy is not sound, so the database may not be; PRAGMA "
             "integrity_check tells more: %s",
             j->path, wrong);
  j->bytes = mig_query_int(cx, &to, 0, "PRAGMA page_count") *
             mig_query_int(cx, &to, 0, "PRAGMA page_size");
  mig_cx_release(&own);
}

static void backup_discard(const backup_job *j) {
  int i;

  if (!j->draft) return;
  mig_os_remove(j->draft);
  for (i = 0; backup_tails[i]; i++) {
    char *z = sqlite3_mprintf("%s%s", j->draft, backup_tails[i]);
    if (z) mig_os_remove(z);
    sqlite3_free(z);
  }
}

static sqlite3_int64 backup_make(mig_cx *cx, mig_run *run, const char *path) {
  backup_job j = {.run = run, .path = path};

  if (cx->rc) return 0;
  backup_check_name(cx, path);
  backup_check_room(cx, run, &j);
  backup_name_draft(cx, &j);
  if (cx->rc) return 0;
  mig_os_begin(cx, j.draft, sqlite3_db_filename(run->db->h, run->db->schema));
  if (cx->rc) return 0;
  mig_progress_work(run, "backup", path);
  backup_fill(cx, &j);
  mig_os_publish(cx, j.draft, path);
  backup_discard(&j);
  mig_progress_work(run, NULL, NULL);
  return cx->rc ? 0 : j.bytes;
}

sqlite3_int64 mig_run_backup(mig_cx *cx, mig_conn *conn, const char *path) {
  mig_run run = {.dir = MIG_UP};
  sqlite3_int64 bytes;

  mig_work_open(cx, &run, conn);
  bytes = backup_make(cx, &run, path);
  mig_work_close(cx, &run);
  return bytes;
}

/* ---- before a migration ---- */

/* The revisions that are current, or `base`; the lock is held. */
static char *backup_revisions(mig_cx *cx, const mig_run *run) {
  mig_list rows = mig_version_rows(cx, run->db);

  return rows.n ? mig_list_join(cx, &rows, "+") : mig_strdup(cx, "base");
}

/* The setting, with its parts filled in; times are UTC. */
static char *backup_name(mig_cx *cx, const mig_run *run, const char *form) {
  const char *now = mig_now(cx, run->db), *p;
  mig_buf b = {0};
  char code[3] = "%";

  for (p = form; *p && !cx->rc; p++) {
    code[1] = p[1];
    if (*p != '%')
      mig_buf_add(cx, &b, p, 1);
    else if (*++p == '%')
      mig_buf_addz(cx, &b, "%");
    else if (*p == 'r')
      mig_buf_addz(cx, &b, backup_revisions(cx, run));
    else
      mig_buf_addz(
          cx, &b,
          mig_query_text(cx, run->db, "SELECT strftime(%Q, %Q)", code, now));
  }
  return mig_buf_take(cx, &b);
}

void mig_backup_first(mig_cx *cx, mig_run *run) {
  const char *form = mig_config_get(run->conn, "backup");
  char *path;

  if (cx->rc || !form || !*form) return;
  if (mig_resume_goes_on(cx, run)) return;
  path = backup_name(cx, run, form);
  if (path) backup_make(cx, run, path);
  mig_fail_in(cx, "the backup before the first step (setting backup)");
  if (!cx->rc) run->backup = path;
}

void mig_backup_close(const mig_cx *cx, mig_run *run) {
  int rc = cx->rc & 0xff;
  int broken = rc == SQLITE_IOERR || rc == SQLITE_CORRUPT || rc == SQLITE_FULL;

  if (!cx->rc || run->committed || run->conn->stuck || broken) return;
  if (run->backup) mig_os_remove(run->backup);
}
