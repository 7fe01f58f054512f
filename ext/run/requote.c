/*
** ext/run/requote.c - texts in double quotes, as their author wrote them.
**
** A name in double quotes that is no column is a text to SQLite, and its RENAME
** COLUMN and DROP COLUMN write each of them, in every object, in single quotes
** (https://sqlite.org/src, alter.c: sqlite_rename_quotefix).  They replace
** token by token, so the old text and the new one are walked side by side.  One
** that could be taken for a column of the table now stays in single quotes.
*/
#include "ext/run/run.h"

static mig_token requote_next(mig_span *rest) {
  mig_token t = mig_token_at(*rest);

  rest->p += t.s.n;
  rest->n -= t.s.n;
  return t;
}

/* Was the token made single-quoted, and would the double quotes still be a
** text? */
static int requote_is_text(mig_cx *cx, mig_token was, mig_token now,
                           const mig_list *columns) {
  char *a, *b;
  int i;

  if (was.type != MIG_TK_QUOTED || now.type != MIG_TK_STRING) return 0;
  a = mig_sql_unquote(cx, was.s);
  b = mig_sql_unquote(cx, now.s);
  for (i = 0; i < columns->n; i++)
    if (mig_sql_same(was.s, columns->at[i])) return 0;
  return a && b && !strcmp(a, b);
}

/* `now` with the double quotes of `was`. */
static char *requote_text(mig_cx *cx, const char *was, const char *now,
                          const mig_list *columns) {
  mig_span a = mig_span_z(was), b = mig_span_z(now);
  mig_token x, y;
  mig_buf out = {0};

  do {
    x = requote_next(&a);
    y = requote_next(&b);
    if (requote_is_text(cx, x, y, columns)) y = x;
    mig_buf_add(cx, &out, y.s.p, y.s.n);
  } while (x.type != MIG_TK_END && y.type != MIG_TK_END && !cx->rc);
  mig_buf_add(cx, &out, b.p, b.n);
  return mig_buf_take(cx, &out);
}

void mig_requote(mig_cx *cx, mig_run *run, const char *schema,
                 const mig_list *was, const mig_list *columns) {
  mig_list now = mig_objects_read(cx, run->db, schema);
  mig_buf b = {0};
  char *sql;
  int i, k = 0;

  for (i = 0; i < now.n && !cx->rc; i++) {
    const mig_object *is = now.at[i], *o;
    while (k < was->n && ((mig_object *)was->at[k])->rowid < is->rowid) k++;
    o = k < was->n ? was->at[k] : NULL;
    if (!o || o->rowid != is->rowid || !o->sql || !is->sql ||
        !strcmp(o->sql, is->sql))
      continue;
    sql = requote_text(cx, o->sql, is->sql, columns);
    if (sql && strcmp(sql, is->sql))
      mig_buf_addf(cx, &b,
                   "%sUPDATE \"%w\".sqlite_schema SET sql = %Q"
                   " WHERE type = %Q AND name = %Q",
                   b.n ? ";\n" : "", schema, sql, is->type, is->name);
  }
  sql = mig_buf_take(cx, &b);
  if (sql && *sql) mig_rewrite(cx, run, schema, sql);
}
