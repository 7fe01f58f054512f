/*
** tests/bench/data.c - data migrations, against the least that each could cost,
** in one run: one million rows on disk, a name split into two columns and an
** e-mail in lower case.
**
**   db.func, op.backfill   against SQLite's own UPDATE with built-in functions
**   db.values, db.prepare  against the same loop in C, which calls the same Lua
**                          function
**   reading alone          against the same loop in C
**   memory                 of all rows against a tenth of them
**   Alembic                a function in SQL; many parameters for one
*statement;
**                          an UPDATE each, which is how it is usually written,
**                          with a tenth of the rows
**
** usage: data EXTENSION DIRECTORY [ROWS]
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* With fewer rows a tenth of them fits into the page cache. */
enum { SHARE = 10, ENOUGH = 1000000 };

/* The work, once in SQL and once in Lua. */
#define BY_SQL                                                                 \
  "UPDATE users SET first = substr(name, 1, instr(name, ' ') - 1),"            \
  " last = substr(name, instr(name, ' ') + 1), email = lower(email)"
#define BY_LUA                                                                 \
  "local function split(name, email)\n"                                        \
  "  local at = name:find(' ', 1, true)\n"                                     \
  "  return name:sub(1, at - 1), name:sub(at + 1), email:lower()\n"            \
  "end\n"
#define READ "SELECT id, name, email FROM users"
#define WRITE "UPDATE users SET first = ?, last = ?, email = ? WHERE id = ?"

/* Scripts for migrate_run(). */
static const char backfill[] = BY_LUA
    "return op.backfill{table = 'users', columns = {'first', 'last', 'email'},"
    " from = {'name', 'email'}, with = split}";
static const char func[] =
    "db.func('first', function(s) return s:sub(1, s:find(' ', 1, true) - 1) "
    "end)\n"
    "db.func('rest', function(s) return s:sub(s:find(' ', 1, true) + 1) end)\n"
    "db.func('low', function(s) return s:lower() end)\n"
    "return op.execute([[UPDATE users SET first = first(name),"
    " last = rest(name), email = low(email)]])";
static const char loop[] =
    BY_LUA "local put = db.prepare('" WRITE "')\n"
           "for id, name, email in db.values('" READ "') do\n"
           "  local first, last, low = split(name, email)\n"
           "  put(first, last, low, id)\n"
           "end";
static const char values[] =
    "local n = 0\n"
    "for id, name, email in db.values('" READ "') do n = n + 1 end\n"
    "return n";
static const char rows_of[] =
    "local n = 0\n"
    "for row in db.rows('" READ "') do n = n + 1 end\n"
    "return n";

typedef struct people {
  char *path, *copy;
  int rows;
} people;

static void build(const void *arg) {
  const people *p = arg;
  sqlite3 *db = connect_to(p->path);

  sql(db, "PRAGMA synchronous = OFF; BEGIN;"
          "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
          " email TEXT, first TEXT, last TEXT)");
  sql_take(db, sqlite3_mprintf(
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                   " FROM n WHERE i < %d) INSERT INTO users(id, name, email)"
                   " SELECT i, 'First' || i || ' Last' || (i * 7 %% 1000),"
                   " 'User.' || i || '@Example.COM' FROM n",
                   p->rows));
  sql(db, "COMMIT");
  sqlite3_close(db);
}

static people make_people(const char *root, int rows) {
  people p = {sqlite3_mprintf("%s/users%d.db", root, rows), NULL, rows};

  p.copy = sqlite3_mprintf("%s-copy", p.path);
  remove_database(p.path);
  run_job(build, &p);
  return p;
}

/* The least: what C does. */

static void c_update(sqlite3 *db) {
  sql(db, "BEGIN IMMEDIATE; " BY_SQL "; COMMIT");
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *text) {
  sqlite3_stmt *st;
  if (sqlite3_prepare_v2(db, text, -1, &st, NULL))
    die(text, sqlite3_errmsg(db));
  return st;
}

