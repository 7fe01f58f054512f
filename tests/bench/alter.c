/*
** tests/bench/alter.c - what it costs to alter a table, by kind of change and
** by rows, beside the least that it could cost and what the peers need.
**
** The table has 12 columns, 4 indexes, a trigger and a view; "with children" a
** child table has a cascading row for every tenth of its own, and foreign keys
** are enforced.  Each try has a fresh copy of the database, read once.  Ours is
** migrate_upgrade() as a whole, with its commit; behind each, what was asked
** for is looked at, and what else is gone is said.
**
** usage: alter EXTENSION DIRECTORY PLOT [ROWS]     (the directory is used up)
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"
#include <stdarg.h>

/* Limits are asked for from ENOUGH rows on: below, starting and the disk's
** own time count for more. */
enum { FIRST = 10000, ENOUGH = 1000000, SIZES = 4 };

/* ---- a database ---- */

static const char schema[] =
    "CREATE TABLE item(\n  id INTEGER PRIMARY KEY,\n  code TEXT NOT NULL,\n"
    "  name VARCHAR(50),\n  email TEXT,\n  qty INTEGER DEFAULT 0,\n"
    "  price REAL,\n  state TEXT NOT NULL DEFAULT 'new',\n  made TEXT,\n"
    "  note TEXT,\n  size INTEGER,\n  weight REAL,\n  flag INTEGER,\n"
    "  CHECK (length(state) > 0)\n);"
    "CREATE TABLE line(id INTEGER PRIMARY KEY, item INTEGER"
    " REFERENCES item(id) ON DELETE CASCADE, n INTEGER);"
    "CREATE TABLE log(item INTEGER, price REAL)";

static const char objects[] =
    "CREATE UNIQUE INDEX item_code ON item(code);"
    "CREATE INDEX item_state ON item(state, made);"
    "CREATE INDEX item_many ON item(qty) WHERE qty > 900;"
    "CREATE INDEX item_email ON item(lower(email));"
    "CREATE INDEX line_item ON line(item);"
    "CREATE TRIGGER item_price AFTER UPDATE OF price ON item BEGIN"
    "  INSERT INTO log VALUES (new.id, new.price); END;"
    "CREATE VIEW worth AS SELECT id, name, qty * price AS worth FROM item";

/* A table with its rows: two of each size. */
typedef struct stock {
  char *path, *copy;
  int rows, children;
} stock;

static void fill(sqlite3 *db, int rows, int children) {
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
                   " SELECT i, i * 10, i %% 9 FROM n WHERE i <= %d",
                   children, children));
}

/* In a child, so that this process stays as small as it was. */
static void build(const void *arg) {
  const stock *s = arg;
  sqlite3 *db = connect_to(s->path);

  sql(db, "PRAGMA synchronous = off; BEGIN");
  sql(db, schema);
  fill(db, s->rows, s->children);
  sql(db, objects);
  sql(db, "COMMIT");
  sqlite3_close(db);
}

static void make_stock(const char *root, int rows, int children, stock *s) {
  s->rows = rows;
  s->children = children;
  s->path = sqlite3_mprintf("%s/rows%d%s.db", root, rows, children ? "c" : "");
  s->copy = sqlite3_mprintf("%s-copy", s->path);
  remove_database(s->path);
  run_job(build, s);
}

static void drop_stock(stock *s) {
  remove_database(s->path);
  sqlite3_free(s->path);
  sqlite3_free(s->copy);
}

/* ---- the kinds ---- */

#define SCAN                                                                   \
  "BEGIN IMMEDIATE; SELECT count(*) FROM item WHERE NOT (name IS NOT NULL"     \
  " AND (qty >= 0 AND qty < 100000)); INSERT INTO log VALUES (1, 1); COMMIT"
