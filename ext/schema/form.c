/*
** ext/schema/form.c - SQL text in one spelling, so that two texts say the same
** when their forms are equal: tokens with one space between, without comments,
** names without quotes and in lower case.
**
** In double quotes may be a name or, as SQLite reads it where no name fits, a
** text; so they go only around what is a name in the schema.
*/
#include "ext/schema/compare.h"

static void form_fold(mig_cx *cx, mig_buf *b, const char *p, int n) {
  char c;

  for (; n > 0 && !cx->rc; p++, n--) {
    c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    mig_buf_add(cx, b, &c, 1);
  }
}

char *mig_fold(mig_cx *cx, const char *name) {
  mig_buf b = {0};

  form_fold(cx, &b, name ? name : "", name ? (int)strlen(name) : 0);
  if (!b.p) mig_buf_addz(cx, &b, "");
  return mig_buf_take(cx, &b);
}

char *mig_fold_token(mig_cx *cx, mig_span token) {
  return cx->rc ? NULL : mig_fold(cx, mig_sql_unquote(cx, token));
}

/* Would this name without quotes be read as the same one? */
static int form_is_plain(const char *name) {
  static const char *const words[] = {"true", "false", "current_date",
                                      "current_time", "current_timestamp"};
  mig_span s = mig_span_z(name);
  mig_token t = mig_token_at(s);
  size_t i;

  for (i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcmp(words[i], name)) return 0;
  return t.type == MIG_TK_ID && t.s.n == s.n && (mig_read_as(t) & MIG_AS_ID);
}

static void form_quoted(mig_cx *cx, mig_buf *b, mig_span token,
                        const mig_map *names) {
  const char *name = mig_fold_token(cx, token);

  if (cx->rc) return;
  if (*token.p == '"' && names && !mig_map_get(names, name))
    mig_buf_add(cx, b, token.p, token.n);
  else if (form_is_plain(name))
    mig_buf_addz(cx, b, name);
  else
    mig_buf_addf(cx, b, "\"%w\"", name);
}

static void form_token(mig_cx *cx, mig_buf *b, mig_token t,
                       const mig_map *names) {
  if (b->n) mig_buf_addz(cx, b, " ");
  if (t.type == MIG_TK_QUOTED)
    form_quoted(cx, b, t.s, names);
  else if (t.type == MIG_TK_STRING || t.type == MIG_TK_VARIABLE)
    mig_buf_add(cx, b, t.s.p, t.s.n);
  else if (mig_token_is(t, "=="))
    mig_buf_addz(cx, b, "=");
  else if (mig_token_is(t, "!="))
    mig_buf_addz(cx, b, "<>");
  else
    form_fold(cx, b, t.s.p, t.s.n);
}

char *mig_form(mig_cx *cx, mig_span sql, const mig_map *names) {
  mig_buf b = {0};
  mig_token t;

  while (!cx->rc && (t = mig_token_next(&sql)).type != MIG_TK_END)
    form_token(cx, &b, t, names);
  if (!b.p) mig_buf_addz(cx, &b, "");
  return mig_buf_take(cx, &b);
}

/* As it is, but for space and comments. */
static char *form_exact(mig_cx *cx, mig_span sql) {
  mig_buf b = {0};
  mig_token t;

  while (!cx->rc && (t = mig_token_next(&sql)).type != MIG_TK_END) {
    mig_buf_addz(cx, &b, " ");
    mig_buf_add(cx, &b, t.s.p, t.s.n);
  }
  return mig_buf_take(cx, &b);
}

/* ---- parts ---- */

/* Without the parentheses that are around all of it. */
static mig_span form_inside(mig_span sql) {
  mig_span rest = sql;
  mig_token t = mig_token_next(&rest), last = t;
  const char *begin = t.s.p + t.s.n;
  int depth = 1;

  if (!mig_token_is(t, "(")) return sql;
  while (depth && (t = mig_token_next(&rest)).type != MIG_TK_END) {
    depth += mig_token_is(t, "(") - mig_token_is(t, ")");
    last = t;
  }
  if (depth || mig_token_next(&rest).type != MIG_TK_END) return sql;
  return form_inside((mig_span){begin, (int)(last.s.p - begin)});
}

