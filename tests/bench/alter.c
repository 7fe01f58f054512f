/*
** tests/bench/alter.c - what it costs to alter a table, as a ratio to the least
** that it could cost, both measured in this run.
**
**   edit     NOT NULL and CHECK added, against one scan for the rows that they
**            forbid; taken away, and a type's length changed, against the same
**            for a hundredth of the rows
**   rebuild  against the same statements by hand: create, copy, drop, create
**            indexes, commit
**   memory   SQLite's allocator at its highest while a table is rebuilt
**   growth   one change as the schema grows, one batch as it has more columns,
**            beside SQLite's own ADD COLUMN
**
** The table has 12 columns, 4 indexes, a trigger, a view and a child table with
** a cascading row for every tenth of its own.  What is measured is
** migrate_upgrade() as a whole, with its commit.
**
** usage: alter EXTENSION DIRECTORY [ROWS]     (the directory is used up)
*/
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <fcntl.h>
#include <unistd.h>

enum { REBUILDS = 3, SMALLER = 100 };

/* ---- a database ---- */

static const char columns[] =
    "id, code, name, email, qty, price, state, made, note, size, weight, flag";

static const char indexes[] = "CREATE UNIQUE INDEX %s_code ON %s(code);"
                              "CREATE INDEX %s_state ON %s(state, made);"
                              "CREATE INDEX %s_many ON %s(qty) WHERE qty > 900;"
                              "CREATE INDEX %s_email ON %s(lower(email))";

static void create_table(sqlite3 *db, const char *name, const char *flag) {
  sql_take(db, sqlite3_mprintf(
                   "CREATE TABLE %s(\n  id INTEGER PRIMARY KEY,\n"
                   "  code TEXT NOT NULL,\n  name VARCHAR(50),\n"
                   "  email TEXT,\n  qty INTEGER DEFAULT 0,\n  price REAL,\n"
                   "  state TEXT NOT NULL DEFAULT 'new',\n  made TEXT,\n"
                   "  note TEXT,\n  size INTEGER,\n  weight REAL,\n"
                   "  flag %s,\n  CHECK (length(state) > 0)\n)",
                   name, flag));
}

static void create_indexes(sqlite3 *db, const char *name) {
  sql_take(db, sqlite3_mprintf(indexes, name, name, name, name, name, name,
                               name, name));
}

static void fill(sqlite3 *db, int rows) {
  sql_take(
      db, sqlite3_mprintf(
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
              " WHERE i < %d) INSERT INTO item SELECT i,"
              " printf('%%08x', i * 2654435761 %% 4294967296), 'name of ' || i,"
              " 'User' || (i * 7919 %% 1000003) || '@example.com',"
              " i * 31 %% 1000, i * 0.25, CASE i %% 4 WHEN 0 THEN 'new'"
              " WHEN 1 THEN 'paid' WHEN 2 THEN 'sent' ELSE 'done' END,"
              " date(1700000000 + i * 40, 'unixepoch'),"
              " CASE WHEN i %% 3 THEN 'a note, as long as notes are' END,"
              " i %% 50, i * 1.5, i %% 2 FROM n",
              rows));
  sql_take(db, sqlite3_mprintf(
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                   " FROM n WHERE i < %d) INSERT INTO line"
                   " SELECT i, i * 10, i %% 9 FROM n",
                   rows / 10));
}

static void build(const char *path, int rows) {
  sqlite3 *db = connect_to(path);

  sql(db, "PRAGMA synchronous = off; BEGIN");
  create_table(db, "item", "INTEGER");
  sql(db, "CREATE TABLE line(id INTEGER PRIMARY KEY, item INTEGER"
          " REFERENCES item(id) ON DELETE CASCADE, n INTEGER);"
          "CREATE TABLE log(item INTEGER, price REAL)");
  fill(db, rows);
  create_indexes(db, "item");
  sql(db, "CREATE INDEX line_item ON line(item);"
          "CREATE TRIGGER item_price AFTER UPDATE OF price ON item BEGIN"
          "  INSERT INTO log VALUES (new.id, new.price); END;"
          "CREATE VIEW worth AS SELECT id, name, qty * price AS worth"
          " FROM item; COMMIT");
  sqlite3_close(db);
}

static void remove_file(const char *path) {
  if (unlink(path)) die(path, "cannot be removed");
}

