/*
** ext/run/copy.c - the rows of a rebuild, copied at once or in pieces.
**
** Pieces are for who watches: an interrupt SQLite hears by itself.  Each is so
** many rows behind the last key, in the key's order, which is the b-tree's and
** so costs no sorting.  The last key is the rowid of the last row inserted, or
** else is sought, which reads the piece twice.
*/
#include "ext/run/run.h"

#define COPY_FIRST 2000 /* rows of the first piece ...             */
#define COPY_LEAST 16   /* ... of each                             */
#define COPY_MOST (1 << 20)
#define COPY_QUICK 25 /* milliseconds: the next one is larger      */
#define COPY_SLOW 75  /* ... smaller                               */

typedef struct copy_state copy_state;
struct copy_state {
  mig_run *run;
  const char *sql;  /* INSERT ... SELECT, of all rows                       */
  const char *from; /* the old table, as SQL                                */
  mig_list keys;    /* char: SQL of the key's columns; none: all at once    */
  int desc;         /* does the key go down?                                */
  int kept;         /* is the key the rowid, and the new row's too?         */
  int behind;       /* is there a last key?                                 */
  sqlite3_int64 at; /* ... when it is kept                                  */
  sqlite3_value **values; /* ... else; cx's                                 */
  sqlite3_stmt *put[2], *seek[2]; /* of the first rows, of those behind one */
  sqlite3_int64 done;             /* rows copied                            */
};

/* ---- the key ---- */

/* The key of a WITHOUT ROWID table.  One that goes up and down, or compares a
** column otherwise than the column does, SQLite does not find as a whole. */
static void copy_key(mig_cx *cx, copy_state *c, const mig_table *t) {
  sqlite3 *h = c->run->db->h;
  sqlite3_stmt *st = mig_query(cx, c->run->db,
                               "SELECT name, coll, \"desc\" FROM"
                               " pragma_index_xinfo(%Q, %Q) WHERE key",
                               t->name, t->schema);
  int odd = 0, up = 0, down = 0;

  while (mig_row(cx, st)) {
    const char *name = mig_column(cx, st, 0), *coll = mig_column(cx, st, 1);
    const char *own = NULL, *key = name ? mig_sql_quoted(cx, name) : NULL;
    if (!key || !coll) break;
    sqlite3_table_column_metadata(h, t->schema, t->name, name, NULL, &own, NULL,
                                  NULL, NULL);
    if (!own || sqlite3_stricmp(own, coll)) {
      odd = 1;
      key = mig_printf(cx, "%s COLLATE %s", key, mig_sql_quoted(cx, coll));
    }
    *(sqlite3_column_int(st, 2) ? &down : &up) = 1;
    mig_list_add(cx, &c->keys, (void *)(uintptr_t)key);
  }
  mig_stmt_end(cx, st);
  c->desc = down;
  if ((up && down) || (odd && c->keys.n > 1)) c->keys.n = 0;
}

static void copy_find_key(mig_cx *cx, copy_state *c, const mig_table *t,
                          const mig_alter *a) {
  const char *rowid = mig_rowid_name(cx, t->def);

  if (!mig_rebuild_in_pieces(a)) return;
  if (t->def->without_rowid)
    copy_key(cx, c, t);
  else if (rowid)
    mig_list_add(cx, &c->keys, mig_sql_quoted(cx, rowid));
  c->kept = mig_rebuild_keeps_rowid(cx, t, a);
  c->values = mig_alloc(cx, (size_t)(c->keys.n + 1) * sizeof *c->values);
}

/* ---- the statements ---- */

