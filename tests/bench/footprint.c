/*
** tests/bench/footprint.c - what the library takes of a device: bytes of the
** file, and of SQLite's allocator, which Lua's heap is in too.
**
** The heap is that of a process of its own at its highest, SQLite's page cache
** at its default and all else included.  A table is rebuilt beside SQLite's own
** statements for the same: what they take is the cache, and a sorter as large
** for each index, so ours may be 1 MB above.
**
** usage: footprint EXTENSION DIRECTORY SHARED INSIDE   (the directory is used
** up; the stripped libraries, "" for one that could not be built)
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"

enum { FEW = 10, MANY_ROWS = 200000 };

/* A line of the report; MB.  1: more than allowed. */
static int put_size(const char *what, double is, double allowed,
                    const char *why) {
  int bad = is > allowed;

  printf("  %-52s %6.3f MB  (at most %.2f%s)%s\n", what, is, allowed, why,
         bad ? "  MISSED" : "");
  fflush(stdout);
  return bad;
}

static int put_library(const char *what, const char *path, double allowed,
                       const char *lacks) {
  struct stat s;

  if (!*path) {
    printf("  %-52s not built: %s\n", what, lacks);
    return 0;
  }
  if (stat(path, &s)) die(path, "is not there");
  return put_size(what, (double)s.st_size / 1e6, allowed, "");
}

/* ---- nothing to do ---- */

static char *project, *path;

/* A header beside code is one that only Lua can read. */
typedef struct starting {
  const char *upgrade, *code;
} starting;

static void register_few(sqlite3 *db, const char *code) {
  int i;

  for (i = 0; i < FEW; i++) {
    char *lua = sqlite3_mprintf(
        "op.create_table('t%d', 'id INTEGER PRIMARY KEY', 'name TEXT NOT"
        " NULL')\nop.create_index('ix_t%d', 't%d', {'name'})"
        "\nend\n%s\nfunction downgrade()\nop.drop_table('t%d')",
        i, i, i, code, i);
    revise(db, i, lua);
    sqlite3_free(lua);
  }
}

/* A start of a program, up to where `upgrade` is the only thing left to do. */
static sqlite3 *started(const char *code) {
  sqlite3 *db = connect_to(path);

  load(db, project);
  register_few(db, code);
  return db;
}

static void nothing(sqlite3 *db, const char *upgrade) {
  if (number(db, upgrade) != 0) die(upgrade, "has done something");
}

static sqlite3 *upgraded(const starting *s) {
  sqlite3 *db;

  remove_database(path);
  db = started(s->code);
  if (number(db, "SELECT migrate_upgrade()") != FEW) die("upgrade", "failed");
  return db;
}

static void job_upgrade(const void *arg) {
  sqlite3_close(upgraded(arg));
}

/* All of the process, loading and registering too. */
static void job_start(const void *arg) {
  const starting *s = arg;
  sqlite3 *db;

  clock_on();
  db = started(s->code);
  nothing(db, s->upgrade);
  clock_off();
  sqlite3_close(db);
}

/* The call behind an upgrade, with what that has left in the caches. */
static void job_again(const void *arg) {
  const starting *s = arg;
  sqlite3 *db = upgraded(s);

  clock_on();
  nothing(db, s->upgrade);
  clock_off();
  sqlite3_close(db);
}

static int bench_nothing(void) {
  static const starting head = {"SELECT migrate_upgrade()", ""};
  static const starting id = {"SELECT migrate_upgrade('r00009')", ""};
  static const starting code = {"SELECT migrate_upgrade('r00009')",
                                "local n = #'code'"};
  int bad = 0;

  printf("\n== heap, nothing to do on ten registered revisions ==\n");
  run_job(job_upgrade, &head);
  bad += put_size("a program's start", run_job(job_start, &head).heap, 1, "");
  bad += put_size("the same by an id, so each script is read",
                  run_job(job_start, &id).heap, 1, "");
  run_job(job_upgrade, &code);
  bad += put_size("the same where only Lua can read them",
                  run_job(job_start, &code).heap, 1, "");
  bad += put_size("behind an upgrade, on its connection",
                  run_job(job_again, &head).heap, 1, "");
  remove_database(path);
  return bad;
}

