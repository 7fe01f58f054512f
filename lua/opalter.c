/*
** lua/opalter.c - the functions that alter a table, of op and of a batch.
**
** The arguments are numbered here as in op's form; in a batch mig_opcall_begin
** has put the table's name among them.
*/
#include "lua/host.h"

#define AT(field) offsetof(mig_change, field)

/* ---- columns ---- */

/* op.add_column(table, column, {after=, before=, using=}) */
static int opalter_add_column(lua_State *L) {
  static const mig_arg_key known[] = {{"after", 'i', AT(after)},
                                      {"before", 'i', AT(before)},
                                      {"using", 's', AT(using)},
                                      {"", 0, 0}};
  mig_opcall c;
  const char *sql;

  mig_opcall_begin(L, &c, "op.add_column", MIG_ADD_COLUMN, 1, 3);
  mig_arg_options(L, 3, c.fn, known, &c.change);
  if (c.change.after && c.change.before)
    return luaL_error(L, "%s: after and before: give one of them", c.fn);
  sql = mig_opcolumn_sql(L, c.h, 2, c.fn);
  mig_list_add(&c.h->cx, &c.change.parts, (void *)(uintptr_t)sql);
  return mig_opcall_end(L, &c);
}

/* op.drop_column(table, name) */
static int opalter_drop_column(lua_State *L) {
  mig_opcall c;

  mig_opcall_begin(L, &c, "op.drop_column", MIG_DROP_COLUMN, 1, 2);
  c.change.name = mig_arg_name(L, 2, c.fn, "the column");
  return mig_opcall_end(L, &c);
}

/* collate: a name, or null for none; is it there? */
static int opalter_collate(lua_State *L, int t, const char *fn,
                           const char **name) {
  int is = mig_arg_push(L, t, "collate");

  if (!mig_arg_absent(L, -1)) *name = mig_arg_name(L, -1, fn, "collate");
  lua_pop(L, 1);
  return is != LUA_TNIL;
}

/* op.alter_column(table, column, {name=, type=, nullable=, ...}) */
static int opalter_alter_column(lua_State *L) {
  static const mig_arg_key known[] = {{"name", 'i', AT(set.name)},
                                      {"type", '-', 0},
                                      {"nullable", 'n', AT(set.not_null)},
                                      {"default", '-', 0},
                                      {"collate", '-', 0},
                                      {"using", 's', AT(using)},
                                      {"", 0, 0}};
  mig_opcall c;
  mig_column_set *s = &c.change.set;
  int given;

  mig_opcall_begin(L, &c, "op.alter_column", MIG_ALTER_COLUMN, 1, 3);
  c.change.name = mig_arg_name(L, 2, c.fn, "the column");
  given = mig_arg_options(L, 3, c.fn, known, &c.change);
  lua_pushnil(L);
  if (!given || !lua_next(L, 3))
    return luaL_error(L,
                      "%s: nothing to alter: give name, type, nullable, "
                      "default, collate or using",
                      c.fn);
  lua_pop(L, 2);
  s->has_null = mig_arg_has(L, 3, "nullable");
  s->has_collate = opalter_collate(L, 3, c.fn, &s->collate);
  s->has_default = mig_opcolumn_default(L, c.h, 3, c.fn, &s->dflt);
  s->has_type =
      mig_opcolumn_type(L, c.h, 3, c.fn, c.change.name, &s->type, &s->check);
  return mig_opcall_end(L, &c);
}

/* ---- the whole table ---- */

static int opalter_by_name(const void *a, const void *b) {
  return strcmp(a, b);
}

/* {column = SQL, ...} of the table at t, in the order of the names */
static void opalter_values(lua_State *L, mig_opcall *c, int t) {
  mig_list *names = &c->change.parts;
  const char *name;
  int i;

  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    name = mig_arg_name(L, -2, c->fn, "a column in using");
    mig_list_add(&c->h->cx, names, (void *)(uintptr_t)name);
  }
  mig_list_sort(&c->h->cx, names, opalter_by_name);
  for (i = 0; i < names->n; i++) {
    const char *what = lua_pushfstring(L, "using.%s", names->at[i]);
    mig_arg_push(L, t, names->at[i]);
    name = mig_arg_string(L, -1, c->fn, what);
    mig_list_add(&c->h->cx, &c->change.values, (void *)(uintptr_t)name);
    lua_pop(L, 2);
  }
}

/* op.redefine_table(table, statement, {using=}); t.redefine(statement, ...) */
static int opalter_redefine(lua_State *L) {
  static const mig_arg_key known[] = {{"using", '-', 0}, {"", 0, 0}};
  int batch = lua_touserdata(L, lua_upvalueindex(1)) != NULL;
  mig_opcall c;

  mig_opcall_begin(L, &c, batch ? "op.redefine" : "op.redefine_table",
                   MIG_REDEFINE_TABLE, 1, 3);
  c.change.body = mig_arg_string(L, 2, c.fn, "the CREATE TABLE statement");
  if (mig_arg_options(L, 3, c.fn, known, NULL) &&
      mig_arg_push(L, 3, "using") != LUA_TNIL) {
    if (!lua_istable(L, -1))
      return luaL_error(L, "%s: using must be a table {column = SQL}, not a %s",
                        c.fn, luaL_typename(L, -1));
    opalter_values(L, &c, lua_gettop(L));
  }
  return mig_opcall_end(L, &c);
}

