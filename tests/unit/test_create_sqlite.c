/*
** tests/unit/test_create_sqlite.c - what the parser of CREATE statements says
** is what SQLite says of the same text.
**
** A statement is executed by SQLite and described from its PRAGMAs; it is
** parsed and described from its parts (reading.h).  Both must be the same
** text.  And each byte of the statement must be in a part, or be one of the
** words that belong around it: see skeleton().
*/
#include "tests/unit/creates.h"
#include "tests/unit/reading.h"
#include "tests/unit/strange.h"

/* This may run with an older SQLite than it was compiled with. */
#if SQLITE_VERSION_NUMBER >= 3038000
#pragma weak sqlite3_error_offset
#endif

/* ---- one statement, under test ---- */

typedef struct trial trial;
struct trial {
  mig_cx *cx;
  sqlite3 *db;
  mig_span text;
  int known; /* objects in the database before */
  int accepted, alone;
  const char *refusal; /* SQLite's message             */
  int at;              /* the byte it complains of, -1 */
  made made;
  const char *says; /* described by SQLite */
  mig_create *c;
  const char *wrong; /* what is wrong, or NULL */
};

static void trial_wrong(trial *t, const char *fmt, ...) {
  mig_cx own = {0};
  va_list ap;
  char *z;

  if (t->wrong) return;
  va_start(ap, fmt);
  z = mig_vformat(&own, fmt, ap);
  va_end(ap);
  mig_cx_release(&own);
  t->wrong = z ? z : "no memory";
}

/* ---- the words around the parts ---- */

typedef struct part part;
struct part {
  mig_span s;
  char mark;
};
enum { PARTS = 200 };
typedef struct parts parts;
struct parts {
  int n;
  part at[PARTS];
};

static void parts_add(parts *p, mig_span s, char mark) {
  if (s.n && p->n < PARTS) p->at[p->n++] = (part){s, mark};
}

static void parts_add_keys(parts *p, const mig_list *keys) {
  int i;

  for (i = 0; i < keys->n; i++) {
    const mig_key *k = keys->at[i];
    parts_add(p, k->text, 'K');
  }
}

/* Which part begins here, or -1. */
static int parts_find(const parts *p, const char *at) {
  int i;

  for (i = 0; i < p->n; i++)
    if (p->at[i].s.p == at) return i;
  return -1;
}

/* Space or a comment at an end of a part is not of the part. */
static int part_is_tight(mig_span s, char mark) {
  mig_span rest = s;
  const char *end = s.p;
  mig_token t = mig_token_next(&rest);

  if (t.s.p != s.p) return 0;
  for (; t.type != MIG_TK_END; t = mig_token_next(&rest)) end = t.s.p + t.s.n;
  return end == s.p + s.n || mark == 'T';
}

/* Every part put in its own place: the text stays. */
static void parts_edit(trial *t, const parts *p) {
  mig_edit *ed = mig_edit_new(t->cx, t->text);
  const char *out;
  int i;

  for (i = p->n - 1; i >= 0; i--)
    mig_edit_put(t->cx, ed, p->at[i].s,
                 mig_strndup(t->cx, p->at[i].s.p, p->at[i].s.n));
  out = mig_edit_text(t->cx, ed);
  if (t->cx->rc)
    trial_wrong(t, "edit: %s", mig_cx_message(t->cx));
  else if ((int)strlen(out) != t->text.n || memcmp(out, t->text.p, strlen(out)))
    trial_wrong(t, "parts put in their own places give %s", out);
}

/*
** The tokens of `whole`, in upper case, with one mark for each part.  A part
** that is not there, not tight, or begins within a token, is wrong; words that
** change nothing are left out.
*/
static char *skeleton(trial *t, mig_span whole, const parts *p) {
  mig_span rest = whole;
  mig_buf b = {0};
  int used = 0;

  while (rest.n > 0) {
    int i = parts_find(p, rest.p);
    mig_token k = mig_token_at(rest);
    int n = i >= 0 ? p->at[i].s.n : k.s.n;
    if (n > rest.n || (i >= 0 && !part_is_tight(p->at[i].s, p->at[i].mark)))
      break;
    used += i >= 0;
    if (i >= 0)
      mig_buf_addf(t->cx, &b, " %c", p->at[i].mark);
    else if (k.type == MIG_TK_ILLEGAL)
      mig_buf_addz(t->cx, &b, " ILLEGAL");
    else if (k.type != MIG_TK_SPACE && k.type != MIG_TK_COMMENT &&
             !mig_token_is(k, "ASC") && !mig_token_is(k, ";"))
      mig_buf_addf(
          t->cx, &b, " %s",
          mig_token_is(k, "TEMPORARY")
              ? "TEMP"
              : reading_upper(t->cx, mig_strndup(t->cx, k.s.p, k.s.n)));
    rest.p += n;
    rest.n -= n;
  }
  if (rest.n || used != p->n)
    trial_wrong(t, "parts are not in order within [%.*s]", whole.n, whole.p);
  parts_edit(t, p);
  return mig_buf_take(t->cx, &b);
}