#define BARE(FLAG, NAMES)                                                      \
  "BEGIN IMMEDIATE; CREATE TABLE bare(id INTEGER PRIMARY KEY, code TEXT,"      \
  " name TEXT, email TEXT, qty INTEGER, price REAL, state TEXT, made TEXT,"    \
  " note TEXT, size INTEGER, weight REAL, flag " FLAG                          \
  "); INSERT INTO bare(" NAMES ") SELECT " NAMES " FROM item; COMMIT"
#define MOST_NAMES                                                             \
  "id, code, name, email, qty, price, state, made, size, weight, flag"
#define ALL_NAMES MOST_NAMES ", note"

typedef struct kind {
  const char *name, *title, *lua;
  const char *least_is, *least;
  const char *proof; /* 1 when it is done */
  double allowed;    /* to the least */
  double lead;       /* over each peer */
  int plotted;       /* there is more patience with the peers */
} kind;

enum { CHECK, TYPE, CONVERT, PLACE, RECREATE, DROP, ADD, RENAME, KINDS };

static const kind kinds[KINDS] = {
    {"check", "describe: NOT NULL and CHECK added",
     "op.batch_alter_table('item', function(t)\n"
     "  t.alter_column('name', {nullable = false})\n"
     "  t.create_check_constraint('qty_ok', 'qty >= 0 AND qty < 100000')\n"
     "end)",
     "one scan, and a commit", SCAN,
     "SELECT instr(sql, 'qty_ok') > 0 AND (SELECT \"notnull\" FROM"
     " pragma_table_info('item') WHERE name = 'name') FROM sqlite_master"
     " WHERE name = 'item'",
     1.2, 20, 0},
    {"type", "describe: VARCHAR(50) to VARCHAR(100)",
     "op.alter_column('item', 'name', {type = 'VARCHAR(100)'})",
     "one scan, and a commit", SCAN,
     "SELECT lower(type) = 'varchar(100)' FROM pragma_table_info('item')"
     " WHERE name = 'name'",
     1.2, 20, 0},
    {"convert", "rewrite: INTEGER to TEXT",
     "op.alter_column('item', 'flag', {type = 'TEXT'})",
     "a bare copy of the b-tree", BARE("TEXT", ALL_NAMES),
     "SELECT NOT EXISTS (SELECT 1 FROM item WHERE typeof(flag) <> 'text')", 1.3,
     2, 1},
    {"place", "rewrite: a column added in the middle",
     "op.add_column('item', 'extra INTEGER', {after = 'id'})",
     "a bare copy of the b-tree", BARE("INTEGER", ALL_NAMES),
     "SELECT cid = 1 FROM pragma_table_info('item') WHERE name = 'extra'", 1.3,
     2, 0},
    {"recreate", "rewrite: recreate = \"always\"",
     "op.batch_alter_table('item', function(t) end, {recreate = 'always'})",
     "a bare copy of the b-tree", BARE("INTEGER", ALL_NAMES), "SELECT 1", 1.3,
     2, 0},
    {"drop", "drop_column", "op.drop_column('item', 'note')",
     "a bare copy of what stays", BARE("INTEGER", MOST_NAMES),
     "SELECT count(*) = 11 FROM pragma_table_info('item')", 1.3, 2, 0},
    {"add", "add_column", "op.add_column('item', 'extra INTEGER')",
     "SQLite's own ADD COLUMN", "ALTER TABLE item ADD COLUMN extra INTEGER",
     "SELECT count(*) = 13 FROM pragma_table_info('item')", 0, 0, 0},
    {"rename", "rename a column",
     "op.alter_column('item', 'note', {name = 'remark'})",
     "SQLite's own RENAME", "ALTER TABLE item RENAME COLUMN note TO remark",
     "SELECT count(*) = 1 FROM pragma_table_info('item') WHERE name ="
     " 'remark'",
     0, 0, 0}};

/* ---- one try ---- */

static char *project;

typedef struct alteration {
  const stock *s;
  const kind *k;
} alteration;

static const char *keys_of(const stock *s) {
  return s->children ? "on" : "off";
}

