/*
** tests/fuzz/fuzz_create.c - any bytes are parsed as a CREATE statement or
** refused; where SQLite too accepts them as one CREATE TABLE, both see the same
** columns, keys and references.
*/
#include <limits.h>
#include <stdlib.h>
#include "ext/sql/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
  if (!truth) abort();
}

/* ---- spans ---- */

/* The part is in the text, at or behind `from`; returns its end. */
static const char *after(mig_span part, mig_span text, const char *from) {
  require(part.n >= 0);
  if (!part.n) return from;
  require(part.p >= from && part.p + part.n <= text.p + text.n);
  return part.p + part.n;
}

static void check_keys(const mig_list *keys, mig_span in) {
  const char *at = in.p;
  int i;

  for (i = 0; i < keys->n; i++) {
    const mig_key *k = keys->at[i];
    require(k->text.n > 0 && k->expr.n > 0);
    at = after(k->text, in, at);
    after(k->expr, k->text, k->text.p);
    after(k->column, k->expr, k->expr.p);
    after(k->collate, k->text, k->text.p);
  }
}

static void check_clauses(const mig_list *clauses, mig_span in) {
  const char *at = in.p;
  int i;

  for (i = 0; i < clauses->n; i++) {
    const mig_clause *u = clauses->at[i];
    require(u->text.n > 0);
    at = after(u->text, in, at);
    after(u->body, u->text, after(u->name, u->text, u->text.p));
    after(u->word, u->body, after(u->expr, u->body, u->body.p));
    after(u->conflict, u->body, u->body.p);
    after(u->defer, u->body,
          after(u->actions, u->body, after(u->table, u->body, u->body.p)));
    check_keys(&u->keys, u->body);
    check_keys(&u->to, u->body);
  }
}

static void check_columns(const mig_create *c) {
  const char *at = c->open.p;
  int i;

  for (i = 0; i < c->columns.n; i++) {
    const mig_coldef *def = c->columns.at[i];
    require(def->text.n > 0 && def->name.n > 0);
    at = after(def->text, c->text, at);
    after(def->type, def->text, after(def->name, def->text, def->text.p));
    check_clauses(&def->clauses, def->text);
  }
  if (c->open.n) at = after(c->close, c->text, at);
  after(c->options, c->text, at);
}

static void check_spans(const mig_create *c) {
  const char *at = c->text.p;

  require(c->name.n > 0);
  at = after(c->path, c->text, at);
  after(c->name, c->path, c->path.p);
  check_columns(c);
  check_clauses(&c->clauses, c->text);
  check_keys(&c->keys, c->text);
  check_keys(&c->names, c->text);
  at = after(c->event, c->text, after(c->time, c->text, at));
  at = after(c->table, c->text, at);
  after(c->body, c->text, after(c->where, c->text, at));
}

static void check_edit(mig_cx *cx, const mig_create *c) {
  mig_edit *ed = mig_edit_new(cx, c->text);
  const char *out;
  int i;

  for (i = c->columns.n - 1; i >= 0; i--) {
    const mig_coldef *def = c->columns.at[i];
    mig_edit_put(cx, ed, def->text, mig_strndup(cx, def->text.p, def->text.n));
  }
  mig_edit_put(cx, ed, c->name, mig_strndup(cx, c->name.p, c->name.n));
  out = mig_edit_text(cx, ed);
  require(!cx->rc && !memcmp(out, c->text.p, (size_t)c->text.n));
}

/* ---- SQLite's reading ---- */

static int stop(void *unused) {
  (void)unused;
  return 1;
}

static sqlite3 *open_memory(void) {
  sqlite3 *db = NULL;

  sqlite3_open(":memory:", &db);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
  sqlite3_progress_handler(db, 2000000, stop, NULL);
  return db;
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql) {
  sqlite3_stmt *st = NULL;

  sqlite3_prepare_v2(db, sql, -1, &st, NULL);
  return st;
}

/* Does GENERATED stand behind the type?  SQLite reads it into that, and cuts it
** off again, as text. */
static int has_generated(const mig_coldef *def) {
  const mig_clause *u = def->clauses.n ? def->clauses.at[0] : NULL;
  mig_span rest = u ? u->text : def->type;

  return u && mig_token_is(mig_token_next(&rest), "GENERATED");
}

/* The type that PRAGMA shows for a column declared with this text. */
static char *shown_type(mig_cx *cx, const mig_coldef *def) {
  sqlite3 *db = open_memory();
  char *out = NULL,
       *sql = mig_printf(cx, "CREATE TABLE t(y, x %.*s\n%s)", def->type.n,
                         def->type.p,
                         has_generated(def) ? "GENERATED ALWAYS AS (1)" : "");
  sqlite3_stmt *st;

  require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
  st = ask(db, "SELECT type FROM pragma_table_xinfo('t') WHERE cid = 1");
  if (sqlite3_step(st) == SQLITE_ROW)
    out = mig_strdup(cx, (const char *)sqlite3_column_text(st, 0));
  sqlite3_finalize(st);
  sqlite3_close(db);
  return out;
}