/* " WHERE (a, b) > (?1, ?2) ORDER BY a, b", the first part when `behind` */
static char *copy_clauses(mig_cx *cx, const copy_state *c, int behind) {
  char *keys = mig_list_join(cx, &c->keys, ", ");
  mig_buf b = {0};
  int i;

  if (behind)
    mig_buf_addf(cx, &b, " WHERE (%s) %c (", keys, c->desc ? '<' : '>');
  for (i = 0; behind && i < c->keys.n; i++)
    mig_buf_addf(cx, &b, "%s?%d", i ? ", " : "", i + 1);
  mig_buf_addz(cx, &b, behind ? ") ORDER BY " : " ORDER BY ");
  for (i = 0; i < c->keys.n && !cx->rc; i++)
    mig_buf_addf(cx, &b, "%s%s%s", i ? ", " : "", (char *)c->keys.at[i],
                 c->desc ? " DESC" : "");
  return mig_buf_take(cx, &b);
}

/* The statement that puts the next rows; ?N+1 is how many. */
static sqlite3_stmt *copy_put(mig_cx *cx, copy_state *c) {
  sqlite3_stmt **st = &c->put[c->behind];
  char *clauses = *st ? NULL : copy_clauses(cx, c, c->behind);

  if (clauses)
    *st = mig_query(cx, c->run->db, "%s%s LIMIT ?%d", c->sql, clauses,
                    c->keys.n + 1);
  return *st;
}

/* The statement that seeks the last of them; ?N+1 is how many before it. */
static sqlite3_stmt *copy_seek(mig_cx *cx, copy_state *c) {
  sqlite3_stmt **st = &c->seek[c->behind];
  char *clauses = *st ? NULL : copy_clauses(cx, c, c->behind);

  if (clauses)
    *st = mig_query(
        cx, c->run->db, "SELECT %s FROM %s NOT INDEXED%s LIMIT 1 OFFSET ?%d",
        mig_list_join(cx, &c->keys, ", "), c->from, clauses, c->keys.n + 1);
  return *st;
}

/* Bind the last key, and the number. */
static void copy_bind(mig_cx *cx, const copy_state *c, sqlite3_stmt *st,
                      sqlite3_int64 n) {
  int i, rc;

  if (cx->rc || !st) return;
  if (c->behind && c->kept) mig_bind_int(cx, st, 1, c->at);
  for (i = 0; c->behind && !c->kept && i < c->keys.n; i++) {
    rc = sqlite3_bind_value(st, i + 1, c->values[i]);
    mig_fail_db(cx, c->run->db->h, rc, sqlite3_sql(st));
  }
  mig_bind_int(cx, st, c->keys.n + 1, n);
}

/* ---- the pieces ---- */

static void copy_value_free(void *v) {
  sqlite3_value_free(v);
}

/* Note the key in the row of `st`. */
static void copy_note(mig_cx *cx, copy_state *c, sqlite3_stmt *st) {
  int i;

  for (i = 0; i < c->keys.n && !cx->rc; i++) {
    sqlite3_value *v = sqlite3_value_dup(sqlite3_column_value(st, i));
    if (!v) mig_fail_nomem(cx);
    if (c->values[i]) {
      mig_disown(cx, c->values[i]);
      sqlite3_value_free(c->values[i]);
    }
    c->values[i] = mig_own(cx, v, copy_value_free);
  }
}

/* Seek the last of the n rows just put.  Is it to go on in pieces? */
static int copy_advance(mig_cx *cx, copy_state *c, sqlite3_int64 n) {
  sqlite3_stmt *st = copy_seek(cx, c);
  int scans;

  copy_bind(cx, c, st, n - 1);
  if (mig_row(cx, st))
    copy_note(cx, c, st);
  else
    mig_fail(cx, SQLITE_ERROR, "rows are gone while they are copied");
  if (cx->rc) return 0;
  /* to find each piece by reading all before it would take for ever */
  scans = c->behind &&
          sqlite3_stmt_status(st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) > 0;
  sqlite3_reset(st);
  return !scans;
}

