/*
** ext/run/swap.c - a table's new b-tree, filled and put in the old one's
** place.
**
** What SQLite itself makes of the new statement, above all which indexes its
** constraints have, is read off the shape: an empty table of that statement.
** Then the rows of sqlite_schema exchange their root pages.  The indexes keep
** their rows there, and so their order and their statistics, and are built anew
** when the table is in its place.
*/
#include "ext/run/run.h"

#define AUTO "sqlite_autoindex_"

/* ---- the indexes of constraints ---- */

/* They have no statement of their own. */
static mig_list swap_autos(mig_cx *cx, const mig_list *objects,
                           const char *table) {
  mig_list out = {0};
  int i;

  for (i = 0; i < objects->n && !cx->rc; i++) {
    mig_object *o = objects->at[i];
    if (!strcmp(o->type, "index") && !o->sql &&
        !sqlite3_stricmp(o->table, table))
      mig_list_add(cx, &out, o);
  }
  return out;
}

/* The name that this index of the shape has as one of the table. */
static char *swap_auto_name(mig_cx *cx, const mig_swap *s,
                            const mig_object *shape) {
  return mig_printf(cx, AUTO "%s%s", s->t->name,
                    shape->name + strlen(AUTO) + strlen(s->names.shape));
}

/* What tells one index of a table from another: its columns, and, when `all`,
** how each is ordered. */
static char *swap_signature(mig_cx *cx, mig_run *run, const mig_object *o,
                            int all) {
  return mig_query_text(
      cx, run->db,
      "SELECT group_concat(coalesce(name, '') ||"
      " CASE WHEN %d THEN ' ' || coll || ' ' || \"desc\" ELSE '' END)"
      " FROM pragma_index_xinfo(%Q, %Q) WHERE key",
      all, o->name, run->db->schema);
}

/* The shape's index that is like this one, or NULL. */
static const mig_object *swap_like(mig_cx *cx, mig_run *run, const mig_swap *s,
                                   const mig_object *o) {
  const char *was, *is;
  int all, i;

  for (all = 1; all >= 0; all--) {
    was = swap_signature(cx, run, o, all);
    for (i = 0; i < s->want.n && !cx->rc; i++) {
      is = swap_signature(cx, run, s->want.at[i], all);
      if (was && is && !strcmp(was, is)) return s->want.at[i];
    }
  }
  return NULL;
}

/* ---- statistics ---- */

static int swap_has(const mig_swap *s, const char *table) {
  return mig_object_find(&s->t->objects, "table", table) != NULL;
}

/* The statistics of a constraint's index follow it to its new name. */
static void swap_stats(mig_cx *cx, mig_run *run, mig_swap *s,
                       const char *table) {
  mig_buf b = {0};
  char *sql;
  int i;

  for (i = 0; i < s->old.n && !cx->rc; i++) {
    const mig_object *o = s->old.at[i], *now = swap_like(cx, run, s, o);
    if (now)
      mig_buf_addf(cx, &b, " WHEN %Q THEN %Q", o->name,
                   swap_auto_name(cx, s, now));
  }
  sql = mig_buf_take(cx, &b);
  if (cx->rc || !s->old.n) return;
  mig_exec(cx, run->db,
           "UPDATE \"%w\".%s SET idx = CASE idx%s ELSE '' END"
           " WHERE tbl = %Q AND idx GLOB '" AUTO "*';"
           "DELETE FROM \"%w\".%s WHERE tbl = %Q AND idx = ''",
           s->t->schema, table, sql && *sql ? sql : " WHEN 0 THEN 0",
           s->t->name, s->t->schema, table, s->t->name);
}

/* ---- the empty tables ---- */

/* Give cx the error of `own` in words of the table: its name for that of one
** of ours, and `sql` for the statement. */
static void swap_fail(mig_cx *cx, const mig_swap *s, mig_cx *own,
                      const char *ours, const char *sql) {
  const char *msg = mig_cx_message(own), *end = strstr(msg, "; in: "), *at;
  mig_buf b = {0};
  char *text;

  if (cx->rc || !own->rc || (own->rc & 0xff) == SQLITE_NOMEM || !end) {
    mig_fail_move(cx, own);
    return;
  }
  while ((at = strstr(msg, ours)) != NULL && at < end) {
    mig_buf_add(cx, &b, msg, (int)(at - msg));
    mig_buf_addz(cx, &b, s->t->name);
    msg = at + strlen(ours);
  }
  mig_buf_add(cx, &b, msg, (int)(end - msg));
  text = mig_buf_take(cx, &b);
  if (text) mig_fail(cx, own->rc, "%s; in: %!.400s", text, sql);
}

