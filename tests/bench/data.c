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
**   Python                 what its sqlite3 module takes, to compare
**
** usage: data EXTENSION DIRECTORY [ROWS]
*/
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 5, SHARE = 10 };

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

static void build(const char *path, int rows) {
  sqlite3 *db;

  remove(path);
  db = connect_to(path);
  sql(db, "PRAGMA synchronous = OFF; BEGIN;"
          "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
          " email TEXT, first TEXT, last TEXT)");
  sql_take(db, sqlite3_mprintf(
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                   " FROM n WHERE i < %d) INSERT INTO users(id, name, email)"
                   " SELECT i, 'First' || i || ' Last' || (i * 7 %% 1000),"
                   " 'User.' || i || '@Example.COM' FROM n",
                   rows));
  sql(db, "COMMIT");
  sqlite3_close(db);
}

static void copy_file(const char *from, const char *to) {
  char *command = sqlite3_mprintf("cp %s %s && sync %s", from, to, to);
  if (system(command)) die(command, "failed");
  sqlite3_free(command);
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

/* What is timed: a script of ours, or C. */
typedef struct job {
  const char *script;
  void (*c)(sqlite3 *db);
} job;

static char *script_path;

static void put_script(const char *text) {
  FILE *f = fopen(script_path, "w");
  if (!f || fputs(text, f) < 0 || fclose(f))
    die(script_path, "cannot be written");
}

/* In a fresh copy. */
static bench_time once(const char *path, const job *j, sqlite3_int64 *memory) {
  char *copy = sqlite3_mprintf("%s-copy", path);
  bench_time t;
  sqlite3 *db;

  copy_file(path, copy);
  db = connect_to(copy);
  load(db, ".");
  if (j->script) put_script(j->script);
  sql(db, "SELECT sum(length(name)) FROM users");
  sqlite3_memory_highwater(1);
  t = now();
  if (j->script)
    sql_take(db, sqlite3_mprintf("SELECT migrate_run(%Q)", script_path));
  else
    j->c(db);
  t = since(t);
  if (memory) *memory = sqlite3_memory_highwater(0);
  sqlite3_close(db);
  remove(copy);
  sqlite3_free(copy);
  return t;
}

static int compare(const char *path, const char *what, const char *script,
                   void (*c)(sqlite3 *), double allowed) {
  job ours = {script, NULL}, least = {NULL, c};
  bench_time a[RUNS], b[RUNS];
  int i;

  for (i = 0; i < RUNS; i++) {
    b[i] = once(path, &least, NULL);
    a[i] = once(path, &ours, NULL);
  }
  return report(what, median(a, RUNS), median(b, RUNS), allowed);
}

static int flat(const char *large, const char *small, const char *what,
                const char *script) {
  sqlite3_int64 a, b;
  job j = {script, NULL};

  once(small, &j, &b);
  once(large, &j, &a);
  printf("%-34s %9.2f MB %9.2f MB   %5.2f           (at most 1.5)%s\n", what,
         (double)a / 1e6, (double)b / 1e6, (double)a / (double)b,
         a > b + b / 2 ? "  MISSED" : "");
  return a > b + b / 2;
}

/* Python's own sqlite3 module, row by row; its start is not counted. */
static void python(const char *path, const char *interpreter) {
  static const char code[] =
      "import sqlite3, sys, time\n"
      "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
      "t = time.monotonic()\n"
      "def rows():\n"
      "    for id, name, email in db.execute('" READ "'):\n"
      "        first, _, last = name.partition(' ')\n"
      "        yield first, last, email.lower(), id\n"
      "db.execute('BEGIN IMMEDIATE')\n"
      "db.executemany('" WRITE "', rows())\n"
      "db.execute('COMMIT')\n"
      "print('%-34s %9.2f ms' % ('Python, for comparison', "
      "(time.monotonic() - t) * 1000))\n";
  char *copy = sqlite3_mprintf("%s-copy", path);
  pid_t pid;

  copy_file(path, copy);
  fflush(stdout);
  pid = fork();
  if (!pid) {
    execlp(interpreter, interpreter, "-c", code, copy, (char *)NULL);
    _exit(127);
  }
  waitpid(pid, NULL, 0);
  remove(copy);
  sqlite3_free(copy);
}

int main(int argc, char **argv) {
  int rows = argc > 3 ? atoi(argv[3]) : 1000000, bad = 0;
  char *large, *small;

  if (argc < 3 || rows < 10000) die("usage", "data EXTENSION DIRECTORY [ROWS]");
  extension = argv[1];
  mkdir(argv[2], 0777);
  large = sqlite3_mprintf("%s/users.db", argv[2]);
  small = sqlite3_mprintf("%s/few.db", argv[2]);
  script_path = sqlite3_mprintf("%s/script.lua", argv[2]);
  build(large, rows);
  build(small, rows / SHARE);
  printf("%d rows\n", rows);
  report_head("migrate", "SQL's UPDATE");
  bad += compare(large, "op.backfill", backfill, c_update, 1.6);
  bad += compare(large, "db.func", func, c_update, 1.6);
  report_head("migrate", "a loop in C");
  bad += compare(large, "db.values and db.prepare", loop, c_loop, 1.2);
  bad += compare(large, "db.values, reading alone", values, c_read, 3);
  bad += compare(large, "db.rows, reading alone", rows_of, c_read, 6);
  report_head("all rows", "a tenth");
  bad += flat(large, small, "memory of op.backfill", backfill);
  bad += flat(large, small, "memory of db.func", func);
  bad += flat(large, small, "memory of a loop that writes", loop);
  if (getenv("PYTHON")) python(large, getenv("PYTHON"));
  remove(large);
  remove(small);
  return bad != 0;
}