/* Take all of `words` out of the text. */
static void without(char *text, const char *words) {
  size_t n = strlen(words);
  char *p;

  while (text && (p = strstr(text, words)) != NULL)
    memmove(p, p + n, strlen(p + n) + 1);
}

/* The words around the parts must be these. */
static void expect(trial *t, mig_span whole, const parts *p, mig_buf *b) {
  char *got = skeleton(t, whole, p), *z = mig_buf_take(t->cx, b), *cut;

  without(got, " FOR EACH ROW");
  if (got && (cut = strstr(got, " B , O")) != NULL)
    memmove(cut + 2, cut + 4, 3);
  if (got && (cut = strstr(got, " . T")) != NULL) { /* ON main.t */
    char *on = strstr(got, " ON ");
    if (on && on < cut) memmove(on + 3, cut + 2, strlen(cut + 2) + 1);
  }
  without(got, " NULLS FIRST");
  without(got, " NULLS LAST");
  if (got && z && strcmp(got, z))
    trial_wrong(t, "words [%s], not [%s], around the parts of [%.*s]", got, z,
                whole.n, whole.p);
}

static void expect_keys(trial *t, mig_buf *b, const mig_list *keys) {
  int i;

  for (i = 0; i < keys->n; i++) mig_buf_addz(t->cx, b, i ? " , K" : " K");
}

static int within(mig_span s, mig_span whole) {
  return s.p >= whole.p && s.p + s.n <= whole.p + whole.n;
}

static void check_keys(trial *t, const mig_list *keys) {
  int i;

  for (i = 0; i < keys->n; i++) {
    const mig_key *k = keys->at[i];
    parts p = {0};
    mig_buf b = {0};
    int after = k->collate.n && !within(k->collate, k->expr);
    if (!k->expr.n) trial_wrong(t, "a key without expr");
    parts_add(&p, k->expr, 'E');
    if (after) parts_add(&p, k->collate, 'N'); /* else in parentheses */
    mig_buf_addf(t->cx, &b, " E%s%s", after ? " COLLATE N" : "",
                 k->desc ? " DESC" : "");
    expect(t, k->text, &p, &b);
    if (k->column.n && !within(k->column, k->expr))
      trial_wrong(t, "a key's column is outside of it");
  }
}

/* Parentheses must be closed within it, and not be closed too often. */
static void check_closed(trial *t, mig_span s) {
  mig_span rest = s;
  mig_token k;
  int depth = 0;

  while ((k = mig_token_next(&rest)).type != MIG_TK_END && depth >= 0) {
    if (mig_token_is(k, "(")) depth++;
    if (mig_token_is(k, ")")) depth--;
    if (k.type == MIG_TK_ILLEGAL) trial_wrong(t, "illegal token in a part");
  }
  if (depth) trial_wrong(t, "unbalanced part [%.*s]", s.n, s.p);
}

/* ---- constraints ---- */

static void expect_reference(trial *t, mig_buf *b, const mig_clause *u,
                             int own) {
  if (own) {
    mig_buf_addz(t->cx, b, " FOREIGN KEY (");
    expect_keys(t, b, &u->keys);
    mig_buf_addz(t->cx, b, " )");
  }
  mig_buf_addz(t->cx, b, " REFERENCES T");
  if (u->to.n) {
    mig_buf_addz(t->cx, b, " (");
    expect_keys(t, b, &u->to);
    mig_buf_addz(t->cx, b, " )");
  }
  mig_buf_addf(t->cx, b, "%s%s", u->actions.n ? " A" : "",
               u->defer.n ? " D" : "");
}

