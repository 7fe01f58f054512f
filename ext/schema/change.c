/*
** ext/schema/change.c - a change as the statement that SQLite itself has for
** it, and as words.
**
** An author's text goes into the statement as it is, so what is not one whole
** piece of SQL is refused: else it could end our statement and begin its own.
*/
#include "ext/schema/schema.h"

/* What each kind is called, and which of its texts it cannot do without. */
static const struct {
  char title[20];
  int table, name, parts, body;
} change_kinds[] = {
    [MIG_CREATE_TABLE] = {"create table", 0, 1, 1, 0},
    [MIG_DROP_TABLE] = {"drop table", 0, 1, 0, 0},
    [MIG_RENAME_TABLE] = {"rename table", 1, 1, 0, 0},
    [MIG_ADD_COLUMN] = {"add column", 1, 0, 1, 0},
    [MIG_DROP_COLUMN] = {"drop column", 1, 1, 0, 0},
    [MIG_CREATE_INDEX] = {"create index", 1, 1, 1, 0},
    [MIG_DROP_INDEX] = {"drop index", 0, 1, 0, 0},
    [MIG_CREATE_VIEW] = {"create view", 0, 1, 0, 1},
    [MIG_DROP_VIEW] = {"drop view", 0, 1, 0, 0},
    [MIG_CREATE_TRIGGER] = {"create trigger", 0, 1, 0, 1},
    [MIG_DROP_TRIGGER] = {"drop trigger", 0, 1, 0, 0},
    [MIG_ALTER_COLUMN] = {"alter column", 1, 1, 0, 0},
    [MIG_ADD_CONSTRAINT] = {"create constraint", 1, 0, 0, 0},
    [MIG_DROP_CONSTRAINT] = {"drop constraint", 1, 0, 0, 0},
    [MIG_REDEFINE_TABLE] = {"redefine table", 1, 0, 0, 1},
};

/* ---- words ---- */

/* The name at the beginning of a column's text, as it is written. */
static mig_span change_column(const mig_change *c) {
  const char *z = c->parts.n ? c->parts.at[0] : NULL;
  mig_span text = mig_span_z(z ? z : "");

  return mig_token_next(&text).s;
}

char *mig_change_title(mig_cx *cx, const mig_change *c) {
  const char *what = change_kinds[c->kind].title;
  mig_span column;

  switch (c->kind) {
  case MIG_RENAME_TABLE:
    return mig_printf(cx, "%s %s to %s", what, c->table, c->name);
  case MIG_ADD_COLUMN:
    column = change_column(c);
    return mig_printf(cx, "%s %s.%.*s", what, c->table, column.n, column.p);
  case MIG_DROP_COLUMN:
  case MIG_ALTER_COLUMN:
    return mig_printf(cx, "%s %s.%s", what, c->table, c->name);
  case MIG_ADD_CONSTRAINT:
  case MIG_DROP_CONSTRAINT:
    return mig_printf(cx, "%s %s%son %s", what, c->name ? c->name : "",
                      c->name ? " " : "", c->table);
  case MIG_CREATE_INDEX:
    return mig_printf(cx, "%s %s on %s", what, c->name, c->table);
  case MIG_REDEFINE_TABLE:
    return mig_printf(cx, "%s %s", what, c->table);
  default:
    return mig_printf(cx, "%s %s", what, c->name);
  }
}

/* ---- whole statements as text ---- */

/* Where a trigger stands: its body ends with the END behind a semicolon. */
enum change_place { TRIGGER_HEAD, TRIGGER_BODY, TRIGGER_STOP, TRIGGER_DONE };

static enum change_place change_trigger_step(enum change_place at,
                                             mig_token t) {
  if (at == TRIGGER_HEAD && mig_token_is(t, "BEGIN")) return TRIGGER_BODY;
  if (at == TRIGGER_STOP && mig_token_is(t, "END")) return TRIGGER_DONE;
  if (at == TRIGGER_BODY || at == TRIGGER_STOP)
    return mig_token_is(t, ";") ? TRIGGER_STOP : TRIGGER_BODY;
  return at;
}

