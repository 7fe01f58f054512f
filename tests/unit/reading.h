/*
** tests/unit/reading.h - a table, index or view described twice: from SQLite's
** PRAGMAs, and from the parts that mig_create_parse() found.  The second needs
** SQLite's rules for what follows from a text: which column is the rowid, which
** indexes there are, what PRAGMA shows of a type.
**
** Lines of a description: "column name|type|notnull|default|pk|hidden",
** "index origin unique keys", "reference table update delete from>to".
*/
#ifndef MIG_TEST_READING_H
#define MIG_TEST_READING_H
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

/* ---- from SQLite ---- */

/* What a statement made. */
typedef struct made made;
struct made {
  const char *schema, *type, *name, *table, *sql; /* name NULL: nothing new  */
};

static sqlite3_stmt *reading_ask(mig_cx *cx, sqlite3 *db, const char *fmt,
                                 ...) {
  sqlite3_stmt *st = NULL;
  va_list ap;
  char *sql;

  va_start(ap, fmt);
  sql = mig_vformat(cx, fmt, ap);
  va_end(ap);
  if (!sql) return NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    mig_fail(cx, SQLITE_ERROR, "%s: %s", sql, sqlite3_errmsg(db));
  sqlite3_free(sql);
  return st;
}

static const char *reading_text(sqlite3_stmt *st, int i) {
  const char *z = (const char *)sqlite3_column_text(st, i);

  return z ? z : "NULL";
}

static char *reading_upper(mig_cx *cx, const char *z) {
  char *out = mig_strdup(cx, z), *p;

  for (p = out; p && *p; p++)
    if (*p >= 'a' && *p <= 'z') *p = (char)(*p - 'a' + 'A');
  return out;
}

/* The object that is not one of the first `known` in its schema. */
static made reading_made(mig_cx *cx, sqlite3 *db, int known) {
  sqlite3_stmt *st = reading_ask(
      cx, db,
      "SELECT 'main', type, name, tbl_name, sql FROM main.sqlite_schema"
      " WHERE rowid > %d AND sql NOT NULL AND name <> 'sqlite_sequence'"
      " UNION ALL SELECT 'temp', type, name, tbl_name, sql FROM"
      " temp.sqlite_schema WHERE sql NOT NULL AND name <> 'sqlite_sequence'",
      known);
  made m = {0};

  if (st && sqlite3_step(st) == SQLITE_ROW) {
    m.schema = mig_strdup(cx, reading_text(st, 0));
    m.type = mig_strdup(cx, reading_text(st, 1));
    m.name = mig_strdup(cx, reading_text(st, 2));
    m.table = mig_strdup(cx, reading_text(st, 3));
    m.sql = mig_strdup(cx, reading_text(st, 4));
  }
  sqlite3_finalize(st);
  return m;
}

static void reading_columns(mig_cx *cx, sqlite3 *db, mig_buf *b, made m) {
  sqlite3_stmt *st =
      reading_ask(cx, db, "PRAGMA %s.table_xinfo(%Q)", m.schema, m.name);

  while (st && sqlite3_step(st) == SQLITE_ROW)
    mig_buf_addf(cx, b, "column %s|%s|%s|%s|%s|%s\n", reading_text(st, 1),
                 reading_text(st, 2), reading_text(st, 3), reading_text(st, 4),
                 reading_text(st, 5), reading_text(st, 6));
  sqlite3_finalize(st);
}

/* " name/desc/COLLATION" for each key of an index. */
static void reading_keys(mig_cx *cx, sqlite3 *db, mig_buf *b, const char *in,
                         const char *index) {
  sqlite3_stmt *st =
      reading_ask(cx, db, "PRAGMA %s.index_xinfo(%Q)", in, index);

  while (st && sqlite3_step(st) == SQLITE_ROW) {
    int cid = sqlite3_column_int(st, 1);
    if (!sqlite3_column_int(st, 5)) continue;
    mig_buf_addf(cx, b, " %s/%d/%s",
                 cid >= 0    ? reading_text(st, 2)
                 : cid == -1 ? "(rowid)"
                             : "(expression)",
                 sqlite3_column_int(st, 3),
                 reading_upper(cx, reading_text(st, 4)));
  }
  sqlite3_finalize(st);
}

static int reading_by_text(const void *a, const void *b) {
  return strcmp(a, b);
}