static void expect_key(trial *t, mig_buf *b, const mig_clause *u, int own) {
  const char *autoincrement = u->autoincrement ? " AUTOINCREMENT" : "";
  const char *conflict = u->conflict.n ? " X" : "";

  mig_buf_addz(t->cx, b,
               u->type == MIG_CLAUSE_UNIQUE ? " UNIQUE" : " PRIMARY KEY");
  if (own) {
    mig_buf_addz(t->cx, b, " (");
    expect_keys(t, b, &u->keys);
    mig_buf_addf(t->cx, b, "%s )%s", autoincrement, conflict);
  } else {
    mig_buf_addf(t->cx, b, "%s%s%s", u->desc ? " DESC" : "", conflict,
                 autoincrement);
  }
}

/* A generated column's AS may stand behind GENERATED ALWAYS, or not. */
static void expect_generated(trial *t, mig_buf *b, const mig_clause *u) {
  mig_span rest = u->body;

  if (mig_token_is(mig_token_next(&rest), "GENERATED"))
    mig_buf_addz(t->cx, b, " GENERATED ALWAYS");
  mig_buf_addf(t->cx, b, " AS ( E )%s", u->word.n ? " W" : "");
  if (u->stored != (u->word.n == 6)) trial_wrong(t, "stored is %d", u->stored);
}

static void expect_body(trial *t, mig_buf *b, const mig_clause *u, int own) {
  const char *conflict = u->conflict.n ? " X" : "";

  switch (u->type) {
  case MIG_CLAUSE_PRIMARY_KEY:
  case MIG_CLAUSE_UNIQUE:
    expect_key(t, b, u, own);
    break;
  case MIG_CLAUSE_CHECK:
    mig_buf_addf(t->cx, b, " CHECK ( E )%s", conflict);
    break;
  case MIG_CLAUSE_FOREIGN_KEY:
    expect_reference(t, b, u, own);
    break;
  case MIG_CLAUSE_NOT_NULL:
    mig_buf_addf(t->cx, b, " NOT NULL%s", conflict);
    break;
  case MIG_CLAUSE_NULL:
    mig_buf_addf(t->cx, b, " NULL%s", conflict);
    break;
  case MIG_CLAUSE_DEFAULT:
    mig_buf_addz(t->cx, b, " DEFAULT E");
    break;
  case MIG_CLAUSE_COLLATE:
    mig_buf_addz(t->cx, b, " COLLATE W");
    break;
  case MIG_CLAUSE_GENERATED:
    expect_generated(t, b, u);
    break;
  case MIG_CLAUSE_DEFER:
    mig_buf_addz(t->cx, b, " D");
    break;
  default:
    trial_wrong(t, "a clause of type %d", u->type);
  }
}

static void check_body(trial *t, const mig_clause *u, int own) {
  parts p = {0};
  mig_buf b = {0};

  expect_body(t, &b, u, own);
  parts_add(&p, u->expr, 'E');
  parts_add(&p, u->word, 'W');
  parts_add(&p, u->conflict, 'X');
  parts_add_keys(&p, &u->keys);
  parts_add(&p, u->table, 'T');
  parts_add_keys(&p, &u->to);
  parts_add(&p, u->actions, 'A');
  /* A clause that is only this has it as its body, or as a part of it. */
  parts_add(&p, u->type == MIG_CLAUSE_DEFER ? u->body : u->defer, 'D');
  expect(t, u->body, &p, &b);
  check_keys(t, &u->keys);
  check_keys(t, &u->to);
  check_closed(t, u->expr);
}

static void check_clause(trial *t, const mig_clause *u, int own) {
  parts p = {0};
  mig_buf b = {0};

  parts_add(&p, u->name, 'N');
  parts_add(&p, u->body, 'B');
  mig_buf_addf(t->cx, &b, "%s%s", u->name.n ? " CONSTRAINT N" : "",
               u->body.n ? " B" : "");
  expect(t, u->text, &p, &b);
  if ((u->type == MIG_CLAUSE_NAME) != !u->body.n)
    trial_wrong(t, "a clause of type %d has a body of %d", u->type, u->body.n);
  if (u->body.n) check_body(t, u, own);
}

/* ---- statements ---- */