/* ---- constraints ---- */

/* Begin what makes one: its name, or nil, is argument 1, the table 2, of n. */
static void opalter_constraint(lua_State *L, mig_opcall *c, const char *fn,
                               mig_clause_type type, int n) {
  mig_opcall_begin(L, c, fn, MIG_ADD_CONSTRAINT, 2, n);
  c->change.clause = type;
  if (!mig_arg_absent(L, 1))
    c->change.name = mig_arg_name(L, 1, c->fn, "the constraint's name");
}

/* op.create_primary_key(name, table, cols) */
static int opalter_create_primary_key(lua_State *L) {
  mig_opcall c;

  opalter_constraint(L, &c, "op.create_primary_key", MIG_CLAUSE_PRIMARY_KEY, 3);
  c.change.parts = mig_arg_columns(L, c.h, 3, c.fn);
  return mig_opcall_end(L, &c);
}

/* op.create_unique_constraint(name, table, cols) */
static int opalter_create_unique(lua_State *L) {
  mig_opcall c;

  opalter_constraint(L, &c, "op.create_unique_constraint", MIG_CLAUSE_UNIQUE,
                     3);
  c.change.parts = mig_arg_columns(L, c.h, 3, c.fn);
  return mig_opcall_end(L, &c);
}

/* op.create_check_constraint(name, table, expression) */
static int opalter_create_check(lua_State *L) {
  mig_opcall c;

  opalter_constraint(L, &c, "op.create_check_constraint", MIG_CLAUSE_CHECK, 3);
  c.change.body = mig_arg_string(L, 3, c.fn, "the expression");
  return mig_opcall_end(L, &c);
}

/* "ON DELETE CASCADE ON UPDATE SET NULL" out of the options at t */
static const char *opalter_actions(lua_State *L, const mig_opcall *c, int t) {
  static const char *const words[] = {"CASCADE",  "SET NULL",  "SET DEFAULT",
                                      "RESTRICT", "NO ACTION", NULL};
  int del = mig_arg_word(L, t, "ondelete", c->fn, words);
  int upd = mig_arg_word(L, t, "onupdate", c->fn, words);

  if (del < 0 && upd < 0) return NULL;
  return mig_printf(&c->h->cx, "%s%s%s%s%s", del < 0 ? "" : "ON DELETE ",
                    del < 0 ? "" : words[del], del < 0 || upd < 0 ? "" : " ",
                    upd < 0 ? "" : "ON UPDATE ", upd < 0 ? "" : words[upd]);
}

/* "DEFERRABLE INITIALLY DEFERRED"; `initially` alone makes it deferrable */
static const char *opalter_defer(lua_State *L, const mig_opcall *c, int t,
                                 int deferrable) {
  static const char *const words[] = {"DEFERRED", "IMMEDIATE", NULL};
  int at = mig_arg_word(L, t, "initially", c->fn, words);
  int not = mig_arg_has(L, t, "deferrable") && !deferrable;

  if (not &&at == 0)
    luaL_error(L,
               "%s: initially 'DEFERRED' with deferrable = false: one "
               "excludes the other",
               c->fn);
  if (!not &&!deferrable && at < 0) return NULL;
  return mig_printf(&c->h->cx, "%sDEFERRABLE%s%s", not ? "NOT " : "",
                    at < 0 ? "" : " INITIALLY ", at < 0 ? "" : words[at]);
}

/* What stands behind the columns: of argument 5, the parent's, and 6 */
static void opalter_reference(lua_State *L, mig_opcall *c) {
  static const mig_arg_key known[] = {{"ondelete", '-', 0},
                                      {"onupdate", '-', 0},
                                      {"deferrable", 'b', 0},
                                      {"initially", '-', 0},
                                      {"", 0, 0}};
  mig_change *to = &c->change;
  int deferrable = 0;

  if (!mig_arg_absent(L, 5)) {
    to->refparts = mig_arg_columns(L, c->h, 5, c->fn);
    if (to->refparts.n != to->parts.n && !c->h->cx.rc)
      luaL_error(L, "%s: %d column%s for %d of %s: give as many", c->fn,
                 to->parts.n, to->parts.n == 1 ? "" : "s", to->refparts.n,
                 to->ref);
  }
  if (!mig_arg_options(L, 6, c->fn, known, &deferrable)) return;
  to->actions = opalter_actions(L, c, 6);
  to->defer = opalter_defer(L, c, 6, deferrable);
}