/* Fail unless nothing but semicolons and comments is left. */
static void change_check_rest(mig_cx *cx, mig_span rest) {
  mig_token t;

  do t = mig_token_next(&rest);
  while (mig_token_is(t, ";"));
  if (t.type != MIG_TK_END)
    mig_fail(cx, SQLITE_ERROR,
             "\"%.*s\" begins a second statement: give one only", t.s.n, t.s.p);
}

/* Append one statement without its last semicolon. */
static void change_add_body(mig_cx *cx, mig_buf *b, const char *body,
                            int trigger) {
  enum change_place at = TRIGGER_HEAD;
  mig_span rest = mig_span_z(body);
  int n = 0;
  mig_token t;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END) {
    if (t.type == MIG_TK_ILLEGAL)
      mig_fail(cx, SQLITE_ERROR, "\"%.*s\" is no SQL", t.s.n, t.s.p);
    if (trigger) at = change_trigger_step(at, t);
    if (mig_token_is(t, ";") && at == TRIGGER_HEAD) break;
    n = (int)(t.s.p + t.s.n - body);
    if (at == TRIGGER_DONE) break;
  }
  if (n == 0) mig_fail(cx, SQLITE_ERROR, "the body is empty");
  if (trigger && at != TRIGGER_DONE)
    mig_fail(cx, SQLITE_ERROR,
             "the body is not whole: it is AFTER INSERT ON a_table BEGIN "
             "statements with a `;` each, then END");
  change_check_rest(cx, rest);
  mig_buf_add(cx, b, body, n);
}

/* ---- statements ---- */

static void change_add_path(mig_cx *cx, mig_buf *b, const char *schema,
                            const char *name) {
  mig_sql_name(cx, b, schema);
  mig_buf_addz(cx, b, ".");
  mig_sql_name(cx, b, name);
}

/* "CREATE what [IF NOT EXISTS] schema.name" */
static void change_create(mig_cx *cx, mig_buf *b, const char *schema,
                          const mig_change *c, const char *what) {
  mig_buf_addf(cx, b, "CREATE %s ", what);
  if (c->if_exists) mig_buf_addz(cx, b, "IF NOT EXISTS ");
  change_add_path(cx, b, schema, c->name);
}

static void change_drop(mig_cx *cx, mig_buf *b, const char *schema,
                        const mig_change *c, const char *what) {
  mig_buf_addf(cx, b, "DROP %s ", what);
  if (c->if_exists) mig_buf_addz(cx, b, "IF EXISTS ");
  change_add_path(cx, b, schema, c->name);
}

/* "ALTER TABLE schema.table" */
static void change_alter(mig_cx *cx, mig_buf *b, const char *schema,
                         const mig_change *c) {
  mig_buf_addz(cx, b, "ALTER TABLE ");
  change_add_path(cx, b, schema, c->table);
}

/* The parts, each a piece, with `sep` between. */
static void change_add_parts(mig_cx *cx, mig_buf *b, const mig_change *c,
                             const char *what, const char *sep) {
  int i;

  for (i = 0; i < c->parts.n && !cx->rc; i++) {
    if (i) mig_buf_addz(cx, b, sep);
    mig_piece_add(cx, b, what, c->parts.at[i]);
  }
}

static void change_create_table(mig_cx *cx, mig_buf *b, const char *schema,
                                const mig_change *c) {
  change_create(cx, b, schema, c, "TABLE");
  mig_buf_addz(cx, b, " (\n  ");
  change_add_parts(cx, b, c, "column", ",\n  ");
  mig_buf_addz(cx, b, "\n)");
  if (c->without_rowid) mig_buf_addz(cx, b, " WITHOUT ROWID");
  if (c->strict) mig_buf_addz(cx, b, c->without_rowid ? ", STRICT" : " STRICT");
}

static void change_create_index(mig_cx *cx, mig_buf *b, const char *schema,
                                const mig_change *c) {
  change_create(cx, b, schema, c, c->unique ? "UNIQUE INDEX" : "INDEX");
  mig_buf_addz(cx, b, " ON ");
  mig_sql_name(cx, b, c->table);
  mig_buf_addz(cx, b, " (");
  change_add_parts(cx, b, c, "indexed column", ", ");
  mig_buf_addz(cx, b, ")");
  if (!c->where) return;
  mig_buf_addz(cx, b, " WHERE ");
  mig_piece_add(cx, b, "where", c->where);
}

