/*
** vtab/vtab.h - the door of vtab/: the engine seen as tables.  Layer 5.
**
** Private to the folder: vtab/table.h.  A table changes nothing, so nothing
** here includes run/.
*/
#ifndef MIG_VTAB_H
#define MIG_VTAB_H
#include "ext/store/store.h"
/* Register every table; SQLite's result code. */
int mig_vtab_register(sqlite3 *db, mig_conn *conn);
void mig_vtab_unregister(sqlite3 *db);
#endif
