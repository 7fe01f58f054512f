/*
** tests/bench/diff.c - what it costs to compare a schema with its target: 1,000
** tables of 10 columns, each with an index, every tenth with a view and a
** trigger, against what SQLite needs to parse the target.  Once equal, once
** with a change in each table.  Alembic reflects and compares the same; of
** CHECKs, views and triggers it knows nothing.
**
** usage: diff EXTENSION DIRECTORY
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"

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

/* A schema and its target; the database lies in a file, for the peer. */
typedef struct pair {
  char *dir, *path, *live, *target;
  const char *change;
} pair;

static void build(const void *arg) {
  const pair *p = arg;
  sqlite3 *db = connect_to(p->path);

  sql(db, "PRAGMA synchronous = off; BEGIN");
  sql(db, p->live);
  sql(db, "COMMIT");
  sqlite3_close(db);
}

static void job_ours(const void *arg) {
  const pair *p = arg;
  sqlite3 *db = connect_to(p->path);

  load(db, p->dir);
  sql(db, "SELECT count(*) FROM sqlite_master");
  clock_on();
  sql(db, "SELECT count(*) FROM migrate_diff");
  clock_off();
  sqlite3_close(db);
}

static void job_least(const void *arg) {
  const pair *p = arg;
  sqlite3 *db = connect_to(":memory:");

  clock_on();
  sql(db, p->target);
  clock_off();
  sqlite3_close(db);
}

static bench_row compare(const pair *p, const char *what) {
  const char *args[] = {"diff", p->change, p->path, NULL};
  bench_cost ours[TRIES], least[TRIES];
  int i;

  for (i = 0; i < TRIES; i++) {
    least[i] = run_job(job_least, p);
    ours[i] = run_job(job_ours, p);
  }
  return (bench_row){.what = what,
                     .least_is = "SQLite parses the target",
                     .ours = typical(ours, TRIES),
                     .least = typical(least, TRIES),
                     .peer = {[ALEMBIC] = run_peer(ALEMBIC, args)},
                     .allowed = 10,
                     .lead = 1};
}

static int bench_size(char *dir, int tables, bench_cost *changed) {
  static const char *const changes[][2] = {{"equal", "INT"},
                                           {"changed", "TEXT"}};
  char *at = sqlite3_mprintf("%s/schema.sql", dir);
  pair p = {dir, sqlite3_mprintf("%s/diff%d.db", dir, tables),
            schema(tables, "INT"), NULL, NULL};
  int i, bad = 0;

  remove_database(p.path);
  run_job(build, &p);
  for (i = 0; i < 2; i++) {
    char what[64];
    bench_row r;
    p.change = changes[i][0];
    p.target = schema(tables, changes[i][1]);
    write_file(at, p.target);
    snprintf(what, sizeof what, "%d tables, %s", tables, p.change);
    r = compare(&p, what);
    bad += put_row(&r);
    *changed = r.ours;
    sqlite3_free(p.target);
  }
  sqlite3_free(p.path);
  sqlite3_free(p.live);
  sqlite3_free(at);
  return bad;
}

int main(int argc, char **argv) {
  bench_cost few, all;
  int bad;

  if (argc < 3) die("usage", "diff EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  put_head("autogenerate");
  bad = bench_size(argv[2], TABLES / 4, &few);
  bad += bench_size(argv[2], TABLES, &all);
  printf("a change of each, per table, of 1,000 against 250: %.2f\n",
         all.work.cpu / few.work.cpu / 4);
  return bad != 0;
}
