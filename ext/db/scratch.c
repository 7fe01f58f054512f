/*
** ext/db/scratch.c - a private database in memory, in which statements say what
** they mean.
**
** What only the host's connection knows is stood in for: a function gives NULL,
** a collation compares bytes, and a virtual table whose module is missing is no
** more than its row in the schema.  No row is ever in it.
*/
#include "ext/db/db.h"

#define SCRATCH_TRIES 100 /* functions that one statement may lack */

static int scratch_compare(void *self, int n, const void *a, int m,
                           const void *b) {
  int rc = memcmp(a, b, (size_t)(n < m ? n : m));

  (void)self;
  return rc ? rc : n - m;
}

static void scratch_collation(void *self, sqlite3 *h, int encoding,
                              const char *name) {
  (void)self;
  sqlite3_create_collation(h, name, encoding, NULL, scratch_compare);
}

static void scratch_null(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
  (void)argc;
  (void)argv;
  sqlite3_result_null(ctx);
}

sqlite3 *mig_scratch_open(mig_cx *cx) {
  sqlite3 *h =
      mig_db_open(cx, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                  NULL, "a private database");

  if (!h) return NULL;
  sqlite3_collation_needed(h, NULL, scratch_collation);
  /* a build's default may be on: Apple's is */
  sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  return h;
}

/* The name behind "no such function: ", or NULL. */
static char *scratch_lacks(mig_cx *cx, const mig_cx *tried, const char *what) {
  const char *z = tried->msg ? strstr(tried->msg, what) : NULL, *end;

  if (!z) return NULL;
  z += strlen(what);
  end = strstr(z, "; in: ");
  return mig_strndup(cx, z, end ? (int)(end - z) : (int)strlen(z));
}

static void scratch_function(mig_cx *cx, sqlite3 *h, const char *name) {
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

  if (sqlite3_create_function_v2(h, name, -1, flags, NULL, scratch_null, NULL,
                                 NULL, NULL))
    mig_fail_nomem(cx);
}

int mig_scratch_exec(mig_cx *cx, const mig_db *db, const char *sql,
                     const char **module) {
  mig_cx tried = {0};
  char *name;
  int i = 0, again = 1;

  *module = NULL;
  while (again && !cx->rc) {
    mig_exec(&tried, db, "%s", sql);
    again = 0;
    if (!tried.rc) break;
    if ((name = scratch_lacks(cx, &tried, "no such function: ")) != NULL &&
        ++i < SCRATCH_TRIES) {
      scratch_function(cx, db->h, name);
      again = 1;
    } else if ((name = scratch_lacks(cx, &tried, "no such module: ")) != NULL) {
      *module = name;
    } else {
      mig_fail_move(cx, &tried);
    }
    mig_cx_release(&tried);
  }
  mig_cx_release(&tried);
  return !cx->rc && !*module;
}

void mig_scratch_note(mig_cx *cx, const mig_db *db, const char *name,
                      const char *sql) {
  mig_exec(cx, db,
           "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema(type, name,"
           " tbl_name, rootpage, sql) VALUES ('table', %Q, %Q, 0, %Q);"
           " PRAGMA writable_schema = OFF",
           name, name, sql);
}
