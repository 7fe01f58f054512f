/*
** ext/run/proof.c - the rows that stand against a change, found and named.
**
** All proofs together are one scan (of very many, some), and it ends at the
** first bad row; only then is it asked which they are.
*/
#include "ext/run/run.h"

#define LISTED_ROWS 5
#define TOLD_ROWS 100 /* between two looks at who watches */
#define AT_ONCE 400   /* SQLite's expressions are at most 1,000 deep */

/* SQL of what tells a row from the others, as text. */
static char *proof_key(mig_cx *cx, const mig_create *def) {
  const char *rowid = mig_rowid_name(cx, def);
  mig_buf b = {0};
  int i, n = 0;

  if (rowid) return mig_printf(cx, "'rowid ' || \"%w\"", rowid);
  mig_buf_addz(cx, &b, "''");
  for (i = 0; i < def->columns.n && n < 4 && !cx->rc; i++) {
    const mig_coldef *col = def->columns.at[i];
    const char *name = mig_sql_unquote(cx, col->name);
    if (!name || !mig_is_key(cx, def, col)) continue;
    mig_buf_addf(cx, &b, " || '%s' || quote(\"%w\")", n++ ? ", " : "key ",
                 name);
  }
  return mig_buf_take(cx, &b);
}

/* Has the column of this name its old values, but for their conversion? */
static int proof_is_kept(mig_cx *cx, const mig_alter *a, const char *name) {
  const mig_alter_column *c = NULL;
  const char *old;
  int i, at = 0;

  for (i = 0; i < a->columns.n && !at; i++) {
    c = a->columns.at[i];
    at = !sqlite3_stricmp(c->name, name);
  }
  old = at && c->old ? mig_sql_quoted(cx, c->old) : NULL;
  return old && c->value && !strcmp(c->value, old);
}

/* SQL of the value that a message shows: the row's old one, where the rows are
** the new ones and the old can be found. */
static char *proof_value(mig_cx *cx, const mig_table *t, const mig_alter *a,
                         const mig_proof *f, const char *from) {
  const char *path, *name;

  if (!f->column) return mig_strdup(cx, "NULL");
  name = mig_sql_quoted(cx, f->column);
  path = mig_sql_path(cx, t->schema, t->name);
  if (cx->rc || f->old || !strcmp(path, from) ||
      !proof_is_kept(cx, a, f->column) || !mig_rebuild_keeps_rowid(cx, t, a))
    return mig_printf(cx, "quote(%s)", name);
  return mig_printf(cx,
                    "(SELECT quote(o.%s) FROM %s AS o WHERE o.\"%w\" ="
                    " \"%w\".\"%w\")",
                    name, path, mig_rowid_name(cx, t->def), t->name,
                    mig_rowid_name(cx, a->def));
}

static void proof_list(mig_cx *cx, mig_run *run, const mig_proof *f,
                       const char *from, const char *key, const char *value,
                       sqlite3_int64 n) {
  mig_buf b = {0};
  sqlite3_stmt *st;
  char *listed;

  st = mig_query(cx, run->db,
                 "SELECT %s, substr(%s, 1, 60) FROM %s WHERE %s LIMIT %d", key,
                 value, from, f->bad, LISTED_ROWS);
  while (mig_row(cx, st)) {
    mig_buf_addf(cx, &b, "%s%s", b.n ? ", " : "", mig_column(cx, st, 0));
    if (f->column) mig_buf_addf(cx, &b, ": %s", mig_column(cx, st, 1));
  }
  mig_stmt_end(cx, st);
  if (n > LISTED_ROWS) mig_buf_addz(cx, &b, ", ...");
  listed = mig_buf_take(cx, &b);
  if (listed)
    mig_fail(cx, SQLITE_CONSTRAINT, "%s in %lld row%s: %s; %s", f->why, n,
             n == 1 ? "" : "s", listed, f->remedy);
}

static void proof_blame(mig_cx *cx, mig_run *run, const mig_table *t,
                        const mig_alter *a, const char *from, const char *key,
                        int old) {
  sqlite3_int64 n;
  int i;

  for (i = 0; i < a->proofs.n && !cx->rc; i++) {
    const mig_proof *f = a->proofs.at[i];
    if (f->old != old) continue;
    n = mig_query_int(cx, run->db, 0, "SELECT count(*) FROM %s WHERE %s", from,
                      f->bad);
    if (n) proof_list(cx, run, f, from, key, proof_value(cx, t, a, f, from), n);
  }
}

