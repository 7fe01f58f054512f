/*
** ext/db/cell.c - one value, between SQLite and whoever works with it.
*/
#include "ext/db/db.h"

/* Text or a blob; NULL with a length means that SQLite had no memory. */
static void cell_bytes(mig_cx *cx, mig_cell *out, const void *p, int n) {
  out->p = p;
  out->n = (size_t)n;
  if (!p && (n || out->type == SQLITE_TEXT)) mig_fail_nomem(cx);
  if (!p) out->p = "";
}

void mig_cell_column(mig_cx *cx, sqlite3_stmt *st, int i, mig_cell *out) {
  const void *p;

  out->type = sqlite3_column_type(st, i);
  switch (out->type) {
  case SQLITE_INTEGER:
    out->i = sqlite3_column_int64(st, i);
    break;
  case SQLITE_FLOAT:
    out->r = sqlite3_column_double(st, i);
    break;
  case SQLITE_TEXT:
    p = sqlite3_column_text(st, i);
    cell_bytes(cx, out, p, sqlite3_column_bytes(st, i));
    break;
  case SQLITE_BLOB:
    p = sqlite3_column_blob(st, i);
    cell_bytes(cx, out, p, sqlite3_column_bytes(st, i));
    break;
  default:
    break;
  }
}

void mig_cell_value(mig_cx *cx, sqlite3_value *v, mig_cell *out) {
  const void *p;

  out->type = sqlite3_value_type(v);
  switch (out->type) {
  case SQLITE_INTEGER:
    out->i = sqlite3_value_int64(v);
    break;
  case SQLITE_FLOAT:
    out->r = sqlite3_value_double(v);
    break;
  case SQLITE_TEXT:
    p = sqlite3_value_text(v);
    cell_bytes(cx, out, p, sqlite3_value_bytes(v));
    break;
  case SQLITE_BLOB:
    p = sqlite3_value_blob(v);
    cell_bytes(cx, out, p, sqlite3_value_bytes(v));
    break;
  default:
    break;
  }
}

void mig_cell_bind(mig_cx *cx, sqlite3_stmt *st, int i, const mig_cell *c,
                   int lasting) {
  void (*own)(void *) = lasting ? SQLITE_TRANSIENT : SQLITE_STATIC;
  int rc = SQLITE_OK;

  if (cx->rc) return;
  switch (c->type) {
  case SQLITE_INTEGER:
    rc = sqlite3_bind_int64(st, i, c->i);
    break;
  case SQLITE_FLOAT:
    rc = sqlite3_bind_double(st, i, c->r);
    break;
  case SQLITE_TEXT:
    rc = sqlite3_bind_text64(st, i, c->p, c->n, own, SQLITE_UTF8);
    break;
  case SQLITE_BLOB:
    rc = sqlite3_bind_blob64(st, i, c->p, c->n, own);
    break;
  default:
    rc = sqlite3_bind_null(st, i);
  }
  if (rc) mig_fail_db(cx, sqlite3_db_handle(st), rc, sqlite3_sql(st));
}

void mig_cell_result(sqlite3_context *ctx, const mig_cell *c, int lasting) {
  void (*own)(void *) = lasting ? SQLITE_TRANSIENT : SQLITE_STATIC;

  switch (c->type) {
  case SQLITE_INTEGER:
    sqlite3_result_int64(ctx, c->i);
    break;
  case SQLITE_FLOAT:
    sqlite3_result_double(ctx, c->r);
    break;
  case SQLITE_TEXT:
    sqlite3_result_text64(ctx, c->p, c->n, own, SQLITE_UTF8);
    break;
  case SQLITE_BLOB:
    sqlite3_result_blob64(ctx, c->p, c->n, own);
    break;
  default:
    sqlite3_result_null(ctx);
  }
}