/* A table that was made when double quotes could be texts still has them. */
static void swap_create(mig_cx *cx, mig_run *run, const char *sql) {
  int dqs = mig_db_flag(run->db, SQLITE_DBCONFIG_DQS_DDL, 1);

  mig_exec(cx, run->db, "%s", sql);
  mig_db_flag(run->db, SQLITE_DBCONFIG_DQS_DDL, dqs);
}

static void swap_shape(mig_cx *cx, mig_run *run, mig_swap *s) {
  char *sql;
  mig_cx own = {0};

  mig_rebuild_names(cx, s->t, &s->names);
  sql = mig_rebuild_shape(cx, s->t, s->a, s->names.shape);
  if (sql) swap_create(&own, run, sql);
  swap_fail(cx, s, &own, s->names.shape, s->a->sql);
  mig_cx_release(&own);
}

static void swap_drop(mig_cx *cx, mig_run *run, const mig_swap *s,
                      const char *name) {
  mig_exec_still(
      cx, run,
      mig_printf(cx, "DROP TABLE %s", mig_sql_path(cx, s->t->schema, name)));
}

/* An edit leaves the indexes of constraints as they are, which must be those
** of the new statement. */
static void swap_same_autos(mig_cx *cx, mig_run *run, mig_swap *s) {
  mig_list objects = mig_objects_read(cx, run->db, s->t->schema);
  int i, same;

  s->old = swap_autos(cx, &objects, s->t->name);
  s->want = swap_autos(cx, &objects, s->names.shape);
  same = s->old.n == s->want.n;
  for (i = 0; i < s->old.n && same && !cx->rc; i++) {
    const char *name = swap_auto_name(cx, s, s->want.at[i]);
    same = name && !sqlite3_stricmp(name, ((mig_object *)s->old.at[i])->name);
  }
  if (!same)
    mig_fail(cx, SQLITE_ERROR,
             "the new statement has other indexes than an edit leaves; use "
             "op.batch_alter_table with recreate = \"always\": %s",
             s->a->sql);
}

void mig_swap_check(mig_cx *cx, mig_run *run, mig_swap *s) {
  mig_tape_hold(run->db, 1);
  swap_shape(cx, run, s);
  swap_same_autos(cx, run, s);
  swap_drop(cx, run, s, s->names.shape);
  mig_tape_hold(run->db, 0);
}

/* The key of the shape when it is WITHOUT ROWID, as SQL, else NULL.  Where a
** UNIQUE has the columns of the PRIMARY KEY and stands before it, the b-tree
** has the order of the UNIQUE. */
static char *swap_key(mig_cx *cx, mig_run *run, const mig_swap *s) {
  if (!s->a->def->without_rowid) return NULL;
  return mig_query_text(
      cx, run->db,
      "SELECT group_concat('\"' || replace(name, '\"', '\"\"') || '\" COLLATE "
      "\"' || coll || '\"' || iif(\"desc\", ' DESC', ''), ', ')"
      " FROM (SELECT * FROM pragma_index_xinfo(%Q, %Q) WHERE key"
      " ORDER BY seqno)",
      s->names.shape, run->db->schema);
}

static void swap_make_fill(mig_cx *cx, mig_run *run, mig_swap *s) {
  mig_cx own = {0};
  char *sql;

  sql = mig_rebuild_fill(cx, s->t, s->a, &s->names, swap_key(cx, run, s));
  if (sql) swap_create(&own, run, sql);
  swap_fail(cx, s, &own, s->names.fill, s->a->sql);
  mig_cx_release(&own);
}

/* By SQLite's transfer, if SQLite says so: the rows then need not be watched,
** and a script would not know. */
static void swap_transfer(mig_cx *cx, mig_run *run, mig_swap *s) {
  s->names.transfer = !run->db->tape && run->progress.watch == MIG_WATCH_NONE &&
                      mig_alter_transfers(cx, s->t, s->a);
  if (!s->names.transfer) return;
  swap_make_fill(cx, run, s);
  s->names.transfer = mig_copy_transfers(cx, run, s);
  if (!s->names.transfer) swap_drop(cx, run, s, s->names.fill);
}

