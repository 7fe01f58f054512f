/*
** ext/run/kept.c - the indexes that a swap keeps, and what becomes of the old
** rows' pages.
**
** The plan says it of texts; what is in an index, of a constraint too, and in
** which order, SQLite itself says: before the exchange of the table as it was,
** and behind it of the table as it is.  Only where both agree is it kept.
*/
#include "ext/run/run.h"

typedef struct kept_index kept_index;
struct kept_index {
  sqlite3_int64 rowid;   /* of its row in sqlite_schema */
  const char *signature; /* what is in it               */
};

static mig_alter_column *kept_column(const mig_alter *a, const char *name) {
  int i;

  for (i = 0; i < a->columns.n; i++) {
    mig_alter_column *c = a->columns.at[i];
    if (!sqlite3_stricmp(c->name, name)) return c;
  }
  return NULL;
}

/* All that SQLite keeps in it: columns, expressions and the row's key, and how
** each is ordered.  *plain: is each column as it was? */
static char *kept_signature(mig_cx *cx, mig_run *run, const mig_swap *s,
                            const char *name, int *plain) {
  mig_buf b = {0};
  sqlite3_stmt *st =
      mig_query(cx, run->db,
                "SELECT name, cid < 0, cid, coll, \"desc\", key FROM"
                " pragma_index_xinfo(%Q, %Q) ORDER BY seqno",
                name, run->db->schema);

  *plain = 1;
  while (mig_row(cx, st)) {
    const char *column = mig_column(cx, st, 0);
    const mig_alter_column *c = column ? kept_column(s->a, column) : NULL;
    if (column ? !c || !c->same : !sqlite3_column_int(st, 1)) *plain = 0;
    mig_buf_addf(cx, &b, "%Q %s %Q %s %s, ", column,
                 column ? "" : mig_column(cx, st, 2), mig_column(cx, st, 3),
                 mig_column(cx, st, 4), mig_column(cx, st, 5));
  }
  mig_stmt_end(cx, st);
  return mig_buf_take(cx, &b);
}

/* May the copy convert a value that an index has as it is? */
static int kept_is_odd(mig_cx *cx, mig_run *run, const mig_swap *s) {
  if (!s->a->odd || !*s->a->odd || s->names.transfer) return 0;
  if (run->db->tape) return 1; /* nobody knows what the rows will be */
  return (int)mig_query_int(cx, run->db, 0, "SELECT 1 FROM %s WHERE %s LIMIT 1",
                            mig_sql_path(cx, s->t->schema, s->t->name),
                            s->a->odd);
}

static int kept_is_planned(const mig_swap *s, const mig_object *o) {
  int i;

  if (!o->sql) return 1; /* of a constraint: the columns decide */
  for (i = 0; i < s->a->kept.n; i++)
    if (!strcmp(s->a->kept.at[i], o->name)) return 1;
  return 0;
}

void mig_kept_note(mig_cx *cx, mig_run *run, mig_swap *s) {
  mig_list objects;
  int i, plain;

  if (cx->rc || s->a->way != MIG_WAY_SWAP || kept_is_odd(cx, run, s)) return;
  objects = mig_objects_read(cx, run->db, s->t->schema);
  for (i = 0; i < objects.n && !cx->rc; i++) {
    const mig_object *o = objects.at[i];
    kept_index *k;
    if (strcmp(o->type, "index") || sqlite3_stricmp(o->table, s->t->name) ||
        !kept_is_planned(s, o))
      continue;
    if ((k = mig_alloc(cx, sizeof *k)) == NULL) return;
    k->rowid = o->rowid;
    k->signature = kept_signature(cx, run, s, o->name, &plain);
    if (plain) mig_list_add(cx, &s->kept, k);
  }
}

int mig_kept_is(mig_cx *cx, mig_run *run, const mig_swap *s,
                const mig_object *o) {
  const char *now;
  int i, plain;

  for (i = 0; i < s->kept.n; i++) {
    const kept_index *k = s->kept.at[i];
    if (k->rowid != o->rowid) continue;
    now = kept_signature(cx, run, s, o->name, &plain);
    return now && plain && k->signature && !strcmp(now, k->signature);
  }
  return 0;
}

/* ---- the old rows' pages ---- */

/* Pages that hold nothing but what the new table holds as well. */
void mig_kept_pages(mig_cx *cx, mig_run *run, const mig_swap *s) {
  if (cx->rc || !s->a->held || run->db->tape ||
      !strcmp(mig_config_get(run->conn, "secure_delete"), "on"))
    return;
  mig_secure_off(cx, run->db, &run->conn->secure);
}