/* Each line of a list; sorted when it has no order. */
static void reading_lines(mig_cx *cx, mig_buf *b, mig_list *l, int sort) {
  int i;

  if (sort) mig_list_sort(cx, l, reading_by_text);
  for (i = 0; i < l->n; i++) mig_buf_addf(cx, b, "%s\n", (char *)l->at[i]);
}

static void reading_indexes(mig_cx *cx, sqlite3 *db, mig_buf *b, made m) {
  sqlite3_stmt *st =
      reading_ask(cx, db, "PRAGMA %s.index_list(%Q)", m.schema, m.name);
  mig_list all = {0};

  while (st && sqlite3_step(st) == SQLITE_ROW) {
    mig_buf line = {0};
    mig_buf_addf(cx, &line, "index %s", reading_text(st, 3));
    reading_keys(cx, db, &line, m.schema, reading_text(st, 1));
    mig_list_add(cx, &all, mig_buf_take(cx, &line));
  }
  sqlite3_finalize(st);
  reading_lines(cx, b, &all, 1);
}

/* SQLite lists the last one first. */
static void reading_references(mig_cx *cx, sqlite3 *db, mig_buf *b, made m) {
  sqlite3_stmt *st =
      reading_ask(cx, db, "PRAGMA %s.foreign_key_list(%Q)", m.schema, m.name);
  mig_list all = {0};
  int i;

  while (st && sqlite3_step(st) == SQLITE_ROW) {
    char *pair =
        mig_printf(cx, " %s>%s", reading_text(st, 3), reading_text(st, 4));
    if (sqlite3_column_int(st, 1) && all.n)
      all.at[all.n - 1] =
          mig_printf(cx, "%s%s", (char *)all.at[all.n - 1], pair);
    else
      mig_list_add(cx, &all,
                   mig_printf(cx, "reference %s %s %s%s", reading_text(st, 2),
                              reading_text(st, 5), reading_text(st, 6), pair));
  }
  sqlite3_finalize(st);
  for (i = all.n - 1; i >= 0; i--)
    mig_buf_addf(cx, b, "%s\n", (char *)all.at[i]);
}

static void reading_options(mig_cx *cx, sqlite3 *db, mig_buf *b, made m) {
  sqlite3_stmt *st =
      reading_ask(cx, db, "PRAGMA %s.table_list(%Q)", m.schema, m.name);

  while (st && sqlite3_step(st) == SQLITE_ROW)
    if (!strcmp(reading_text(st, 0), m.schema))
      mig_buf_addf(cx, b, "without_rowid %s strict %s\n", reading_text(st, 4),
                   reading_text(st, 5));
  sqlite3_finalize(st);
  st = reading_ask(cx, db,
                   "SELECT count(*) FROM %s.sqlite_schema"
                   " WHERE name = 'sqlite_sequence'",
                   m.schema);
  if (st && sqlite3_step(st) == SQLITE_ROW)
    mig_buf_addf(cx, b, "autoincrement %s\n", reading_text(st, 0));
  sqlite3_finalize(st);
}

static void reading_index(mig_cx *cx, sqlite3 *db, mig_buf *b, made m) {
  sqlite3_stmt *st =
      reading_ask(cx, db, "PRAGMA %s.index_list(%Q)", m.schema, m.table);

  while (st && sqlite3_step(st) == SQLITE_ROW) {
    if (sqlite3_stricmp(reading_text(st, 1), m.name) != 0) continue;
    mig_buf_addf(cx, b, "on %s unique %s partial %s",
                 reading_upper(cx, m.table), reading_text(st, 2),
                 reading_text(st, 4));
    reading_keys(cx, db, b, m.schema, m.name);
    mig_buf_addz(cx, b, "\n");
  }
  sqlite3_finalize(st);
}

static char *reading_of_sqlite(mig_cx *cx, sqlite3 *db, made m) {
  mig_buf b = {0};

  mig_buf_addf(cx, &b, "%s %s\n", m.type, m.name);
  if (!strcmp(m.type, "table")) {
    reading_options(cx, db, &b, m);
    reading_columns(cx, db, &b, m);
    reading_indexes(cx, db, &b, m);
    reading_references(cx, db, &b, m);
  } else if (!strcmp(m.type, "index")) {
    reading_index(cx, db, &b, m);
  } else if (!strcmp(m.type, "trigger")) {
    mig_buf_addf(cx, &b, "on %s\n", reading_upper(cx, m.table));
  }
  return mig_buf_take(cx, &b);
}

