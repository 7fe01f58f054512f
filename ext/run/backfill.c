/*
** ext/run/backfill.c - columns computed anew, chunk by chunk in the order of
** the table's key.
**
** A chunk is one UPDATE over a range of keys, so a row is written as often as
** by one UPDATE over all.  Where a range ends is kept as SQL text: that is what
** a revision which goes on after a power cut finds in its journal.
*/
#include "ext/run/run.h"
#include <stdlib.h>

#define BACKFILL_SURE 15 /* chunks whose ends are not looked for, at most */

#define CHUNK_POINT "_migrate_chunk"

typedef struct backfill_run backfill_run;
struct backfill_run {
  const mig_backfill *b;
  const mig_table *t;
  mig_run *run;
  const char *path;  /* of the table, as SQL                                 */
  const char *key;   /* "rowid", "a, b": of its key; NULL: no name reaches it */
  const char *again; /* the same, but for no index to find                   */
  const char *text;  /* an expression: the row's key, as SQL                 */
  const char *set;   /* "first = f(...), last = f(...)"                      */
  const char *where; /* " AND (...)", or ""                               */
  const char *last;  /* the last key there is, at the beginning              */
  int sure;          /* for so many chunks it is known where they end        */
  int loose;         /* does VACUUM number the rows anew?                    */
  int enforce;       /* does SQLite look after the foreign keys?             */
};

/* ---- the table's key ---- */

/* The names of the columns of the key, as SQL: char. */
static mig_list backfill_keys(mig_cx *cx, const mig_table *t) {
  const mig_clause *pk = mig_primary_key(t->def);
  mig_list keys = {0};
  int i;

  if (!t->def->without_rowid) {
    const char *rowid = mig_rowid_name(cx, t->def);
    if (rowid) mig_list_add(cx, &keys, mig_sql_quoted(cx, rowid));
    return keys;
  }
  for (i = 0; i < t->def->columns.n && !pk->keys.n; i++) {
    const mig_coldef *col = t->def->columns.at[i];
    if (mig_is_key(cx, t->def, col))
      mig_list_add(cx, &keys, mig_strndup(cx, col->name.p, col->name.n));
  }
  for (i = 0; i < pk->keys.n; i++) {
    const mig_key *k = pk->keys.at[i];
    mig_list_add(cx, &keys, mig_strndup(cx, k->column.p, k->column.n));
  }
  return keys;
}

/* Names of a list, each on its own: "a DESC, b DESC". */
static char *backfill_each(mig_cx *cx, const mig_list *names, const char *end) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < names->n; i++)
    mig_buf_addf(cx, &b, "%s%s%s", i ? ", " : "", (char *)names->at[i], end);
  return mig_buf_take(cx, &b);
}

/*
** An expression: the value of the column k as a literal that reads back the
** same.  quote() ends a text at a NUL, and before SQLite 3.41 gives an infinite
** number as Inf.  Before 3.43 the last bits of a number near to 0 are read
** wrong, so it goes 2^200 times as large.
*/
static char *backfill_literal(mig_cx *cx, const char *k) {
  static const char scale[] = "1.6069380442589902755e60";

  return mig_printf(
      cx,
      "CASE typeof(%s) WHEN 'text' THEN 'CAST(x''' || hex(%s) || ''' AS TEXT)'"
      " WHEN 'real' THEN iif(abs(%s) < 1e-280, '(' || quote(%s * %s) ||"
      " ' / %s)', replace(quote(%s), 'Inf', '9e999')) ELSE quote(%s) END",
      k, k, k, k, scale, scale, k, k);
}

static char *backfill_text(mig_cx *cx, const mig_list *keys) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < keys->n; i++)
    mig_buf_addf(cx, &b, "%s%s", i ? " || ', ' || " : "",
                 backfill_literal(cx, keys->at[i]));
  return mig_buf_take(cx, &b);
}

