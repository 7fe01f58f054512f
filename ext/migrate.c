/* ext/migrate.c - the entry point: the one file that knows every part. */
#include "ext/door.h"
#include "ext/migrate.h"
#include "ext/run/run.h"
#include "lua/lua.h"
#include "vtab/vtab.h"
SQLITE_EXTENSION_INIT1

#define DOOR_TAKEN                                                             \
  "this file of migrate is loaded for another SQLite in this process; load a " \
  "copy of it under another name"

static const mig_engine *const door_engines[] = {&mig_engine_lua,
                                                 &mig_engine_sql, NULL};

const char *mig_door_script_version(void) {
  return mig_lua_version();
}

/* What SQLite can be built without, and then hands over as NULL. */
static void door_check_build(mig_cx *cx) {
#ifndef SQLITE_CORE
  const struct {
    int is_there;
    const char *option; /* behind SQLITE_OMIT_ */
  } needs[] = {{sqlite3_set_authorizer != 0, "AUTHORIZATION"},
               {sqlite3_create_module_v2 != 0, "VIRTUALTABLE"},
               {sqlite3_compileoption_used != 0, "COMPILEOPTION_DIAGS"}};
  int i;

  for (i = 0; i < (int)(sizeof needs / sizeof *needs); i++)
    if (!needs[i].is_there)
      mig_fail(cx, SQLITE_ERROR,
               "migrate needs what this SQLite was built without: its option "
               "SQLITE_OMIT_%s is set",
               needs[i].option);
#else
  (void)cx;
#endif
}

static void door_check(mig_cx *cx) {
  if (!mig_sqlite_has(sqlite3_libversion_number(), MIG_SINCE_LOADS))
    mig_fail(cx, SQLITE_ERROR,
             "migrate needs SQLite 3.37.0 or newer; this is SQLite %s",
             sqlite3_libversion());
  door_check_build(cx);
  mig_lua_check(cx);
}

/*
** Is migrate on this connection already?  Then it stays, with what has been set
** and registered.  A function's name is looked up, and nothing run: by VACUUM,
** as for a SELECT SQLite reads the schema first from 3.53 on, which another
** connection may have locked, and then it would not be known.
*/
static int door_is_open(sqlite3 *db) {
  static const char *const ask[] = {
      "VACUUM INTO migrate_register('', migrate_stamp('', ''))",
      "SELECT migrate_register('', migrate_stamp('', ''))"}; /* OMIT_VACUUM */
  sqlite3_stmt *st = NULL;
  int i, rc, open;

  for (i = 0; i < 2; i++) {
    rc = sqlite3_prepare_v2(db, ask[i], -1, &st, NULL);
    sqlite3_finalize(st);
    if (rc != SQLITE_ERROR) return rc == SQLITE_OK;
    if (!strstr(sqlite3_errmsg(db), "syntax error")) break;
  }
  open = !strstr(sqlite3_errmsg(db), "no such function"); /* not authorized */
  /* sqlite3_open() asks for the last error behind automatic extensions */
  sqlite3_prepare_v2(db, "", -1, &st, NULL);
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

/*
** Whose functions are called is one pointer for all connections: it is written
** once, so that threads may load at the same time, and stays.  False when it is
** another SQLite's: a program may have one of its own beside the system's.
*/
static int door_bind(const sqlite3_api_routines *api) {
#ifdef SQLITE_CORE
  (void)api;
  return 1;
#else
  sqlite3_mutex *m =
      api->mutex_alloc ? api->mutex_alloc(SQLITE_MUTEX_STATIC_APP1) : NULL;
  int ok;

  if (m) api->mutex_enter(m);
  if (!sqlite3_api) SQLITE_EXTENSION_INIT2(api);
  ok = sqlite3_api == api;
  if (m) api->mutex_leave(m);
  return ok;
#endif
}

int sqlite3_migrate_init(sqlite3 *db, char **err,
                         const sqlite3_api_routines *api) {
  mig_cx cx = {0};
  int rc;

  if (!door_bind(api)) {
    if (err) *err = api->mprintf("%s", DOOR_TAKEN);
    return SQLITE_ERROR;
  }
  door_check(&cx);
  rc = cx.rc;
  if (rc && err) *err = sqlite3_mprintf("%s", mig_cx_message(&cx));
  mig_cx_release(&cx);
  return rc ? rc : door_register(db);
}
