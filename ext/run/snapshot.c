/*
** ext/run/snapshot.c - what a schema holds: the text of every object, and a
** digest of every table's rows.
**
** A digest is a sum over the rows, so that their order does not count.  A
** column's is of its values, each beside its rowid; a table's is of whole rows,
** without rowids.
*/
#include "ext/run/run.h"

#define SNAPSHOT_SHOWN 60 /* bytes of a text that differs */
#define SNAPSHOT_LEAD 24  /* ... of them before the difference */

typedef struct snapshot_object {
  const char *type, *name, *sql;
} snapshot_object;

typedef struct snapshot_column {
  const char *name;
  uint64_t salt, sum;
} snapshot_column;

typedef struct snapshot_table {
  const char *name;
  sqlite3_int64 rows; /* -1: it cannot be read */
  uint64_t sum;
  int keyed;   /* are its rowids known?          */
  int ncolumn; /* at `column`, without the rowid */
  snapshot_column *column;
} snapshot_table;

/* ---- digests ---- */

/* Spread what is close together over all 64 bits. */
static uint64_t snapshot_mix(uint64_t x) {
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static uint64_t snapshot_bytes(uint64_t x, const void *p, size_t n) {
  const unsigned char *c = p;
  uint64_t word;

  for (; n >= sizeof word; n -= sizeof word, c += sizeof word) {
    memcpy(&word, c, sizeof word);
    x = snapshot_mix(x + word);
  }
  for (word = n + 1; n > 0; n--) word = word << 8 | *c++;
  return snapshot_mix(x + word);
}

static uint64_t snapshot_cell(const mig_cell *c) {
  uint64_t x = snapshot_mix((uint64_t)c->type);

  if (c->type == SQLITE_INTEGER) return snapshot_bytes(x, &c->i, sizeof c->i);
  if (c->type == SQLITE_FLOAT) return snapshot_bytes(x, &c->r, sizeof c->r);
  if (c->type == SQLITE_NULL) return x;
  return snapshot_bytes(x, c->p, c->n);
}

static void snapshot_row(mig_cx *cx, sqlite3_stmt *st, snapshot_table *t) {
  uint64_t row = 0, value, key = 0;
  mig_cell c;
  int i;

  if (t->keyed) key = snapshot_mix((uint64_t)sqlite3_column_int64(st, 0));
  for (i = 0; i < t->ncolumn; i++) {
    mig_cell_column(cx, st, i + t->keyed, &c);
    if (cx->rc) return;
    value = snapshot_cell(&c);
    t->column[i].sum += snapshot_mix(value ^ key);
    row += snapshot_mix(value ^ t->column[i].salt);
  }
  t->sum += snapshot_mix(row);
  t->rows++;
}

/* ---- reading ---- */

/* A name of the rowid that no column has; NULL: there is none. */
static const char *snapshot_rowid(mig_cx *cx, const mig_db *db,
                                  const char *table) {
  return mig_query_text(
      cx, db,
      "SELECT column1 FROM (VALUES ('_rowid_'), ('rowid'), ('oid'))"
      " WHERE column1 NOT IN (SELECT lower(name) FROM"
      " pragma_table_xinfo(%Q, %Q)) LIMIT 1",
      table, db->schema);
}

static void snapshot_read(mig_cx *cx, const mig_db *db, snapshot_table *t) {
  const char *rowid = t->keyed ? snapshot_rowid(cx, db, t->name) : NULL;
  sqlite3_stmt *st =
      mig_query(cx, db, "SELECT %s%s* FROM %s", rowid ? rowid : "",
                rowid ? ", " : "", mig_sql_path(cx, db->schema, t->name));
  int i;

  if (cx->rc) return;
  t->keyed = rowid != NULL;
  t->ncolumn = sqlite3_column_count(st) - t->keyed;
  t->column = mig_alloc(cx, (size_t)t->ncolumn * sizeof *t->column);
  for (i = 0; i < t->ncolumn && !cx->rc; i++) {
    const char *name = sqlite3_column_name(st, i + t->keyed);
    if (!name) mig_fail_nomem(cx);
    t->column[i].name = mig_strdup(cx, name);
    if (t->column[i].name)
      t->column[i].salt =
          snapshot_bytes(1, t->column[i].name, strlen(t->column[i].name));
  }
  while (mig_row(cx, st)) snapshot_row(cx, st, t);
  mig_stmt_end(cx, st);
}

/* Where a module is missing, or a generated column fails, nothing is known. */
static void snapshot_try(mig_cx *cx, const mig_db *db, snapshot_table *t) {
  mig_cx own = {0};
  snapshot_table got = *t;
  int rc;

  snapshot_read(&own, db, &got);
  rc = own.rc & 0xff;
  if (rc == SQLITE_NOMEM || rc == SQLITE_INTERRUPT) mig_fail_move(cx, &own);
  if (rc) got = (snapshot_table){.name = t->name, .rows = -1};
  *t = got;
  t->column = NULL;
  if (got.ncolumn)
    t->column = mig_alloc(cx, (size_t)got.ncolumn * sizeof *t->column);
  if (t->column)
    memcpy(t->column, got.column, (size_t)got.ncolumn * sizeof *t->column);
  for (rc = 0; t->column && rc < got.ncolumn; rc++)
    t->column[rc].name = mig_strdup(cx, got.column[rc].name);
  mig_cx_release(&own);
}

/* What is SQLite's or ours is none of the user's. */
#define SNAPSHOT_OURS                                                          \
  "name LIKE 'sqlite!_%%' ESCAPE '!' OR lower(name) IN ('_migrate_version',"   \
  " '_migrate_log', '_migrate_journal')"

static void snapshot_objects(mig_cx *cx, const mig_db *db, mig_snapshot *s) {
  sqlite3_stmt *st = mig_query(cx, db,
                               "SELECT type, name, sql FROM \"%w\"."
                               "sqlite_schema WHERE NOT (" SNAPSHOT_OURS
                               ") ORDER BY type, lower(name)",
                               db->schema);

  while (mig_row(cx, st)) {
    snapshot_object *o = mig_alloc(cx, sizeof *o);
    if (!o) break;
    o->type = mig_column(cx, st, 0);
    o->name = mig_column(cx, st, 1);
    o->sql = mig_column(cx, st, 2);
    mig_list_add(cx, &s->objects, o);
  }
  mig_stmt_end(cx, st);
}

mig_snapshot *mig_snapshot_take(mig_cx *cx, const mig_db *db) {
  mig_snapshot *s = mig_alloc(cx, sizeof *s);
  sqlite3_stmt *st;
  int i;

  if (!s) return NULL;
  snapshot_objects(cx, db, s);
  st = mig_query(cx, db,
                 "SELECT name, type = 'table' AND NOT wr FROM pragma_table_list"
                 " WHERE schema = %Q AND type IN ('table', 'virtual')"
                 " AND NOT (" SNAPSHOT_OURS ") ORDER BY lower(name)",
                 db->schema);
  while (mig_row(cx, st)) {
    snapshot_table *t = mig_alloc(cx, sizeof *t);
    if (!t) break;
    t->name = mig_column(cx, st, 0);
    t->keyed = sqlite3_column_int(st, 1);
    mig_list_add(cx, &s->tables, t);
  }
  mig_stmt_end(cx, st);
  for (i = 0; i < s->tables.n && !cx->rc; i++)
    snapshot_try(cx, db, s->tables.at[i]);
  return cx->rc ? NULL : s;
}

/* ---- comparing ---- */

/* The text in one line. */
static char *snapshot_line(mig_cx *cx, const char *sql) {
  char *z = mig_strdup(cx, sql ? sql : "nothing");
  int i, n = 0;

  for (i = 0; z && z[i]; i++) {
    int space = (unsigned char)z[i] <= ' ';
    if (!space || (n && z[n - 1] != ' ')) z[n++] = space ? ' ' : z[i];
  }
  if (z) z[n] = 0;
  return z;
}

/* The part of the text around its byte `at`. */
static char *snapshot_part(mig_cx *cx, const char *z, int at) {
  int n = (int)strlen(z), from = at > SNAPSHOT_LEAD ? at - SNAPSHOT_LEAD : 0;
  int to = n - from > SNAPSHOT_SHOWN ? from + SNAPSHOT_SHOWN : n;

  while (from > 0 && (z[from] & 0xC0) == 0x80) from--;
  while (to < n && (z[to] & 0xC0) == 0x80) to++;
  return mig_printf(cx, "%s%.*s%s", from ? "..." : "", to - from, z + from,
                    to < n ? "..." : "");
}

/* Are two tokens the same but for quotes around a name? */
static int snapshot_same_token(mig_cx *cx, mig_token a, mig_token b) {
  int name = (a.type == MIG_TK_ID || a.type == MIG_TK_QUOTED) &&
             (b.type == MIG_TK_ID || b.type == MIG_TK_QUOTED);

  if (a.s.n == b.s.n && !memcmp(a.s.p, b.s.p, (size_t)a.s.n)) return 1;
  if (!name) return 0;
  return !sqlite3_stricmp(mig_sql_unquote(cx, a.s), mig_sql_unquote(cx, b.s));
}

/* Do both texts say the same, but for space, comments and quotes? */
static int snapshot_same(mig_cx *cx, const char *was, const char *is) {
  mig_span a = mig_span_z(was ? was : ""), b = mig_span_z(is ? is : "");
  mig_token s, t;

  do {
    s = mig_token_next(&a);
    t = mig_token_next(&b);
    if (s.type == MIG_TK_END || t.type == MIG_TK_END) return s.type == t.type;
  } while (!cx->rc && snapshot_same_token(cx, s, t));
  return 0;
}

static void snapshot_text(mig_cx *cx, mig_list *out, const snapshot_object *o,
                          const char *now) {
  const char *a = snapshot_line(cx, o->sql), *b = snapshot_line(cx, now);
  int at = 0;

  if (cx->rc || (!o->sql && !now) || (o->sql && now && !strcmp(o->sql, now)))
    return;
  while (a[at] && a[at] == b[at]) at++;
  if (snapshot_same(cx, o->sql, now))
    mig_list_add(cx, out,
                 mig_printf(cx, "%s %s says the same in other words: %s",
                            o->type, o->name, snapshot_part(cx, b, at)));
  else
    mig_list_add(cx, out,
                 mig_printf(cx, "%s %s is %s; it was %s", o->type, o->name,
                            snapshot_part(cx, b, at),
                            snapshot_part(cx, a, at)));
}

static int snapshot_order(const snapshot_object *a, const snapshot_object *b) {
  int by_type = a && b ? strcmp(a->type, b->type) : !a - !b;

  return by_type || !a ? by_type : sqlite3_stricmp(a->name, b->name);
}

static void snapshot_compare_objects(mig_cx *cx, mig_list *out,
                                     const mig_list *was, const mig_list *is) {
  const snapshot_object *a, *b;
  int i = 0, k = 0, order;

  while (!cx->rc && (i < was->n || k < is->n)) {
    a = i < was->n ? was->at[i] : NULL;
    b = k < is->n ? is->at[k] : NULL;
    order = snapshot_order(a, b);
    if (order == 0)
      snapshot_text(cx, out, a, b->sql);
    else
      mig_list_add(cx, out,
                   order < 0 ? mig_printf(cx, "%s %s is gone", a->type, a->name)
                             : mig_printf(cx, "%s %s is there, and was not",
                                          b->type, b->name));
    i += order <= 0;
    k += order >= 0;
  }
}

static const snapshot_column *snapshot_find(const snapshot_table *t,
                                            const char *name) {
  int i;

  for (i = 0; i < t->ncolumn; i++)
    if (!sqlite3_stricmp(t->column[i].name, name)) return &t->column[i];
  return NULL;
}

static void snapshot_compare_rows(mig_cx *cx, mig_list *out,
                                  const snapshot_table *a,
                                  const snapshot_table *b) {
  mig_list other = {0};
  const snapshot_column *c;
  int i, all = a->ncolumn == b->ncolumn;

  for (i = 0; i < a->ncolumn && !cx->rc; i++) {
    c = snapshot_find(b, a->column[i].name);
    all &= c != NULL;
    if (c && c->sum != a->column[i].sum)
      mig_list_add(cx, &other, (void *)(uintptr_t)c->name);
  }
  if (a->rows != b->rows)
    mig_list_add(cx, out,
                 mig_printf(cx, "table %s has %lld row%s; it had %lld", a->name,
                            b->rows, b->rows == 1 ? "" : "s", a->rows));
  else if (all && a->sum == b->sum && other.n)
    mig_list_add(cx, out, mig_printf(cx, "table %s has other rowids", a->name));
  else if (other.n || (all && a->sum != b->sum))
    mig_list_add(cx, out,
                 mig_printf(cx, "table %s has other values%s%s", a->name,
                            other.n ? " in " : "",
                            mig_list_join(cx, &other, ", ")));
}

mig_list mig_snapshot_compare(mig_cx *cx, const mig_snapshot *was,
                              const mig_snapshot *now) {
  mig_list out = {0};
  mig_map in = {0};
  int i;

  if (cx->rc) return out;
  snapshot_compare_objects(cx, &out, &was->objects, &now->objects);
  for (i = 0; i < now->tables.n && !cx->rc; i++) {
    snapshot_table *t = now->tables.at[i];
    mig_map_put(cx, &in, t->name, t);
  }
  for (i = 0; i < was->tables.n && !cx->rc; i++) {
    const snapshot_table *a = was->tables.at[i], *b = mig_map_get(&in, a->name);
    if (b && a->rows >= 0 && b->rows >= 0)
      snapshot_compare_rows(cx, &out, a, b);
  }
  return out;
}
