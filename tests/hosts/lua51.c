/*
** tests/hosts/lua51.c - a program with a Lua of its own that is not 5.4, whose
** functions it exports, as one must whose Lua modules are in C: SQLite loads
** an extension's libraries behind the program's, so `lua_pcall` is its own.
**
** usage: lua51 LIBRARY; prints what went wrong, and says so by its status.
*/
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int wrong;

static void check(const char *what, const char *got, const char *want) {
  if (got && !strcmp(got, want)) return;
  printf("%s: %s\n  is not: %s\n", what, got ? got : "(null)", want);
  wrong = 1;
}

/* What the SQL gives in its last row's first column, or the error. */
static void sql(sqlite3 *db, const char *text, const char *want) {
  sqlite3_stmt *st = NULL;
  char got[400] = "";
  int rc = sqlite3_prepare_v2(db, text, -1, &st, NULL);

  while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    const unsigned char *v = sqlite3_column_text(st, 0);
    snprintf(got, sizeof got, "%s", v ? (const char *)v : "");
    rc = SQLITE_OK;
  }
  if (rc != SQLITE_OK && rc != SQLITE_DONE)
    snprintf(got, sizeof got, "%s", sqlite3_errmsg(db));
  sqlite3_finalize(st);
  check(text, got, want);
}

/* The program's own Lua does what it did. */
static void own(lua_State *L) {
  if (luaL_dostring(L, "return _VERSION .. ' ' .. tostring(unpack{1}) .. "
                       "tostring(pcall(error, 'x'))"))
    printf("own Lua: %s\n", lua_tostring(L, -1)), wrong = 1;
  check("the program's Lua", lua_tostring(L, -1), "Lua 5.1 1false");
  lua_pop(L, 1);
}

static const char script[] =
    "SELECT migrate_register('"
    "revision = \"a1\"\n"
    "function upgrade()\n"
    "  op.create_table(\"t\", \"id INTEGER PRIMARY KEY\", \"v INTEGER\")\n"
    "  local rows = {}\n"
    "  for i = 1, 100 do rows[i] = {id = i, v = i << 40} end\n"
    "  op.bulk_insert(\"t\", rows)\n"
    "  db.func(\"half\", function(v) return v // 2 end)\n"
    "  op.execute(\"UPDATE t SET v = half(v)\")\n"
    "  local n = 0\n"
    "  for id, v in db.values(\"SELECT id, v FROM t\") do n = n + v end\n"
    "  op.execute(\"CREATE TABLE s AS SELECT ? AS n, ? AS text\", {n,\n"
    "    utf8.char(233) .. (\"x,y\"):gsub(\",\", \"-\")})\n"
    "end\n"
    "function downgrade() op.drop_table(\"s\") op.drop_table(\"t\") end')";

static void load(const char *library, lua_State *L) {
  sqlite3 *db;
  char *err = NULL;

  sqlite3_open(":memory:", &db);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (sqlite3_load_extension(db, library, NULL, &err)) {
    printf("%s\n", err ? err : "no memory");
    wrong = 1;
  } else {
    sql(db, script, "a1");
    sql(db,
        "SELECT migrate_register('revision = \"a2\" down_revision = \"a1\""
        " function upgrade() local x = nil; x() end')",
        "a2");
    sql(db, "SELECT migrate_upgrade('a1')", "1");
    own(L);
    sql(db, "SELECT n || ' ' || text FROM s", "2776266860134400 \xc3\xa9x-y");
    sql(db, "SELECT migrate_upgrade()",
        "migrate_upgrade: revision a2 (registered:a2:1): attempt to call a nil "
        "value (local "
        "'x')");
    sql(db, "SELECT migrate_downgrade()", "1");
    sql(db, "SELECT count(*) FROM sqlite_schema WHERE name IN ('s', 't')", "0");
  }
  sqlite3_free(err);
  sqlite3_close(db);
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  int i;

  if (argc != 2 || !L) return 2;
  luaL_openlibs(L);
  own(L);
  /* closed and opened once more: SQLite unloads a library with its last one */
  for (i = 0; i < 2; i++) {
    load(argv[1], L);
    own(L);
  }
  lua_close(L);
  return wrong;
}
