/*
** tests/bench/diff.c - what it costs to compare a schema with its target: 1,000
** tables of 10 columns, each with an index, every tenth with a view and a
** trigger, against what SQLite needs to parse the target.  Once equal, once
*with
** a change in each table.
**
** usage: diff EXTENSION DIRECTORY
*/
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

enum { TABLES = 1000, COLUMNS = 10 };

static char *schema(int tables, const char *type) {
  sqlite3_str *s = sqlite3_str_new(NULL);
  int i, k;

  for (i = 0; i < tables; i++) {
    sqlite3_str_appendf(s, "CREATE TABLE t%d(\n  id INTEGER PRIMARY KEY,\n", i);
    for (k = 2; k < COLUMNS; k++)
      sqlite3_str_appendf(s,
                          "  c%d TEXT NOT NULL DEFAULT 'x%d' CHECK (c%d <> '')"
                          ",\n",
                          k, k, k);
    sqlite3_str_appendf(s, "  last %s, FOREIGN KEY (last) REFERENCES t%d);\n",
                        type, i / 2);
    sqlite3_str_appendf(s, "CREATE INDEX i%d ON t%d(c2, c3 DESC);\n", i, i);
    if (i % 10) continue;
    sqlite3_str_appendf(s, "CREATE VIEW v%d AS SELECT c2, c3 FROM t%d;\n", i,
                        i);
    sqlite3_str_appendf(s,
                        "CREATE TRIGGER g%d AFTER INSERT ON t%d BEGIN"
                        " UPDATE t%d SET c2 = new.c3 WHERE id = 1; END;\n",
                        i, i, i);
  }
  return sqlite3_str_finish(s);
}

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  if (!f || fputs(text, f) < 0 || fclose(f)) die(path, "cannot be written");
}

static bench_time parse_once(const char *text) {
  sqlite3 *db = connect_to(":memory:");
  bench_time t = now();
  sql(db, text);
  t = since(t);
  sqlite3_close(db);
  return t;
}

static bench_time check_once(sqlite3 *db, const char *statement) {
  bench_time t = now();
  sql(db, statement);
  return since(t);
}

static int compare(sqlite3 *db, const char *dir, const char *name, int tables,
                   const char *type, bench_time *one) {
  char *text = schema(tables, type);
  char *path = sqlite3_mprintf("%s/schema.sql", dir);
  bench_time least[TRIES], ours[TRIES];
  int i, bad;

  write_file(path, text);
  for (i = 0; i < TRIES; i++) {
    least[i] = parse_once(text);
    ours[i] = check_once(db, "SELECT count(*) FROM migrate_diff");
  }
  bad = report(name, median(ours, TRIES), median(least, TRIES), 10.0);
  *one = median(ours, TRIES);
  sqlite3_free(text);
  sqlite3_free(path);
  return bad;
}

int main(int argc, char **argv) {
  const int sizes[] = {TABLES / 4, TABLES};
  bench_time took[2];
  int i, bad = 0;

  if (argc < 3) die("usage", "diff EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  report_head("migrate", "SQLite parses");
  for (i = 0; i < 2; i++) {
    sqlite3 *db = connect_to(":memory:");
    char *text = schema(sizes[i], "INT");
    char title[64];
    load(db, argv[2]);
    sql(db, text);
    snprintf(title, sizeof title, "%d tables, equal", sizes[i]);
    bad |= compare(db, argv[2], title, sizes[i], "INT", &took[i]);
    snprintf(title, sizeof title, "%d tables, each changed", sizes[i]);
    bad |= compare(db, argv[2], title, sizes[i], "TEXT", &took[i]);
    sqlite3_free(text);
    sqlite3_close(db);
  }
  printf("a change of each, per table, of 1,000 against 250: %.2f\n",
         took[1].cpu / took[0].cpu / 4);
  return bad;
}
