/*
** ext/door.h - what migrate.c and functions.c know of each other.  The top
** layer, private to ext/.
*/
#ifndef MIG_DOOR_H
#define MIG_DOOR_H
#include "ext/store/store.h"
/* Register every function; SQLite's result code. */
int mig_functions_register(sqlite3 *db, mig_conn *conn);
void mig_functions_unregister(sqlite3 *db);
/* What there is (NULL), or what a function or setting is for; cx's. */
char *mig_help(mig_cx *cx, const char *name);
/* "Lua 5.4" */
const char *mig_door_script_version(void);
#endif