static void job_ours(const void *arg) {
  const alteration *a = arg;
  sqlite3 *db = open_loaded(a->s->copy, project);

  sql_take(db, sqlite3_mprintf("PRAGMA foreign_keys = %s", keys_of(a->s)));
  revise(db, 1, a->k->lua);
  clock_on();
  sql(db, "SELECT migrate_upgrade()");
  clock_off();
  sqlite3_close(db);
}

static void job_least(const void *arg) {
  const alteration *a = arg;
  sqlite3 *db = connect_to(a->s->copy);

  sql(db, "SELECT count(*) FROM sqlite_master");
  clock_on();
  sql(db, a->k->least);
  clock_off();
  sqlite3_close(db);
}

static void say(char *note, const char *format, ...) {
  size_t n = strlen(note);
  va_list args;

  va_start(args, format);
  n += (size_t)snprintf(note + n, 160 - n, "%s", n ? ", " : "lost: ");
  if (n < 160) vsnprintf(note + n, 160 - n, format, args);
  va_end(args);
}

static void count_rows(sqlite3 *db, const char *table, int want, char *note) {
  char *text = sqlite3_mprintf("SELECT count(*) FROM %s", table);
  sqlite3_int64 n = number(db, text);

  sqlite3_free(text);
  text = rows_text((int)(want - n));
  if (n != want) say(note, "%s rows of %s", text, table);
  sqlite3_free(text);
}

/* What stood in the schema and is gone: each a question with the answer 1. */
static const struct {
  const char *what, *text;
} keepsakes[] = {
    {"the trigger", "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
                    " AND tbl_name = 'item'"},
    {"the view", "SELECT 1 FROM (SELECT count(*) FROM worth)"},
    {"the CHECK", "SELECT sql LIKE '%CHECK%state%' FROM sqlite_master"
                  " WHERE name = 'item'"},
    {"the DEFAULTs", "SELECT count(*) FROM pragma_table_info('item') WHERE"
                     " name = 'state' AND dflt_value = '''new'''"},
    {"VARCHAR", "SELECT type LIKE 'varchar(%' FROM pragma_table_info('item')"
                " WHERE name = 'name'"}};

static void look_at(const stock *s, const kind *k, bench_cost *c) {
  sqlite3 *db;
  sqlite3_int64 n;
  size_t i;

  if (c->state != RAN) return;
  db = connect_to(s->copy);
  count_rows(db, "item", s->rows, c->note);
  count_rows(db, "line", s->children, c->note);
  n = 4 - number(db, "SELECT count(*) FROM pragma_index_list('item')");
  if (n > 0) say(c->note, "%d of 4 indexes", (int)n);
  c->less = n == 4;
  for (i = 0; i < sizeof keepsakes / sizeof *keepsakes; i++)
    if (number(db, keepsakes[i].text) != 1) say(c->note, keepsakes[i].what);
  if (number(db, k->proof) != 1) {
    c->state = FAILED;
    snprintf(c->note, sizeof c->note, "it says that it did it, but did not");
  }
  if (s->rows == FIRST && number(db, "SELECT integrity_check = 'ok' FROM"
                                     " pragma_integrity_check") != 1)
    say(c->note, "integrity");
  sqlite3_close(db);
}

static bench_cost try_job(void (*job)(const void *), const alteration *a) {
  bench_cost c;

  copy_file(a->s->path, a->s->copy);
  c = run_job(job, a);
  if (job == job_ours) look_at(a->s, a->k, &c);
  if (c.state == FAILED) die(a->k->title, c.note);
  remove_database(a->s->copy);
  return c;
}

/* In turns, so that what disturbs one disturbs the other. */
static void try_both(const alteration *a, bench_cost *least, bench_cost *ours) {
  bench_cost b[8], c[8];
  int i, n = 1;

  for (i = 0; i < n; i++) {
    b[i] = try_job(job_least, a);
    c[i] = try_job(job_ours, a);
    n = tries_for(c[i].work.wall);
  }
  *least = typical(b, i);
  *ours = typical(c, i);
}

/* ---- the peers ---- */

