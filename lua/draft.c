/*
** lua/draft.c - what autogenerate found, as the Lua of a revision.
**
** CREATE statements go in as their authors wrote them, so that what is kept of
** them is theirs to the byte.
*/
#include "lua/host.h"

/* One call while it is written. */
typedef struct draft draft;
struct draft {
  mig_cx *cx;
  mig_buf *b;
  const char *indent; /* of the line */
  const char *op;     /* "op.", or in a batch "t." */
  int batch;          /* is the table the batch's? */
};

/* Can it stand in long brackets?  Lua makes line ends LF there. */
static int draft_is_long(const char *z) {
  for (; *z; z++)
    if (*z == '\r' || ((unsigned char)*z < ' ' && *z != '\n' && *z != '\t'))
      return 0;
  return 1;
}

/* Would the text end long brackets of that level before its end, or with it? */
static int draft_closes(draft *d, const char *z, const char *eq) {
  const char *close = mig_printf(d->cx, "]%s]", eq);
  size_t n = strlen(z);

  return close && (strstr(z, close) || (n && z[n - 1] == ']' && !*eq));
}

/* SQL: in quotes where it is short, else in long brackets */
static void draft_sql(draft *d, const char *z) {
  const char *eq = "";

  if (d->cx->rc) return;
  if ((!strpbrk(z, "\n\"\\") && strlen(z) < 100) || !draft_is_long(z)) {
    mig_render_string(d->cx, d->b, z);
    return;
  }
  while (draft_closes(d, z, eq)) eq = mig_printf(d->cx, "=%s", eq);
  if (d->cx->rc) return;
  mig_buf_addf(d->cx, d->b, "[%s[%s%s]%s]", eq, strchr(z, '\n') ? "\n" : "", z,
               eq);
}

static void draft_begin(draft *d, const char *fn) {
  mig_buf_addf(d->cx, d->b, "%s%s%s(", d->indent, d->op, fn);
}

/* An argument that is a name or a text; NULL is nil */
static void draft_arg(draft *d, int first, const char *z) {
  if (!first) mig_buf_addz(d->cx, d->b, ", ");
  mig_render_string(d->cx, d->b, z);
}

/* The table, unless it is the batch's; is what follows the first argument? */
static int draft_table(draft *d, int first, const char *table) {
  if (d->batch) return first;
  draft_arg(d, first, table);
  return 0;
}

static void draft_names(draft *d, const mig_list *names) {
  int i;

  mig_buf_addz(d->cx, d->b, ", ");
  if (!names->n) mig_buf_addz(d->cx, d->b, "nil");
  for (i = 0; i < names->n && !d->cx->rc; i++) {
    mig_buf_addz(d->cx, d->b, i ? ", " : "{");
    mig_render_string(d->cx, d->b, names->at[i]);
  }
  if (i) mig_buf_addz(d->cx, d->b, "}");
}

/* One key of the options; *n counts them */
static void draft_key(draft *d, int *n, const char *key) {
  mig_buf_addf(d->cx, d->b, "%s%s = ", (*n)++ ? ", " : "{", key);
}

static void draft_option(draft *d, int *n, const char *key, const char *value) {
  draft_key(d, n, key);
  if (value)
    mig_render_string(d->cx, d->b, value);
  else
    mig_buf_addz(d->cx, d->b, "null");
}

static void draft_end(draft *d, int n) {
  mig_buf_addz(d->cx, d->b, n ? "})\n" : ")\n");
}

/* ---- changes ---- */

static void draft_add_column(draft *d, const mig_change *c) {
  int first, n = 0;

  draft_begin(d, "add_column");
  first = draft_table(d, 1, c->table);
  if (!first) mig_buf_addz(d->cx, d->b, ", ");
  draft_sql(d, c->parts.n ? c->parts.at[0] : "");
  if (c->after || c->before) mig_buf_addz(d->cx, d->b, ", ");
  if (c->after) draft_option(d, &n, "after", c->after);
  if (c->before) draft_option(d, &n, "before", c->before);
  draft_end(d, n);
}

static void draft_alter_column(draft *d, const mig_change *c) {
  const mig_column_set *s = &c->set;
  int n = 0;

  draft_begin(d, "alter_column");
  draft_arg(d, draft_table(d, 1, c->table), c->name);
  mig_buf_addz(d->cx, d->b, ", ");
  if (s->name) draft_option(d, &n, "name", s->name);
  if (s->has_type) draft_option(d, &n, "type", s->type);
  if (s->has_null) {
    draft_key(d, &n, "nullable");
    mig_buf_addz(d->cx, d->b, s->not_null ? "false" : "true");
  }
  if (s->has_default) draft_option(d, &n, "default", s->dflt);
  if (s->has_collate) draft_option(d, &n, "collate", s->collate);
  draft_end(d, n);
}