void mig_swap_begin(mig_cx *cx, mig_run *run, mig_swap *s) {
  mig_list objects;

  swap_shape(cx, run, s);
  swap_transfer(cx, run, s);
  if (!s->names.transfer) swap_make_fill(cx, run, s);
  objects = mig_objects_read(cx, run->db, s->t->schema);
  s->old = swap_autos(cx, &objects, s->t->name);
  s->want = swap_autos(cx, &objects, s->names.shape);
}

/* ---- the rows ---- */

/* The values, over the old rows, of what the fill keeps unique. */
static mig_list swap_keys(mig_cx *cx, const mig_swap *s) {
  const mig_create *def = s->a->def;
  mig_list keys = {0};
  int i;

  for (i = 0; i < def->columns.n && !cx->rc; i++) {
    const mig_alter_column *c = s->a->columns.at[i];
    const mig_coldef *col = def->columns.at[i];
    const mig_clause *k = mig_clause_last(&col->clauses, MIG_CLAUSE_COLLATE);
    if (c->value && mig_is_key(cx, def, col))
      mig_list_add(cx, &keys,
                   mig_printf(cx, k ? "%s COLLATE %.*s" : "%s", c->value,
                              k ? k->word.n : 0, k ? k->word.p : ""));
  }
  return keys;
}

/* Copy the rows; how many. */
static sqlite3_int64 swap_copy(mig_cx *cx, mig_run *run, const mig_swap *s,
                               const char *from) {
  char *sql = mig_rebuild_copy(cx, s->t, s->a, &s->names);
  sqlite3_int64 copied = 0;
  mig_cx own = {0};
  mig_list keys;

  if (sql) copied = mig_copy_rows(&own, run, s, sql);
  if ((own.rc & 0xff) == SQLITE_CONSTRAINT) {
    keys = swap_keys(cx, s);
    mig_proof_unique(cx, run, s->t->def, from, &keys);
  }
  if (own.rc) swap_fail(cx, s, &own, s->names.fill, strstr(sql, "SELECT "));
  mig_cx_release(&own);
  return copied;
}

/* Say what is done to all rows next. */
static void swap_phase(mig_cx *cx, mig_run *run, const mig_swap *s,
                       const char *doing) {
  mig_progress_work(run, doing, s->t->name);
  mig_progress_total(run, s->rows);
  mig_progress_poll(cx, run);
}

void mig_swap_fill(mig_cx *cx, mig_run *run, mig_swap *s) {
  const char *t = mig_sql_path(cx, s->t->schema, s->t->name);
  sqlite3_int64 copied, changes = sqlite3_total_changes64(run->db->h);

  mig_proof_run(cx, run, s->t, s->a, t, 1);
  mig_kept_note(cx, run, s);
  s->rows = mig_query_int(cx, run->db, 0, "SELECT count(*) FROM %s", t);
  swap_phase(cx, run, s, "copy");
  copied = swap_copy(cx, run, s, t);
  /* a function in using= has written: perhaps rows that were copied before */
  if (sqlite3_total_changes64(run->db->h) - changes != copied) s->kept.n = 0;
  if (!cx->rc && copied != s->rows)
    mig_fail(cx, SQLITE_ERROR,
             "%lld rows, of which %lld were copied: is there an aggregate in "
             "using=?",
             s->rows, copied);
  mig_tape_prove(cx, run->db, "rows",
                 mig_printf(cx,
                            "(SELECT count(*) FROM %s) ="
                            " (SELECT count(*) FROM %s)",
                            t, mig_sql_path(cx, s->t->schema, s->names.fill)));
  mig_proof_run(cx, run, s->t, s->a,
                mig_printf(cx, "%s AS \"%w\"",
                           mig_sql_path(cx, s->t->schema, s->names.fill),
                           s->t->name),
                0);
  if (swap_has(s, "sqlite_stat1")) swap_stats(cx, run, s, "sqlite_stat1");
  if (swap_has(s, "sqlite_stat4")) swap_stats(cx, run, s, "sqlite_stat4");
}

/* ---- the exchange ---- */