static void c_read(sqlite3 *db) {
  sqlite3_stmt *st = prepared(db, READ);
  sqlite3_int64 n = 0;

  while (sqlite3_step(st) == SQLITE_ROW) {
    n += sqlite3_column_int64(st, 0);
    n += sqlite3_column_text(st, 1)[0] + sqlite3_column_bytes(st, 1);
    n += sqlite3_column_text(st, 2)[0] + sqlite3_column_bytes(st, 2);
  }
  sqlite3_finalize(st);
  if (!n) die(READ, "no rows");
}

static void c_push(lua_State *L, sqlite3_stmt *st, int i) {
  const char *z = (const char *)sqlite3_column_text(st, i);
  lua_pushlstring(L, z, (size_t)sqlite3_column_bytes(st, i));
}

static void c_bind(lua_State *L, sqlite3_stmt *st, int i) {
  size_t n;
  const char *z = lua_tolstring(L, i, &n);
  sqlite3_bind_text64(st, i - 1, z, n, SQLITE_STATIC, SQLITE_UTF8);
}

static void c_loop(sqlite3 *db) {
  lua_State *L = luaL_newstate();
  sqlite3_stmt *in, *out;
  int i;

  luaL_openlibs(L);
  if (luaL_dostring(L, BY_LUA "return split")) die("lua", lua_tostring(L, -1));
  sql(db, "BEGIN IMMEDIATE");
  in = prepared(db, READ);
  out = prepared(db, WRITE);
  while (sqlite3_step(in) == SQLITE_ROW) {
    lua_pushvalue(L, 1);
    c_push(L, in, 1);
    c_push(L, in, 2);
    if (lua_pcall(L, 2, 3, 0)) die("lua", lua_tostring(L, -1));
    for (i = 2; i <= 4; i++) c_bind(L, out, i);
    sqlite3_bind_int64(out, 4, sqlite3_column_int64(in, 0));
    if (sqlite3_step(out) != SQLITE_DONE) die(WRITE, sqlite3_errmsg(db));
    sqlite3_reset(out);
    lua_settop(L, 1);
  }
  sqlite3_finalize(in);
  sqlite3_finalize(out);
  sql(db, "COMMIT");
  lua_close(L);
}

/* ---- a try ---- */

static char *script_path;

/* A script of ours, or C, in a fresh copy. */
typedef struct task {
  const char *script;
  void (*c)(sqlite3 *db);
  const people *p;
} task;

static void put_script(const char *text) {
  FILE *f = fopen(script_path, "w");
  if (!f || fputs(text, f) < 0 || fclose(f))
    die(script_path, "cannot be written");
}

static void work(const void *arg) {
  const task *t = arg;
  sqlite3 *db = connect_to(t->p->copy);
  char *run = sqlite3_mprintf("SELECT migrate_run(%Q)", script_path);

  load(db, ".");
  if (t->script) put_script(t->script);
  sql(db, "SELECT sum(length(name)) FROM users");
  clock_on();
  if (t->script)
    sql(db, run);
  else
    t->c(db);
  clock_off();
  sqlite3_free(run);
  sqlite3_close(db);
}

/* Not all rows as the work wants them. */
static int undone(const people *p) {
  sqlite3 *db = connect_to(p->copy);
  sqlite3_int64 n = number(db, "SELECT count(*) FROM users WHERE first ="
                               " 'First' || id AND last = 'Last' ||"
                               " (id * 7 % 1000) AND email = 'user.' || id ||"
                               " '@example.com'");
  sqlite3_close(db);
  return n != p->rows;
}

enum { READS = 1 };

static bench_cost try_task(const task *t, int how) {
  bench_cost c;

  copy_file(t->p->path, t->p->copy);
  c = run_job(work, t);
  if (how != READS && undone(t->p)) die("a script", "changed the wrong rows");
  remove_database(t->p->copy);
  return c;
}

