/*
** ext/sql/create.c - a CREATE statement as parts of its text.
*/
#include "ext/sql/sql.h"

mig_coldef *mig_create_column(const mig_create *c, const char *name, int *at) {
  int i;

  for (i = 0; i < c->columns.n; i++) {
    mig_coldef *col = c->columns.at[i];
    if (!mig_sql_same(col->name, name)) continue;
    if (at) *at = i;
    return col;
  }
  return NULL;
}

/* [IF NOT EXISTS] [schema.]name */
static void create_name(mig_reader *r, mig_create *c) {
  if (mig_read_take(r, "IF")) {
    mig_read_expect(r, "NOT");
    mig_read_expect(r, "EXISTS");
    c->if_not_exists = 1;
  }
  c->name = mig_read_path(r, &c->path);
}

/* ---- columns ---- */

static void create_number(mig_reader *r) {
  if (!mig_read_take(r, "+")) mig_read_take(r, "-");
  if (r->now.type == MIG_TK_INTEGER || r->now.type == MIG_TK_FLOAT)
    mig_read_next(r);
  else
    mig_read_fail(r, "a number");
}

/* Bytes of the type that are left when its last n, `word`, are cut off with the
** white space before them; -1 when it does not end so. */
static int create_cut(mig_span type, const char *word, int n) {
  if (type.n < n || sqlite3_strnicmp(type.p + type.n - n, word, n)) return -1;
  for (type.n -= n; type.n > 0; type.n--) {
    char c = type.p[type.n - 1];
    if (c != ' ' && (c < '\t' || c > '\r')) break;
  }
  return type.n;
}

/*
** SQLite reads GENERATED ALWAYS into the type, for its words are names there,
** and cuts it off again as bytes: "ALWAYS" alone too, from the end of a longer
** word too; and a comment before it stays.  Where GENERATED ALWAYS AS was
** meant, go back to GENERATED.
*/
static void create_generated(mig_reader *r, mig_span *type,
                             const mig_reader *before) {
  int n = type->n < 16 ? -1 : create_cut(*type, "always", 6);

  if (n < 0) return;
  n = create_cut((mig_span){type->p, n}, "generated", 9);
  if (n < 0 || !mig_read_is(r, "AS") || !mig_read_is(before, "GENERATED") ||
      !mig_token_is(mig_read_peek(before), "ALWAYS")) {
    mig_read_fail(r, "GENERATED ALWAYS AS, or a type that does not end so,");
    return;
  }
  *r = *before;
  type->n = n;
}

/* Words, then at most two numbers in parentheses. */
static mig_span create_type(mig_reader *r) {
  mig_reader before[2] = {*r, *r}; /* at the last word, and the one before */
  mig_span type = {r->now.s.p, 0};

  while (mig_read_here(r) & (MIG_AS_ID | MIG_AS_STRING)) {
    before[1] = before[0];
    before[0] = *r;
    mig_read_next(r);
  }
  type = mig_read_from(r, type.p);
  if (type.n && mig_read_take(r, "(")) {
    create_number(r);
    if (mig_read_take(r, ",")) create_number(r);
    mig_read_expect(r, ")");
    type = mig_read_from(r, type.p);
  } else {
    create_generated(r, &type, &before[1]);
  }
  if (!type.n) type.p = r->end;
  return type;
}

static void create_column(mig_reader *r, mig_create *c) {
  mig_coldef col = {0};

  col.name = mig_read_word(r, MIG_AS_NAME, "a column's name");
  col.type = create_type(r);
  while (!r->cx->rc && !mig_read_is(r, ",") && !mig_read_is(r, ")"))
    mig_read_clause(r, &col.clauses, 0);
  col.text = mig_read_from(r, col.name.p);
  mig_read_keep(r, &c->columns, &col, sizeof col);
}

/* ---- tables ---- */

static int create_at_constraint(const mig_reader *r) {
  return mig_token_any(r->now, "CONSTRAINT PRIMARY UNIQUE CHECK FOREIGN");
}

/* Behind the comma: they may follow one another without one. */
static void create_constraints(mig_reader *r, mig_create *c) {
  do {
    mig_read_clause(r, &c->clauses, 1);
    if (mig_read_take(r, ",") && !create_at_constraint(r))
      mig_read_fail(r, "a constraint of the table");
  } while (!r->cx->rc && !mig_read_is(r, ")"));
}

/* A comma may stand before the first one too. */
static void create_options(mig_reader *r, mig_create *c) {
  const char *from = r->now.s.p;

  if (mig_read_take(r, ",") || mig_read_as(r->now)) {
    do {
      if (mig_read_take2(r, "WITHOUT", "ROWID"))
        c->without_rowid = 1;
      else if (mig_read_take(r, "STRICT"))
        c->strict = 1;
      else
        mig_read_fail(r, "STRICT or WITHOUT ROWID");
    } while (mig_read_take(r, ","));
  }
  c->options = mig_read_from(r, from);
  if (!c->options.n) c->options.p = r->end;
}

static void create_table(mig_reader *r, mig_create *c) {
  create_name(r, c);
  if (mig_read_is(r, "AS"))
    mig_read_fail(r, "columns in parentheses, not a SELECT,");
  c->open = r->now.s;
  mig_read_expect(r, "(");
  do create_column(r, c);
  while (mig_read_take(r, ",") && !create_at_constraint(r));
  if (create_at_constraint(r)) create_constraints(r, c);
  c->close = r->now.s;
  mig_read_expect(r, ")");
  create_options(r, c);
}

