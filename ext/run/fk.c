/*
** ext/run/fk.c - which foreign-key violations a run has added.
**
** All violations are read before and after.  They are told apart by child
** table, row, parent and child columns; a table that was renamed keeps its root
** page, a renamed column its place.
**
** A foreign key whose parent has no fitting unique index makes SQLite refuse to
** check its table ("foreign key mismatch").  That counts as one violation, and
** while it lasted nothing more is known of that table.
*/
#include "ext/run/run.h"

#define LISTED 10 /* violations that a message lists */

typedef struct fk_table fk_table;
struct fk_table {
  const char *name;
  sqlite3_int64 root; /* its root page                            */
  int child;          /* has it a foreign key?                    */
  mig_list columns;   /* names (char), when it has a violation    */
  int blind;          /* it could not be checked                  */
};

typedef struct fk_row fk_row;
struct fk_row {
  fk_table *child;
  const char *rowid;   /* as text; NULL in a WITHOUT ROWID table   */
  const char *parent;  /* a name, or SQLite's message on a mismatch */
  const char *columns; /* the child's, a comma list                */
  int n;               /* how often this key is there              */
};

struct mig_fk {
  mig_list tables; /* fk_table                                    */
  mig_map by_name; /* the same                                    */
  mig_list rows;   /* fk_row                                      */
  const mig_db *db;
  mig_cx mem; /* what the lists are made of */
};

static void fk_read_columns(mig_cx *cx, const mig_db *db, fk_table *t) {
  sqlite3_stmt *st;

  if (t->columns.n) return;
  st = mig_query(cx, db, "SELECT name FROM pragma_table_xinfo(%Q, %Q)", t->name,
                 db->schema);
  while (mig_row(cx, st)) mig_list_add(cx, &t->columns, mig_column(cx, st, 0));
  mig_stmt_end(cx, st);
}

static void fk_add(mig_cx *cx, mig_fk *fk, fk_table *t, const char *rowid,
                   const char *parent, const char *columns) {
  fk_row *r = mig_alloc(cx, sizeof *r);

  if (!r) return;
  *r = (fk_row){t, rowid, parent, columns ? columns : "", 1};
  mig_list_add(cx, &fk->rows, r);
}

/* The violations of one table.  *own gets SQLite's refusal to check it. */
static void fk_read_rows(mig_cx *cx, mig_cx *own, mig_fk *fk, fk_table *t) {
  sqlite3_stmt *st =
      mig_query(own, fk->db,
                "SELECT c.rowid, c.parent, (SELECT group_concat(\"from\") FROM"
                " pragma_foreign_key_list(%Q, %Q) WHERE id = c.fkid)"
                " FROM pragma_foreign_key_check(%Q, %Q) AS c",
                t->name, fk->db->schema, t->name, fk->db->schema);

  while (!cx->rc && mig_row(own, st)) {
    fk_read_columns(cx, fk->db, t);
    fk_add(cx, fk, t, mig_column(cx, st, 0), mig_column(cx, st, 1),
           mig_column(cx, st, 2));
  }
  mig_stmt_end(own, st);
}

static void fk_read_table(mig_cx *cx, mig_fk *fk, fk_table *t) {
  mig_cx own = {0};

  fk_read_rows(cx, &own, fk, t);
  if ((own.rc & 0xff) == SQLITE_ERROR &&
      strstr(mig_cx_message(&own), "foreign key mismatch")) {
    t->blind = 1;
    fk_add(cx, fk, t, NULL, mig_strdup(cx, sqlite3_errmsg(fk->db->h)), NULL);
  } else {
    mig_fail_move(cx, &own);
  }
  mig_cx_release(&own);
}

/* A table has no foreign key without the word REFERENCES, which is cheaper to
** ask than SQLite's list. */
static void fk_read_tables(mig_cx *cx, mig_fk *fk) {
  const mig_db *db = fk->db;
  sqlite3_stmt *st = mig_query(
      cx, db,
      "SELECT m.name, m.rootpage, instr(upper(m.sql), 'REFERENCES')"
      " AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name, %Q))"
      " FROM \"%w\".sqlite_schema AS m WHERE m.type = 'table'",
      db->schema, db->schema);
  fk_table *t;

  while (mig_row(cx, st) && (t = mig_alloc(cx, sizeof *t)) != NULL) {
    t->name = mig_column(cx, st, 0);
    t->root = sqlite3_column_int64(st, 1);
    t->child = sqlite3_column_int(st, 2);
    mig_list_add(cx, &fk->tables, t);
    if (t->name) mig_map_put(cx, &fk->by_name, t->name, t);
  }
  mig_stmt_end(cx, st);
}

static void fk_free(void *p) {
  mig_fk *fk = p;

  mig_cx_release(&fk->mem);
  sqlite3_free(fk);
}

mig_fk *mig_fk_read(mig_cx *cx, const mig_db *db) {
  mig_fk *fk = cx->rc ? NULL : sqlite3_malloc64(sizeof *fk);
  int i;

  if (!fk) {
    mig_fail_nomem(cx);
    return NULL;
  }
  memset(fk, 0, sizeof *fk);
  fk->db = db;
  fk_read_tables(&fk->mem, fk);
  for (i = 0; !fk->mem.rc && i < fk->tables.n; i++)
    if (((fk_table *)fk->tables.at[i])->child)
      fk_read_table(&fk->mem, fk, fk->tables.at[i]);
  mig_fail_move(cx, &fk->mem);
  return mig_own(cx, fk, fk_free);
}

