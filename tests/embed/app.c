/*
** tests/embed/app.c - a program on a device: its revisions are compiled in, and
** it brings its database up to date whenever it starts, shows how far that has
** come, and may lose its power at any instant.
**
**     make onefile
**     cc -DSQLITE_CORE -Iext -o app tests/embed/app.c build/migrate.c \
**        $(pkg-config --cflags --libs sqlite3 lua5.4) -lm
**     ./app device.db
*/
#include <sqlite3.h>
#include <stdio.h>
#include "migrate.h"

static const struct {
  const char *name, *text;
} revisions[] = {
    {"0001_readings.lua", "-- Readings of the sensors\n"
                          "revision = 'a001'\n"
                          "function upgrade()\n"
                          "  op.create_table('reading',\n"
                          "    'id INTEGER PRIMARY KEY', 'sensor TEXT',\n"
                          "    'value TEXT', 'taken INTEGER')\n"
                          "  op.create_index('reading_taken', 'reading',\n"
                          "    {'taken'})\n"
                          "end\n"},
    {"0002_sample.lua", "-- What the factory has measured\n"
                        "revision, down_revision = 'a002', 'a001'\n"
                        "function upgrade()\n"
                        "  op.execute([[WITH RECURSIVE n(i) AS (SELECT 1\n"
                        "    UNION ALL SELECT i + 1 FROM n WHERE i < 200000)\n"
                        "    INSERT INTO reading SELECT i, 's' || i % 7,\n"
                        "    i * 0.5, i FROM n]])\n"
                        "end\n"},
    {"0003_numbers.lua", "-- A value is a number\n"
                         "revision, down_revision = 'a003', 'a002'\n"
                         "function upgrade()\n"
                         "  op.alter_column('reading', 'value',\n"
                         "    {type = 'REAL', nullable = false})\n"
                         "end\n"}};

/* migrate calls it some twenty times a second; a true answer would cancel. */
static void show(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  (void)argc;
  printf("%s\n", (const char *)sqlite3_value_text(argv[0]));
  fflush(stdout);
  sqlite3_result_int(ctx, 0);
}

/* Run a statement; 0, and the message, when it fails. */
static int run(sqlite3 *db, const char *sql, const char *a, const char *b) {
  sqlite3_stmt *st = NULL;
  int ok = sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK;

  if (ok && a) sqlite3_bind_text(st, 1, a, -1, SQLITE_STATIC);
  if (ok && b) sqlite3_bind_text(st, 2, b, -1, SQLITE_STATIC);
  ok = ok && sqlite3_step(st) == SQLITE_ROW;
  if (!ok) fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  sqlite3_finalize(st);
  return ok;
}

static int upgrade(sqlite3 *db) {
  size_t i;

  sqlite3_create_function(db, "show", 1, SQLITE_UTF8, NULL, show, NULL, NULL);
  for (i = 0; i < sizeof revisions / sizeof *revisions; i++)
    if (!run(db, "SELECT migrate_register(?1, ?2)", revisions[i].text,
             revisions[i].name))
      return 0;
  return run(db, "SELECT migrate_config('on_progress', 'show')", NULL, NULL) &&
         run(db, "SELECT migrate_upgrade()", NULL, NULL);
}

int main(int argc, char **argv) {
  sqlite3 *db = NULL;
  int ok;

  sqlite3_auto_extension((void (*)(void))sqlite3_migrate_init);
  ok = argc == 2 && sqlite3_open(argv[1], &db) == SQLITE_OK;
  if (!ok) fprintf(stderr, "%s\n", db ? sqlite3_errmsg(db) : "app FILE");
  ok = ok && upgrade(db);
  sqlite3_close(db);
  return !ok;
}
