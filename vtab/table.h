/*
** vtab/table.h - one module for all our virtual tables.  Private to vtab/.
**
** Every table is read-only, eponymous and small: it computes all its rows
** when a scan starts.  A table is therefore data - a name, a declaration and
** one function that fills rows - and the ten callbacks exist once, in
** vtab/table.c.
*/
#ifndef MIG_TABLE_H
#define MIG_TABLE_H
#include "ext/store/store.h"

#define MIG_TABLE_MAXARG 4

typedef struct mig_rows mig_rows; /* the rows of one scan */
typedef struct mig_vtable mig_vtable;
struct mig_vtable {
  const char *name;
  const char *decl; /* CREATE TABLE x(visible..., argument HIDDEN...) */
  int ncol;         /* number of visible columns                      */
  int narg;         /* number of hidden ones, all optional            */
  /* Append ncol cells for each row; cx lives as long as the scan.  arg[i] is
  ** the i-th argument, or NULL where it was not given. */
  void (*fill)(mig_cx *cx, mig_conn *conn, sqlite3_value **arg, mig_rows *out);
};

/* Append a cell.  Text is borrowed until the scan ends: give cx's. */
void mig_row_text(mig_cx *cx, mig_rows *r, const char *z); /* NULL is NULL */
void mig_row_int(mig_cx *cx, mig_rows *r, sqlite3_int64 i);
void mig_row_null(mig_cx *cx, mig_rows *r);
/* A comma list of the ids of revisions, or of texts; NULL when empty. */
void mig_row_ids(mig_cx *cx, mig_rows *r, const mig_list *revisions);
void mig_row_list(mig_cx *cx, mig_rows *r, const mig_list *texts);

/* Every revision and the version rows; NULL with an error. */
mig_project *mig_table_project(mig_cx *cx, mig_conn *conn);

/* An argument as text; NULL when it is not given or NULL. */
const char *mig_table_text(mig_cx *cx, sqlite3_value *arg, const char *what);

int mig_table_register(sqlite3 *db, mig_conn *conn, const mig_vtable *t);
#endif