/* ---- a table of many rows ---- */

typedef struct rebuilding {
  const char *what, *settings, *lua, *least;
} rebuilding;

#define COPIED                                                                 \
  "BEGIN; CREATE TABLE new(id INTEGER PRIMARY KEY, code TEXT, name TEXT,"      \
  " flag TEXT); INSERT INTO new SELECT * FROM item;"

static const rebuilding rebuildings[] = {
    {"its indexes are kept (swap)", "SELECT 1",
     "op.alter_column('item', 'flag', {type = 'TEXT'})", COPIED " COMMIT"},
    {"its two indexes are made anew (rebuild: copy)",
     "SELECT migrate_config('rebuild', 'copy')",
     "op.alter_column('item', 'flag', {type = 'TEXT'})",
     COPIED " DROP TABLE item; CREATE INDEX ix_code ON new(code);"
            "CREATE INDEX ix_name ON new(name); COMMIT"}};

static void fill(void) {
  sqlite3 *db = connect_to(path);

  sql(db, "PRAGMA synchronous = off; BEGIN;"
          "CREATE TABLE item(id INTEGER PRIMARY KEY, code TEXT, name TEXT,"
          " flag INTEGER)");
  sql_take(db, sqlite3_mprintf(
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                   " FROM n WHERE i < %d) INSERT INTO item SELECT i,"
                   " printf('%%08x', i * 2654435761 %% 4294967296), 'the name"
                   " of number ' || i, i %% 2 FROM n",
                   MANY_ROWS));
  sql(db, "CREATE INDEX ix_code ON item(code);"
          "CREATE INDEX ix_name ON item(name); COMMIT");
  sqlite3_close(db);
}

static void job_fill(const void *arg) {
  (void)arg;
  remove_database(path);
  fill();
}

static void job_ours(const void *arg) {
  const rebuilding *r = arg;
  sqlite3 *db;

  clock_on();
  db = open_loaded(path, project);
  sql(db, r->settings);
  revise(db, 1, r->lua);
  sql(db, "SELECT migrate_upgrade()");
  clock_off();
  if (number(db, "SELECT count(*) FROM item WHERE typeof(flag) = 'text'") !=
      MANY_ROWS)
    die(r->lua, "is not done");
  sqlite3_close(db);
}

static void job_least(const void *arg) {
  const rebuilding *r = arg;
  sqlite3 *db;

  clock_on();
  db = connect_to(path);
  sql(db, r->least);
  clock_off();
  sqlite3_close(db);
}

static int bench_rebuild(void) {
  size_t i;
  int bad = 0;

  printf("\n== heap, 200,000 rows get another type ==\n");
  for (i = 0; i < sizeof rebuildings / sizeof *rebuildings; i++) {
    const rebuilding *r = &rebuildings[i];
    bench_cost least;
    run_job(job_fill, NULL);
    least = run_job(job_least, r);
    run_job(job_fill, NULL);
    bad += put_size(r->what, run_job(job_ours, r).heap, least.heap + 1,
                    ": SQLite's own statements and 1");
  }
  remove_database(path);
  return bad;
}

int main(int argc, char **argv) {
  int bad;

  if (argc != 5) die("usage", "footprint EXTENSION DIRECTORY SHARED INSIDE");
  extension = argv[1];
  mkdir(argv[2], 0777);
  project = make_project(argv[2], "footprint");
  path = sqlite3_mprintf("%s/footprint.db", argv[2]);
  printf("\n== the library, stripped ==\n");
  bad = put_library("with Lua's shared library", argv[3], 0.25,
                    "no Lua 5.4 to link");
  bad += put_library("with Lua inside", argv[4], 0.5,
                     "no LUA_SRC=dir; sh .ci/source lua5.4 fetches one");
  bad += bench_nothing();
  bad += bench_rebuild();
  sqlite3_free(path);
  sqlite3_free(project);
  return bad != 0;
}