/* op.create_foreign_key(name, table, ref, cols, refcols, {ondelete=, ...}) */
static int opalter_create_foreign_key(lua_State *L) {
  mig_opcall c;

  opalter_constraint(L, &c, "op.create_foreign_key", MIG_CLAUSE_FOREIGN_KEY, 6);
  c.change.ref = mig_arg_name(L, 3, c.fn, "the referenced table");
  c.change.parts = mig_arg_columns(L, c.h, 4, c.fn);
  opalter_reference(L, &c);
  return mig_opcall_end(L, &c);
}

/* The constraint that the table at idx describes: {type=, columns=,
** expression=} */
static void opalter_described(lua_State *L, mig_opcall *c, int idx) {
  static const mig_arg_key known[] = {{"type", '-', 0},
                                      {"columns", '-', 0},
                                      {"expression", 's', AT(body)},
                                      {"", 0, 0}};
  static const char *const words[] = {"check",       "unique",  "primary_key",
                                      "foreign_key", "primary", "foreignkey",
                                      NULL};
  static const mig_clause_type means[] = {
      MIG_CLAUSE_CHECK,       MIG_CLAUSE_UNIQUE,      MIG_CLAUSE_PRIMARY_KEY,
      MIG_CLAUSE_FOREIGN_KEY, MIG_CLAUSE_PRIMARY_KEY, MIG_CLAUSE_FOREIGN_KEY};
  int i;

  mig_arg_keys(L, idx, c->fn, "key", known, &c->change);
  i = mig_arg_word(L, idx, "type", c->fn, words);
  if (i < 0)
    luaL_error(L,
               "%s: a constraint without a type: give 'check', 'unique', "
               "'primary_key' or 'foreign_key'",
               c->fn);
  c->change.clause = means[i];
  if (mig_arg_push(L, idx, "columns") != LUA_TNIL)
    c->change.parts = mig_arg_columns(L, c->h, lua_gettop(L), c->fn);
}

/* op.drop_constraint(table, name or {type=, columns=}) */
static int opalter_drop_constraint(lua_State *L) {
  mig_opcall c;

  mig_opcall_begin(L, &c, "op.drop_constraint", MIG_DROP_CONSTRAINT, 1, 2);
  if (lua_istable(L, 2))
    opalter_described(L, &c, 2);
  else
    c.change.name = mig_arg_name(
        L, 2, c.fn, "the constraint's name (or {type=, columns=})");
  return mig_opcall_end(L, &c);
}

/* ---- indexes ---- */

/*
** What an index covers is SQL text: "name COLLATE NOCASE DESC", "lower(name)".
** One bare word can only mean a column, so a keyword is quoted.
*/
static void *opalter_indexed(mig_host *h, void *text) {
  mig_span rest = mig_span_z(text);
  mig_token t = mig_token_next(&rest);
  mig_buf b = {0};

  if (t.type != MIG_TK_ID || mig_token_next(&rest).type != MIG_TK_END)
    return text;
  mig_sql_name(&h->cx, &b, mig_strndup(&h->cx, t.s.p, t.s.n));
  return mig_buf_take(&h->cx, &b);
}

/* op.create_index(name, table, cols, {unique=, where=}) */
static int opalter_create_index(lua_State *L) {
  static const mig_arg_key known[] = {{"unique", 'b', AT(unique)},
                                      {"where", 's', AT(where)},
                                      {"if_not_exists", 'b', AT(if_exists)},
                                      {"", 0, 0}};
  mig_opcall c;
  int i;

  mig_opcall_begin(L, &c, "op.create_index", MIG_CREATE_INDEX, 2, 4);
  c.change.name = mig_arg_name(L, 1, c.fn, "the index's name");
  mig_arg_options(L, 4, c.fn, known, &c.change);
  c.change.parts = mig_arg_list(L, c.h, 3, c.fn, "a column");
  for (i = 0; i < c.change.parts.n; i++)
    c.change.parts.at[i] = opalter_indexed(c.h, c.change.parts.at[i]);
  return mig_opcall_end(L, &c);
}

/* op.drop_index(name, {if_exists=}) */
static int opalter_drop_index(lua_State *L) {
  static const mig_arg_key known[] = {{"if_exists", 'b', AT(if_exists)},
                                      {"", 0, 0}};
  mig_opcall c;

  mig_opcall_begin(L, &c, "op.drop_index", MIG_DROP_INDEX, 0, 2);
  c.change.name = mig_arg_name(L, 1, c.fn, "the index's name");
  mig_arg_options(L, 2, c.fn, known, &c.change);
  return mig_opcall_end(L, &c);
}
#undef AT

const luaL_Reg mig_op_alter[] = {
    {"add_column", opalter_add_column},
    {"alter_column", opalter_alter_column},
    {"create_check_constraint", opalter_create_check},
    {"create_foreign_key", opalter_create_foreign_key},
    {"create_index", opalter_create_index},
    {"create_primary_key", opalter_create_primary_key},
    {"create_unique_constraint", opalter_create_unique},
    {"drop_column", opalter_drop_column},
    {"drop_constraint", opalter_drop_constraint},
    {"drop_index", opalter_drop_index},
    {"redefine_table", opalter_redefine},
    {NULL, NULL}};