/* A bare word is a text here, but for those that are values. */
static char *form_default(mig_cx *cx, const mig_clause *k) {
  static const char words[] =
      "NULL TRUE FALSE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP";
  mig_span in, rest;
  mig_token t;

  if (!k) return mig_strdup(cx, "");
  rest = in = form_inside(k->expr);
  t = mig_token_next(&rest);
  if (t.type == MIG_TK_ID && mig_token_next(&rest).type == MIG_TK_END) {
    if (mig_token_any(t, words)) return mig_form(cx, in, NULL);
    return mig_printf(cx, "'%.*q'", t.s.n, t.s.p);
  }
  if (t.type == MIG_TK_QUOTED && rest.p == in.p + in.n)
    return mig_printf(cx, "%Q", mig_sql_unquote(cx, t.s));
  return mig_form(cx, in, NULL);
}

static char *form_keys(mig_cx *cx, const mig_list *keys, const mig_map *names) {
  mig_buf b = {0};
  int i;

  mig_buf_addz(cx, &b, "(");
  for (i = 0; i < keys->n && !cx->rc; i++) {
    const mig_key *k = keys->at[i];
    mig_buf_addf(cx, &b, "%s%s", i ? ", " : "",
                 k->column.n ? mig_fold_token(cx, k->column)
                             : mig_form(cx, form_inside(k->expr), names));
    if (k->collate.n)
      mig_buf_addf(cx, &b, " collate %s", mig_fold_token(cx, k->collate));
    if (k->desc) mig_buf_addz(cx, &b, " desc");
  }
  mig_buf_addz(cx, &b, ")");
  return mig_buf_take(cx, &b);
}

/* ---- a column ---- */

static char *form_type(mig_cx *cx, const mig_coldef *col) {
  return mig_form(cx, mig_type_plain(col->type), NULL);
}

static char *form_generated(mig_cx *cx, const mig_clause *k,
                            const mig_map *names) {
  if (!k) return mig_strdup(cx, "");
  return mig_printf(cx, "(%s)%s", mig_form(cx, form_inside(k->expr), names),
                    k->stored ? " stored" : "");
}

static char *form_not_null(mig_cx *cx, const mig_clause *k) {
  if (!k) return mig_strdup(cx, "");
  return mig_printf(cx, "not null%s%s%s%s", k->conflict.n ? " " : "",
                    mig_form(cx, k->conflict, NULL), k->name.n ? " as " : "",
                    k->name.n ? mig_fold_token(cx, k->name) : "");
}

void mig_form_column(mig_cx *cx, const mig_coldef *col, const mig_map *names,
                     mig_column_form *out) {
  const mig_clause *k = mig_clause_last(&col->clauses, MIG_CLAUSE_COLLATE);
  const char *collate = k ? mig_fold_token(cx, k->word) : "";

  if (collate && !strcmp(collate, "binary")) collate = "";
  out->name = mig_fold_token(cx, col->name);
  out->type = form_type(cx, col);
  out->dflt =
      form_default(cx, mig_clause_last(&col->clauses, MIG_CLAUSE_DEFAULT));
  out->collate = collate;
  out->generated = form_generated(
      cx, mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED), names);
  out->not_null =
      form_not_null(cx, mig_clause_find(&col->clauses, MIG_CLAUSE_NOT_NULL));
}

/* ---- a constraint ---- */

static const char *form_columns(mig_cx *cx, const mig_clause_of *of,
                                const mig_map *names) {
  if (of->clause->keys.n || !of->col)
    return form_keys(cx, &of->clause->keys, names);
  return mig_printf(cx, "(%s)", mig_fold_token(cx, of->col->name));
}