/* ---- types and defaults as PRAGMA shows them ---- */

static int reading_space(int c) {
  return c == ' ' || (c >= 9 && c <= 13);
}

static mig_span reading_trim(mig_span s) {
  while (s.n && reading_space(s.p[0])) s.p++, s.n--;
  while (s.n && reading_space(s.p[s.n - 1])) s.n--;
  return s;
}

static int reading_ends(mig_span s, const char *word) {
  int n = (int)strlen(word);

  return s.n >= n && !sqlite3_strnicmp(s.p + s.n - n, word, n);
}

/*
** SQLite takes these words off by their letters only, if 16 or more.  Not here
** before a generated column's clause: there the parser must have done it.
*/
static mig_span reading_without_always(const mig_coldef *def) {
  const mig_clause *u = def->clauses.n ? def->clauses.at[0] : NULL;
  mig_span s = def->type;

  if (u && u->type == MIG_CLAUSE_GENERATED && !u->name.n) return s;
  if (s.n < 16 || !reading_ends(s, "always")) return s;
  s.n -= 6;
  while (s.n && reading_space(s.p[s.n - 1])) s.n--;
  if (!reading_ends(s, "generated")) return s;
  s.n -= 9;
  while (s.n && reading_space(s.p[s.n - 1])) s.n--;
  return s;
}

/* Quotes around it all go where no byte within opens a quote. */
static mig_span reading_bare(mig_span s) {
  int i;

  if (s.n < 3 || !strchr("\"'`[", s.p[0])) return s;
  for (i = 1; i < s.n - 1; i++)
    if (strchr("\"'`[", s.p[i])) return s;
  return (mig_span){s.p + 1, s.n - 2};
}

/* Up to the end of the quotes it begins with. */
static char *reading_unquote(mig_cx *cx, mig_span s) {
  char *out = mig_strndup(cx, s.p, s.n), q;
  int i, n = 0;

  if (!out || !s.n || !strchr("\"'`[", s.p[0])) return out;
  q = (char)(s.p[0] == '[' ? ']' : s.p[0]);
  for (i = 1; i < s.n; i++) {
    if (s.p[i] == q && (i + 1 == s.n || s.p[++i] != q)) break;
    out[n++] = s.p[i];
  }
  out[n] = 0;
  return out;
}

/* A type as PRAGMA shows it; *integer: may it be the rowid? */
static char *reading_type(mig_cx *cx, const mig_coldef *def, int *integer) {
  static const char *const known[] = {"ANY",     "BLOB", "INT",
                                      "INTEGER", "REAL", "TEXT"};
  mig_span s = reading_bare(reading_without_always(def));
  int i;

  *integer = 0;
  for (i = 0; i < 6; i++) {
    if (s.n != (int)strlen(known[i])) continue;
    if (sqlite3_strnicmp(s.p, known[i], s.n) != 0) continue;
    *integer = i == 3;
    return mig_strdup(cx, known[i]);
  }
  return reading_unquote(cx, s);
}

/* A default as PRAGMA shows it: without its parentheses. */
static char *reading_default(mig_cx *cx, mig_span expr) {
  if (expr.n && expr.p[0] == '(') {
    expr.p++;
    expr.n -= 2;
    expr = reading_trim(expr);
  }
  return mig_strndup(cx, expr.p, expr.n);
}

/* ---- indexes that constraints make ---- */

enum { READING_KEYS = 60, READING_INDEXES = 60 };

typedef struct want want;
struct want {
  int pk, n;
  int col[READING_KEYS]; /* -1: the rowid; -2: an expression */
  const char *coll[READING_KEYS];
  int desc[READING_KEYS];
};

typedef struct table_want table_want;
struct table_want {
  const mig_create *c;
  int n, rowid, key; /* which column is the rowid; which index the key; or -1 */
  want *index[READING_INDEXES];
};

/* The last COLLATE of a column. */
static const char *reading_collation(mig_cx *cx, const mig_create *c, int i) {
  const mig_coldef *def = c->columns.at[i];
  const char *name = "BINARY";
  int k;

  for (k = 0; k < def->clauses.n; k++) {
    const mig_clause *u = def->clauses.at[k];
    if (u->type == MIG_CLAUSE_COLLATE)
      name = reading_upper(cx, mig_sql_unquote(cx, u->word));
  }
  return name;
}

