/*
** tests/bench/growth.c - how altering a table grows: one change as the schema
** has more tables, one batch as it has more columns, beside SQLite's own ADD
** COLUMN.
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

/* `n` columns added in one batch, by us or in one transaction by SQLite. */
static bench_time measure_columns(const char *path, int n, int ours) {
  char *lua = sqlite3_mprintf("op.batch_alter_table('t', function(t)\n"
                              "  for i = 1, %d do\n"
                              "    t.add_column('c' .. i .. ' INTEGER')\n"
                              "  end\nend)",
                              n);
  sqlite3 *db;
  bench_time t;
  int i;

  db = open_loaded(path, project);
  sql(db, "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  revise(db, 1, lua);
  t = now();
  if (ours) sql(db, "SELECT migrate_upgrade()");
  if (!ours) sql(db, "BEGIN");
  for (i = 1; !ours && i <= n; i++)
    sql_take(db, sqlite3_mprintf("ALTER TABLE t ADD COLUMN c%d INTEGER", i));
  if (!ours) sql(db, "COMMIT");
  t = since(t);
  sqlite3_close(db);
  sqlite3_free(lua);
  remove_file(path);
  return t;
}

static int bench_columns(const char *root) {
  static const int sizes[] = {50, 100, 200, 400};
  char *path = sqlite3_mprintf("%s/columns.db", root);
  bench_time t[4][2];
  int i, k, j, bad = 0;

  printf("\n%-16s %18s %18s\n", "one batch", "migrate", "SQLite's ADD");
  for (i = 0; i < 4; i++) {
    for (k = 0; k < 2; k++) {
      bench_time one[TRIES];
      for (j = 0; j < TRIES; j++) one[j] = measure_columns(path, sizes[i], !k);
      t[i][k] = median(one, TRIES);
    }
    bad += put_growth("columns", sizes[i], t[i], 2, t[0], sizes[0]);
  }
  sqlite3_free(path);
  return bad;
}

int main(int argc, char **argv) {
  int bad;

  if (argc < 3) die("usage", "growth EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  project = make_project(argv[2], "growth");
  bad = bench_tables(argv[2]) + bench_columns(argv[2]);
  sqlite3_free(project);
  return bad != 0;
}