/* A copy on the disk, so that nothing is left to write when the clock runs. */
static void copy_file(const char *from, const char *to) {
  static char buf[1 << 20];
  int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_WRONLY, 0666);
  ssize_t n;

  while ((n = read(in, buf, sizeof buf)) > 0)
    if (write(out, buf, (size_t)n) != n) die(to, "cannot be written");
  if (n < 0 || fsync(out)) die(to, "cannot be copied");
  close(in);
  close(out);
}

/* ---- revisions ---- */

/* A directory without revisions: all are registered. */
static char *project;

static void make_project(const char *root) {
  char *versions;

  project = sqlite3_mprintf("%s/alter", root);
  versions = sqlite3_mprintf("%s/versions", project);
  mkdir(project, 0777);
  mkdir(versions, 0777);
  sqlite3_free(versions);
}

/* The next revision of this connection, with this body. */
static void revise(sqlite3 *db, int n, const char *lua) {
  char *down = n ? sqlite3_mprintf("'r%05d'", n - 1) : NULL;
  char *text = sqlite3_mprintf("revision = 'r%05d'\ndown_revision = %s\n"
                               "function upgrade()\n%s\nend\n",
                               n, n ? down : "nil", lua);

  sql_take(db,
           sqlite3_mprintf("SELECT migrate_register(%Q, 'r%d.lua')", text, n));
  sqlite3_free(text);
  sqlite3_free(down);
}

static bench_time upgrade(sqlite3 *db) {
  bench_time t = now();
  sql(db, "SELECT migrate_upgrade()");
  return since(t);
}

static bench_time timed(sqlite3 *db, const char *text) {
  bench_time t = now();
  sql(db, text);
  return since(t);
}

/* With migrate's own tables made. */
static sqlite3 *open_loaded(const char *path) {
  sqlite3 *db = connect_to(path);

  load(db, project);
  revise(db, 0, "");
  upgrade(db);
  return db;
}

/* ---- edit ---- */

static const char *const edits[] = {
    "op.batch_alter_table('item', function(t)\n"
    "  t.alter_column('name', {nullable = false})\n"
    "  t.create_check_constraint('qty_ok', 'qty >= 0 AND qty < 100000')\n"
    "end)",
    "op.batch_alter_table('item', function(t)\n"
    "  t.alter_column('name', {nullable = true})\n"
    "  t.drop_constraint('qty_ok')\n"
    "end)",
    "op.alter_column('item', 'name', {type = 'VARCHAR(100)'})",
    "op.alter_column('item', 'name', {type = 'VARCHAR(50)'})"};

enum { ADD, TAKE, LONGER, SHORTER, SCAN, EDITS };

static void measure_edits(const char *path, bench_time out[EDITS]) {
  char *copy = sqlite3_mprintf("%s-copy", path);
  bench_time t[EDITS][TRIES];
  sqlite3 *db;
  int i, k, n = 1;

  copy_file(path, copy);
  db = open_loaded(copy);
  for (i = -1; i < TRIES; i++) { /* the first to warm the caches */
    int at = i < 0 ? 0 : i;
    t[SCAN][at] = timed(db, "SELECT count(*) FROM item WHERE NOT (name IS NOT"
                            " NULL AND (qty >= 0 AND qty < 100000))");
    for (k = ADD; k < SCAN; k++) {
      revise(db, n++, edits[k]);
      t[k][at] = upgrade(db);
    }
  }
  for (k = 0; k < EDITS; k++) out[k] = median(t[k], TRIES);
  sqlite3_close(db);
  remove_file(copy);
  sqlite3_free(copy);
}

static int bench_edit(const char *large, const char *small) {
  bench_time most[EDITS], few[EDITS];
  int bad;

  measure_edits(large, most);
  measure_edits(small, few);
  report_head("migrate", "one scan");
  bad = report("edit: add NOT NULL and CHECK", most[ADD], most[SCAN], 1.2);
  printf("\n");
  report_head("all rows", "1 in 100");
  bad += report("edit: take them away", most[TAKE], few[TAKE], 2);
  bad += report("edit: VARCHAR(50) to (100)", most[LONGER], few[LONGER], 2);
  return bad;
}

/* ---- rebuild ---- */

typedef struct rebuilding rebuilding;
struct rebuilding {
  const char *what, *lua;
  const char *flag;  /* the type of the last column */
  const char *value; /* and what is copied into it */
};

static const rebuilding rebuildings[] = {
    {"rebuild: recreate = \"always\"",
     "op.batch_alter_table('item', function(t) end, {recreate = 'always'})",
     "INTEGER", "flag"},
    {"rebuild: a type converted",
     "op.alter_column('item', 'flag', {type = "
     "'TEXT'})",
     "TEXT", "CAST(flag AS TEXT)"}};