/* Is there a row of which this is true?  Who watches is told how far the scan
** is, and may cancel. */
static int proof_scan(mig_cx *cx, mig_run *run, const char *from,
                      const char *bad) {
  sqlite3_int64 n = 0;
  sqlite3_stmt *st;
  int found = 0;

  if (run->progress.watch == MIG_WATCH_NONE)
    return (int)mig_query_int(cx, run->db, 0,
                              "SELECT 1 FROM %s WHERE %s LIMIT 1", from, bad);
  st = mig_query(cx, run->db, "SELECT CASE WHEN %s THEN 1 ELSE 0 END FROM %s",
                 bad, from);
  while (!found && mig_row(cx, st)) {
    found = sqlite3_column_int(st, 0);
    if (n++ % TOLD_ROWS == 0) mig_progress_rows(cx, run, n - 1);
  }
  mig_stmt_end(cx, st);
  return found;
}

/* Is there a row that one of the proofs from *i on forbids?  Moves *i behind as
** many as one statement takes. */
static int proof_any(mig_cx *cx, mig_run *run, const mig_alter *a,
                     const char *from, int old, int *i) {
  mig_buf b = {0};
  char *any;
  int n = 0, found = 0;

  for (; *i < a->proofs.n && n < AT_ONCE && !cx->rc; ++*i) {
    const mig_proof *f = a->proofs.at[*i];
    if (f->old == old) mig_buf_addf(cx, &b, "%s%s", n++ ? " OR " : "", f->bad);
  }
  any = mig_buf_take(cx, &b);
  if (n && any) found = proof_scan(cx, run, from, any);
  return found;
}

/* A script proves it again. */
static void proof_tape(mig_cx *cx, mig_run *run, const mig_alter *a,
                       const char *from, int old) {
  int i;

  for (i = 0; i < a->proofs.n && run->db->tape && !cx->rc; i++) {
    const mig_proof *f = a->proofs.at[i];
    if (f->old == old)
      mig_tape_prove(cx, run->db, "rows",
                     mig_printf(cx, "NOT EXISTS (SELECT 1 FROM %s WHERE %s)",
                                from, f->bad));
  }
}

/* ---- functions that a schema may not call ---- */

static int proof_calls(mig_span sql, const char *name) {
  mig_calls calls = mig_calls_of(sql);

  while (mig_call_next(&calls))
    if (mig_sql_same(calls.name, name)) return 1;
  return 0;
}

/* The table's CHECKs (mig_clause), which the database brings. */
static mig_list proof_brought(mig_cx *cx, const mig_create *def) {
  mig_list out = {0};
  int i, k;

  for (i = 0; i <= def->columns.n; i++) {
    const mig_coldef *col = i < def->columns.n ? def->columns.at[i] : NULL;
    const mig_list *l = col ? &col->clauses : &def->clauses;
    for (k = 0; k < l->n; k++)
      if (((mig_clause *)l->at[k])->type == MIG_CLAUSE_CHECK)
        mig_list_add(cx, &out, l->at[k]);
  }
  return out;
}

/* Does one of these call it, and a proof? */
static int proof_uses(const mig_alter *a, const mig_list *brought,
                      const char *name) {
  int i, k;

  for (i = 0; i < brought->n; i++)
    if (proof_calls(((const mig_clause *)brought->at[i])->expr, name)) break;
  for (k = 0; i < brought->n && k < a->proofs.n; k++)
    if (proof_calls(mig_span_z(((const mig_proof *)a->proofs.at[k])->bad),
                    name))
      return 1;
  return 0;
}