/*
** Is a key that the journal holds what such expressions give?  It goes into
** statements of ours, and who made the database may have written it.
*/
static int backfill_is_literals(mig_span key) {
  mig_token t, was = {MIG_TK_END, {key.p, 0}};
  int depth = 0;

  for (; (t = mig_token_next(&key)).type != MIG_TK_END; was = t) {
    depth += mig_token_is(t, "(") - mig_token_is(t, ")");
    if (depth < 0 || (!mig_token_any(t, "CAST AS TEXT NULL ( ) , - /") &&
                      t.type != MIG_TK_INTEGER && t.type != MIG_TK_FLOAT &&
                      t.type != MIG_TK_BLOB))
      return 0;
    /* text(...) might be a function of the host's */
    if (mig_token_is(t, "TEXT") && !mig_token_is(was, "AS")) return 0;
  }
  return depth == 0 && was.type != MIG_TK_END;
}

/* Without INTEGER PRIMARY KEY a rowid is the row's until the next VACUUM
** (https://sqlite.org/lang_vacuum.html). */
static int backfill_loose(mig_cx *cx, const mig_table *t) {
  int i;

  for (i = 0; i < t->def->columns.n; i++)
    if (mig_is_rowid(cx, t->def, t->def->columns.at[i])) return 0;
  return !t->def->without_rowid;
}

/* ---- what is to be set ---- */

/* The column of this name, which may be set. */
static const mig_coldef *backfill_column(mig_cx *cx, const mig_table *t,
                                         const char *name) {
  const mig_coldef *col = mig_create_column(t->def, name, NULL);

  if (cx->rc) return NULL;
  if (!col)
    mig_fail(cx, SQLITE_ERROR, "table %s has no column %s", t->name, name);
  else if (mig_is_rowid(cx, t->def, col) ||
           (t->def->without_rowid && mig_is_key(cx, t->def, col)))
    mig_fail(cx, SQLITE_ERROR,
             "column %s is the key by which the rows of %s are gone through; "
             "set it with op.execute",
             name, t->name);
  return cx->rc ? NULL : col;
}

/* What the function gets: a column by its name, or any expression. */
static char *backfill_from(mig_cx *cx, const mig_table *t,
                           const mig_list *from) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < from->n; i++) {
    const char *z = from->at[i];
    if (mig_create_column(t->def, z, NULL)) z = mig_sql_quoted(cx, z);
    mig_buf_addz(cx, &b, ", ");
    mig_piece_add(cx, &b, "from", z);
  }
  return mig_buf_take(cx, &b);
}

/* Which of the columns SQLite computes first: the table's order decides. */
static int backfill_first(mig_cx *cx, const backfill_run *r) {
  int i, at, least = r->t->def->columns.n, first = 0;

  for (i = 0; i < r->b->columns.n; i++)
    if (mig_create_column(r->t->def, r->b->columns.at[i], &at) && at < least &&
        !cx->rc) {
      least = at;
      first = i;
    }
  return first;
}

/* Each column is given once, and may be set. */
static void backfill_columns(mig_cx *cx, const backfill_run *r) {
  const mig_list *columns = &r->b->columns;
  int i, k;

  for (i = 0; i < columns->n && !cx->rc; i++) {
    const char *name = columns->at[i];
    const mig_coldef *col = backfill_column(cx, r->t, name);
    for (k = 0; k < i && col; k++)
      if (mig_create_column(r->t->def, columns->at[k], NULL) == col)
        mig_fail(cx, SQLITE_ERROR, "column %s is given twice", name);
  }
}

static char *backfill_set(mig_cx *cx, const backfill_run *r,
                          const char *first_key) {
  const mig_list *columns = &r->b->columns;
  const int most = sqlite3_limit(r->run->db->h, SQLITE_LIMIT_FUNCTION_ARG, -1);
  const char *from, *name;
  mig_buf b = {0};
  int i, first;

  backfill_columns(cx, r);
  first = backfill_first(cx, r);
  from = backfill_from(cx, r->t, &r->b->from);
  if (r->b->from.n > most - 2)
    mig_fail(cx, SQLITE_ERROR,
             "from gives %d values, and SQLite lets a function have %d here; "
             "name the ones that are needed in from",
             r->b->from.n, most - 2);
  for (i = 0; i < columns->n && !cx->rc; i++) {
    name = mig_sql_quoted(cx, columns->at[i]);
    /* what the column had is read only where it gives NULL */
    mig_buf_addf(cx, &b, "%s%s = coalesce(%s(%d", i ? ", " : "", name,
                 r->b->function, i);
    if (i == first) mig_buf_addf(cx, &b, ", %s%s", first_key, from);
    mig_buf_addf(cx, &b, "), %s(%d, %s))", r->b->function, -1 - i, name);
  }
  return mig_buf_take(cx, &b);
}

