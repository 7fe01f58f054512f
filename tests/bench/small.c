/*
** tests/bench/small.c - many small revisions in one call, against the sqlite3
** shell that runs the same SQL in one transaction; and many columns in one
** batch, against SQLite's own ALTER TABLE, one after the other.
**
** What SQLite needs for a change grows with the schema, so each kind is also
** asked how it grows.  A revision that inserts a row costs SQLite next to
** nothing: there the shell writes a row of a log too, with the same text.
**
** Both sides are the same program, started without another shell, with one
** file to read or 1,000; the first kind is the revision that start.c measures
** beside the peers.
**
** usage: small EXTENSION DIRECTORY     (the directory is made, and used up)
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"
#include <unistd.h>

enum { SMALL_TABLES = 100, SMALL_RUNS = 9 };

/* A kind of revision: what it does in Lua, in SQL, and what is there before. */
typedef struct small_kind {
  const char *what, *name;
  const char *lua;  /* the body of upgrade(); NULL: the revision is SQL   */
  const char *sql;  /* the same for the shell                             */
  const char *down; /* the body of downgrade(), or of `migrate:down`      */
  int tables;       /* are there 100 tables?                              */
  int log;          /* does the shell write a log?                        */
  double allowed;
} small_kind;

/* %1: the revision's number; %2: a table's.  See small_text(). */
static const small_kind small_kinds[] = {
    {"a table, an index, a row", "make",
     "  op.create_table(\"t%1\", \"id INTEGER PRIMARY KEY\",\n"
     "                  \"name TEXT NOT NULL\", \"n INTEGER\")\n"
     "  op.create_index(\"ix_t%1_name\", \"t%1\", {\"name\"})\n"
     "  op.execute(\"INSERT INTO t%1(name, n) VALUES ('a', 1)\")\n",
     "CREATE TABLE t%1 (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
     " n INTEGER);\nCREATE INDEX ix_t%1_name ON t%1(name);\n"
     "INSERT INTO t%1(name, n) VALUES ('a', 1);\n",
     "  op.drop_table(\"t%1\")\n", 0, 0, 1.1},
    {"the same in .sql", "makesql", NULL,
     "CREATE TABLE t%1 (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
     " n INTEGER);\nCREATE INDEX ix_t%1_name ON t%1(name);\n"
     "INSERT INTO t%1(name, n) VALUES ('a', 1);\n",
     "DROP TABLE t%1;\n", 0, 0, 1.1},
    {"a column", "column",
     "  op.add_column(\"b%2\", \"c%1 INTEGER NOT NULL DEFAULT 0\")\n",
     "ALTER TABLE b%2 ADD COLUMN c%1 INTEGER NOT NULL DEFAULT 0;\n",
     "  op.drop_column(\"b%2\", \"c%1\")\n", 1, 0, 1.1},
    {"a row", "row",
     "  op.execute(\"INSERT INTO b%2(name, n) VALUES ('a%1', %1)\")\n",
     "INSERT INTO b%2(name, n) VALUES ('a%1', %1);\n",
     "  op.execute(\"DELETE FROM b%2 WHERE n = %1\")\n", 1, 1, 3},
};

static void small_put(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  if (!f || fputs(text, f) < 0 || fclose(f)) die(path, "cannot be written");
}

/* The pattern with its %1 and %2 filled in. */
static char *small_text(const char *pattern, int i) {
  sqlite3_str *s = sqlite3_str_new(NULL);
  const char *p;

  for (p = pattern; *p; p++) {
    if (*p == '%')
      sqlite3_str_appendf(s, "%d", *++p == '1' ? i : i % SMALL_TABLES);
    else
      sqlite3_str_append(s, p, 1);
  }
  return sqlite3_str_finish(s);
}