static void check_column(trial *t, const mig_coldef *def) {
  parts p = {0};
  mig_buf b = {0};
  int i;

  parts_add(&p, def->name, 'N');
  /* SQLite leaves a comment before GENERATED in the type. */
  parts_add(&p, def->type, 'T');
  mig_buf_addf(t->cx, &b, " N%s", def->type.n ? " T" : "");
  for (i = 0; i < def->clauses.n; i++) {
    const mig_clause *u = def->clauses.at[i];
    parts_add(&p, u->text, 'C');
    mig_buf_addz(t->cx, &b, " C");
  }
  expect(t, def->text, &p, &b);
  if (!def->type.n && def->type.p != def->name.p + def->name.n)
    trial_wrong(t, "the place of an absent type is not behind the name");
  for (i = 0; i < def->clauses.n; i++) check_clause(t, def->clauses.at[i], 0);
}

/* Between the parentheses.  Commas between the table's clauses are free. */
static void check_items(trial *t) {
  const mig_create *c = t->c;
  parts p = {0};
  mig_buf b = {0};
  char *got, *words, *at;
  int i;

  parts_add(&p, c->open, '<');
  for (i = 0; i < c->columns.n; i++) {
    const mig_coldef *def = c->columns.at[i];
    parts_add(&p, def->text, 'C');
    mig_buf_addz(t->cx, &b, i ? " , C" : " < C");
  }
  for (i = 0; i < c->clauses.n; i++) {
    const mig_clause *u = c->clauses.at[i];
    parts_add(&p, u->text, 'X');
    mig_buf_addz(t->cx, &b, i ? " X" : " , X");
  }
  parts_add(&p, c->close, '>');
  mig_buf_addz(t->cx, &b, " >");
  words = mig_buf_take(t->cx, &b);
  got = skeleton(
      t, (mig_span){c->open.p, (int)(c->close.p + c->close.n - c->open.p)}, &p);
  while (got && (at = strstr(got, "X , X")) != NULL)
    memmove(at + 1, at + 3, strlen(at + 3) + 1);
  if (got && words && strcmp(got, words))
    trial_wrong(t, "the table's items are [%s], not [%s]", got, words);
}

/* CREATE [TEMP] what [IF NOT EXISTS] P */
static void expect_head(trial *t, mig_buf *b, const char *what) {
  mig_buf_addf(t->cx, b, " CREATE%s %s%s P", t->c->temp ? " TEMP" : "", what,
               t->c->if_not_exists ? " IF NOT EXISTS" : "");
}

static void check_path(trial *t) {
  parts p = {0};
  char *got;

  parts_add(&p, t->c->name, '@');
  got = skeleton(t, t->c->path, &p);
  if (got && strcmp(got, " @") && !strstr(got, " . @"))
    trial_wrong(t, "the path is [%s]", got);
}

static void check_table(trial *t) {
  const mig_create *c = t->c;
  parts p = {0};
  mig_buf b = {0};
  mig_span list = {c->open.p, (int)(c->close.p + c->close.n - c->open.p)};
  int i;

  expect_head(t, &b, "TABLE");
  parts_add(&p, c->path, 'P');
  parts_add(&p, list, 'B');
  parts_add(&p, c->options, 'O');
  mig_buf_addf(t->cx, &b, " B%s", c->options.n ? " O" : "");
  expect(t, t->text, &p, &b);
  check_items(t);
  for (i = 0; i < c->columns.n; i++) check_column(t, c->columns.at[i]);
  for (i = 0; i < c->clauses.n; i++) check_clause(t, c->clauses.at[i], 1);
}

static void check_index(trial *t) {
  const mig_create *c = t->c;
  parts p = {0};
  mig_buf b = {0};

  expect_head(t, &b, c->unique ? "UNIQUE INDEX" : "INDEX");
  mig_buf_addz(t->cx, &b, " ON T (");
  expect_keys(t, &b, &c->keys);
  mig_buf_addf(t->cx, &b, " )%s", c->where.n ? " WHERE E" : "");
  parts_add(&p, c->path, 'P');
  parts_add(&p, c->table, 'T');
  parts_add_keys(&p, &c->keys);
  parts_add(&p, c->where, 'E');
  expect(t, t->text, &p, &b);
  check_keys(t, &c->keys);
  check_closed(t, c->where);
}