/* "CREATE TABLE name(c1 UNIQUE, c2 UNIQUE)": something to drop that has `n`
** indexes. */
static char *swap_husk(mig_cx *cx, const char *name, int n) {
  mig_buf b = {0};
  int i;

  mig_buf_addf(cx, &b, "CREATE TABLE \"%w\"(c", name);
  for (i = 0; i < n; i++) mig_buf_addf(cx, &b, ", c%d UNIQUE", i);
  mig_buf_addz(cx, &b, ")");
  return mig_buf_take(cx, &b);
}

/* Names of indexes, as rows of VALUES: it has, it gets, and the table's. */
static void swap_name(mig_cx *cx, mig_buf *b, const mig_object *o,
                      const char *name, const char *table) {
  mig_buf_addf(cx, b, "%s(%Q, %Q, %Q)", b->n ? ", " : "", o->name, name, table);
}

/* Each index that is wanted takes the row of one there is, else the shape's;
** what is too many goes to the tables that are dropped, and its row behind all
** others, for SQLite reads a table before its indexes. */
static void swap_indexes(mig_cx *cx, mig_buf *b, const mig_swap *s) {
  int both = s->old.n < s->want.n ? s->old.n : s->want.n, i;
  mig_buf names = {0}, last = {0};
  char *list, *moves;

  for (i = 0; i < s->want.n && !cx->rc; i++) {
    char *name = swap_auto_name(cx, s, s->want.at[i]);
    swap_name(cx, &names, i < both ? s->old.at[i] : s->want.at[i], name,
              s->t->name);
    if (i < both)
      swap_name(cx, &names, s->want.at[i],
                mig_printf(cx, AUTO "%s_%d", s->names.shape, i + 1),
                s->names.shape);
  }
  for (i = both; i < s->old.n && !cx->rc; i++) {
    char *name = mig_printf(cx, AUTO "%s_%d", s->names.fill, i - both + 1);
    swap_name(cx, &names, s->old.at[i], name, s->names.fill);
    mig_buf_addf(cx, &last,
                 ";\nUPDATE \"%w\".sqlite_schema SET rowid ="
                 " (SELECT max(rowid) + 1 FROM \"%w\".sqlite_schema)"
                 " WHERE type = 'index' AND name = %Q",
                 s->t->schema, s->t->schema, name);
  }
  list = mig_buf_take(cx, &names);
  moves = mig_buf_take(cx, &last);
  if (list && *list)
    mig_buf_addf(cx, b,
                 ";\nWITH m(was, becomes, of) AS (VALUES %s)"
                 " UPDATE \"%w\".sqlite_schema SET name = m.becomes,"
                 " tbl_name = m.of FROM m WHERE type = 'index'"
                 " AND name = m.was%s",
                 list, s->t->schema, moves ? moves : "");
}

static void swap_table(mig_cx *cx, mig_buf *b, const mig_swap *s,
                       const char *name, const char *sql) {
  mig_buf_addf(cx, b,
               ";\nUPDATE \"%w\".sqlite_schema SET sql = %Q"
               " WHERE type = 'table' AND name = %Q",
               s->t->schema, sql, name);
}

/* In words that are right for every database with this schema: a script may
** hold them. */
void mig_swap_exchange(mig_cx *cx, mig_run *run, mig_swap *s) {
  int both = s->old.n < s->want.n ? s->old.n : s->want.n;
  const char *t = s->t->name, *fill = s->names.fill, *shape = s->names.shape;
  mig_buf b = {0};
  char *sql;

  if (cx->rc) return;
  mig_buf_addf(cx, &b,
               "UPDATE \"%w\".sqlite_schema SET rootpage = o.root FROM"
               " (SELECT name AS was, rootpage AS root FROM"
               " \"%w\".sqlite_schema WHERE type = 'table') AS o"
               " WHERE type = 'table' AND (name = %Q AND o.was = %Q"
               " OR name = %Q AND o.was = %Q)",
               s->t->schema, s->t->schema, t, fill, fill, t);
  swap_indexes(cx, &b, s);
  swap_table(cx, &b, s, t, s->a->sql);
  swap_table(cx, &b, s, fill, swap_husk(cx, fill, s->old.n - both));
  swap_table(cx, &b, s, shape, swap_husk(cx, shape, both));
  sql = mig_buf_take(cx, &b);
  mig_rewrite(cx, run, s->t->schema, sql);
}