static char *small_revision(const small_kind *k, int i) {
  char *body = small_text(k->lua ? k->lua : k->sql, i), *text;
  char *down = small_text(k->down, i);
  char parent[32] = "nil";

  if (k->lua) {
    if (i) snprintf(parent, sizeof parent, "\"r%05d\"", i - 1);
    text = sqlite3_mprintf("-- Revision %d\n"
                           "revision      = \"r%05d\"\n"
                           "down_revision = %s\n"
                           "created       = \"2026-01-01 00:00:00\"\n\n"
                           "function upgrade()\n%send\n\n"
                           "function downgrade()\n%send\n",
                           i, i, parent, body, down);
  } else {
    if (i) snprintf(parent, sizeof parent, "r%05d", i - 1);
    text = sqlite3_mprintf("-- Revision %d\n-- revision: r%05d\n"
                           "-- revises: %s\n-- created: 2026-01-01 00:00:00\n"
                           "-- migrate:up\n%s-- migrate:down\n%s",
                           i, i, i ? parent : "none", body, down);
  }
  sqlite3_free(down);
  sqlite3_free(body);
  return text;
}

/* The revisions as files, and the script of the shell. */
static void small_project(const small_kind *k, const char *dir,
                          const char *script, int n) {
  char *path = sqlite3_mprintf("%s/versions", dir), *text, *up;
  FILE *f = fopen(script, "w");
  int i;

  mkdir(dir, 0777);
  mkdir(path, 0777);
  sqlite3_free(path);
  if (!f) die(script, "cannot be written");
  fputs("BEGIN;\n", f);
  if (k->log)
    fputs("CREATE TABLE log(id INTEGER PRIMARY KEY, revision, at, source);\n",
          f);
  for (i = 0; i < n; i++) {
    text = small_revision(k, i);
    up = small_text(k->sql, i);
    path = sqlite3_mprintf("%s/versions/2026%05d_r%05d.%s", dir, i, i,
                           k->lua ? "lua" : "sql");
    small_put(path, text);
    fputs(up, f);
    sqlite3_free(path);
    if (k->log) {
      path = sqlite3_mprintf("INSERT INTO log(revision, at, source) VALUES"
                             " ('r%05d', datetime('now'), %Q);\n",
                             i, text);
      fputs(path, f);
      sqlite3_free(path);
    }
    sqlite3_free(up);
    sqlite3_free(text);
  }
  fputs("COMMIT;\n", f);
  fclose(f);
}

static void small_base(const small_kind *k, const char *path) {
  sqlite3 *db;
  int i;

  remove(path);
  db = connect_to(path);
  sql(db, "BEGIN");
  for (i = 0; k->tables && i < SMALL_TABLES; i++)
    sql_take(db, sqlite3_mprintf("CREATE TABLE b%d (id INTEGER PRIMARY KEY,"
                                 " name TEXT NOT NULL, n INTEGER)",
                                 i));
  sql(db, "COMMIT");
  sqlite3_close(db);
}

/* Each of these as an argument of the shell, in a fresh database. */
static bench_time small_shell(const small_kind *k, const char *db,
                              const char *a, const char *b, const char *c) {
  const char *argv[] = {"sqlite3", db, a, b, c, NULL};

  small_base(k, db);
  return run_program(argv).whole;
}

static int small_compare(const char *root, const small_kind *k, int n, int runs,
                         bench_time *ours_out, bench_time *least_out) {
  char *dir = sqlite3_mprintf("%s/small-%s%d", root, k->name, n);
  char *script = sqlite3_mprintf("%s.sql", dir);
  char *db = sqlite3_mprintf("%s.db", dir), what[64];
  char *read = sqlite3_mprintf(".read %s", script);
  char *dot = sqlite3_mprintf(".load %s", extension);
  char *config =
      sqlite3_mprintf("SELECT migrate_config('directory', '%s')", dir);
  bench_time ours[SMALL_RUNS], least[SMALL_RUNS];
  int i;

  small_project(k, dir, script, n);
  for (i = 0; i < runs; i++) {
    least[i] = small_shell(k, db, read, NULL, NULL);
    ours[i] = small_shell(k, db, dot, config, "SELECT migrate_upgrade()");
  }
  *ours_out = median(ours, runs);
  *least_out = median(least, runs);
  snprintf(what, sizeof what, "%d x %s", n, k->what);
  remove(db);
  sqlite3_free(dir);
  sqlite3_free(script);
  sqlite3_free(db);
  sqlite3_free(read);
  sqlite3_free(dot);
  sqlite3_free(config);
  return report(what, *ours_out, *least_out, k->allowed);
}