/* The COLLATE at the end of it, also within parentheses around it all. */
static void reading_core(mig_cx *cx, mig_span s, const char **coll) {
  mig_span rest = s, last = {0}, word = {0};
  mig_token t;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END) {
    word = last;
    last = t.s;
  }
  if (*coll || s.n < 2) return;
  if (word.n == 7 && !sqlite3_strnicmp(word.p, "collate", 7) && word.p > s.p)
    *coll = reading_upper(cx, mig_sql_unquote(cx, last));
  else if (s.p[0] == '(' && last.p == s.p + s.n - 1 && *last.p == ')')
    reading_core(cx, reading_trim((mig_span){s.p + 1, s.n - 2}), coll);
}

/* Which column a name, not quoted, is; -1 the rowid, -2 none. */
static int reading_column(const mig_create *c, const char *name) {
  int at = -2;

  if (!name) return -2;
  if (mig_create_column(c, name, &at)) return at;
  if (!sqlite3_stricmp(name, "rowid") || !sqlite3_stricmp(name, "oid") ||
      !sqlite3_stricmp(name, "_rowid_"))
    return -1;
  return -2;
}

static void reading_want_key(mig_cx *cx, const mig_create *c, want *w,
                             const mig_key *key) {
  const char *coll = NULL;
  int i = w->n;

  if (cx->rc || i >= READING_KEYS) return;
  if (key->collate.n)
    coll = reading_upper(cx, mig_sql_unquote(cx, key->collate));
  if (key->column.n) reading_core(cx, key->expr, &coll);
  w->col[i] =
      key->column.n ? reading_column(c, mig_sql_unquote(cx, key->column)) : -2;
  w->coll[i] = coll            ? coll
               : w->col[i] < 0 ? "BINARY"
                               : reading_collation(cx, c, w->col[i]);
  w->desc[i] = key->desc;
  w->n++;
}

static int reading_alike(const want *a, int i, const want *b, int j) {
  return a->col[i] == b->col[j] && !sqlite3_stricmp(a->coll[i], b->coll[j]);
}

/* One that has the columns of an earlier one is that one. */
static void reading_want(table_want *t, want *w) {
  int i, k;

  if (!w) return;
  for (i = 0; i < t->n; i++) {
    if (t->index[i]->n != w->n) continue;
    for (k = 0; k < w->n && reading_alike(t->index[i], k, w, k);) k++;
    if (k < w->n) continue;
    t->index[i]->pk |= w->pk;
    if (w->pk) t->key = i;
    return;
  }
  if (t->n == READING_INDEXES) return;
  if (w->pk) t->key = t->n;
  t->index[t->n++] = w;
}

/* The index of a column's constraint. */
static want *reading_want_column(mig_cx *cx, const mig_create *c, int col,
                                 int desc) {
  want *w = mig_alloc(cx, sizeof *w);

  if (!w) return NULL;
  w->n = 1;
  w->col[0] = col;
  w->coll[0] = reading_collation(cx, c, col);
  w->desc[0] = desc;
  return w;
}

static want *reading_want_keys(mig_cx *cx, const mig_create *c,
                               const mig_list *keys) {
  want *w = mig_alloc(cx, sizeof *w);
  int i;

  for (i = 0; w && i < keys->n; i++) reading_want_key(cx, c, w, keys->at[i]);
  return w;
}

/* A primary key or UNIQUE; col is -1 for a constraint of the table. */
static want *reading_want_clause(mig_cx *cx, table_want *t, const mig_clause *u,
                                 int col) {
  int pk = u->type == MIG_CLAUSE_PRIMARY_KEY, integer = 0;
  const mig_coldef *def;
  want *w;

  if (u->type != MIG_CLAUSE_UNIQUE && !pk) return NULL;
  w = col >= 0 ? reading_want_column(cx, t->c, col, u->desc)
               : reading_want_keys(cx, t->c, &u->keys);
  if (!w) return NULL;
  w->pk = pk;
  if (pk && w->n == 1 && w->col[0] >= 0 && !(col >= 0 && u->desc)) {
    def = t->c->columns.at[w->col[0]];
    reading_type(cx, def, &integer);
  }
  if (!integer) return w;
  t->rowid = w->col[0];
  if (!t->c->without_rowid) return NULL;
  w->coll[0] = reading_collation(cx, t->c, w->col[0]);
  return w;
}