static void check_view(trial *t) {
  const mig_create *c = t->c;
  parts p = {0};
  mig_buf b = {0};

  expect_head(t, &b, "VIEW");
  if (c->names.n) {
    mig_buf_addz(t->cx, &b, " (");
    expect_keys(t, &b, &c->names);
    mig_buf_addz(t->cx, &b, " )");
  }
  mig_buf_addz(t->cx, &b, " AS B");
  parts_add(&p, c->path, 'P');
  parts_add_keys(&p, &c->names);
  parts_add(&p, c->body, 'B');
  expect(t, t->text, &p, &b);
  check_keys(t, &c->names);
  check_closed(t, c->body);
}

static void check_trigger(trial *t) {
  const mig_create *c = t->c;
  parts p = {0};
  mig_buf b = {0};

  expect_head(t, &b, "TRIGGER");
  mig_buf_addf(t->cx, &b, "%s V%s", c->time.n ? " M" : "",
               c->names.n ? " OF" : "");
  expect_keys(t, &b, &c->names);
  mig_buf_addf(t->cx, &b, " ON T%s B", c->where.n ? " WHEN E" : "");
  parts_add(&p, c->path, 'P');
  parts_add(&p, c->time, 'M');
  parts_add(&p, c->event, 'V');
  parts_add_keys(&p, &c->names);
  parts_add(&p, c->table, 'T');
  parts_add(&p, c->where, 'E');
  parts_add(&p, c->body, 'B');
  expect(t, t->text, &p, &b);
  check_keys(t, &c->names);
  check_closed(t, c->where);
}

static void check_parts(trial *t) {
  const mig_create *c = t->c;
  parts none = {0};

  parts_edit(t, &none);
  if (c->text.p != t->text.p || c->text.n != t->text.n)
    trial_wrong(t, "the statement's text is not what was given");
  if (c->type == MIG_CREATE_OF_VIRTUAL) return;
  check_path(t);
  if (c->type == MIG_CREATE_OF_TABLE) check_table(t);
  if (c->type == MIG_CREATE_OF_INDEX) check_index(t);
  if (c->type == MIG_CREATE_OF_VIEW) check_view(t);
  if (c->type == MIG_CREATE_OF_TRIGGER) check_trigger(t);
}

/* ---- what SQLite does with it ---- */

/* Only semicolons and comments? */
static int is_nothing(const char *z) {
  mig_span rest = mig_span_z(z);
  mig_token t;

  do t = mig_token_next(&rest);
  while (mig_token_is(t, ";"));
  return t.type == MIG_TK_END;
}

static void trial_execute(trial *t) {
  const char *tail = "";
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(t->db, t->text.p, -1, &st, &tail);

  t->alone = rc != SQLITE_OK || is_nothing(tail);
#if SQLITE_VERSION_NUMBER >= 3038000
  t->at = rc && sqlite3_error_offset ? sqlite3_error_offset(t->db) : -1;
#endif
  if (st) rc = sqlite3_step(st);
  t->accepted = st && (rc == SQLITE_DONE || rc == SQLITE_ROW);
  if (!t->accepted) t->refusal = mig_strdup(t->cx, sqlite3_errmsg(t->db));
  sqlite3_finalize(st);
}

static int is_syntax(const char *message) {
  return message && !strstr(message, "malformed") &&
         (strstr(message, "syntax error") || strstr(message, "unrecognized") ||
          strstr(message, "incomplete input"));
}

/* ---- both compared ---- */

static const mig_create *trial_on(trial *t) {
  static const char base[] = MAKE_BASE;
  const char *end = strchr(base, ';');

  return mig_create_parse(t->cx, (mig_span){base, (int)(end - base)});
}

static void trial_compare(trial *t, const char *of) {
  const mig_create *on = t->c->type == MIG_CREATE_OF_INDEX ? trial_on(t) : NULL;
  const char *ours = reading_of_parts(t->cx, t->c, on);

  if (t->cx->rc)
    trial_wrong(t, "%s: %s", of, mig_cx_message(t->cx));
  else if (t->says && ours && strcmp(t->says, ours))
    trial_wrong(t, "%s: SQLite says\n%sthe parser\n%s", of, t->says, ours);
}

static void again_names(trial *t, mig_buf *b, const char *open,
                        const char *close) {
  const mig_list *names = &t->c->names;
  int i;

  for (i = 0; i < names->n; i++) {
    const mig_key *k = names->at[i];
    mig_buf_addf(t->cx, b, "%s%.*s%s", i ? ", " : open, k->column.n,
                 k->column.p, i == names->n - 1 ? close : "");
  }
}