static bench_cost try_peer(int peer, const people *p, const char *way) {
  const char *args[] = {"data", way, p->copy, NULL};
  bench_cost c;

  if (peer != ALEMBIC && peer != UTILS) return (bench_cost){.state = NOT_ASKED};
  copy_file(p->path, p->copy);
  c = run_peer(peer, args);
  if (c.state == RAN && undone(p)) {
    c.state = FAILED;
    snprintf(c.note, sizeof c.note, "changed the wrong rows");
  }
  remove_database(p->copy);
  return c;
}

/* In turns, so that what disturbs one disturbs the other. */
static bench_row compare(const people *p, const char *what, const char *script,
                         void (*c)(sqlite3 *), double allowed) {
  const task ours = {script, NULL, p}, least = {NULL, c, p};
  bench_row r = {.what = what,
                 .least_is = c == c_update ? "SQLite's own UPDATE"
                                           : "the same loop in C",
                 .allowed = allowed};
  int how = c == c_read ? READS : 0, i, n = 1;
  bench_cost a[8], b[8];

  for (i = 0; i < n; i++) {
    b[i] = try_task(&least, how);
    a[i] = try_task(&ours, how);
    n = tries_for(a[i].work.wall);
  }
  r.ours = typical(a, i);
  r.least = typical(b, i);
  return r;
}

static void ask_peers(bench_row *r, const people *p, const char *way) {
  int i;

  for (i = 0; i < PEERS; i++) r->peer[i] = try_peer(i, p, way);
}

static int bench_flat(const people *large, const people *small,
                      const char *what, const char *script) {
  task most = {script, NULL, large}, few = {script, NULL, small};
  bench_cost a = try_task(&most, 0), b = try_task(&few, 0);

  return put_flat(what, &a, &b, large->rows < ENOUGH ? 0 : 1.5);
}

static int bench_all(const people *large, const people *small) {
  bench_row r = compare(large, "op.backfill", backfill, c_update, 1.6);
  bench_cost peer[PEERS];
  int bad;

  ask_peers(&r, large, "function");
  memcpy(peer, r.peer, sizeof peer);
  bad = put_row(&r);
  r = compare(large, "db.func", func, c_update, 1.6);
  memcpy(r.peer, peer, sizeof peer);
  bad += put_row(&r);
  r = compare(large, "row by row: db.values and db.prepare", loop, c_loop, 1.2);
  ask_peers(&r, large, "many");
  r.lead = 1;
  bad += put_row(&r);
  r = compare(small, "row by row, a tenth of the rows", loop, c_loop, 0);
  ask_peers(&r, small, "usual");
  r.lead = 1;
  bad += put_row(&r);
  r = compare(large, "db.values, reading alone", values, c_read, 3);
  bad += put_row(&r);
  r = compare(large, "db.rows, reading alone", rows_of, c_read, 6);
  return bad + put_row(&r);
}

int main(int argc, char **argv) {
  int rows = argc > 3 ? atoi(argv[3]) : 1000000, bad;
  people large, small;
  char *title, *count;

  if (argc < 3 || rows < 10000) die("usage", "data EXTENSION DIRECTORY [ROWS]");
  extension = argv[1];
  mkdir(argv[2], 0777);
  large = make_people(argv[2], rows);
  small = make_people(argv[2], rows / SHARE);
  script_path = sqlite3_mprintf("%s/script.lua", argv[2]);
  count = rows_text(rows);
  title = sqlite3_mprintf("data of %s rows", count);
  put_head(title);
  bad = bench_all(&large, &small);
  bad += bench_flat(&large, &small, "op.backfill", backfill);
  bad += bench_flat(&large, &small, "db.func", func);
  bad += bench_flat(&large, &small, "a loop that writes", loop);
  remove_database(large.path);
  remove_database(small.path);
  sqlite3_free(title);
  sqlite3_free(count);
  return bad != 0;
}