/* How each failed when a view named the table; "" when it did not. */
static char with_view[PEERS][160];

static bench_cost try_peer(int peer, const alteration *a, const char *view) {
  const char *args[] = {"alter",       a->k->name, a->s->copy,
                        keys_of(a->s), view,       NULL};
  bench_cost c;

  copy_file(a->s->path, a->s->copy);
  c = run_peer(peer, args);
  look_at(a->s, a->k, &c);
  remove_database(a->s->copy);
  return c;
}

/* Where that fails, its users take the view away and make it again, and so
** does the script from then on. */
static void ask_views(const stock *s) {
  const alteration a = {s, &kinds[CONVERT]};
  int peer;

  for (peer = 0; peer < PEERS; peer++) {
    bench_cost c;
    if (peer == SQITCH || !peer_there(peer)) continue;
    c = try_peer(peer, &a, "stays");
    if (c.state != FAILED) continue;
    memcpy(with_view[peer], c.note, sizeof c.note);
    printf("%s fails when a view names the table, so its migrations take the"
           " view away first:\n  %s\n",
           peer_name(peer), c.note);
  }
}

static bench_cost try_peers(int peer, const alteration *a,
                            const bench_cost *smaller) {
  bench_cost c[8] = {{.state = ABSENT}};
  int i, n = 1;

  if (peer == SQITCH) return (bench_cost){.state = CANNOT};
  if (!peer_there(peer)) return c[0];
  if (too_long(smaller, 10, a->k->plotted && a->s->rows <= ENOUGH ? 4 : 1)) {
    c[0] = (bench_cost){.state = TOO_LONG, .less = smaller->less};
    c[0].work.wall = smaller->work.wall * 10;
    c[0].work.cpu = smaller->work.cpu * 10;
    return c[0];
  }
  for (i = 0; i < n; i++) {
    c[i] = try_peer(peer, a, with_view[peer][0] ? "away" : "stays");
    if (c[i].state != RAN) return c[i];
    n = a->k->plotted && !a->s->children && c[i].work.wall < 1000 ? 3 : 1;
  }
  return typical(c, i);
}

/* ---- all ---- */

enum { OURS, LEAST, COSTS = LEAST + 1 + PEERS };
static double costs[KINDS][2][COSTS][PLOT_POINTS];
static bench_cost converted[SIZES]; /* ours, for its memory */
static int less[PEERS];             /* lost what it need not build again */

static void bench_peers(bench_row *r, const alteration *a, int with, int at) {
  static bench_cost before[KINDS][2][PEERS];
  int peer;

  for (peer = 0; peer < PEERS; peer++) {
    bench_cost *b = &before[a->k - kinds][with][peer];
    r->peer[peer] = try_peers(peer, a, b);
    *b = r->peer[peer];
    less[peer] |= b->less;
    if (b->state == RAN)
      costs[a->k - kinds][with][LEAST + 1 + peer][at] = b->work.wall;
  }
}

static int bench_size(const kind *k, const stock *s, int at) {
  alteration a = {s, k};
  char *rows = rows_text(s->rows);
  char *what =
      sqlite3_mprintf("%s rows%s", rows, s->children ? ", with children" : "");
  bench_row r = {.what = what, .least_is = k->least_is};
  int bad, with = s->children > 0;

  try_both(&a, &r.least, &r.ours);
  r.allowed = s->rows >= ENOUGH ? k->allowed : 0;
  r.lead = s->rows >= ENOUGH ? k->lead : 0;
  costs[k - kinds][with][OURS][at] = r.ours.work.wall;
  costs[k - kinds][with][LEAST][at] = r.least.work.wall;
  if (k == &kinds[CONVERT]) converted[at] = r.ours;
  bench_peers(&r, &a, with, at);
  bad = put_row(&r);
  sqlite3_free(what);
  sqlite3_free(rows);
  return bad;
}

