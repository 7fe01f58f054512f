/*
** tests/bench/growth.c - what altering one table costs as the schema has
** more of others, beside SQLite's own ALTER TABLE.
**
** usage: growth EXTENSION DIRECTORY     (the directory is used up)
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"

static char *project;

static sqlite3 *open_many(const char *path, int tables) {
  sqlite3 *db = connect_to(path);
  int i;

  sql(db, "PRAGMA synchronous = off; BEGIN");
  for (i = 0; i < tables; i++)
    sql_take(db, sqlite3_mprintf("CREATE TABLE t%d(id INTEGER PRIMARY KEY,"
                                 " name VARCHAR(50) NOT NULL, n INTEGER);"
                                 "CREATE INDEX i%d ON t%d(name);"
                                 "CREATE VIEW v%d AS SELECT id, name FROM t%d;",
                                 i, i, i, i, i));
  sql(db, "COMMIT");
  sqlite3_close(db);
  return open_loaded(path, project);
}

enum { NATIVE, EDIT, DROP, BARE_DROP, BARE, KINDS };

/* A change to one of many tables: three of ours, and two of SQLite's own. */
static void measure_tables(const char *path, int tables, bench_time out[]) {
  bench_time t[KINDS][TRIES];
  sqlite3 *db = open_many(path, tables);
  int i, k, n = 1;

  for (i = 0; i < TRIES; i++) {
    char *lua[BARE_DROP] = {
        sqlite3_mprintf("op.add_column('t%d', 'x INTEGER')", i),
        sqlite3_mprintf("op.alter_column('t%d', 'name', {type = "
                        "'VARCHAR(100)', nullable = true})",
                        i),
        sqlite3_mprintf("op.drop_column('t%d', 'n')", i)};
    char *bare = sqlite3_mprintf("ALTER TABLE t%d ADD COLUMN y INTEGER", i);
    char *drop = sqlite3_mprintf("ALTER TABLE t%d DROP COLUMN y", i);
    for (k = 0; k < BARE_DROP; k++) {
      revise(db, n++, lua[k]);
      t[k][i] = timed(db, "SELECT migrate_upgrade()");
      sqlite3_free(lua[k]);
    }
    t[BARE][i] = timed(db, bare);
    t[BARE_DROP][i] = timed(db, drop);
    sqlite3_free(drop);
    sqlite3_free(bare);
  }
  for (k = 0; k < KINDS; k++) out[k] = median(t[k], TRIES);
  sqlite3_close(db);
  remove_file(path);
}

/* A row of times of the processor, and what one item costs as a ratio to the
** first row's: which may grow where SQLite's own, the last, does. */
static int put_growth(const char *what, int n, const bench_time t[], int kinds,
                      const bench_time first[], int first_n) {
  double own = t[kinds - 1].cpu / n / (first[kinds - 1].cpu / first_n);
  int k, bad = 0;

  printf("%6d %-9s", n, what);
  for (k = 0; k < kinds; k++) {
    double each = t[k].cpu / n / (first[k].cpu / first_n);
    printf(" %9.2f ms %5.2f", t[k].cpu, each);
    bad |= each > 2 && each > 1.5 * own;
  }
  printf("%s\n", bad ? "  MISSED" : "");
  fflush(stdout);
  return bad;
}

static int bench_tables(const char *root) {
  static const int sizes[] = {100, 1000, 4000};
  bench_time t[3][KINDS];
  int i, bad = 0;

  printf("\n%-16s %18s %18s %18s %18s %18s\n", "one change", "add_column",
         "edit", "drop_column", "SQLite's DROP", "SQLite's ADD");
  for (i = 0; i < 3; i++) {
    char *path = sqlite3_mprintf("%s/many%d.db", root, sizes[i]);
    measure_tables(path, sizes[i], t[i]);
    bad += put_growth("tables", sizes[i], t[i], KINDS, t[0], sizes[0]);
    sqlite3_free(path);
  }
  return bad;
}

int main(int argc, char **argv) {
  int bad;

  if (argc < 3) die("usage", "growth EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  project = make_project(argv[2], "growth");
  bad = bench_tables(argv[2]);
  sqlite3_free(project);
  return bad != 0;
}