/* ---- the end ---- */

static int swap_is_counted(const mig_create *def) {
  const mig_clause *k = mig_primary_key(def);

  return k && k->autoincrement;
}

/* AUTOINCREMENT come or gone: its row in sqlite_sequence. */
static void swap_sequence(mig_cx *cx, mig_run *run, const mig_swap *s) {
  int was = swap_is_counted(s->t->def), is = swap_is_counted(s->a->def);
  const mig_table *t = s->t;

  if (was != is)
    mig_exec(cx, run->db, "DELETE FROM \"%w\".sqlite_sequence WHERE name = %Q",
             t->schema, t->name);
  if (!was && is)
    mig_exec(cx, run->db,
             "INSERT INTO \"%w\".sqlite_sequence(name, seq)"
             " SELECT %Q, max(seq, 0) FROM (SELECT max(\"%w\") AS seq FROM %s)"
             " WHERE seq IS NOT NULL",
             t->schema, t->name, mig_rowid_name(cx, s->a->def),
             mig_sql_path(cx, t->schema, t->name));
}

/* The columns of an index, with their collations; none when it is on an
** expression. */
static mig_list swap_index_keys(mig_cx *cx, mig_run *run, const char *name) {
  mig_list keys = {0}, none = {0};
  int plain = 1;
  sqlite3_stmt *st =
      mig_query(cx, run->db,
                "SELECT name, coll FROM pragma_index_xinfo(%Q, %Q) WHERE key",
                name, run->db->schema);

  while (mig_row(cx, st)) {
    const char *column = mig_column(cx, st, 0);
    plain &= column != NULL;
    if (column)
      mig_list_add(cx, &keys,
                   mig_printf(cx, "%s COLLATE %s", mig_sql_quoted(cx, column),
                              mig_sql_quoted(cx, mig_column(cx, st, 1))));
  }
  mig_stmt_end(cx, st);
  return plain ? keys : none;
}

/* Was this index the shape's until the exchange? */
static int swap_is_new(const mig_swap *s, const mig_object *o) {
  int i;

  for (i = s->old.n; i < s->want.n; i++)
    if (((mig_object *)s->want.at[i])->rowid == o->rowid) return 1;
  return 0;
}

void mig_swap_index(mig_cx *cx, mig_run *run, mig_swap *s, int fresh) {
  mig_list objects = mig_objects_read(cx, run->db, s->t->schema), keys;
  int i;

  for (i = 0; i < objects.n && !cx->rc; i++) {
    const mig_object *o = objects.at[i];
    mig_cx own = {0};
    if (strcmp(o->type, "index") || sqlite3_stricmp(o->table, s->t->name) ||
        swap_is_new(s, o) != fresh || mig_kept_is(cx, run, s, o))
      continue;
    swap_phase(cx, run, s, "index");
    mig_exec_still(
        &own, run,
        mig_printf(cx, "REINDEX %s", mig_sql_path(cx, s->t->schema, o->name)));
    if ((own.rc & 0xff) == SQLITE_CONSTRAINT) {
      keys = swap_index_keys(cx, run, o->name);
      mig_proof_unique(cx, run, s->a->def,
                       mig_sql_path(cx, s->t->schema, s->t->name), &keys);
    }
    mig_fail_move(cx, &own);
    mig_cx_release(&own);
  }
}

void mig_swap_end(mig_cx *cx, mig_run *run, mig_swap *s) {
  mig_kept_pages(cx, run, s);
  swap_drop(cx, run, s, s->names.fill);
  swap_drop(cx, run, s, s->names.shape);
  mig_swap_index(cx, run, s, 0);
  mig_secure_back(run->db, &run->conn->secure);
  /* where a shell goes on behind a UNIQUE index that could not be built; old
  ** rows may break other promises */
  mig_tape_prove(cx, run->db, "rows",
                 mig_printf(cx,
                            "NOT EXISTS (SELECT 1 FROM"
                            " pragma_integrity_check(%Q, %Q) WHERE"
                            " integrity_check GLOB '* in index *' OR"
                            " integrity_check GLOB '* from index *')",
                            s->t->name, s->t->schema));
  swap_sequence(cx, run, s);
}
