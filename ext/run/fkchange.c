/*
** ext/run/fkchange.c - whose foreign keys a change to the schema may break.
**
** Said as narrowly as may be: to check a table costs its rows, and most changes
** cost none.
*/
#include "ext/run/run.h"

static int fkn_has(const char *sql, const char *word) {
  mig_span rest = mig_span_z(sql ? sql : "");
  mig_token t;

  do t = mig_token_next(&rest);
  while (t.type != MIG_TK_END && !mig_token_is(t, word));
  return t.type != MIG_TK_END;
}

/* A new column holds NULL in each row, which violates nothing, unless it says
** what else. */
static void fkn_column(mig_cx *cx, mig_run *run, const mig_change *c) {
  const char *sql = c->parts.n ? c->parts.at[0] : NULL;

  if (!fkn_has(sql, "REFERENCES")) return;
  if (fkn_has(sql, "DEFAULT") || fkn_has(sql, "AS"))
    mig_fk_note_own(cx, run, c->table);
  else
    mig_fk_note_new(cx, run, c->table);
}

/* Only where an index is unique may a foreign key need it. */
static void fkn_index(mig_cx *cx, mig_run *run, const mig_change *c) {
  char *table = mig_query_text(
      cx, run->db,
      "SELECT m.tbl_name FROM \"%w\".sqlite_schema AS m WHERE m.type = 'index'"
      " AND m.name = %Q COLLATE NOCASE AND EXISTS (SELECT 1"
      " FROM pragma_index_list(m.tbl_name, %Q) AS l"
      " WHERE l.\"unique\" AND l.name = m.name)",
      run->db->schema, c->name, run->db->schema);

  mig_fk_note_children(cx, run, table);
}

void mig_fk_note_change(mig_cx *cx, mig_run *run, const mig_change *c) {
  if (cx->rc || !run->fk) return;
  switch (c->kind) {
  case MIG_CREATE_TABLE:
    if (c->if_exists && mig_fk_exists(cx, run->db, c->name)) break;
    mig_fk_note_own(cx, run, c->name);
    mig_fk_note_waiting(cx, run, c->name);
    break;
  case MIG_DROP_TABLE:
    mig_fk_note_children(cx, run, c->name);
    mig_fk_dropped(run, c->name);
    break;
  case MIG_RENAME_TABLE:
    mig_fk_note_waiting(cx, run, c->name);
    mig_fk_renamed(cx, run, c->table, c->name);
    break;
  case MIG_ADD_COLUMN:
    fkn_column(cx, run, c);
    break;
  case MIG_DROP_INDEX:
    fkn_index(cx, run, c);
    break;
  case MIG_CREATE_VIEW: /* which is nobody's parent, whatever its name */
  case MIG_DROP_VIEW:
    mig_fk_note_waiting(cx, run, c->name);
    break;
  default: /* SQLite drops no column that a foreign key needs */
    break;
  }
}
