/*
** ext/db/vacuum.c - VACUUM while a statement of the host's connection runs,
** which SQLite refuses there: on a second connection to the same file.
*/
#include "ext/db/db.h"

#define OPCODES 1000 /* of SQLite's between two questions whether to stop */

/* Another connection to the file, through the same VFS. */
static sqlite3 *vacuum_open(mig_cx *cx, const mig_db *db, const char *schema,
                            const char *file) {
  sqlite3_vfs *vfs = NULL;

  sqlite3_file_control(db->h, schema, SQLITE_FCNTL_VFS_POINTER, (void *)&vfs);
  return mig_db_open(cx, file, SQLITE_OPEN_READWRITE, vfs ? vfs->zName : NULL,
                     "VACUUM");
}

/* Does a statement run there?  Then SQLite refuses to. */
static int vacuum_is_busy(sqlite3 *h) {
  sqlite3_stmt *st = NULL;

  while ((st = sqlite3_next_stmt(h, st)) != NULL)
    if (sqlite3_stmt_busy(st)) return 1;
  return 0;
}

/*
** The file is cut short behind the commit, and what is cut off is in no
** journal.  So the directory must know by then that the journal is gone, or a
** power cut could leave a journal that restores only a part: EXTRA says so
** (https://sqlite.org/pragma.html#pragma_synchronous).
*/
#define VACUUM_SQL "PRAGMA main.synchronous = EXTRA; VACUUM"

void mig_exec_vacuum(mig_cx *cx, const mig_db *db, const char *schema,
                     int (*stop)(void *), int (*wait)(void *, int), void *arg) {
  const char *file = cx->rc ? NULL : sqlite3_db_filename(db->h, schema);
  mig_db other = {.schema = "main"};

  if (file && !*file && !vacuum_is_busy(db->h))
    mig_exec(cx, db, "VACUUM \"%w\"", schema);
  if (!file || !*file) return;
  other.h = vacuum_open(cx, db, schema, file);
  if (!other.h) return;
  sqlite3_busy_handler(other.h, wait, arg);
  mig_db_watch(other.h, OPCODES, stop, arg);
  mig_exec(cx, &other, VACUUM_SQL);
  mig_disown(cx, other.h);
  sqlite3_close(other.h);
}