/* Of "ON DELETE SET NULL ON UPDATE ...": the words behind ON <event>, or NULL
 */
static const char *draft_action(mig_cx *cx, const char *actions,
                                const char *event) {
  mig_span rest = mig_span_z(actions ? actions : "");
  mig_token t, a, b;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END) {
    if (!mig_token_is(t, "ON") || !mig_token_is(mig_token_next(&rest), event))
      continue;
    a = mig_token_next(&rest);
    if (!mig_token_is(a, "SET") && !mig_token_is(a, "NO"))
      return mig_printf(cx, "%.*s", a.s.n, a.s.p);
    b = mig_token_next(&rest);
    return mig_printf(cx, "%.*s %.*s", a.s.n, a.s.p, b.s.n, b.s.p);
  }
  return NULL;
}

static int draft_says(const char *text, const char *word) {
  mig_span rest = mig_span_z(text ? text : "");
  mig_token t;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END)
    if (mig_token_is(t, word)) return 1;
  return 0;
}

static void draft_reference(draft *d, const mig_change *c) {
  const char *del = draft_action(d->cx, c->actions, "DELETE");
  const char *upd = draft_action(d->cx, c->actions, "UPDATE");
  int n = 0;

  if (c->refparts.n || del || upd || c->defer) draft_names(d, &c->refparts);
  if (del || upd || c->defer) mig_buf_addz(d->cx, d->b, ", ");
  if (del) draft_option(d, &n, "ondelete", del);
  if (upd) draft_option(d, &n, "onupdate", upd);
  if (c->defer) {
    draft_key(d, &n, "deferrable");
    mig_buf_addz(d->cx, d->b, draft_says(c->defer, "NOT") ? "false" : "true");
  }
  if (draft_says(c->defer, "INITIALLY"))
    draft_option(d, &n, "initially",
                 draft_says(c->defer, "DEFERRED") ? "DEFERRED" : "IMMEDIATE");
  draft_end(d, n);
}

static void draft_add_constraint(draft *d, const mig_change *c) {
  static const char *const fns[] = {
      [MIG_CLAUSE_PRIMARY_KEY] = "create_primary_key",
      [MIG_CLAUSE_UNIQUE] = "create_unique_constraint",
      [MIG_CLAUSE_CHECK] = "create_check_constraint",
      [MIG_CLAUSE_FOREIGN_KEY] = "create_foreign_key"};

  draft_begin(d, fns[c->clause]);
  draft_arg(d, 1, c->name);
  draft_table(d, 0, c->table);
  if (c->clause == MIG_CLAUSE_CHECK) {
    mig_buf_addz(d->cx, d->b, ", ");
    draft_sql(d, c->body);
  } else if (c->clause == MIG_CLAUSE_FOREIGN_KEY) {
    draft_arg(d, 0, c->ref);
    draft_names(d, &c->parts);
    draft_reference(d, c);
    return;
  } else {
    draft_names(d, &c->parts);
  }
  draft_end(d, 0);
}

static void draft_drop_constraint(draft *d, const mig_change *c) {
  static const char *const types[] = {[MIG_CLAUSE_PRIMARY_KEY] = "primary_key",
                                      [MIG_CLAUSE_UNIQUE] = "unique",
                                      [MIG_CLAUSE_CHECK] = "check",
                                      [MIG_CLAUSE_FOREIGN_KEY] = "foreign_key"};
  int first, n = 0;

  draft_begin(d, "drop_constraint");
  first = draft_table(d, 1, c->table);
  if (c->name) {
    draft_arg(d, first, c->name);
    draft_end(d, 0);
    return;
  }
  if (!first) mig_buf_addz(d->cx, d->b, ", ");
  draft_option(d, &n, "type", types[c->clause]);
  if (c->body) {
    draft_key(d, &n, "expression");
    draft_sql(d, c->body);
  } else {
    mig_buf_addz(d->cx, d->b, ", columns =");
    mig_buf_addz(d->cx, d->b, " {");
    for (n = 0; n < c->parts.n && !d->cx->rc; n++)
      draft_arg(d, !n, c->parts.at[n]);
    mig_buf_addz(d->cx, d->b, "}");
  }
  draft_end(d, 1);
}

