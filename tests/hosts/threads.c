/*
** tests/hosts/threads.c - connections in several threads at once, each with the
** library loaded.  Nothing here belongs to two of them but files and the
*library.
**
** usage: threads LIBRARY COPY DIRECTORY   COPY is the library by another name
*/
#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define ROUNDS 6

static const char *library, *copy, *dir;
static int passed, failed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void check(int ok, const char *what, const char *said) {
  pthread_mutex_lock(&lock);
  ok ? passed++ : failed++;
  if (!ok) printf("not ok - %s: %s\n", what, said ? said : "");
  pthread_mutex_unlock(&lock);
}

static const char *const scripts[] = {
    "-- revision: aaaa\n-- migrate:up\n"
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, w TEXT);\n"
    "CREATE TABLE c(t REFERENCES t(id) ON DELETE CASCADE);\n"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n\n"
    "  WHERE i < 3000) INSERT INTO t SELECT i, i * 0.5, 'w ' || i FROM n;\n"
    "INSERT INTO c SELECT id FROM t;\n"
    "CREATE VIEW big AS SELECT id FROM t WHERE v > 700;\n"
    "-- migrate:down\nDROP VIEW big; DROP TABLE c; DROP TABLE t;\n",
    "revision, down_revision = 'bbbb', 'aaaa'\n"
    "function upgrade()\n"
    "  op.alter_column('t', 'v', {type = 'REAL', nullable = false})\n"
    "  op.backfill{table = 't', columns = {'w'}, chunk = 500,\n"
    "    with = function(w) return (w:gsub('%s+', '-')) end}\n"
    "  db.func('twice', function(x) return 2 * x end)\n"
    "  op.execute('UPDATE t SET v = twice(v)')\n"
    "end\n"
    "function downgrade()\n"
    "  op.execute('UPDATE t SET v = v / 2')\n"
    "  op.alter_column('t', 'v', {type = 'TEXT', nullable = true})\n"
    "end\n",
    "revision, down_revision = 'cccc', 'bbbb'\n"
    "function upgrade() while args.endless do end end\n"
    "function downgrade() end\n"};

/* The first column of the first row; -1, and a failed check, after an error
** that has not `expected` in its message. */
static int value(sqlite3 *db, const char *expected, const char *sql) {
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL), n = -1;

  if (rc == SQLITE_OK) rc = sqlite3_step(st);
  if (rc == SQLITE_ROW) n = sqlite3_column_int(st, 0);
  if (expected)
    check(rc != SQLITE_ROW && strstr(sqlite3_errmsg(db), expected), sql,
          sqlite3_errmsg(db));
  else
    check(rc == SQLITE_ROW || rc == SQLITE_DONE, sql, sqlite3_errmsg(db));
  sqlite3_finalize(st);
  return n;
}

static void expect(sqlite3 *db, int n, const char *sql) {
  check(value(db, NULL, sql) == n, sql, "another value");
}

/* Load the library, once more perhaps. */
static void equip(sqlite3 *db, const char *lib) {
  char *err = NULL;

  sqlite3_enable_load_extension(db, 1);
  check(!sqlite3_load_extension(db, lib, "sqlite3_migrate_init", &err), lib,
        err);
  sqlite3_free(err);
}

static sqlite3 *open_file(const char *name, const char *lib) {
  char *file = sqlite3_mprintf("%s/%s.db", dir, name);
  sqlite3 *db = NULL;
  size_t i;

  check(!sqlite3_open(file, &db), file, "");
  sqlite3_free(file);
  sqlite3_busy_timeout(db, 60000);
  equip(db, lib);
  for (i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    char *sql = sqlite3_mprintf("SELECT migrate_register(%Q, '%d.%s')",
                                scripts[i], (int)i, i ? "lua" : "sql");
    value(db, NULL, sql);
    sqlite3_free(sql);
  }
  value(db, NULL, "SELECT migrate_config('lock_timeout_ms', '60000')");
  value(db, NULL, "PRAGMA synchronous = OFF");
  return db;
}

static void close_file(sqlite3 *db) {
  check(sqlite3_close(db) == SQLITE_OK, "close", sqlite3_errmsg(db));
}

static void whole(sqlite3 *db) {
  expect(db, 3000,
         "SELECT count(*) FROM t WHERE v = id AND w = 'w-' || id "
         "AND typeof(v) = 'real'");
  expect(db, 3000, "SELECT count(*) FROM t JOIN c ON c.t = t.id");
  expect(db, 3, "SELECT count(*) FROM migrate_history WHERE is_applied");
}

/* ---- one file for each thread; closed and opened, so loaded anew ---- */