/* Put so many rows, the next ones; how many there were. */
static sqlite3_int64 copy_piece(mig_cx *cx, copy_state *c, sqlite3_int64 n) {
  sqlite3 *h = c->run->db->h;
  sqlite3_stmt *st = copy_put(cx, c);

  copy_bind(cx, c, st, n);
  mig_exec_done(cx, c->run->db, st);
  if (cx->rc) return 0;
  n = sqlite3_changes64(h);
  c->at = sqlite3_last_insert_rowid(h);
  c->done += n;
  return n;
}

static void copy_pieces(mig_cx *cx, copy_state *c) {
  sqlite3_int64 size = COPY_FIRST, n, began, ms;

  mig_progress_rows(cx, c->run, 0);
  do {
    began = mig_os_clock_ms();
    n = copy_piece(cx, c, size);
    mig_progress_rows(cx, c->run, c->done);
    if (cx->rc || size < 0 || n < size) return;
    if (!c->kept && !copy_advance(cx, c, n)) size = -1; /* the rest */
    c->behind = 1;
    ms = mig_os_clock_ms() - began;
    if (size > 0 && ms < COPY_QUICK && size < COPY_MOST) size *= 2;
    if (ms > COPY_SLOW && size > COPY_LEAST) size /= 2;
  } while (!cx->rc);
}

/* " ORDER BY ..." of the key: rows that had no rowid get theirs in its order,
** which NOT INDEXED does not mean in a table WITHOUT ROWID. */
static char *copy_order(mig_cx *cx, mig_run *run, const mig_table *t) {
  sqlite3_stmt *st =
      mig_query(cx, run->db,
                "SELECT group_concat('\"' || replace(name, '\"', '\"\"') || "
                "'\" COLLATE \"'"
                " || coll || '\"' || iif(\"desc\", ' DESC', ''), ', ')"
                " FROM (SELECT * FROM pragma_index_xinfo(%Q, %Q) WHERE key"
                " ORDER BY seqno)",
                t->name, t->schema);
  char *keys = mig_row(cx, st) ? mig_column(cx, st, 0) : NULL;

  mig_stmt_end(cx, st);
  return mig_printf(cx, keys ? " ORDER BY %s" : "", keys);
}

/* EXPLAIN is for people, and its rows may change; where they do, this is a no
** (https://sqlite.org/lang_explain.html). */
int mig_copy_transfers(mig_cx *cx, mig_run *run, const mig_swap *s) {
  char *sql = mig_rebuild_copy(cx, s->t, s->a, &s->names);
  mig_cx own = {0};
  sqlite3_stmt *st;
  int found = 0;

  if (!sql) return 0;
  st = mig_query(&own, run->db, "EXPLAIN %s", sql);
  while (!found && mig_row(&own, st)) {
    const char *opcode = mig_column(&own, st, 1);
    found =
        opcode && (!strcmp(opcode, "RowData") || !strcmp(opcode, "RowCell"));
  }
  mig_stmt_end(&own, st);
  if ((own.rc & 0xff) == SQLITE_NOMEM) mig_fail_nomem(cx);
  if (own.rc) found = 0;
  mig_cx_release(&own);
  return found && !cx->rc;
}

sqlite3_int64 mig_copy_rows(mig_cx *cx, mig_run *run, const mig_swap *s,
                            const char *sql) {
  copy_state c = {.run = run, .sql = sql};

  if (cx->rc) return 0;
  c.from = mig_sql_path(cx, s->t->schema, s->t->name);
  if (run->progress.watch != MIG_WATCH_NONE && s->rows > COPY_FIRST)
    copy_find_key(cx, &c, s->t, s->a);
  if (c.keys.n) {
    copy_pieces(cx, &c);
    return c.done;
  }
  mig_exec(cx, run->db, "%s%s", sql,
           s->t->def->without_rowid && !s->a->def->without_rowid
               ? copy_order(cx, run, s->t)
               : "");
  return cx->rc ? 0 : sqlite3_changes64(run->db->h);
}
