/*
** tests/fuzz/fuzz_config.c - any setting with any value is taken and kept, or
** refused with what would be right; and what it is set to crashes nothing.
**
** An input is the key and the value, a line each; the value is also a target
*and
** the options of a new revision, for which there is no directory.
*/
#include "tests/fuzz/fuzz.h"

static int config_same(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

static void config_kept(sqlite3 *h, const char *key, const char *value) {
  char *now = fuzz_ask(h, "SELECT migrate_config(?1)", key, NULL);
  char *row = fuzz_ask(h, "SELECT value FROM migrate_settings WHERE key = ?1",
                       key, NULL);

  FUZZ_REQUIRE(config_same(now, value));
  FUZZ_REQUIRE(config_same(row, value));
  sqlite3_free(now);
  sqlite3_free(row);
}

static void config_use(sqlite3 *h, const char *key, const char *value) {
  static const char *const calls[] = {
      "SELECT * FROM migrate_history",       "SELECT * FROM migrate_heads",
      "SELECT * FROM migrate_current",       "SELECT * FROM migrate_plan(?2)",
      "SELECT * FROM migrate_history(?2)",   "SELECT * FROM migrate_branches",
      "SELECT * FROM migrate_diff",          "SELECT migrate_dump()",
      "SELECT migrate_upgrade(?2)",          "SELECT migrate_upgrade()",
      "SELECT migrate_downgrade(?2)",        "SELECT migrate_stamp(?2)",
      "SELECT migrate_stamp('base', ?2)",    "SELECT migrate_register(?2)",
      "SELECT migrate_register('-- x', ?2)", NULL};
  int i;

  for (i = 0; calls[i]; i++) {
    sqlite3_free(fuzz_ask(h, calls[i], key, value));
    FUZZ_REQUIRE(sqlite3_get_autocommit(h));
  }
}

/* Options, where nothing can be written. */
static void config_options(sqlite3 *h, const char *value) {
  fuzz_do(h, "SELECT migrate_config('directory', '/nowhere/at/all')");
  FUZZ_REQUIRE(!fuzz_ask(h, "SELECT migrate_revision('m', ?1)", value, NULL));
  FUZZ_REQUIRE(
      !fuzz_ask(h, "SELECT migrate_autogenerate('m', ?1)", value, NULL));
  FUZZ_REQUIRE(!fuzz_ask(h, "SELECT migrate_merge(?1, ?1)", value, NULL));
  FUZZ_REQUIRE(!fuzz_ask(h, "SELECT migrate_rebase(?1, ?1)", value, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = {data, size};
  mig_cx cx = {0};
  char *key, *value, *set;
  sqlite3 *h;
  int n, m;

  if (size > 4096) return 0;
  key = fuzz_until(&cx, &in, '\n', &n);
  value = fuzz_until(&cx, &in, -1, &m);
  /* no file outside of this folder's reach, and no line on standard error */
  if (cx.rc || strchr(value, '/') || !strcmp(key, "progress") ||
      (size_t)m != strlen(value) || (size_t)n != strlen(key)) {
    mig_cx_release(&cx);
    return 0;
  }
  h = fuzz_open();
  fuzz_do(h, "SELECT migrate_register('-- revision: aaaa\n-- migrate:up\n"
             "CREATE TABLE a(x);\n-- migrate:down\nDROP TABLE a;', 'a.sql')");
  set = fuzz_ask(h, "SELECT migrate_config(?1, ?2)", key, value);
  if (set) config_kept(h, key, value);
  sqlite3_free(set);
  config_use(h, key, value);
  config_options(h, value);
  FUZZ_REQUIRE(sqlite3_close(h) == SQLITE_OK);
  mig_cx_release(&cx);
  return 0;
}
