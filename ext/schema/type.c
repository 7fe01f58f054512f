/*
** ext/schema/type.c - what a column's type means to SQLite.
*/
#include "ext/schema/schema.h"

static int type_is_quote(char c) {
  return c == '"' || c == '\'' || c == '`' || c == '[';
}

mig_span mig_type_plain(mig_span type) {
  int i;

  if (type.n < 3 || !type_is_quote(*type.p)) return type;
  for (i = 1; i < type.n - 1; i++)
    if (type_is_quote(type.p[i])) return type;
  return (mig_span){type.p + 1, type.n - 2};
}

static int type_is(mig_span type, const char *name) {
  mig_span plain = mig_type_plain(type);

  return plain.n == (int)strlen(name) &&
         !sqlite3_strnicmp(plain.p, name, plain.n);
}

static int type_has(mig_span type, const char *word) {
  int i, n = (int)strlen(word);

  for (i = 0; i + n <= type.n; i++)
    if (!sqlite3_strnicmp(type.p + i, word, n)) return 1;
  return 0;
}

/* The order is SQLite's: the first that fits. */
static const struct {
  char part[5];
  char affinity;
} type_rules[] = {{"INT", 'I'},  {"CHAR", 'T'}, {"CLOB", 'T'}, {"TEXT", 'T'},
                  {"BLOB", 'B'}, {"REAL", 'R'}, {"FLOA", 'R'}, {"DOUB", 'R'}};

char mig_affinity(mig_span type, int strict) {
  size_t i;

  if (!type.n || (strict && type_is(type, "ANY"))) return 'B';
  for (i = 0; i < sizeof type_rules / sizeof *type_rules; i++)
    if (type_has(type, type_rules[i].part)) return type_rules[i].affinity;
  return 'N';
}

/* ---- the rowid ---- */

int mig_is_rowid(mig_cx *cx, const mig_create *def, const mig_coldef *col) {
  mig_clause *own = mig_clause_find(&col->clauses, MIG_CLAUSE_PRIMARY_KEY);
  mig_clause *key = mig_clause_find(&def->clauses, MIG_CLAUSE_PRIMARY_KEY);
  mig_key *k = key && key->keys.n == 1 ? key->keys.at[0] : NULL;
  const char *name;

  if (def->without_rowid || !type_is(col->type, "INTEGER")) return 0;
  if (own) return !own->desc;
  name = k && k->column.n ? mig_sql_unquote(cx, col->name) : NULL;
  return name && mig_sql_same(k->column, name);
}

mig_coldef *mig_rowid_column(mig_cx *cx, const mig_create *def) {
  int i;

  for (i = 0; i < def->columns.n && !cx->rc; i++)
    if (mig_is_rowid(cx, def, def->columns.at[i])) return def->columns.at[i];
  return NULL;
}

const mig_clause *mig_primary_key(const mig_create *def) {
  const mig_clause *k = mig_clause_find(&def->clauses, MIG_CLAUSE_PRIMARY_KEY);
  int i;

  for (i = 0; i < def->columns.n && !k; i++)
    k = mig_clause_find(&((mig_coldef *)def->columns.at[i])->clauses,
                        MIG_CLAUSE_PRIMARY_KEY);
  return k;
}

int mig_is_key(mig_cx *cx, const mig_create *def, const mig_coldef *col) {
  const mig_clause *k = mig_clause_find(&def->clauses, MIG_CLAUSE_PRIMARY_KEY);
  const char *name;

  if (mig_clause_find(&col->clauses, MIG_CLAUSE_PRIMARY_KEY)) return 1;
  name = k ? mig_sql_unquote(cx, col->name) : NULL;
  return name && mig_keys_have(cx, &k->keys, name);
}

int mig_takes_no_null(mig_cx *cx, const mig_create *def,
                      const mig_coldef *col) {
  if (mig_is_rowid(cx, def, col)) return 0; /* which NULL has one made for */
  return mig_clause_find(&col->clauses, MIG_CLAUSE_NOT_NULL) ||
         ((def->strict || def->without_rowid) && mig_is_key(cx, def, col));
}

static const char *const rowid_words[] = {"rowid", "_rowid_", "oid"};

int mig_is_rowid_word(const char *name) {
  int i;

  for (i = 0; i < 3; i++)
    if (!sqlite3_stricmp(name, rowid_words[i])) return 1;
  return 0;
}

const char *mig_rowid_name(mig_cx *cx, const mig_create *def) {
  mig_coldef *c;
  int i;

  if (def->without_rowid) return NULL;
  for (i = 0; i < 3; i++)
    if (!mig_create_column(def, rowid_words[i], NULL)) return rowid_words[i];
  c = mig_rowid_column(cx, def);
  return c ? mig_sql_unquote(cx, c->name) : NULL;
}
