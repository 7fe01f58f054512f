/* ext/migrate.c - the entry point: the one file that knows every part. */
#include "ext/door.h"
#include "ext/migrate.h"
#include "ext/run/run.h"
#include "lua/lua.h"
#include "vtab/vtab.h"
SQLITE_EXTENSION_INIT1

#define OLDEST 3037000

static const mig_engine *const door_engines[] = {&mig_engine_lua,
                                                 &mig_engine_sql, NULL};

const char *mig_door_script_version(void) {
  return mig_lua_version();
}

static void door_check(mig_cx *cx) {
  if (sqlite3_libversion_number() < OLDEST)
    mig_fail(cx, SQLITE_ERROR,
             "migrate needs SQLite 3.37.0 or newer; this is SQLite %s",
             sqlite3_libversion());
  mig_lua_check(cx);
}

/* Is migrate on this connection already?  Then it stays, with what has been
** set and registered. */
static int door_is_open(sqlite3 *db) {
  sqlite3_stmt *st = NULL;
  const char *sql = "SELECT migrate_register('', migrate_stamp('', ''))";
  int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL), open;

  sqlite3_finalize(st);
  if (rc != SQLITE_ERROR) return rc == SQLITE_OK;
  open = !strstr(sqlite3_errmsg(db), "no such function"); /* not authorized */
  /* sqlite3_open() asks for the last error behind automatic extensions */
  sqlite3_prepare_v2(db, "SELECT 1", -1, &st, NULL);
  sqlite3_finalize(st);
  return open;
}

static int door_equip(sqlite3 *db, mig_conn *conn) {
  int rc = mig_functions_register(db, conn);

  return rc == SQLITE_OK ? mig_vtab_register(db, conn) : rc;
}

static int door_register(sqlite3 *db) {
  mig_conn *conn;
  int rc;

  if (door_is_open(db)) return SQLITE_OK;
  conn = mig_conn_new(db, door_engines);
  if (!conn) return SQLITE_NOMEM;
  conn->equip = door_equip;
  rc = door_equip(db, conn);
  if (rc != SQLITE_OK) {
    /* SQLite unloads the library now, but would keep what we registered. */
    mig_vtab_unregister(db);
    mig_functions_unregister(db);
  }
  mig_conn_unref(conn);
  return rc;
}

int sqlite3_migrate_init(sqlite3 *db, char **err,
                         const sqlite3_api_routines *api) {
  mig_cx cx = {0};
  int rc;

  SQLITE_EXTENSION_INIT2(api);
  (void)api;
  door_check(&cx);
  rc = cx.rc;
  if (rc && err) *err = sqlite3_mprintf("%s", mig_cx_message(&cx));
  mig_cx_release(&cx);
  return rc ? rc : door_register(db);
}
