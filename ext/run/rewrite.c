/*
** ext/run/rewrite.c - sqlite_schema, written by ourselves.
**
** SQLite allows it with writable_schema on and defensive off, and reads it
** again when the schema version has changed
** (https://sqlite.org/pragma.html#pragma_writable_schema).  Both flags are put
** back at once: with writable_schema on, SQLite does not say what is wrong with
** what it reads.
*/
#include "ext/run/run.h"

/* "malformed database schema (t) - why; in: a statement of ours" */
static void rewrite_refused(mig_cx *cx, const char *msg) {
  const char *why = strstr(msg, ") - "), *in = strstr(msg, "; in: ");

  why = why ? why + 4 : msg;
  mig_fail(cx, SQLITE_ERROR, "SQLite refuses the new schema: %.*s",
           (int)(in > why ? in - why : (ptrdiff_t)strlen(why)), why);
}

/* SQLite's own code for a schema that it cannot read would have the caller's
** transaction rolled back. */
static void rewrite_check(mig_cx *cx, mig_run *run, const char *schema) {
  mig_cx own = {0};

  mig_query_int(&own, run->db, 0, "SELECT 1 FROM \"%w\".sqlite_schema LIMIT 1",
                schema);
  if ((own.rc & 0xff) == SQLITE_CORRUPT)
    rewrite_refused(cx, mig_cx_message(&own));
  else
    mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

void mig_rewrite(mig_cx *cx, mig_run *run, const char *schema,
                 const char *sql) {
  sqlite3_int64 version =
      mig_query_int(cx, run->db, 0, "PRAGMA \"%w\".schema_version", schema);
  int defensive, writable;

  if (cx->rc || !sql) return;
  defensive = mig_db_flag(run->db, SQLITE_DBCONFIG_DEFENSIVE, 0);
  writable = mig_db_flag(run->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1);
  mig_tape_rewrite(cx, run->db, sql);
  mig_tape_hold(run->db, 1);
  mig_exec(cx, run->db, "%s;PRAGMA \"%w\".schema_version = %lld", sql, schema,
           (version + 1) & 0x7fffffff);
  mig_tape_hold(run->db, 0);
  mig_db_flag(run->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, writable);
  mig_db_flag(run->db, SQLITE_DBCONFIG_DEFENSIVE, defensive);
  if (!cx->rc) rewrite_check(cx, run, schema);
}

void mig_rewrite_table(mig_cx *cx, mig_run *run, const mig_table *t,
                       const char *sql) {
  mig_rewrite(cx, run, t->schema,
              mig_printf(cx,
                         "UPDATE \"%w\".sqlite_schema SET sql = %Q"
                         " WHERE type = 'table' AND name = %Q",
                         t->schema, sql, t->name));
}

/* ---- rows that do not store a column ---- */

/* In words: migrate:not stored. */
#define MARK "x'6d6967726174653a6e6f742073746f726564'"

/* The table's statement with the mark as the default of these columns. */
static char *rewrite_marked(mig_cx *cx, const mig_table *t,
                            const mig_list *columns) {
  const mig_create *def = t->def;
  const mig_clause *k;
  mig_coldef *col;
  char *sql = NULL;
  int i;

  for (i = 0; i < columns->n && !cx->rc; i++) {
    col = mig_create_column(def, columns->at[i], NULL);
    k = mig_clause_last(&col->clauses, MIG_CLAUSE_DEFAULT);
    sql = k ? mig_layout_set(cx, def, k->body, "DEFAULT " MARK)
            : mig_layout_append(cx, def, col->text, "DEFAULT " MARK);
    def = mig_create_parse(cx, mig_span_z(sql ? sql : ""));
  }
  return sql;
}

int mig_rewrite_stores(mig_cx *cx, mig_run *run, const mig_table *t,
                       const mig_list *columns) {
  mig_buf b = {0};
  char *any;
  int i, found;

  if (!columns->n) return 1;
  if (run->db->tape) return 0; /* nobody knows what the rows will be */
  mig_rewrite_table(cx, run, t, rewrite_marked(cx, t, columns));
  for (i = 0; i < columns->n && !cx->rc; i++)
    mig_buf_addf(cx, &b, "%s\"%w\" IS %s", i ? " OR " : "",
                 (char *)columns->at[i], MARK);
  any = mig_buf_take(cx, &b);
  found = (int)mig_query_int(
      cx, run->db, 0, "SELECT 1 FROM \"%w\".\"%w\" %s WHERE %s LIMIT 1",
      t->schema, t->name, mig_scan_indexed(cx, run, t->def), any);
  mig_rewrite_table(cx, run, t, t->object->sql);
  return !found;
}