/* Do we grow as SQLite does? */
static int small_growth(const char *root, const small_kind *k) {
  bench_time ours[2], least[2];
  double growth[2];
  int bad = small_compare(root, k, 1000, SMALL_RUNS, &ours[0], &least[0]);

  bad |= small_compare(root, k, 4000, 3, &ours[1], &least[1]);
  growth[0] = ours[1].cpu / ours[0].cpu;
  growth[1] = least[1].cpu / least[0].cpu;
  printf("  of cpu, 4,000 against 1,000: %.1f times, the shell %.1f times\n",
         growth[0], growth[1]);
  return bad;
}

/* ---- columns ---- */

static sqlite3 *batch_base(void) {
  sqlite3 *db = connect_to(":memory:");
  int i;

  for (i = 0; i < SMALL_TABLES; i++)
    sql_take(db, sqlite3_mprintf("CREATE TABLE b%d (id INTEGER PRIMARY KEY,"
                                 " name TEXT NOT NULL, n INTEGER)",
                                 i));
  sql(db, "INSERT INTO b0 VALUES (1, 'a', 1)");
  return db;
}

static bench_time batch_sqlite(int n) {
  sqlite3 *db = batch_base();
  bench_time t = now();
  int i;

  sql(db, "BEGIN");
  for (i = 0; i < n; i++)
    sql_take(db, sqlite3_mprintf("ALTER TABLE b0 ADD COLUMN c%d INTEGER NOT"
                                 " NULL DEFAULT %d",
                                 i, i));
  sql(db, "COMMIT");
  t = since(t);
  sqlite3_close(db);
  return t;
}

static bench_time batch_ours(const char *root, int n) {
  sqlite3 *db = batch_base();
  char *text = sqlite3_mprintf(
      "revision = \"columns\"\nfunction upgrade()\n"
      "  op.batch_alter_table(\"b0\", function(t)\n"
      "    for i = 0, %d do\n"
      "      t.add_column(\"c\" .. i .. \" INTEGER NOT NULL DEFAULT \" .. i)\n"
      "    end\n  end)\nend\n",
      n - 1);
  char *none = sqlite3_mprintf("%s/small-none", root);
  char *versions = sqlite3_mprintf("%s/versions", none);
  bench_time t;

  mkdir(none, 0777);
  mkdir(versions, 0777);
  load(db, none);
  sqlite3_free(none);
  sqlite3_free(versions);
  sql_take(db,
           sqlite3_mprintf("SELECT migrate_register(%Q, 'columns.lua')", text));
  t = now();
  sql(db, "SELECT migrate_upgrade('columns')");
  t = since(t);
  sqlite3_close(db);
  sqlite3_free(text);
  return t;
}

static int batch_compare(const char *root, int n, bench_time *ours_out) {
  bench_time ours[TRIES], least[TRIES];
  char what[64];
  int i;

  for (i = 0; i < TRIES; i++) {
    least[i] = batch_sqlite(n);
    ours[i] = batch_ours(root, n);
  }
  *ours_out = median(ours, TRIES);
  snprintf(what, sizeof what, "a batch of %d columns", n);
  return report(what, *ours_out, median(least, TRIES), 0.5);
}

int main(int argc, char **argv) {
  bench_time few, many, least;
  int bad = 0;
  size_t i;

  if (argc != 3) die("usage", "small EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  report_head("migrate", "the shell");
  bad |= small_growth(argv[2], &small_kinds[0]);
  for (i = 1; i < sizeof small_kinds / sizeof *small_kinds; i++)
    bad |=
        small_compare(argv[2], &small_kinds[i], 1000, SMALL_RUNS, &few, &least);
  report_head("migrate", "ALTER TABLE");
  bad |= batch_compare(argv[2], 100, &few);
  bad |= batch_compare(argv[2], 800, &many);
  printf("  of cpu, per column, of 800 against 100: %.2f\n",
         many.cpu / few.cpu / 8);
  return bad;
}