static void by_hand(sqlite3 *db, const rebuilding *r) {
  sql(db, "PRAGMA foreign_keys = off; BEGIN IMMEDIATE");
  create_table(db, "item_new", r->flag);
  sql_take(db, sqlite3_mprintf("INSERT INTO item_new(%s) SELECT %.*s, %s"
                               " FROM item",
                               columns, (int)strlen(columns) - 6, columns,
                               r->value));
  sql(db, "DROP TABLE item");
  create_indexes(db, "item_new");
  sql(db, "COMMIT");
}

/* Into a fresh copy; `memory` takes the allocator's peak. */
static bench_time rebuild_once(const char *path, const char *copy,
                               const rebuilding *r, int ours,
                               sqlite3_int64 *memory) {
  bench_time t;
  sqlite3 *db;

  copy_file(path, copy);
  db = open_loaded(copy);
  revise(db, 1, r->lua);
  sql(db, "SELECT count(*) FROM item NOT INDEXED");
  sqlite3_memory_highwater(1);
  t = now();
  if (ours)
    sql(db, "SELECT migrate_upgrade()");
  else
    by_hand(db, r);
  t = since(t);
  if (memory) *memory = sqlite3_memory_highwater(0);
  sqlite3_close(db);
  remove_file(copy);
  return t;
}

static int bench_rebuild(const char *path, const rebuilding *r) {
  char *copy = sqlite3_mprintf("%s-copy", path);
  bench_time ours[REBUILDS], hand[REBUILDS];
  int i, bad;

  for (i = 0; i < REBUILDS; i++) {
    hand[i] = rebuild_once(path, copy, r, 0, NULL);
    ours[i] = rebuild_once(path, copy, r, 1, NULL);
  }
  bad = report(r->what, median(ours, REBUILDS), median(hand, REBUILDS), 1.1);
  sqlite3_free(copy);
  return bad;
}

static int bench_memory(const char *large, const char *small) {
  char *copy = sqlite3_mprintf("%s-copy", small);
  sqlite3_int64 most[2], few[2];
  double ratio;
  int i;

  for (i = 0; i < 2; i++) {
    rebuild_once(small, copy, rebuildings, i, &few[i]);
    rebuild_once(large, copy, rebuildings, i, &most[i]);
  }
  ratio = (double)most[1] / (double)few[1];
  printf("\n%-34s %12s %12s   ratio\n", "", "all rows", "1 in 10");
  printf("%-34s %9.2f MB %9.2f MB   %5.2f  (at most 1.2)%s\n",
         "memory: rebuild", (double)most[1] / 1e6, (double)few[1] / 1e6, ratio,
         ratio <= 1.2 ? "" : "  MISSED");
  printf("%-34s %9.2f MB %9.2f MB   %5.2f\n", "  by hand",
         (double)most[0] / 1e6, (double)few[0] / 1e6,
         (double)most[0] / (double)few[0]);
  sqlite3_free(copy);
  return ratio > 1.2;
}

/* ---- growth ---- */

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
  return open_loaded(path);
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
      t[k][i] = upgrade(db);
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

  db = open_loaded(path);
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
  int rows = argc > 3 ? atoi(argv[3]) : 1000000, bad = 0;
  static const int shares[] = {1, 10, SMALLER};
  char *path[3];
  size_t i;

  if (argc < 3 || rows < 1000) die("usage", "alter EXTENSION DIRECTORY [ROWS]");
  extension = argv[1];
  mkdir(argv[2], 0777);
  make_project(argv[2]);
  for (i = 0; i < 3; i++) {
    path[i] = sqlite3_mprintf("%s/rows%d.db", argv[2], rows / shares[i]);
    build(path[i], rows / shares[i]);
  }
  printf("%d rows\n", rows);
  bad += bench_edit(path[0], path[2]);
  printf("\n");
  report_head("migrate", "by hand");
  for (i = 0; i < sizeof rebuildings / sizeof *rebuildings; i++)
    bad += bench_rebuild(path[0], &rebuildings[i]);
  bad += bench_memory(path[0], path[1]);
  for (i = 0; i < 3; i++) {
    remove_file(path[i]);
    sqlite3_free(path[i]);
  }
  bad += bench_tables(argv[2]);
  bad += bench_columns(argv[2]);
  sqlite3_free(project);
  return bad != 0;
}