/* The DEFERRABLE that stands apart, behind a column's REFERENCES. */
static mig_span form_defer(const mig_clause_of *of) {
  mig_span none = {"", 0};
  int i, behind = 0;

  if (of->clause->defer.n) return of->clause->defer;
  for (i = 0; of->col && i < of->col->clauses.n; i++) {
    const mig_clause *k = of->col->clauses.at[i];
    if (behind && k->type == MIG_CLAUSE_FOREIGN_KEY) return none;
    if (behind && k->type == MIG_CLAUSE_DEFER) return k->text;
    behind |= k == of->clause;
  }
  return none;
}

static char *form_foreign(mig_cx *cx, const mig_clause_of *of,
                          const mig_map *names) {
  const mig_clause *k = of->clause;

  return mig_printf(
      cx, "foreign key %s references %s%s %s %s", form_columns(cx, of, names),
      mig_fold_token(cx, k->table), k->to.n ? form_keys(cx, &k->to, names) : "",
      mig_form(cx, k->actions, NULL), mig_form(cx, form_defer(of), NULL));
}

char *mig_form_constraint(mig_cx *cx, const mig_clause_of *of,
                          const mig_map *names) {
  const mig_clause *k = of->clause;
  const char *conflict = mig_form(cx, k->conflict, NULL);
  const char *name =
      k->name.n ? mig_printf(cx, " as %s", mig_fold_token(cx, k->name)) : "";
  const char *what = "";

  if (cx->rc) return NULL;
  if (k->type == MIG_CLAUSE_CHECK)
    what =
        mig_printf(cx, "check (%s)", mig_form(cx, form_inside(k->expr), names));
  else if (k->type == MIG_CLAUSE_FOREIGN_KEY)
    what = form_foreign(cx, of, names);
  else if (k->type == MIG_CLAUSE_UNIQUE)
    what = mig_printf(cx, "unique %s", form_columns(cx, of, names));
  else
    what = mig_printf(cx, "primary key %s%s%s", form_columns(cx, of, names),
                      k->desc ? " desc" : "",
                      k->autoincrement ? " autoincrement" : "");
  return mig_printf(cx, "%s %s%s", what, conflict, name);
}

/* ---- other objects ---- */

static char *form_index(mig_cx *cx, const mig_create *def,
                        const mig_map *names) {
  return mig_printf(
      cx, "%sindex on %s %s where %s", def->unique ? "unique " : "",
      mig_fold_token(cx, def->table), form_keys(cx, &def->keys, names),
      mig_form(cx, form_inside(def->where), names));
}

static char *form_trigger(mig_cx *cx, const mig_create *def,
                          const mig_map *names) {
  return mig_printf(cx, "trigger %s %s of %s on %s when %s do %s",
                    def->time.n ? mig_form(cx, def->time, NULL) : "before",
                    mig_form(cx, def->event, NULL),
                    form_keys(cx, &def->names, names),
                    mig_fold_token(cx, def->table),
                    mig_form(cx, form_inside(def->where), names),
                    mig_form(cx, def->body, names));
}

/* Its module reads the arguments, and may tell cases apart. */
static char *form_virtual(mig_cx *cx, const mig_create *def) {
  const char *p = def->name.p + def->name.n;

  return form_exact(cx, (mig_span){p, (int)(def->text.p + def->text.n - p)});
}

char *mig_form_object(mig_cx *cx, const mig_create *def, const mig_map *names) {
  if (cx->rc) return NULL;
  switch (def->type) {
  case MIG_CREATE_OF_INDEX:
    return form_index(cx, def, names);
  case MIG_CREATE_OF_VIEW:
    return mig_printf(cx, "view %s as %s", form_keys(cx, &def->names, names),
                      mig_form(cx, def->body, names));
  case MIG_CREATE_OF_TRIGGER:
    return form_trigger(cx, def, names);
  case MIG_CREATE_OF_VIRTUAL:
    return form_virtual(cx, def);
  default:
    return NULL;
  }
}