/* A view's or trigger's parts, put together anew, are one to SQLite. */
static void trial_again(trial *t) {
  const mig_create *c = t->c;
  const char *temp = c->temp ? "TEMP" : "";
  mig_buf b = {0};
  char *sql;

  if (c->type == MIG_CREATE_OF_VIEW) {
    mig_buf_addf(t->cx, &b, "CREATE %s VIEW \"new\n\"", temp);
    again_names(t, &b, "(", ")");
    mig_buf_addz(t->cx, &b, " AS");
  } else if (c->type == MIG_CREATE_OF_TRIGGER) {
    mig_buf_addf(t->cx, &b, "CREATE %s TRIGGER \"new\n\" %.*s %.*s", temp,
                 c->time.n, c->time.p, c->event.n, c->event.p);
    again_names(t, &b, " OF ", "");
    mig_buf_addf(t->cx, &b, " ON %.*s%s%.*s", c->table.n, c->table.p,
                 c->where.n ? " WHEN " : "", c->where.n, c->where.p);
  } else {
    return;
  }
  mig_buf_addf(t->cx, &b, "\n%.*s", c->body.n, c->body.p);
  sql = mig_buf_take(t->cx, &b);
  if (sql && sqlite3_exec(t->db, sql, NULL, NULL, NULL) != SQLITE_OK)
    trial_wrong(t, "its parts make %s: %s", sql, sqlite3_errmsg(t->db));
}

/* The text that SQLite keeps is read alike. */
static void trial_stored(trial *t) {
  trial u = *t;

  u.text = mig_span_z(t->made.sql);
  u.c = mig_create_parse(t->cx, u.text);
  if (!u.c) {
    trial_wrong(t, "as stored, %s: %s", t->made.sql, mig_cx_message(t->cx));
    return;
  }
  trial_compare(&u, "as stored");
  if (!u.wrong) check_parts(&u);
  t->wrong = u.wrong;
}

/* Where SQLite sees an error of syntax within what is not looked into. */
static int span_holds(mig_span text, mig_span s, int at) {
  mig_span rest;
  mig_token next;
  int from = (int)(s.p - text.p), end = from + s.n;

  if (!s.n || at < from) return 0;
  rest = (mig_span){text.p + end, text.n - end};
  next = mig_token_next(&rest);
  return at <= (next.type == MIG_TK_END ? text.n : (int)(next.s.p - text.p));
}

static int keys_hold(mig_span text, const mig_list *keys, int at) {
  int i;

  for (i = 0; i < keys->n; i++) {
    const mig_key *k = keys->at[i];
    if (span_holds(text, k->expr, at)) return 1;
  }
  return 0;
}

static int clauses_hold(mig_span text, const mig_list *clauses, int at) {
  int i;

  for (i = 0; i < clauses->n; i++) {
    const mig_clause *u = clauses->at[i];
    if (span_holds(text, u->expr, at) || keys_hold(text, &u->keys, at))
      return 1;
  }
  return 0;
}

static int trial_inside(const trial *t) {
  const mig_create *c = t->c;
  int i, at = t->at < 0 ? t->text.n : t->at;

  if (c->type == MIG_CREATE_OF_VIRTUAL) return 1;
  if (span_holds(t->text, c->where, at) || span_holds(t->text, c->body, at) ||
      keys_hold(t->text, &c->keys, at) ||
      clauses_hold(t->text, &c->clauses, at))
    return 1;
  for (i = 0; i < c->columns.n; i++) {
    const mig_coldef *def = c->columns.at[i];
    if (clauses_hold(t->text, &def->clauses, at)) return 1;
  }
  return 0;
}

static void trial_accepted(trial *t) {
  t->made = reading_made(t->cx, t->db, t->known);
  if (!t->made.name) return;
  t->says = reading_of_sqlite(t->cx, t->db, t->made);
  if (t->c->type == MIG_CREATE_OF_VIRTUAL) return;
  trial_compare(t, "as given");
  check_parts(t);
  if (!t->wrong) trial_stored(t);
  if (!t->wrong) trial_again(t);
}

enum { TRIAL_REFUSED, TRIAL_READ, TRIAL_UNREAD, TRIAL_WRONG };