/* What is only described must gain on the others as rows are added. */
static int lead_grows(const kind *k, int with, int last) {
  double(*t)[PLOT_POINTS] = costs[k - kinds][with];
  int peer, bad = 0;

  for (peer = 0; peer < PEERS && last > 0; peer++) {
    const double *p = t[LEAST + 1 + peer];
    if (!p[last] || !p[last - 1]) continue;
    if (p[last] / t[OURS][last] > p[last - 1] / t[OURS][last - 1]) continue;
    printf("  MISSED: with more rows the lead over %s does not grow\n",
           peer_name(peer));
    bad = 1;
  }
  return bad;
}

/* KINDS, when set, names some of them. */
static int is_wanted(const kind *k) {
  const char *list = getenv("KINDS");
  return !list || !*list || strstr(list, k->name) != NULL;
}

static int bench_kind(const kind *k, stock stocks[][2], int sizes) {
  int i, with, bad = 0;

  if (!is_wanted(k)) return 0;
  put_head(k->title);
  for (i = 0; i < sizes; i++)
    for (with = 0; with < 2; with++) bad += bench_size(k, &stocks[i][with], i);
  for (with = 0; with < 2 && k->lead > 2 && sizes > 2; with++)
    bad += lead_grows(k, with, sizes - 1);
  return bad;
}

static void put_plot(const char *path, stock stocks[][2], int sizes) {
  plot_line lines[4 + PEERS] = {{"migrate: CHECK added", PLOT_OURS, {0}},
                                {"migrate: type converted", PLOT_OURS, {0}},
                                {"one scan", PLOT_LEAST, {0}},
                                {"bare copy", PLOT_LEAST, {0}}};
  int rows[SIZES], i, n = 4;

  memcpy(lines[0].ms, costs[CHECK][0][OURS], sizeof lines->ms);
  memcpy(lines[1].ms, costs[CONVERT][0][OURS], sizeof lines->ms);
  memcpy(lines[2].ms, costs[CHECK][0][LEAST], sizeof lines->ms);
  memcpy(lines[3].ms, costs[CONVERT][0][LEAST], sizeof lines->ms);
  for (i = 0; i < PEERS; i++) {
    if (!costs[CONVERT][0][LEAST + 1 + i][0]) continue;
    lines[n].name = sqlite3_mprintf("%s%s", peer_name(i),
                                    less[i] ? ", without indexes" : "");
    lines[n].kind = i;
    memcpy(lines[n++].ms, costs[CONVERT][0][LEAST + 1 + i], sizeof lines->ms);
  }
  for (i = 0; i < sizes; i++) rows[i] = stocks[i][0].rows;
  plot(path, lines, n, rows, sizes);
}

int main(int argc, char **argv) {
  int most = argc > 4 ? atoi(argv[4]) : 1000000, bad = 0, n = 0, i;
  stock stocks[SIZES][2];
  double rows;

  if (argc < 4 || most < FIRST)
    die("usage", "alter EXTENSION DIRECTORY PLOT [ROWS]");
  extension = argv[1];
  mkdir(argv[2], 0777);
  project = make_project(argv[2], "alter");
  for (rows = FIRST; rows <= most && n < SIZES; rows *= 10, n++) {
    make_stock(argv[2], (int)rows, 0, &stocks[n][0]);
    make_stock(argv[2], (int)rows, (int)rows / 10, &stocks[n][1]);
  }
  ask_views(&stocks[0][0]);
  for (i = 0; i < KINDS; i++) bad += bench_kind(&kinds[i], stocks, n);
  if (n > 2 &&
      is_wanted(
          &kinds[CONVERT])) /* a tenth of fewer would fit into the page cache */
    bad +=
        put_flat("a type converted", &converted[n - 1], &converted[n - 2], 1.2);
  if (is_wanted(&kinds[CHECK]) && is_wanted(&kinds[CONVERT]))
    put_plot(argv[3], stocks, n);
  for (i = 0; i < n * 2; i++) drop_stock(&stocks[i / 2][i % 2]);
  sqlite3_free(project);
  return bad != 0;
}
