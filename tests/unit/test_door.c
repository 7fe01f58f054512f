/* tests/unit/test_door.c - a program that has migrate compiled in. */
#include "ext/migrate.h"
#include "tests/unit/test.h"

/* sqlite3_open() fails when an automatic extension leaves an error behind. */
TEST(door_opens_as_an_automatic_extension) {
  sqlite3_stmt *st = NULL;
  sqlite3 *db = NULL;
  int again, rc;

  (void)cx;
  sqlite3_auto_extension((void (*)(void))sqlite3_migrate_init);
  for (again = 0; again < 2; again++) {
    rc = sqlite3_open(":memory:", &db);
    EQ_INT(rc, SQLITE_OK);
    if (rc == SQLITE_OK) {
      EQ_INT(sqlite3_prepare_v2(db, "SELECT migrate_version()", -1, &st, NULL),
             SQLITE_OK);
      sqlite3_finalize(st);
      EQ_INT(sqlite3_migrate_init(db, NULL, NULL), SQLITE_OK);
    }
    EQ_INT(sqlite3_close(db), SQLITE_OK);
  }
  sqlite3_reset_auto_extension();
}