/* The key of a table without rowid names each column once. */
static void reading_once(want *w) {
  int i, j, n = 0;

  for (i = 0; i < w->n; i++) {
    for (j = 0; j < n && !reading_alike(w, i, w, j);) j++;
    if (j < n) continue;
    w->col[n] = w->col[i];
    w->coll[n] = w->coll[i];
    w->desc[n++] = w->desc[i];
  }
  w->n = n;
}

/* An INTEGER key of a table without rowid comes last. */
static table_want reading_wants(mig_cx *cx, const mig_create *c) {
  table_want t = {c, 0, -1, -1, {NULL}};
  want *last = NULL, *w;
  int i, k;

  for (i = 0; i <= c->columns.n && !cx->rc; i++) {
    int own = i == c->columns.n;
    const mig_coldef *def = own ? NULL : c->columns.at[i];
    const mig_list *l = own ? &c->clauses : &def->clauses;
    for (k = 0; k < l->n && !cx->rc; k++) {
      int was = t.rowid;
      w = reading_want_clause(cx, &t, l->at[k], own ? -1 : i);
      if (t.rowid != was)
        last = w;
      else
        reading_want(&t, w);
    }
  }
  reading_want(&t, last);
  if (c->without_rowid) t.rowid = -1;
  if (c->without_rowid && t.key >= 0) reading_once(t.index[t.key]);
  return t;
}

/* ---- from the parser ---- */

static char *reading_name(mig_cx *cx, const mig_create *c, int i) {
  const mig_coldef *def;

  if (i < 0) return mig_strdup(cx, i == -1 ? "(rowid)" : "(expression)");
  def = c->columns.at[i];
  return mig_sql_unquote(cx, def->name);
}

/* The place in the primary key, from 1; 0 is none. */
static int reading_pk(const table_want *t, int col) {
  int k;

  if (t->rowid == col) return 1;
  if (t->key < 0) return 0;
  for (k = 0; k < t->index[t->key]->n; k++)
    if (t->index[t->key]->col[k] == col) return k + 1;
  return 0;
}

static void reading_say_column(mig_cx *cx, mig_buf *b, const table_want *t,
                               int i) {
  const mig_coldef *def = t->c->columns.at[i];
  int pk = reading_pk(t, i), hidden = 0, notnull = 0, integer, k;
  const char *value = "NULL";

  for (k = 0; k < def->clauses.n; k++) {
    const mig_clause *u = def->clauses.at[k];
    if (u->type == MIG_CLAUSE_NOT_NULL) notnull = 1;
    if (u->type == MIG_CLAUSE_GENERATED) hidden = u->stored ? 3 : 2;
    if (u->type == MIG_CLAUSE_DEFAULT) value = reading_default(cx, u->expr);
  }
  if (pk && (t->c->without_rowid || (t->c->strict && t->rowid != i)))
    notnull = 1;
  mig_buf_addf(cx, b, "column %s|%s|%d|%s|%d|%d\n", reading_name(cx, t->c, i),
               reading_type(cx, def, &integer), notnull, value, pk, hidden);
}

static void reading_say_keys(mig_cx *cx, mig_buf *b, const mig_create *c,
                             const want *w) {
  int k;

  for (k = 0; w && k < w->n; k++)
    mig_buf_addf(cx, b, " %s/%d/%s", reading_name(cx, c, w->col[k]), w->desc[k],
                 w->coll[k]);
}

static void reading_say_indexes(mig_cx *cx, mig_buf *b, const table_want *t) {
  mig_list all = {0};
  int i;

  for (i = 0; i < t->n; i++) {
    mig_buf line = {0};
    mig_buf_addf(cx, &line, "index %s", t->index[i]->pk ? "pk" : "u");
    reading_say_keys(cx, &line, t->c, t->index[i]);
    mig_list_add(cx, &all, mig_buf_take(cx, &line));
  }
  reading_lines(cx, b, &all, 1);
}

/* The last action given for an event, "NO ACTION" without. */
static const char *reading_action(mig_span actions, const char *event) {
  static const char *const two[] = {"SET", "NULL", "DEFAULT", "NO"};
  const char *found = "NO ACTION";
  mig_token t;

  while ((t = mig_token_next(&actions)).type != MIG_TK_END) {
    if (mig_token_is(t, "MATCH")) mig_token_next(&actions);
    if (!mig_token_is(t, "ON")) continue;
    t = mig_token_next(&actions);
    if (!mig_token_is(t, event)) continue;
    t = mig_token_next(&actions);
    if (mig_token_is(t, "CASCADE"))
      found = "CASCADE";
    else if (mig_token_is(t, "RESTRICT"))
      found = "RESTRICT";
    else if (mig_token_is(t, two[3]))
      found = "NO ACTION";
    else if (mig_token_is(t, two[0]))
      found = mig_token_is(mig_token_next(&actions), two[1]) ? "SET NULL"
                                                             : "SET DEFAULT";
  }
  return found;
}