static int find(const mig_coldef *def, mig_clause_type type) {
  return mig_clause_find(&def->clauses, type) != NULL;
}

static int is_stored(const mig_coldef *def) {
  const mig_clause *u = mig_clause_find(&def->clauses, MIG_CLAUSE_GENERATED);

  return u && u->stored;
}

static void same_column(mig_cx *cx, const mig_coldef *def, sqlite3_stmt *st) {
  const char *type = (const char *)sqlite3_column_text(st, 1);
  int hidden = sqlite3_column_int(st, 3);
  char *name = mig_sql_unquote(cx, def->name);

  require(!strcmp(name, (const char *)sqlite3_column_text(st, 0)));
  require(!strcmp(shown_type(cx, def), type));
  if (find(def, MIG_CLAUSE_NOT_NULL)) require(sqlite3_column_int(st, 2));
  require((hidden != 0) == find(def, MIG_CLAUSE_GENERATED));
  require((hidden == 3) == is_stored(def));
}

static void same_columns(mig_cx *cx, sqlite3 *db, const mig_create *c) {
  sqlite3_stmt *st = ask(
      db, "SELECT x.name, x.type, x.\"notnull\", x.hidden FROM sqlite_schema s"
          " JOIN pragma_table_xinfo(s.name) x WHERE s.type = 'table'"
          " AND s.name <> 'sqlite_sequence'");
  int n = 0;

  while (sqlite3_step(st) == SQLITE_ROW) {
    require(n < c->columns.n);
    same_column(cx, c->columns.at[n++], st);
  }
  require(n == c->columns.n);
  sqlite3_finalize(st);
}

static int count_references(const mig_create *c) {
  int i, k, n = 0;

  for (i = 0; i <= c->columns.n; i++) {
    const mig_coldef *def = i < c->columns.n ? c->columns.at[i] : NULL;
    const mig_list *l = def ? &def->clauses : &c->clauses;
    for (k = 0; k < l->n; k++) {
      const mig_clause *u = l->at[k];
      n += u->type == MIG_CLAUSE_FOREIGN_KEY;
    }
  }
  return n;
}

static void same_references(sqlite3 *db, const mig_create *c) {
  sqlite3_stmt *st =
      ask(db, "SELECT count(DISTINCT f.id) FROM sqlite_schema s JOIN"
              " pragma_foreign_key_list(s.name) f WHERE s.type = 'table'");

  require(sqlite3_step(st) == SQLITE_ROW);
  require(sqlite3_column_int(st, 0) == count_references(c));
  sqlite3_finalize(st);
}

/* Nothing but semicolons and comments? */
static int is_nothing(mig_span rest) {
  mig_token t;

  do t = mig_token_next(&rest);
  while (mig_token_is(t, ";"));
  return t.type == MIG_TK_END;
}

/* Did SQLite run it, and was it all?  It stops at a NUL. */
static int accepts(sqlite3 *db, mig_span text) {
  const char *tail = text.p;
  sqlite3_stmt *st = NULL;
  int done;

  sqlite3_prepare_v2(db, text.p, text.n, &st, &tail);
  done = st && sqlite3_step(st) == SQLITE_DONE;
  sqlite3_finalize(st);
  return done && !memchr(text.p, 0, (size_t)text.n) &&
         is_nothing((mig_span){tail, (int)(text.p + text.n - tail)});
}

static void compare(mig_cx *cx, const mig_create *c) {
  sqlite3 *db = open_memory();

  if (!c->temp && accepts(db, c->text) &&
      sqlite3_table_column_metadata(db, "main", mig_sql_unquote(cx, c->name),
                                    NULL, NULL, NULL, NULL, NULL,
                                    NULL) == SQLITE_OK) {
    same_columns(cx, db, c);
    same_references(db, c);
  }
  sqlite3_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  /* A copy of exactly this size: reading past it is seen. */
  char *copy = malloc(size ? size : 1);
  mig_span text = {copy, (int)size};
  mig_create *c;
  mig_cx cx = {0};

  if (!copy || size > INT_MAX / 4) {
    free(copy);
    return 0;
  }
  if (size) memcpy(copy, data, size);
  c = mig_create_parse(&cx, text);
  require(!c == (cx.rc == SQLITE_ERROR));
  require(c || *mig_cx_message(&cx));
  if (c) {
    require(c->text.p == text.p && c->text.n == text.n);
    check_spans(c);
    check_edit(&cx, c);
    if (c->type == MIG_CREATE_OF_TABLE) compare(&cx, c);
  }
  mig_sql_mentions(text, "a");
  mig_cx_release(&cx);
  free(copy);
  return 0;
}
