/* vtab/vtab.c - the list of our tables. */
#include "vtab/vtab.h"
#include "vtab/table.h"

extern const mig_vtable mig_table_branches;
extern const mig_vtable mig_table_current;
extern const mig_vtable mig_table_diff;
extern const mig_vtable mig_table_heads;
extern const mig_vtable mig_table_history;
extern const mig_vtable mig_table_plan;
extern const mig_vtable mig_table_settings;

static const mig_vtable *const vtab_all[] = {
    &mig_table_branches, &mig_table_current, &mig_table_diff,
    &mig_table_heads,    &mig_table_history, &mig_table_plan,
    &mig_table_settings};
static const int vtab_count = (int)(sizeof vtab_all / sizeof *vtab_all);

void mig_vtab_unregister(sqlite3 *db) {
  int i;

  for (i = 0; i < vtab_count; i++)
    sqlite3_create_module_v2(db, vtab_all[i]->name, NULL, NULL, NULL);
}

int mig_vtab_register(sqlite3 *db, mig_conn *conn) {
  int i, rc = SQLITE_OK;

  for (i = 0; rc == SQLITE_OK && i < vtab_count; i++)
    rc = mig_table_register(db, conn, vtab_all[i]);
  return rc;
}