static void change_create_view(mig_cx *cx, mig_buf *b, const char *schema,
                               const mig_change *c) {
  int i;

  change_create(cx, b, schema, c, "VIEW");
  for (i = 0; i < c->parts.n && !cx->rc; i++) {
    mig_buf_addz(cx, b, i ? ", " : " (");
    mig_sql_name(cx, b, c->parts.at[i]);
  }
  mig_buf_addz(cx, b, i ? ") AS " : " AS ");
  change_add_body(cx, b, c->body, 0);
}

static void change_create_trigger(mig_cx *cx, mig_buf *b, const char *schema,
                                  const mig_change *c) {
  change_create(cx, b, schema, c, "TRIGGER");
  mig_buf_addz(cx, b, " ");
  change_add_body(cx, b, c->body, 1);
}

static void change_add_column(mig_cx *cx, mig_buf *b, const char *schema,
                              const mig_change *c) {
  change_alter(cx, b, schema, c);
  mig_buf_addz(cx, b, " ADD COLUMN ");
  mig_piece_add(cx, b, "column", c->parts.at[0]);
}

/* "ALTER TABLE schema.table how name" */
static void change_alter_name(mig_cx *cx, mig_buf *b, const char *schema,
                              const mig_change *c, const char *how) {
  change_alter(cx, b, schema, c);
  mig_buf_addz(cx, b, how);
  mig_sql_name(cx, b, c->name);
}

static int change_is_empty(const char *z) {
  return !z || !*z;
}

/* Fail when a text that the kind needs is not there. */
static void change_check(mig_cx *cx, const mig_change *c) {
  int view = c->kind == MIG_CREATE_VIEW, i;

  if (change_kinds[c->kind].table && change_is_empty(c->table))
    mig_fail(cx, SQLITE_ERROR, "the table's name is empty: give one");
  if (change_kinds[c->kind].name && change_is_empty(c->name))
    mig_fail(cx, SQLITE_ERROR, "the name is empty: give one");
  if (change_kinds[c->kind].parts && !c->parts.n)
    mig_fail(cx, SQLITE_ERROR, "no column: give at least one");
  if (change_kinds[c->kind].body && change_is_empty(c->body))
    mig_fail(cx, SQLITE_ERROR, "the body is empty: give its SQL");
  for (i = 0; i < c->parts.n; i++)
    if (!c->parts.at[i] || (view && change_is_empty(c->parts.at[i])))
      mig_fail(cx, SQLITE_ERROR, "column %d is empty", i + 1);
}

static void change_add(mig_cx *cx, mig_buf *b, const char *schema,
                       const mig_change *c) {
  switch (c->kind) {
  case MIG_CREATE_TABLE:
    change_create_table(cx, b, schema, c);
    break;
  case MIG_DROP_TABLE:
    change_drop(cx, b, schema, c, "TABLE");
    break;
  case MIG_RENAME_TABLE:
    change_alter_name(cx, b, schema, c, " RENAME TO ");
    break;
  case MIG_ADD_COLUMN:
    change_add_column(cx, b, schema, c);
    break;
  case MIG_DROP_COLUMN:
    change_alter_name(cx, b, schema, c, " DROP COLUMN ");
    break;
  case MIG_CREATE_INDEX:
    change_create_index(cx, b, schema, c);
    break;
  case MIG_DROP_INDEX:
    change_drop(cx, b, schema, c, "INDEX");
    break;
  case MIG_CREATE_VIEW:
    change_create_view(cx, b, schema, c);
    break;
  case MIG_DROP_VIEW:
    change_drop(cx, b, schema, c, "VIEW");
    break;
  case MIG_CREATE_TRIGGER:
    change_create_trigger(cx, b, schema, c);
    break;
  case MIG_DROP_TRIGGER:
    change_drop(cx, b, schema, c, "TRIGGER");
    break;
  default:
    mig_fail(cx, SQLITE_MISUSE, "SQLite has no statement for it");
  }
}

char *mig_change_sql(mig_cx *cx, const char *schema, const mig_change *c) {
  mig_buf b = {0};
  const char *title = mig_change_title(cx, c);

  if (cx->rc) return NULL;
  change_check(cx, c);
  if (!cx->rc) change_add(cx, &b, schema, c);
  mig_fail_in(cx, "%s", title);
  return mig_buf_take(cx, &b);
}