/* ---- the others ---- */

static void create_index(mig_reader *r, mig_create *c) {
  c->type = MIG_CREATE_OF_INDEX;
  create_name(r, c);
  mig_read_expect(r, "ON");
  c->table = mig_read_word(r, MIG_AS_NAME, "a table's name");
  c->keys = mig_read_keys(r, 1, NULL);
  c->where.p = r->end;
  if (mig_read_take(r, "WHERE")) c->where = mig_read_expr(r, NULL);
}

/* A statement without its semicolon. */
static void create_statement(mig_reader *r) {
  while (!r->cx->rc && !mig_read_is(r, ";") && r->now.type != MIG_TK_END) {
    if (r->now.type == MIG_TK_ILLEGAL || r->now.type == MIG_TK_VARIABLE ||
        mig_read_is(r, ")"))
      mig_read_fail(r, "another word");
    else if (mig_read_is(r, "("))
      mig_read_parens(r);
    else
      mig_read_next(r);
  }
}

static int create_at_select(const mig_reader *r) {
  return mig_token_any(r->now, "SELECT VALUES WITH");
}

static void create_view(mig_reader *r, mig_create *c) {
  const char *from;

  c->type = MIG_CREATE_OF_VIEW;
  create_name(r, c);
  if (mig_read_is(r, "(")) c->names = mig_read_keys(r, 0, NULL);
  mig_read_expect(r, "AS");
  from = r->now.s.p;
  if (!create_at_select(r)) mig_read_fail(r, "SELECT");
  create_statement(r);
  c->body = mig_read_from(r, from);
}

static void create_time(mig_reader *r, mig_create *c) {
  const char *from = r->now.s.p;

  if (!mig_read_take(r, "BEFORE") && !mig_read_take(r, "AFTER"))
    mig_read_take2(r, "INSTEAD", "OF");
  c->time = mig_read_from(r, from);
  if (!c->time.n) c->time.p = r->end;
}

static void create_event(mig_reader *r, mig_create *c) {
  c->event = r->now.s;
  if (mig_read_take(r, "UPDATE")) {
    if (mig_read_take(r, "OF")) c->names = mig_read_names(r);
  } else if (!mig_read_take(r, "DELETE") && !mig_read_take(r, "INSERT")) {
    mig_read_fail(r, "DELETE, INSERT or UPDATE");
  }
}

/* BEGIN statement; ... END.  No statement begins with END. */
static void create_body(mig_reader *r, mig_create *c) {
  const char *from = r->now.s.p;

  mig_read_expect(r, "BEGIN");
  do {
    if (!create_at_select(r) && !mig_read_is(r, "INSERT") &&
        !mig_read_is(r, "UPDATE") && !mig_read_is(r, "DELETE") &&
        !mig_read_is(r, "REPLACE"))
      mig_read_fail(r, "a statement");
    create_statement(r);
    mig_read_expect(r, ";");
  } while (!r->cx->rc && !mig_read_take(r, "END"));
  c->body = mig_read_from(r, from);
}

static void create_trigger(mig_reader *r, mig_create *c) {
  c->type = MIG_CREATE_OF_TRIGGER;
  create_name(r, c);
  create_time(r, c);
  create_event(r, c);
  mig_read_expect(r, "ON");
  c->table = mig_read_path(r, NULL);
  if (mig_read_take(r, "FOR")) {
    mig_read_expect(r, "EACH");
    mig_read_expect(r, "ROW");
  }
  c->where.p = r->end;
  if (mig_read_take(r, "WHEN")) c->where = mig_read_expr(r, NULL);
  create_body(r, c);
}

/* What the module is given is its own language, but balanced, and all of it:
** SQLite reads no further than one statement, and whoever runs the text would
** run what is behind it. */
static void create_virtual(mig_reader *r, mig_create *c) {
  c->type = MIG_CREATE_OF_VIRTUAL;
  mig_read_expect(r, "TABLE");
  create_name(r, c);
  mig_read_expect(r, "USING");
  mig_read_word(r, MIG_AS_NAME, "a module's name");
  if (mig_read_is(r, "(")) mig_read_given(r);
}

/* ---- the whole ---- */

static void create_any(mig_reader *r, mig_create *c) {
  mig_read_expect(r, "CREATE");
  c->temp = mig_read_take_any(r, "TEMP TEMPORARY");
  if (mig_read_take(r, "TABLE")) {
    create_table(r, c);
  } else if (mig_read_take(r, "VIEW")) {
    create_view(r, c);
  } else if (mig_read_take(r, "TRIGGER")) {
    create_trigger(r, c);
  } else if (!c->temp && mig_read_take(r, "VIRTUAL")) {
    create_virtual(r, c);
  } else if (!c->temp && mig_read_take(r, "INDEX")) {
    create_index(r, c);
  } else if (!c->temp && mig_read_take2(r, "UNIQUE", "INDEX")) {
    c->unique = 1;
    create_index(r, c);
  } else {
    mig_read_fail(r, "TABLE, INDEX, VIEW or TRIGGER");
  }
}

mig_create *mig_create_parse(mig_cx *cx, mig_span text) {
  mig_create *c = mig_alloc(cx, sizeof *c);
  mig_reader r;

  if (!c) return NULL;
  r = mig_read(cx, text);
  c->text = text;
  create_any(&r, c);
  while (mig_read_take(&r, ";"))
    ;
  if (r.now.type != MIG_TK_END) mig_read_fail(&r, "the end of the statement");
  return cx->rc ? NULL : c;
}