static char *backfill_where(mig_cx *cx, const char *where) {
  mig_buf b = {0};

  if (!where) return mig_strdup(cx, "");
  mig_buf_addz(cx, &b, " AND (");
  mig_piece_add(cx, &b, "where", where);
  mig_buf_addz(cx, &b, ")");
  return mig_buf_take(cx, &b);
}

/* ---- foreign keys ---- */

/* May an UPDATE of these columns make or mend a violation? */
static int backfill_concerns(mig_cx *cx, const backfill_run *r) {
  mig_list names = {0};
  char *list;
  int i;

  for (i = 0; i < r->b->columns.n; i++)
    mig_list_add(cx, &names, mig_printf(cx, "%Q", r->b->columns.at[i]));
  list = mig_list_join(cx, &names, ", ");
  return (int)mig_query_int(
      cx, r->run->db, 0,
      "SELECT 1 FROM pragma_foreign_key_list(%Q, %Q) WHERE \"from\""
      " COLLATE NOCASE IN (%s) UNION ALL SELECT 1 FROM \"%w\".sqlite_schema"
      " AS m, pragma_foreign_key_list(m.name, %Q) AS k WHERE m.type = 'table'"
      " AND k.\"table\" = %Q COLLATE NOCASE AND ifnull(k.\"to\" COLLATE NOCASE"
      " IN (%s), 1) LIMIT 1",
      r->t->name, r->t->schema, list, r->t->schema, r->t->schema, r->t->name,
      list);
}

static int backfill_fires(mig_cx *cx, const backfill_run *r) {
  return (int)mig_query_int(
      cx, r->run->db, 0,
      "SELECT 1 FROM (SELECT tbl_name FROM \"%w\".sqlite_schema WHERE type ="
      " 'trigger' UNION ALL SELECT tbl_name FROM temp.sqlite_schema WHERE type"
      " = 'trigger') WHERE tbl_name = %Q COLLATE NOCASE LIMIT 1",
      r->t->schema, r->t->name);
}

/* Chunks that commit by themselves cannot be compared with what was before
** all of them: SQLite itself enforces the foreign keys then. */
static void backfill_note(mig_cx *cx, backfill_run *r) {
  int fires = backfill_fires(cx, r), concerns = backfill_concerns(cx, r);

  r->enforce = r->run->resume && (fires || concerns);
  if (r->run->resume) return;
  if (fires)
    mig_fk_note_all(cx, r->run);
  else if (concerns)
    mig_fk_note(cx, r->run, r->t->name);
}

/* ---- chunks ---- */

/* " WHERE (key) > (lo) AND (key) <= (hi)"; either may be NULL. */
static void backfill_range(mig_cx *cx, mig_buf *b, const backfill_run *r,
                           const char *lo, const char *hi) {
  mig_buf_addz(cx, b, " WHERE 1");
  if (lo) mig_buf_addf(cx, b, " AND (%s) > (%s)", r->key, lo);
  if (hi) mig_buf_addf(cx, b, " AND (%s) <= (%s)", r->key, hi);
}

/* The key of the chunk's last row; NULL when the rows that are left fit. */
static char *backfill_end(mig_cx *cx, const backfill_run *r, const char *lo) {
  mig_buf b = {0};
  char *sql;

  if (!r->key) return NULL;
  mig_buf_addf(cx, &b, "SELECT %s FROM %s", r->text, r->path);
  backfill_range(cx, &b, r, lo, r->last);
  /* in a damaged table a row behind lo may have a key before it; from there it
     would go round for ever */
  if (lo) mig_buf_addf(cx, &b, " AND (%s) > (%s)", r->again, lo);
  mig_buf_addf(cx, &b, " ORDER BY %s LIMIT 1 OFFSET %lld", r->key,
               r->b->chunk - 1);
  sql = mig_buf_take(cx, &b);
  return sql ? mig_query_text(cx, r->run->db, "%s", sql) : NULL;
}