static void *apart(void *arg) {
  char name[20];
  int i;

  snprintf(name, sizeof name, "apart%d", *(int *)arg);
  for (i = 0; i < ROUNDS; i++) {
    sqlite3 *db = open_file(name, i % 2 ? copy : library);

    expect(db, 3, "SELECT migrate_upgrade()");
    whole(db);
    expect(db, 3, "SELECT migrate_downgrade('base')");
    close_file(db);
  }
  return NULL;
}

/* ---- one file for all ---- */

static int applied;

static void *together(void *arg) {
  sqlite3 *db = open_file("together", *(int *)arg % 2 ? copy : library);
  int n = value(db, NULL, "SELECT migrate_upgrade()");

  pthread_mutex_lock(&lock);
  applied += n;
  pthread_mutex_unlock(&lock);
  whole(db);
  value(db, NULL, "SELECT count(*) FROM migrate_plan");
  expect(db, 0, "SELECT migrate_upgrade()");
  close_file(db);
  return NULL;
}

static void each(void *(*job)(void *)) {
  pthread_t threads[THREADS];
  int ids[THREADS], i;

  for (i = 0; i < THREADS; i++) {
    ids[i] = i;
    if (pthread_create(&threads[i], NULL, job, &ids[i])) abort();
  }
  for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

/* ---- one connection for all: SQLite lets one in at a time ---- */

static sqlite3 *shared;

/* It upgrades, finds nothing to do, or another's statement is unfinished. */
static void *sharing(void *arg) {
  const char *sql = "SELECT migrate_upgrade()";
  int i, n = 0;

  (void)arg;
  for (i = 0; i < 50; i++) {
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(shared, sql, -1, &st, NULL);

    check(rc == SQLITE_OK, "prepare", sql);
    if (sqlite3_step(st) == SQLITE_ROW) n += sqlite3_column_int(st, 0);
    rc = sqlite3_finalize(st);
    check(rc == SQLITE_OK || rc == SQLITE_ERROR || rc == SQLITE_BUSY, sql,
          sqlite3_errstr(rc));
    value(shared, NULL, "SELECT count(*) FROM migrate_history");
  }
  pthread_mutex_lock(&lock);
  applied += n;
  pthread_mutex_unlock(&lock);
  return NULL;
}

static void one_for_all(void) {
  applied = 0;
  shared = open_file("shared", library);
  each(sharing);
  applied += value(shared, NULL, "SELECT migrate_upgrade()");
  check(applied == 3, "each revision once", "");
  whole(shared);
  close_file(shared);
}

/* ---- interrupted from another thread ---- */

static void *endless(void *db) {
  value(db, "interrupted", "SELECT migrate_upgrade()");
  return NULL;
}

static void interrupted(void) {
  sqlite3 *db = open_file("endless", library);
  pthread_t thread;
  int i;

  value(db, NULL, "SELECT migrate_config('arg.endless', 'yes')");
  if (pthread_create(&thread, NULL, endless, db)) abort();
  for (i = 0; i < 20; i++) { /* it may not have begun */
    sqlite3_sleep(100);
    sqlite3_interrupt(db);
  }
  pthread_join(thread, NULL);
  value(db, NULL, "SELECT migrate_config('arg.endless', NULL)");
  expect(db, 3, "SELECT migrate_upgrade()");
  whole(db);
  close_file(db);
}

/* ---- two copies on one connection: whoever was first stays ---- */

static void both(void) {
  sqlite3 *db = open_file("both", library);

  value(db, NULL, "SELECT migrate_config('transaction', 'revision')");
  equip(db, copy);
  equip(db, library);
  expect(db, 1, "SELECT migrate_config('transaction') = 'revision'");
  expect(db, 3, "SELECT migrate_upgrade()");
  whole(db);
  expect(db, 3, "SELECT migrate_downgrade('base')");
  close_file(db);
}

/* No connection is open: then it is gone, and may come again. */
static void gone(void) {
  check(!dlopen(library, RTLD_NOW | RTLD_NOLOAD), "unloaded", library);
  check(!dlopen(copy, RTLD_NOW | RTLD_NOLOAD), "unloaded", copy);
}

int main(int argc, char **argv) {
  sqlite3_int64 before;

  if (argc != 4) return 2;
  library = argv[1], copy = argv[2], dir = argv[3];
  both();
  gone();
  before = sqlite3_memory_used();
  each(apart);
  each(together);
  check(applied == 3, "one of all upgrades", "");
  one_for_all();
  interrupted();
  both();
  gone();
  check(sqlite3_memory_used() == before, "no memory stays", "");
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