/*
** A proof asks a table's CHECKs in a statement of ours, which may call what a
** schema may not: what is DIRECTONLY, or without trusted_schema not INNOCUOUS.
** Asked by PRAGMA alone, before which no table of that name can stand.
*/
static void proof_trust(mig_cx *cx, mig_run *run, const mig_table *t,
                        const mig_alter *a) {
  mig_list brought = {0};
  int trusted = 1, flags;
  sqlite3_stmt *st;
  const char *name;

  if (a->proofs.n) brought = proof_brought(cx, t->def);
  if (cx->rc || !brought.n) return;
  sqlite3_db_config(run->db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1, &trusted);
  st = mig_query(cx, run->db, "PRAGMA function_list");
  while (mig_row(cx, st)) {
    flags = sqlite3_column_int(st, 5);
    if (!(flags & SQLITE_DIRECTONLY) && (trusted || flags & SQLITE_INNOCUOUS))
      continue;
    name = mig_column(cx, st, 0);
    if (name && proof_uses(a, &brought, name))
      mig_fail(cx, SQLITE_ERROR,
               "unsafe use of %s(): a CHECK of the table calls it, which no "
               "schema may; drop that constraint first",
               name);
  }
  mig_stmt_end(cx, st);
}

void mig_proof_run(mig_cx *cx, mig_run *run, const mig_table *t,
                   const mig_alter *a, const char *from, int old) {
  int i = 0, found = 0;

  proof_trust(cx, run, t, a);
  mig_progress_work(run, "check", t->name);
  proof_tape(cx, run, a, from, old);
  while (i < a->proofs.n && !cx->rc && !found)
    found = proof_any(cx, run, a, from, old, &i);
  if (found)
    proof_blame(cx, run, t, a, from, proof_key(cx, old ? t->def : a->def), old);
}

/* ---- keys that are not unique ---- */

const char *mig_scan_indexed(mig_cx *cx, mig_run *run, const mig_create *def) {
  char *key = NULL;

  if (def->without_rowid)
    key = mig_query_text(
        cx, run->db,
        "SELECT name FROM pragma_index_list(%Q, %Q) WHERE origin = 'pk'",
        mig_sql_unquote(cx, def->name), run->db->schema);
  return key ? mig_printf(cx, "INDEXED BY \"%w\"", key) : "NOT INDEXED";
}

static void proof_unique(mig_cx *cx, mig_run *run, const mig_create *def,
                         const char *from, const mig_list *keys) {
  const char *rowid = mig_rowid_name(cx, def);
  mig_buf values = {0}, group = {0}, b = {0};
  sqlite3_stmt *st;
  char *v, *g, *listed;
  int i;

  for (i = 0; i < keys->n && !cx->rc; i++) {
    mig_buf_addf(cx, &values, "%squote(%s)", i ? " || ', ' || " : "",
                 (char *)keys->at[i]);
    mig_buf_addf(cx, &group, "%s%s", i ? ", " : "", (char *)keys->at[i]);
  }
  v = mig_buf_take(cx, &values);
  g = mig_buf_take(cx, &group);
  st =
      !keys->n || cx->rc
          ? NULL
          : mig_query(cx, run->db,
                      "SELECT %s, min(%s), count(*) FROM %s %s"
                      " GROUP BY %s HAVING count(*) > 1 AND count(%s) LIMIT %d",
                      v, rowid ? mig_sql_quoted(cx, rowid) : "1", from,
                      mig_scan_indexed(cx, run, def), g, (char *)keys->at[0],
                      LISTED_ROWS);
  while (mig_row(cx, st)) {
    mig_buf_addf(cx, &b, "%s%s in %s rows", b.n ? "; " : "",
                 mig_column(cx, st, 0), mig_column(cx, st, 2));
    if (rowid)
      mig_buf_addf(cx, &b, ", the first is rowid %s", mig_column(cx, st, 1));
  }
  mig_stmt_end(cx, st);
  listed = mig_buf_take(cx, &b);
  if (listed && *listed)
    mig_fail(cx, SQLITE_CONSTRAINT_UNIQUE,
             "UNIQUE (%s) is not met: %s; change them first", g, listed);
}

/* What cannot be grouped by, as a number, leaves SQLite's own message. */
void mig_proof_unique(mig_cx *cx, mig_run *run, const mig_create *def,
                      const char *from, const mig_list *keys) {
  mig_cx own = {0};

  if (cx->rc) return;
  proof_unique(&own, run, def, from, keys);
  if (own.rc != SQLITE_ERROR) mig_fail_move(cx, &own);
  mig_cx_release(&own);
}