/*
** The same, without going through the rows where it can be known: when the
** rowids have had no gap for one chunk, the next ones end so many further on.
** Should there be a gap after all, they have fewer rows.
*/
static char *backfill_next(mig_cx *cx, backfill_run *r, const char *lo) {
  const sqlite3_uint64 n = (sqlite3_uint64)r->b->chunk;
  sqlite3_uint64 from;
  char *hi;

  if (r->t->def->without_rowid || r->run->resume || !lo || !r->last ||
      r->run->progress.watch != MIG_WATCH_NONE)
    return backfill_end(cx, r, lo);
  from = (sqlite3_uint64)strtoll(lo, NULL, 10);
  if (!r->sure) {
    hi = backfill_end(cx, r, lo);
    if (hi && (sqlite3_uint64)strtoll(hi, NULL, 10) - from == n)
      r->sure = BACKFILL_SURE;
    return hi;
  }
  r->sure--;
  if ((sqlite3_uint64)strtoll(r->last, NULL, 10) - from <= n) return NULL;
  return mig_printf(cx, "%lld", (sqlite3_int64)(from + n));
}

/* A function that fails takes back the chunk's rows that were set before. */
static void backfill_update(mig_cx *cx, const backfill_run *r,
                            const char *sql) {
  const mig_db *db = r->run->db;
  int own = mig_sqlite_has(sqlite3_libversion_number(), MIG_SINCE_UNDONE);
  mig_cx undo = {0};

  if (own) {
    mig_exec(cx, db, "%s", sql);
    return;
  }
  mig_tape_hold(db, 1);
  mig_exec(cx, db, "SAVEPOINT " CHUNK_POINT);
  mig_tape_hold(db, 0);
  own = !cx->rc;
  mig_exec(cx, db, "%s", sql);
  mig_tape_hold(db, 1);
  if (own && cx->rc) mig_exec(&undo, db, "ROLLBACK TO " CHUNK_POINT);
  if (own) mig_exec(&undo, db, "RELEASE " CHUNK_POINT);
  mig_tape_hold(db, 0);
  mig_fail_move(cx, &undo);
  mig_cx_release(&undo);
}

/* How many rows were set. */
static sqlite3_int64 backfill_chunk(mig_cx *cx, const backfill_run *r,
                                    const char *lo, const char *hi) {
  sqlite3_int64 before = sqlite3_total_changes64(r->run->db->h);
  mig_buf b = {0};
  int was;
  char *sql;

  mig_buf_addf(cx, &b, "UPDATE %s SET %s", r->path, r->set);
  backfill_range(cx, &b, r, lo, hi);
  mig_buf_addz(cx, &b, r->where);
  sql = mig_buf_take(cx, &b);
  if (!sql) return 0;
  was = mig_db_flag(r->run->db, SQLITE_DBCONFIG_ENABLE_FKEY, r->enforce);
  backfill_update(cx, r, sql);
  mig_db_flag(r->run->db, SQLITE_DBCONFIG_ENABLE_FKEY, was);
  return sqlite3_total_changes64(r->run->db->h) == before
             ? 0
             : sqlite3_changes64(r->run->db->h);
}

/* The rows that were gone through before, for those who watch. */
static sqlite3_int64 backfill_seen(mig_cx *cx, const backfill_run *r,
                                   const char *lo) {
  if (!lo || r->run->progress.watch == MIG_WATCH_NONE) return 0;
  return mig_query_int(cx, r->run->db, 0,
                       "SELECT count(*) FROM %s WHERE (%s) <= (%s)", r->path,
                       r->key, lo);
}

/* Where the last chunk has ended, and how many rows were set until then. */
static char *backfill_place(mig_cx *cx, const backfill_run *r,
                            sqlite3_int64 *rows) {
  char *key = mig_strdup(cx, mig_resume_key(cx, r->run, rows));

  if (!key || backfill_is_literals(mig_span_z(key))) return key;
  mig_fail(cx, SQLITE_ERROR,
           "_migrate_journal in database %s holds a key that migrate does not "
           "write; delete its row, or rename the table",
           r->run->db->schema);
  return NULL;
}

/* What marks a place as of the schema's version, which VACUUM raises too. */
static char *backfill_mark(mig_cx *cx, const backfill_run *r) {
  return mig_printf(cx, " /* schema_version %lld */",
                    mig_query_int(cx, r->run->db, 0,
                                  "PRAGMA \"%w\".schema_version",
                                  r->t->schema));
}

static void backfill_commit(mig_cx *cx, const backfill_run *r, const char *hi,
                            sqlite3_int64 rows) {
  if (r->loose) hi = mig_printf(cx, "%s%s", hi, backfill_mark(cx, r));
  mig_resume_chunk(cx, r->run, hi, rows);
}