static char *reading_key_name(mig_cx *cx, const mig_list *keys, int i) {
  const mig_key *k;

  if (i >= keys->n) return mig_strdup(cx, "NULL");
  k = keys->at[i];
  return mig_sql_unquote(cx, k->column);
}

static void reading_say_reference(mig_cx *cx, mig_buf *b, const mig_create *c,
                                  const mig_clause *u, int col) {
  int n = col >= 0 ? 1 : u->keys.n, i;

  mig_buf_addf(cx, b, "reference %s %s %s", mig_sql_unquote(cx, u->table),
               reading_action(u->actions, "UPDATE"),
               reading_action(u->actions, "DELETE"));
  for (i = 0; i < n; i++) {
    int from =
        col >= 0 ? col : reading_column(c, reading_key_name(cx, &u->keys, i));
    mig_buf_addf(cx, b, " %s>%s", reading_name(cx, c, from),
                 reading_key_name(cx, &u->to, i));
  }
  mig_buf_addz(cx, b, "\n");
}

static void reading_say_references(mig_cx *cx, mig_buf *b,
                                   const mig_create *c) {
  int i, k;

  for (i = 0; i <= c->columns.n && !cx->rc; i++) {
    int own = i == c->columns.n;
    const mig_coldef *def = own ? NULL : c->columns.at[i];
    const mig_list *l = own ? &c->clauses : &def->clauses;
    for (k = 0; k < l->n && !cx->rc; k++) {
      const mig_clause *u = l->at[k];
      if (u->type == MIG_CLAUSE_FOREIGN_KEY)
        reading_say_reference(cx, b, c, u, own ? -1 : i);
    }
  }
}

static int reading_counts(const mig_create *c) {
  int i, found = 0;

  for (i = 0; i <= c->columns.n; i++) {
    const mig_coldef *def = i < c->columns.n ? c->columns.at[i] : NULL;
    const mig_clause *u = mig_clause_find(def ? &def->clauses : &c->clauses,
                                          MIG_CLAUSE_PRIMARY_KEY);
    if (u && u->autoincrement) found = 1;
  }
  return found;
}

static void reading_say_table(mig_cx *cx, mig_buf *b, const mig_create *c) {
  table_want t = reading_wants(cx, c);
  int i;

  mig_buf_addf(cx, b, "without_rowid %d strict %d\nautoincrement %d\n",
               c->without_rowid, c->strict, reading_counts(c));
  for (i = 0; i < c->columns.n; i++) reading_say_column(cx, b, &t, i);
  reading_say_indexes(cx, b, &t);
  reading_say_references(cx, b, c);
}

/* `on`: the table that the index is on, parsed. */
static void reading_say_index(mig_cx *cx, mig_buf *b, const mig_create *c,
                              const mig_create *on) {
  mig_buf_addf(cx, b, "on %s unique %d partial %d",
               reading_upper(cx, mig_sql_unquote(cx, c->table)), c->unique,
               c->where.n > 0);
  reading_say_keys(cx, b, on, reading_want_keys(cx, on, &c->keys));
  mig_buf_addz(cx, b, "\n");
}

static char *reading_of_parts(mig_cx *cx, const mig_create *c,
                              const mig_create *on) {
  static const char *const type[] = {"table", "index", "view", "trigger",
                                     "table"};
  mig_buf b = {0};

  if (cx->rc || !c) return NULL;
  mig_buf_addf(cx, &b, "%s %s\n", type[c->type], mig_sql_unquote(cx, c->name));
  if (c->type == MIG_CREATE_OF_TABLE)
    reading_say_table(cx, &b, c);
  else if (c->type == MIG_CREATE_OF_INDEX)
    reading_say_index(cx, &b, c, on);
  else if (c->type == MIG_CREATE_OF_TRIGGER)
    mig_buf_addf(cx, &b, "on %s\n",
                 reading_upper(cx, mig_sql_unquote(cx, c->table)));
  return mig_buf_take(cx, &b);
}
#endif