/* `strict`: what SQLite accepts must be read. */
static int trial_run(trial *t, int strict) {
  t->at = -1;
  t->accepted = t->alone = 0;
  t->refusal = t->wrong = t->says = NULL;
  sqlite3_exec(t->db, "SAVEPOINT trial", NULL, NULL, NULL);
  trial_execute(t);
  t->c = mig_create_parse(t->cx, t->text);
  if (!t->c && (t->cx->rc != SQLITE_ERROR || !*mig_cx_message(t->cx)))
    trial_wrong(t, "refused with %d %s", t->cx->rc, mig_cx_message(t->cx));
  else if (!t->c && t->accepted && strict)
    trial_wrong(t, "SQLite accepts, the parser: %s", mig_cx_message(t->cx));
  else if (t->c && t->accepted && !t->alone)
    trial_wrong(t, "the parser accepts more than one statement");
  else if (t->c && t->accepted)
    trial_accepted(t);
  else if (t->c && is_syntax(t->refusal) && !trial_inside(t))
    trial_wrong(t, "SQLite at %d: %s; the parser accepts", t->at, t->refusal);
  else if (t->c)
    check_parts(t);
  sqlite3_exec(t->db, "ROLLBACK TO trial; RELEASE trial", NULL, NULL, NULL);
  if (t->wrong) return TRIAL_WRONG;
  return !t->accepted ? TRIAL_REFUSED : t->c ? TRIAL_READ : TRIAL_UNREAD;
}

/* ---- many ---- */

static int collate_bytes(void *unused, int na, const void *a, int nb,
                         const void *b) {
  int c = memcmp(a, b, (size_t)(na < nb ? na : nb));

  (void)unused;
  return c ? c : na - nb;
}

static sqlite3 *creates_open(void) {
  sqlite3 *db = NULL;

  sqlite3_open(":memory:", &db);
  /* where a build's default is off */
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 1, NULL);
  sqlite3_create_collation(db, "desc", SQLITE_UTF8, NULL, collate_bytes);
  sqlite3_create_collation(db, "my coll", SQLITE_UTF8, NULL, collate_bytes);
  sqlite3_exec(db, MAKE_BASE, NULL, NULL, NULL);
  return db;
}

/* Operators of SQLite 3.38, which one that is older refuses by itself. */
static int try_is_late(const char *text) {
  return sqlite3_libversion_number() < 3038000 && strstr(text, "->");
}

/* Run it with memory of its own; a failure is printed. */
static int try_text(sqlite3 **db, const char *text, int strict, int *failures) {
  mig_cx own = {0};
  trial t = {&own, *db, mig_span_z(text), 2, 0, 0, NULL, -1, {0}, NULL,
             NULL, NULL};
  int outcome = trial_run(&t, strict);

  if (t.wrong && try_is_late(text)) outcome = TRIAL_REFUSED;
  if (outcome == TRIAL_WRONG && ++*failures <= 10) EQ_STR(t.wrong, text);
  if (outcome == TRIAL_UNREAD && t.alone && getenv("CREATES"))
    printf("unread: %s\n%s\n", mig_cx_message(&own), text);
  if (t.wrong && strcmp(t.wrong, "no memory")) sqlite3_free((char *)t.wrong);
  if (t.refusal && strstr(t.refusal, "malformed")) {
    /* CREATE TABLE main.if(a) spoils the database: SQLite keeps it as IF(a). */
    sqlite3_close(*db);
    *db = creates_open();
  }
  mig_cx_release(&own);
  return outcome;
}

/* How many of each outcome. */
typedef struct tally tally;
struct tally {
  int of[TRIAL_WRONG + 1], mutants[TRIAL_WRONG + 1];
};

/* CREATES=SEED in the environment looks for more, elsewhere. */
static tally creates_try(unsigned seed, int rounds, int mutants) {
  static make m;
  const char *more = getenv("CREATES");
  sqlite3 *db = creates_open();
  tally sum = {{0}, {0}};
  int i, k, failures = 0;

  m.seed = more ? seed + 1000 * (unsigned)atoi(more) : seed;
  if (more) rounds *= 20;
  for (i = 0; i < rounds && failures < 10; i++) {
    make_any(&m);
    sum.of[try_text(&db, m.text, 1, &failures)]++;
    for (k = 0; k < mutants; k++) {
      if (k % 3 == 2) make_any(&m);
      make_mutant(&m);
      sum.mutants[try_text(&db, m.text, 0, &failures)]++;
    }
  }
  sqlite3_close(db);
  if (more)
    printf("refused %d read %d unread %d wrong %d; mutants %d %d %d %d\n",
           sum.of[0], sum.of[1], sum.of[2], sum.of[3], sum.mutants[0],
           sum.mutants[1], sum.mutants[2], sum.mutants[3]);
  return sum;
}

