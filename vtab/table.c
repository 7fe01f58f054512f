/*
** vtab/table.c - the ten virtual-table callbacks, written once.
**
** Without xCreate a table is there under its name and cannot be made under
** another; without xUpdate it is read-only.
*/
#include "vtab/table.h"

struct table_cell {
  union {
    const char *z;
    sqlite3_int64 i;
  } is;
  int type; /* SQLITE_TEXT, _INTEGER or _NULL */
};

struct mig_rows {
  struct table_cell *cell; /* row after row, in the cursor's cx */
  int ncell, cap;
};

struct table_module { /* pAux of one registered table */
  const mig_vtable *def;
  mig_conn *conn; /* one reference */
};

struct table {
  sqlite3_vtab base; /* must be first */
  const struct table_module *mod;
};

struct table_cursor {
  sqlite3_vtab_cursor base; /* must be first */
  mig_cx cx;                /* owns the rows */
  mig_rows rows;
  int filled; /* are they there, and made without arguments?  Then a join
              ** that scans again and again reads the files once. */
  sqlite3_value *arg[MIG_TABLE_MAXARG]; /* copies, owned; NULL: not given */
  sqlite3_int64 at;                     /* index of the current row       */
};

/* ---- rows ---- */

static void table_add(mig_cx *cx, mig_rows *r, struct table_cell c) {
  struct table_cell *p;
  int cap = r->cap ? r->cap * 2 : 64;

  if (cx->rc) return;
  if (r->ncell == r->cap) {
    p = mig_alloc(cx, (size_t)cap * sizeof *p);
    if (!p) return;
    if (r->ncell) memcpy(p, r->cell, (size_t)r->ncell * sizeof *p);
    r->cell = p;
    r->cap = cap;
  }
  r->cell[r->ncell++] = c;
}

void mig_row_text(mig_cx *cx, mig_rows *r, const char *z) {
  table_add(
      cx, r,
      (struct table_cell){.is.z = z, .type = z ? SQLITE_TEXT : SQLITE_NULL});
}

void mig_row_int(mig_cx *cx, mig_rows *r, sqlite3_int64 i) {
  table_add(cx, r, (struct table_cell){.is.i = i, .type = SQLITE_INTEGER});
}

void mig_row_null(mig_cx *cx, mig_rows *r) {
  mig_row_text(cx, r, NULL);
}

void mig_row_list(mig_cx *cx, mig_rows *r, const mig_list *texts) {
  mig_row_text(cx, r, texts->n ? mig_list_join(cx, texts, ", ") : NULL);
}

void mig_row_ids(mig_cx *cx, mig_rows *r, const mig_list *revisions) {
  mig_list ids = mig_rev_ids(cx, revisions);

  mig_row_list(cx, r, &ids);
}

const char *mig_table_text(mig_cx *cx, sqlite3_value *arg, const char *what) {
  const char *z;

  if (cx->rc || !arg || sqlite3_value_type(arg) == SQLITE_NULL) return NULL;
  if (sqlite3_value_type(arg) != SQLITE_TEXT) {
    mig_fail(cx, SQLITE_MISMATCH, "the %s must be text; put it in quotes",
             what);
    return NULL;
  }
  z = (const char *)sqlite3_value_text(arg);
  if (!z)
    mig_fail_nomem(cx);
  else if (strlen(z) != (size_t)sqlite3_value_bytes(arg))
    mig_fail(cx, SQLITE_MISMATCH, "the %s has a NUL byte", what);
  return mig_strdup(cx, z);
}

mig_project *mig_table_project(mig_cx *cx, mig_conn *conn) {
  mig_project *p = mig_project_new(cx, conn);

  if (!cx->rc) mig_project_load(cx, p);
  if (!cx->rc) mig_project_state(cx, p);
  return cx->rc ? NULL : p;
}

/* ---- the table ---- */

static int table_connect(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **err) {
  struct table_module *m = aux;
  struct table *t;
  int rc = sqlite3_declare_vtab(db, m->def->decl);

  (void)argc, (void)argv, (void)err;
  if (rc == SQLITE_OK) rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc) return rc;
  t = sqlite3_malloc64(sizeof *t);
  if (!t) return SQLITE_NOMEM;
  memset(t, 0, sizeof *t);
  t->mod = m;
  *out = &t->base;
  return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *v) {
  sqlite3_free(v);
  return SQLITE_OK;
}

/* Each `hidden = value` becomes an argument; bit i of idxNum says that it is
** there.  A plan that would need its value too late is no plan. */
static int table_best_index(sqlite3_vtab *v, sqlite3_index_info *x) {
  const mig_vtable *d = ((struct table *)v)->mod->def;
  int slot[MIG_TABLE_MAXARG] = {0}, i, n = 0;

  for (i = 0; i < x->nConstraint; i++) {
    int a = x->aConstraint[i].iColumn - d->ncol;
    if (a < 0 || x->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!x->aConstraint[i].usable) return SQLITE_CONSTRAINT;
    slot[a] = i + 1;
  }
  for (i = 0; i < d->narg; i++) {
    if (!slot[i]) continue;
    x->aConstraintUsage[slot[i] - 1].argvIndex = ++n;
    x->aConstraintUsage[slot[i] - 1].omit = 1;
    x->idxNum |= 1 << i;
  }
  x->estimatedCost = 10000; /* reading every file: scan once, not in a loop */
  x->estimatedRows = 100;
  return SQLITE_OK;
}