/* Is the place where the last chunk has ended still there? */
static void backfill_check(mig_cx *cx, const backfill_run *r, const char *lo) {
  mig_resume *resume = r->run->resume;
  const char *mark;

  if (cx->rc || !resume || !r->loose || !lo) return;
  mark = backfill_mark(cx, r);
  if (cx->rc || strstr(lo, mark)) return;
  mig_fail(cx, SQLITE_ERROR,
           "the schema has changed since the last chunk, or VACUUM has run, "
           "which numbers the rows of %s anew, for it has no INTEGER PRIMARY "
           "KEY: which rows are done cannot be known; finish by hand what is "
           "left, and then %s",
           r->t->name,
           mig_resume_exit(cx, r->run, resume->name, resume->direction));
  resume->gone = 1;
}

/*
** All chunks.  A chunk's memory is its own, but for its end, which the next one
** begins with; another process may have gone on from there meanwhile.
*/
static sqlite3_int64 backfill_chunks(mig_cx *cx, backfill_run *r) {
  sqlite3_int64 rows = 0, seen;
  mig_cx was = {0}, now = {0};
  const char *lo = backfill_place(cx, r, &rows), *hi;

  if (cx->rc) return 0;
  mig_progress_rows(cx, r->run, seen = backfill_seen(cx, r, lo));
  do {
    backfill_check(&now, r, lo);
    hi = backfill_next(&now, r, lo);
    if (!now.rc) rows += backfill_chunk(&now, r, lo, hi ? hi : r->last);
    if (hi && r->run->resume) {
      backfill_commit(&now, r, hi, rows);
      hi = backfill_place(&now, r, &rows);
    }
    mig_fail_move(cx, &now);
    mig_progress_rows(cx, r->run, seen += r->b->chunk);
    mig_cx_release(&was);
    was = now;
    memset(&now, 0, sizeof now);
    lo = hi;
  } while (hi && !cx->rc);
  mig_cx_release(&was);
  return rows;
}

/* Read the table, and make of the job what all chunks have in common. */
static void backfill_prepare(mig_cx *cx, backfill_run *r) {
  mig_list keys;

  r->t = mig_table_read(cx, r->run->db, r->b->table, 0);
  if (cx->rc) return;
  keys = backfill_keys(cx, r->t);
  r->loose = backfill_loose(cx, r->t);
  r->path = mig_sql_path(cx, r->t->schema, r->t->name);
  r->set = backfill_set(cx, r, keys.n ? keys.at[0] : "NULL");
  r->where = backfill_where(cx, r->b->where);
  if (keys.n) {
    r->key = backfill_each(cx, &keys, "");
    r->again = mig_printf(cx, "+%s", mig_list_join(cx, &keys, ", +"));
    r->text = backfill_text(cx, &keys);
  }
  if (keys.n && !cx->rc)
    r->last =
        mig_query_text(cx, r->run->db, "SELECT %s FROM %s ORDER BY %s LIMIT 1",
                       r->text, r->path, backfill_each(cx, &keys, " DESC"));
  backfill_note(cx, r);
}

/* What it does, in full. */
static char *backfill_title(mig_cx *cx, const mig_backfill *b) {
  return mig_printf(cx, "backfill %s: %s from %s where %s", b->table,
                    mig_list_join(cx, &b->columns, ", "),
                    mig_list_join(cx, &b->from, ", "), b->where);
}

sqlite3_int64 mig_run_backfill(mig_cx *cx, mig_run *run,
                               const mig_backfill *b) {
  backfill_run r = {.b = b, .run = run};
  sqlite3_int64 rows = 0;

  if (run->db->tape)
    mig_fail(cx, SQLITE_ERROR,
             "table %s: a backfill calls a function in Lua for each row, which "
             "a script has not: run this with migrate_upgrade()",
             b->table);
  if (mig_resume_op(cx, run, backfill_title(cx, b), &rows)) {
    backfill_prepare(cx, &r);
    mig_progress_work(run, "backfill", b->table);
    if (!cx->rc) rows = backfill_chunks(cx, &r);
    mig_progress_work(run, NULL, NULL);
  }
  mig_resume_done(cx, run, rows);
  return rows;
}
