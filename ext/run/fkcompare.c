/*
** ext/run/fkcompare.c - which foreign-key violations are new: those of before,
** said in the names of now, taken from those of now.
**
** They are told apart by child table, row, parent and child columns; where rows
** have other rowids now, they are counted.  A table that was renamed keeps its
** root page; a column that is no longer there may be
** any.
*/
#include "ext/run/run.h"

#define LISTED 10 /* violations that a message lists */
#define ANY ""    /* columns that are no longer there */

typedef struct fkc_pair fkc_pair;
struct fkc_pair {
  const mig_db *db;
  mig_fk_table *was, *now; /* now: all tables there are, some of them read */
  mig_map old;             /* mig_fk_row, by the key that it would have now */
};

static mig_fk_table *fkc_follow(mig_fk_table *now, const char *name,
                                sqlite3_int64 root) {
  mig_fk_table *same = mig_fk_table_find(now, name);

  for (; !same && root && now; now = now->next) /* a virtual table has none */
    if (now->root == root) same = now;
  return same;
}

mig_fk_table *mig_fk_follow(mig_fk_table *now, const mig_fk_table *t) {
  mig_fk_table *same = fkc_follow(now, t->name, t->root);

  return same || !t->origin ? same : mig_fk_table_find(now, t->origin);
}

/* Has the table all columns of this comma list? */
static int fkc_has(mig_cx *cx, const mig_db *db, const char *table,
                   const char *columns) {
  mig_list names = mig_list_split(cx, mig_span_z(columns));
  int i, has = 1;

  for (i = 0; i < names.n && has; i++)
    has = (int)mig_query_int(cx, db, 0,
                             "SELECT 1 FROM pragma_table_xinfo(%Q, %Q)"
                             " WHERE name = %Q COLLATE NOCASE",
                             table, db->schema, names.at[i]);
  return has;
}

/* `child` is its table now. */
static char *fkc_key(mig_cx *cx, const mig_fk_table *child, const mig_fk_row *r,
                     const char *parent, const char *columns) {
  char *key = mig_printf(cx, "%s\x1f%s\x1f%s\x1f%s", child->name,
                         r->rowid && !child->renumbered ? r->rowid : "", parent,
                         columns);
  char *p;

  for (p = key; p && *p; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + 32);
  return key;
}

/* Count the violations that the table had. */
static void fkc_count(mig_cx *cx, fkc_pair *c, const mig_fk_table *was) {
  mig_fk_table *child = was->rows.n ? mig_fk_follow(c->now, was) : NULL, *to;
  const char *parent = NULL, *columns = NULL;
  const mig_fk_key *k = NULL;
  mig_fk_row *r, *had;
  char *key;
  int i;

  if (!child || was->blind) return;
  child->renumbered |= was->renumbered;
  for (i = 0; !cx->rc && i < was->rows.n; i++) {
    r = was->rows.at[i];
    if (r->key != k) {
      k = r->key;
      to = fkc_follow(c->now, k->parent, k->root);
      parent = to ? to->name : k->parent;
      columns = fkc_has(cx, c->db, child->name, k->columns) ? k->columns : ANY;
    }
    key = fkc_key(cx, child, r, parent, columns);
    had = key ? mig_map_get(&c->old, key) : NULL;
    if (had)
      had->n++;
    else if (key)
      mig_map_put(cx, &c->old, key, r);
  }
}

/* Was the table, by whatever name, one that could not be checked? */
static int fkc_was_blind(const fkc_pair *c, const mig_fk_table *t) {
  const mig_fk_table *was;

  for (was = c->was; was; was = was->next)
    if (was->blind && mig_fk_follow(c->now, was) == t) return 1;
  return 0;
}

/* Is it one of the old ones, with these columns?  Each counts once. */
static int fkc_is_old(mig_cx *cx, const fkc_pair *c, const mig_fk_table *t,
                      const mig_fk_row *r, const char *columns) {
  char *key = fkc_key(cx, t, r, r->key->parent, columns);
  mig_fk_row *had = key ? mig_map_get(&c->old, key) : NULL;

  if (!had || had->n < 1) return 0;
  had->n--;
  return 1;
}

static int fkc_is_new(mig_cx *cx, const fkc_pair *c, const mig_fk_table *t,
                      const mig_fk_row *r) {
  return !fkc_is_old(cx, c, t, r, r->key->columns) &&
         !fkc_is_old(cx, c, t, r, ANY);
}

static void fkc_list(mig_cx *cx, mig_buf *b, const mig_fk_table *t,
                     const mig_fk_row *r) {
  mig_buf_addf(cx, b, "%s%s", b->n ? "; " : "", t->name);
  if (t->blind) {
    mig_buf_addf(cx, b, ": %s", r->key->parent);
    return;
  }
  if (r->rowid) mig_buf_addf(cx, b, " rowid %s", r->rowid);
  mig_buf_addf(cx, b, " (%s) has no row in %s", r->key->columns,
               r->key->parent);
}

/* List up to LISTED new violations; returns how many there are. */
static int fkc_list_new(mig_cx *cx, const fkc_pair *c, mig_buf *b) {
  const mig_fk_table *t;
  int i, n = 0;

  for (t = c->now; t; t = t->next) {
    if (!t->rows.n || fkc_was_blind(c, t)) continue;
    for (i = 0; !cx->rc && i < t->rows.n; i++)
      if (fkc_is_new(cx, c, t, t->rows.at[i]) && ++n <= LISTED)
        fkc_list(cx, b, t, t->rows.at[i]);
  }
  return n;
}

void mig_fk_compare(mig_cx *cx, const mig_db *db, mig_fk_table *was,
                    mig_fk_table *now) {
  fkc_pair c = {db, was, now, {0}};
  mig_fk_table *t;
  mig_buf b = {0};
  mig_cx own = {0};
  char *listed;
  int n;

  for (t = was; t; t = t->next)
    if (t->touched) fkc_count(&own, &c, t);
  n = fkc_list_new(&own, &c, &b);
  listed = mig_buf_take(&own, &b);
  if (n)
    mig_fail(&own, SQLITE_CONSTRAINT_FOREIGNKEY,
             "%d new foreign key violation%s: %s%s", n, n > 1 ? "s" : "",
             listed, n > LISTED ? "; ..." : "");
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
}