/* ---- the cursor ---- */

static int table_open(sqlite3_vtab *v, sqlite3_vtab_cursor **out) {
  struct table_cursor *c = sqlite3_malloc64(sizeof *c);

  (void)v;
  if (!c) return SQLITE_NOMEM;
  memset(c, 0, sizeof *c);
  *out = &c->base;
  return SQLITE_OK;
}

static void table_empty(struct table_cursor *c) {
  int i;

  for (i = 0; i < MIG_TABLE_MAXARG; i++) {
    sqlite3_value_free(c->arg[i]);
    c->arg[i] = NULL;
  }
  mig_cx_release(&c->cx);
  memset(&c->rows, 0, sizeof c->rows);
  c->filled = 0;
}

static int table_close(sqlite3_vtab_cursor *vc) {
  table_empty((struct table_cursor *)vc);
  sqlite3_free(vc);
  return SQLITE_OK;
}

static void table_keep_args(struct table_cursor *c, int narg, int mask,
                            sqlite3_value **argv) {
  int i, n = 0;

  for (i = 0; i < narg; i++) {
    if (!(mask & 1 << i)) continue;
    c->arg[i] = sqlite3_value_dup(argv[n++]);
    if (!c->arg[i]) mig_fail_nomem(&c->cx);
  }
}

static int table_filter(sqlite3_vtab_cursor *vc, int mask, const char *str,
                        int argc, sqlite3_value **argv) {
  struct table_cursor *c = (struct table_cursor *)vc;
  const struct table_module *m = ((struct table *)vc->pVtab)->mod;

  (void)str, (void)argc;
  c->at = 0;
  if (c->filled && !mask) return SQLITE_OK;
  table_empty(c);
  table_keep_args(c, m->def->narg, mask, argv);
  if (!c->cx.rc) m->def->fill(&c->cx, m->conn, c->arg, &c->rows);
  c->filled = !c->cx.rc && !mask;
  if (c->cx.rc) {
    sqlite3_free(vc->pVtab->zErrMsg);
    vc->pVtab->zErrMsg = sqlite3_mprintf("%s", mig_cx_message(&c->cx));
  }
  return c->cx.rc;
}

static int table_next(sqlite3_vtab_cursor *vc) {
  ((struct table_cursor *)vc)->at++;
  return SQLITE_OK;
}

static int table_eof(sqlite3_vtab_cursor *vc) {
  const struct table_cursor *c = (struct table_cursor *)vc;

  return c->at * ((struct table *)vc->pVtab)->mod->def->ncol >= c->rows.ncell;
}

static int table_column(sqlite3_vtab_cursor *vc, sqlite3_context *ctx, int i) {
  const struct table_cursor *c = (struct table_cursor *)vc;
  int ncol = ((struct table *)vc->pVtab)->mod->def->ncol;
  const struct table_cell *p;

  if (i >= ncol) {
    if (c->arg[i - ncol]) sqlite3_result_value(ctx, c->arg[i - ncol]);
    return SQLITE_OK;
  }
  p = &c->rows.cell[c->at * ncol + i];
  if (p->type == SQLITE_TEXT)
    sqlite3_result_text(ctx, p->is.z, -1, SQLITE_TRANSIENT);
  else if (p->type == SQLITE_INTEGER)
    sqlite3_result_int64(ctx, p->is.i);
  return SQLITE_OK;
}

static int table_rowid(sqlite3_vtab_cursor *vc, sqlite3_int64 *out) {
  *out = ((struct table_cursor *)vc)->at + 1;
  return SQLITE_OK;
}

/* ---- registering ---- */

static const sqlite3_module table_module = {
    .xConnect = table_connect,
    .xBestIndex = table_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = table_open,
    .xClose = table_close,
    .xFilter = table_filter,
    .xNext = table_next,
    .xEof = table_eof,
    .xColumn = table_column,
    .xRowid = table_rowid,
};

static void table_module_free(void *p) {
  struct table_module *m = p;

  mig_conn_unref(m->conn);
  sqlite3_free(m);
}

int mig_table_register(sqlite3 *db, mig_conn *conn, const mig_vtable *t) {
  struct table_module *m = sqlite3_malloc64(sizeof *m);

  if (!m) return SQLITE_NOMEM;
  *m = (struct table_module){.def = t, .conn = conn};
  conn->nref++;
  return sqlite3_create_module_v2(db, t->name, &table_module, m,
                                  table_module_free);
}