static void draft_named(draft *d, const char *fn, const char *name) {
  draft_begin(d, fn);
  draft_arg(d, 1, name);
  draft_end(d, 0);
}

static void draft_change(draft *d, const mig_change *c) {
  switch (c->kind) {
  case MIG_DROP_TABLE:
    draft_named(d, "drop_table", c->name);
    break;
  case MIG_DROP_INDEX:
    draft_named(d, "drop_index", c->name);
    break;
  case MIG_DROP_VIEW:
    draft_named(d, "drop_view", c->name);
    break;
  case MIG_DROP_TRIGGER:
    draft_named(d, "drop_trigger", c->name);
    break;
  case MIG_RENAME_TABLE:
    draft_begin(d, "rename_table");
    draft_arg(d, 1, c->table);
    draft_arg(d, 0, c->name);
    draft_end(d, 0);
    break;
  case MIG_ADD_COLUMN:
    draft_add_column(d, c);
    break;
  case MIG_DROP_COLUMN:
    draft_begin(d, "drop_column");
    draft_arg(d, draft_table(d, 1, c->table), c->name);
    draft_end(d, 0);
    break;
  case MIG_ALTER_COLUMN:
    draft_alter_column(d, c);
    break;
  case MIG_ADD_CONSTRAINT:
    draft_add_constraint(d, c);
    break;
  case MIG_DROP_CONSTRAINT:
    draft_drop_constraint(d, c);
    break;
  default:
    mig_fail(d->cx, SQLITE_MISUSE, "autogenerate makes no such change");
  }
}

/* ---- drafts ---- */

static void draft_note(draft *d, const char *note) {
  mig_span rest = mig_span_z(note), line;

  while (rest.n && !d->cx->rc) {
    line = mig_span_line(&rest);
    mig_buf_addf(d->cx, d->b, "%s-- %.*s\n", d->indent, line.n, line.p);
  }
}

/* What it might be instead, which only a person knows */
static void draft_guess(draft *d, const mig_rename *r) {
  draft alt = *d;
  mig_change c = {.kind = MIG_RENAME_TABLE, .table = r->from, .name = r->to};

  mig_buf_addf(d->cx, d->b,
               "%s-- is %s the %s %s under another name?  Then, instead of "
               "dropping and making it:\n",
               d->indent, mig_one_line(d->cx, r->to),
               r->table ? "column" : "table", mig_one_line(d->cx, r->from));
  if (r->table) {
    c = (mig_change){
        .kind = MIG_ALTER_COLUMN, .table = r->table, .name = r->from};
    c.set.name = r->to;
  }
  alt.indent = mig_printf(d->cx, "%s-- ", d->indent);
  if (!d->cx->rc) draft_change(&alt, &c);
}

static void draft_one(mig_cx *cx, mig_buf *b, const mig_draft *m) {
  int i, batch = m->table && m->changes.n > 1 && !m->define;
  draft d = {cx, b, "  ", "op.", 0};

  if (m->note) draft_note(&d, m->note);
  if (m->sql || m->define) {
    for (i = 0; i < m->guesses.n; i++) draft_guess(&d, m->guesses.at[i]);
    draft_begin(&d, m->sql ? "execute" : "redefine_table");
    if (m->define) draft_arg(&d, 1, m->table);
    if (m->define) mig_buf_addz(cx, b, ", ");
    draft_sql(&d, m->sql ? m->sql : m->define);
    draft_end(&d, 0);
    return;
  }
  if (batch) {
    mig_buf_addz(cx, b, "  op.batch_alter_table(");
    draft_arg(&d, 1, m->table);
    mig_buf_addz(cx, b, ", function(t)\n");
    d = (draft){cx, b, "    ", "t.", 1};
  }
  for (i = 0; i < m->guesses.n; i++) draft_guess(&d, m->guesses.at[i]);
  for (i = 0; i < m->changes.n && !cx->rc; i++)
    draft_change(&d, m->changes.at[i]);
  if (batch) mig_buf_addz(cx, b, "  end)\n");
}

char *mig_draft_lua(mig_cx *cx, const mig_list *drafts) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < drafts->n && !cx->rc; i++) draft_one(cx, &b, drafts->at[i]);
  if (!b.n) mig_buf_addz(cx, &b, "");
  return mig_buf_take(cx, &b);
}
