/*
** tests/fuzz/fuzz_json.c - db.unjson reads what SQLite takes for JSON, db.json
** writes what it does, and what was read and written reads back the same.
*/
#include "tests/fuzz/fuzz.h"

static const char json_script[] =
    "revision = 'json'\n"
    "local function same(a, b)\n"
    "  if type(a) ~= 'table' or type(b) ~= 'table' then\n"
    "    return a == b and math.type(a) == math.type(b)\n"
    "  end\n"
    "  for k, v in pairs(a) do if not same(v, b[k]) then return false end end\n"
    "  for k in pairs(b) do if a[k] == nil then return false end end\n"
    "  return true\n"
    "end\n"
    "function upgrade()\n"
    "  local text, valid = db.value('SELECT s FROM input'),\n"
    "    db.value('SELECT json_valid(s) FROM input')\n"
    "  local ok, v = pcall(db.unjson, text)\n"
    "  if not ok then error('refused: ' .. v, 0) end\n"
    "  assert(valid == 1, 'not valid')\n"
    "  local fine, again = pcall(db.json, v) -- not half a character\n"
    "  if not fine then error('refused: ' .. again, 0) end\n"
    "  assert(db.value('SELECT json_valid(?)', again) == 1, 'not JSON')\n"
    "  local w = db.unjson(again)\n"
    "  assert(same(v, w), 'not the same')\n"
    "  assert(db.json(w) == again, 'not the same text')\n"
    "end\n";

/* What may be wrong with a text that SQLite takes for JSON. */
static int json_refused(const char *why) {
  return strstr(why, "refused: ") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sqlite3_stmt *st = NULL;
  sqlite3 *h;

  if (size > 10000) return 0;
  h = fuzz_open();
  fuzz_do(h, "CREATE TABLE input(s TEXT)");
  sqlite3_prepare_v2(h, "INSERT INTO input VALUES (?1)", -1, &st, NULL);
  sqlite3_bind_text(st, 1, (const char *)data, (int)size, SQLITE_STATIC);
  sqlite3_step(st);
  sqlite3_finalize(st);
  sqlite3_free(fuzz_ask(h, "SELECT migrate_register(?1, 'json.lua')",
                        json_script, NULL));
  if (sqlite3_prepare_v2(h, "SELECT migrate_upgrade()", -1, &st, NULL) ||
      sqlite3_step(st) != SQLITE_ROW) {
    if (!json_refused(sqlite3_errmsg(h))) puts(sqlite3_errmsg(h));
    FUZZ_REQUIRE(json_refused(sqlite3_errmsg(h)));
  }
  sqlite3_finalize(st);
  FUZZ_REQUIRE(sqlite3_close(h) == SQLITE_OK);
  return 0;
}
