/*
** ext/run/pages.c - PRAGMA quick_check, less what SQLite says amiss.
**
** SQLite 3.40 takes a column's value from the wrong place where the key of a
** WITHOUT ROWID table does not stand first, and complains of some generated
** columns: what it says of the type of such a column counts if a row shows it.
*/
#include "ext/run/run.h"

#define PAGES_MOST 1000 /* complaints that are looked at */

static const struct {
  char begin[24]; /* of what SQLite says of "table.column"  */
  char types[36]; /* typeof() what it then is, of some row  */
} pages_claims[] = {
    {"NULL value in ", "= 'null'"},
    {"TEXT value in ", "= 'text'"},
    {"NUMERIC value in ", "IN ('integer', 'real')"},
    {"non-INT value in ", "NOT IN ('integer', 'null')"},
    {"non-INTEGER value in ", "NOT IN ('integer', 'null')"},
    {"non-REAL value in ", "NOT IN ('real', 'integer', 'null')"},
    {"non-TEXT value in ", "NOT IN ('text', 'null')"},
    {"non-BLOB value in ", "NOT IN ('blob', 'null')"},
};

/* Is there such a row, or is the column, "table.column", one of another kind?
 */
static int pages_shown(mig_cx *cx, const mig_db *db, const char *column,
                       const char *types) {
  sqlite3_stmt *st =
      mig_query(cx, db,
                "SELECT t.name, c.name FROM pragma_table_list AS t,"
                " pragma_table_xinfo(t.name, t.schema) AS c WHERE t.schema = %Q"
                " COLLATE NOCASE AND t.name || '.' || c.name = %Q AND (t.wr OR"
                " c.hidden > 1)",
                db->schema, column);
  int found = 0, shown = 0;

  while (!shown && mig_row(cx, st)) {
    found = 1;
    shown = (int)mig_query_int(
        cx, db, 0,
        "SELECT EXISTS (SELECT 1 FROM \"%w\".\"%w\" WHERE typeof(\"%w\") %s)",
        db->schema, sqlite3_column_text(st, 0), sqlite3_column_text(st, 1),
        types);
  }
  mig_stmt_end(cx, st);
  return shown || !found;
}

static int pages_is_true(mig_cx *cx, const mig_db *db, const char *said) {
  size_t i, n;

  for (i = 0; i < sizeof pages_claims / sizeof *pages_claims; i++) {
    n = strlen(pages_claims[i].begin);
    if (!strncmp(said, pages_claims[i].begin, n))
      return pages_shown(cx, db, said + n, pages_claims[i].types);
  }
  return strcmp(said, "ok") != 0;
}

void mig_pages_check(mig_cx *cx, const mig_db *db, mig_list *out) {
  mig_map seen = {0};
  sqlite3_stmt *st = mig_query(cx, db, "PRAGMA \"%w\".quick_check(%d)",
                               db->schema, PAGES_MOST);

  while (mig_row(cx, st)) {
    char *said = mig_column(cx, st, 0);
    if (!said || mig_map_get(&seen, said)) continue;
    mig_map_put(cx, &seen, said, said);
    if (pages_is_true(cx, db, said)) mig_list_add(cx, out, said);
  }
  mig_stmt_end(cx, st);
}