static int creates_total(const tally *sum) {
  return sum->of[0] + sum->of[1] + sum->of[2] + sum->of[3];
}

TEST(create_reads_what_sqlite_reads) {
  tally sum;

  (void)cx;
  if (test_oom()) return;
  sum = creates_try(1, 800, 0);
  EQ_INT(sum.of[TRIAL_UNREAD] + sum.of[TRIAL_WRONG], 0);
  /* The generator makes statements that are good for something. */
  if (sqlite3_libversion_number() >= 3038000)
    EQ_INT(sum.of[TRIAL_READ] * 10 / creates_total(&sum) > 7, 1);
}

TEST(create_refuses_rather_than_misread) {
  tally sum;

  (void)cx;
  /* which does not say where it stopped reading */
  if (test_oom() || sqlite3_libversion_number() < 3038000) return;
  sum = creates_try(2, 300, 4);
  EQ_INT(sum.of[TRIAL_WRONG] + sum.mutants[TRIAL_WRONG], 0);
}

/* The parser refuses it; so does SQLite, if `both`. */
static void try_refused(sqlite3 **db, const char *text, int both) {
  int failures = 0, outcome = try_text(db, text, 0, &failures);

  EQ_INT(failures, 0);
  if (outcome != (both ? TRIAL_REFUSED : TRIAL_UNREAD)) EQ_STR("other", text);
}

/* The rest skips failing allocations; these do not. */
TEST(create_reads_or_says_why) {
  static const char *const text[] = {
      "CREATE TABLE t(a INTEGER CONSTRAINT x PRIMARY KEY DESC, b VARCHAR(10)"
      " DEFAULT (1) CHECK(b) REFERENCES p(x) ON DELETE CASCADE, c GENERATED"
      " ALWAYS AS (a) STORED, CONSTRAINT y UNIQUE(a, (b) COLLATE z DESC),"
      " FOREIGN KEY(a, b) REFERENCES q(x, y) DEFERRABLE) STRICT, WITHOUT ROWID",
      "CREATE UNIQUE INDEX i ON t(a || b COLLATE z, \"c\" DESC) WHERE d",
      "CREATE VIEW v(a, b) AS SELECT 1, 2",
      "CREATE TRIGGER g AFTER UPDATE OF a, b ON t WHEN c BEGIN SELECT 1; END",
      "CREATE TABLE t(a, b INT AS NULL)"};
  mig_create *c;
  parts all;
  int i;

  for (i = 0; i < 4; i++) {
    trial t = {0};
    t.cx = cx;
    t.text = mig_span_z(text[i]);
    t.c = c = mig_create_parse(cx, t.text);
    EQ_INT(cx->rc, 0);
    EQ_INT(!c == !cx->rc, 0);
    all.n = 0;
    if (c) parts_add(&all, c->name, 'N');
    if (c) parts_edit(&t, &all);
    EQ_STR(t.wrong, NULL);
    if (t.wrong && strcmp(t.wrong, "no memory")) sqlite3_free((char *)t.wrong);
  }
  mig_create_parse(cx, mig_span_z(text[4]));
  EQ_ERR(cx, SQLITE_ERROR, "line 1");
}

TEST(create_reads_strange_statements) {
  int i, failures = 0, outcome;
  sqlite3 *db;

  (void)cx;
  if (test_oom()) return;
  db = creates_open();
  for (i = 0; i < MAKE_COUNT(strange_good); i++) {
    outcome = try_text(&db, strange_good[i], 1, &failures);
    if (outcome == TRIAL_REFUSED && sqlite3_libversion_number() >= 3040000)
      EQ_STR("SQLite refuses", strange_good[i]);
  }
  for (i = 0; i < MAKE_COUNT(strange_type); i++)
    try_text(&db, strange_type[i], 0, &failures);
  for (i = 0; i < MAKE_COUNT(strange_other); i++)
    try_refused(&db, strange_other[i], 0);
  for (i = 0; i < MAKE_COUNT(strange_bad); i++)
    try_refused(&db, strange_bad[i], 1);
  sqlite3_close(db);
  EQ_INT(failures, 0);
}