void mig_fk_end(mig_cx *cx, mig_fk *fk) {
  if (!fk) return;
  mig_disown(cx, fk);
  fk_free(fk);
}

/* ---- comparing: a violation of before, said in the names of now ---- */

static fk_table *fk_follow(const mig_fk *now, const fk_table *t) {
  fk_table *same = mig_map_get(&now->by_name, t->name);
  int i;

  if (!t->root) return same; /* a virtual table has none */
  for (i = 0; !same && i < now->tables.n; i++) {
    fk_table *other = now->tables.at[i];
    if (other->root == t->root) same = other;
  }
  return same;
}

static int fk_place(const mig_list *names, const char *name, int n) {
  int i;

  for (i = 0; i < names->n; i++)
    if ((int)strlen(names->at[i]) == n &&
        !sqlite3_strnicmp(names->at[i], name, n))
      return i;
  return -1;
}

/* The comma list `columns` of `was`, as they are called in `now`. */
static char *fk_columns(mig_cx *cx, const fk_row *r, fk_table *now) {
  const mig_list *was = &r->child->columns;
  const char *p = r->columns;
  mig_buf b = {0};
  int n, at;

  for (; *p; p += n + (p[n] == ',')) {
    n = (int)strcspn(p, ",");
    at = fk_place(&now->columns, p, n) < 0 && was->n == now->columns.n
             ? fk_place(was, p, n)
             : -1;
    if (b.n) mig_buf_addz(cx, &b, ",");
    if (at >= 0)
      mig_buf_addz(cx, &b, now->columns.at[at]);
    else
      mig_buf_add(cx, &b, p, n);
  }
  return mig_buf_take(cx, &b);
}

static char *fk_key(mig_cx *cx, const char *child, const fk_row *r,
                    const char *parent, const char *columns) {
  char *key = mig_printf(cx, "%s\x1f%s\x1f%s\x1f%s", child,
                         r->rowid ? r->rowid : "", parent, columns);
  char *p;

  for (p = key; p && *p; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + 32);
  return key;
}

/* Count the old violations by the keys that they would have now. */
static void fk_count(mig_cx *cx, const mig_fk *was, const mig_fk *now,
                     mig_map *old) {
  const char *parent;
  fk_table *child, *to;
  fk_row *r, *had;
  char *key;
  int i;

  for (i = 0; !cx->rc && i < was->rows.n; i++) {
    r = was->rows.at[i];
    child = fk_follow(now, r->child);
    if (!child || r->child->blind) continue;
    fk_read_columns(cx, now->db, child);
    to = mig_map_get(&was->by_name, r->parent);
    to = to ? fk_follow(now, to) : NULL;
    parent = to ? to->name : r->parent;
    key = fk_key(cx, child->name, r, parent, fk_columns(cx, r, child));
    had = key ? mig_map_get(old, key) : NULL;
    if (had)
      had->n++;
    else if (key)
      mig_map_put(cx, old, key, r);
  }
}

/* Was the table, by whatever name, one that could not be checked? */
static int fk_was_blind(const mig_fk *was, const mig_fk *now,
                        const fk_table *t) {
  int i;

  for (i = 0; i < was->tables.n; i++) {
    const fk_table *w = was->tables.at[i];
    if (w->blind && fk_follow(now, w) == t) return 1;
  }
  return 0;
}

static int fk_is_new(mig_cx *cx, mig_map *old, const mig_fk *was,
                     const mig_fk *now, const fk_row *r) {
  char *key = fk_key(cx, r->child->name, r, r->parent, r->columns);
  fk_row *had = key ? mig_map_get(old, key) : NULL;

  if (had && had->n > 0) {
    had->n--;
    return 0;
  }
  return !fk_was_blind(was, now, r->child);
}

static void fk_list(mig_cx *cx, mig_buf *b, const fk_row *r) {
  mig_buf_addf(cx, b, "%s%s", b->n ? "; " : "", r->child->name);
  if (r->child->blind) {
    mig_buf_addf(cx, b, ": %s", r->parent);
    return;
  }
  if (r->rowid) mig_buf_addf(cx, b, " rowid %s", r->rowid);
  mig_buf_addf(cx, b, " (%s) has no row in %s", r->columns, r->parent);
}

void mig_fk_compare(mig_cx *cx, const mig_fk *was, const mig_fk *now) {
  mig_map old = {0};
  mig_buf b = {0};
  char *listed;
  int i, n = 0;

  if (cx->rc) return;
  fk_count(cx, was, now, &old);
  for (i = 0; !cx->rc && i < now->rows.n; i++) {
    const fk_row *r = now->rows.at[i];
    if (fk_is_new(cx, &old, was, now, r) && ++n <= LISTED) fk_list(cx, &b, r);
  }
  listed = mig_buf_take(cx, &b);
  if (n)
    mig_fail(cx, SQLITE_CONSTRAINT_FOREIGNKEY,
             "%d new foreign key violation%s: %s%s", n, n > 1 ? "s" : "",
             listed, n > LISTED ? "; ..." : "");
}
