/*
** ext/schema/prove.c - what no row may be, for a change to be right.
**
** A CHECK is met when it is NULL (https://sqlite.org/lang_createtable.html,
** 3.7), so what is looked for is a row where NOT of it is true.
*/
#include "ext/schema/alter.h"

void mig_pass_prove(mig_cx *cx, mig_pass *p, mig_proof proof) {
  mig_proof *own = proof.bad ? mig_alloc(cx, sizeof *own) : NULL;

  if (!own) return;
  *own = proof;
  mig_list_add(cx, &p->out->proofs, own);
}

void mig_pass_prove_filled(mig_cx *cx, mig_pass *p, const char *name) {
  mig_pass_prove(
      cx, p,
      (mig_proof){.bad = mig_printf(cx, "%s IS NULL", mig_sql_quoted(cx, name)),
                  .why = mig_printf(cx, "column %s is NULL", name),
                  .remedy = "give using= with a value for them, or fill them "
                            "first"});
}

void mig_pass_prove_rowid(mig_cx *cx, mig_pass *p, const char *name,
                          const char *value) {
  mig_pass_prove(
      cx, p,
      (mig_proof){
          .bad = mig_printf(cx,
                            "(%s IS NULL OR typeof(%s) = 'blob' OR"
                            " CAST(%s AS NUMERIC) <> CAST(%s AS INTEGER) OR"
                            " (typeof(%s) = 'text' AND %s GLOB '*[^0-9+-]*'))",
                            value, value, value, value, value, value),
          .column = mig_create_column(p->t->def, name, NULL) ? name : NULL,
          .why = mig_printf(cx, "column %s cannot be the rowid", name),
          .remedy = "it takes integers only: change them first",
          .old = 1});
}

/* ---- checks ---- */

void mig_pass_prove_check(mig_cx *cx, mig_pass *p, const mig_clause *check) {
  char *name = check->name.n ? mig_sql_unquote(cx, check->name) : NULL;

  mig_pass_prove(
      cx, p,
      (mig_proof){
          .bad = mig_printf(cx, "NOT (%.*s\n)", check->expr.n, check->expr.p),
          .why =
              mig_printf(cx, "CHECK%s%s (%.*s) does not hold", name ? " " : "",
                         name ? name : "", check->expr.n, check->expr.p),
          .remedy = "change them first"});
}

static void prove_column(mig_cx *cx, mig_pass *p, const char *name, int depth);

/* A generated column has new values too, when one that it is made of has. */
static void prove_generated(mig_cx *cx, mig_pass *p, const mig_coldef *col,
                            const char *from, int depth) {
  const mig_clause *k = mig_clause_find(&col->clauses, MIG_CLAUSE_GENERATED);
  const char *name;

  if (!k || !mig_sql_mentions(k->expr, from)) return;
  name = mig_sql_unquote(cx, col->name);
  if (!name || !sqlite3_stricmp(name, from)) return;
  if (mig_clause_find(&col->clauses, MIG_CLAUSE_NOT_NULL))
    mig_pass_prove_filled(cx, p, name);
  if (p->def->strict) mig_pass_prove_type(cx, p, col, name, 1);
  if (depth > 0) prove_column(cx, p, name, depth - 1);
}

static void prove_column(mig_cx *cx, mig_pass *p, const char *name, int depth) {
  mig_list all = mig_clauses_all(cx, p->def);
  int i;

  for (i = 0; i < all.n && !cx->rc; i++) {
    const mig_clause_of *of = all.at[i];
    if (of->clause->type == MIG_CLAUSE_CHECK &&
        mig_sql_mentions(of->clause->expr, name))
      mig_pass_prove_check(cx, p, of->clause);
    if (of->clause->type == MIG_CLAUSE_GENERATED)
      prove_generated(cx, p, of->col, name, depth);
  }
}

void mig_pass_prove_column(mig_cx *cx, mig_pass *p, const char *name) {
  if (!cx->rc) prove_column(cx, p, name, 16);
}

/* ---- types ---- */

/* What a column of an affinity, or of a STRICT table's type, does not hold; and
** what of the old values loses digits when it is converted.  Of the first, what
** can be is a comparison of storage classes, which are in order: NULL, numbers,
** texts, blobs.  SQLite makes a text of each typeof(). */
#define DIGITS                                                                 \
  "length(trim(replace(replace(replace(%s, '.', ''), '-', ''), '+', ''),"      \
  " '0 ')) > 15"
#define IS_BLOB "+%s COLLATE BINARY >= x''"
static const struct {
  char affinity;
  const char *bad;   /* SQL, with %s for the column */
  const char *loses; /* the same                    */
} prove_types[] = {
    {'I', "typeof(%s) NOT IN ('null', 'integer')",
     "(typeof(%s) = 'text' AND " DIGITS " AND %s GLOB '*[.eE]*')"},
    {'R', "typeof(%s) NOT IN ('null', 'real')",
     "((typeof(%s) = 'text' AND " DIGITS
     ") OR (typeof(%s) = 'integer' AND CAST(%s AS REAL) <> %s))"},
    {'N', "+%s COLLATE BINARY >= ''",
     "(typeof(%s) = 'text' AND " DIGITS
     " AND typeof(CAST(%s AS NUMERIC)) = 'real')"},
    {'T', "(+%s COLLATE BINARY < '' OR " IS_BLOB ")",
     "(typeof(%s) = 'real' AND abs(%s) < 9e999 AND"
     " CAST(CAST(%s AS TEXT) AS REAL) <> %s)"},
    {'B', NULL, NULL}};

/* The place of the column's type; and what none of its values may be. */
static size_t prove_type_of(const mig_create *def, const mig_coldef *col,
                            const char **bad) {
  char affinity = mig_affinity(col->type, def->strict);
  mig_span plain = mig_type_plain(col->type);
  size_t i = 0;

  while (prove_types[i].affinity != affinity) i++;
  *bad = prove_types[i].bad;
  if (def->strict &&
      (mig_span_starts(plain, "B") || mig_span_starts(plain, "b")))
    *bad = "+%s COLLATE BINARY < x''";
  return i;
}

/* A new b-tree makes a text of all but a blob: so the old rows tell, which are
** looked at for what is lost. */
void mig_pass_prove_type(mig_cx *cx, mig_pass *p, const mig_coldef *col,
                         const char *name, int strict) {
  const char *bad, *q = mig_sql_quoted(cx, name), *why;
  size_t i = prove_type_of(p->def, col, &bad);
  int old = prove_types[i].affinity == 'T' && !strict &&
            p->out->way >= MIG_WAY_REBUILD;

  if (cx->rc) return;
  if (old) bad = IS_BLOB;
  why = mig_printf(cx, "column %s cannot become %.*s%s", name, col->type.n,
                   col->type.p, col->type.n ? "" : "that");
  if (bad)
    mig_pass_prove(
        cx, p,
        (mig_proof){.bad = mig_printf(cx, bad, q, q),
                    .column = name,
                    .why = why,
                    .remedy = strict ? "give using= that fits the type"
                                     : "give using=, or change them first",
                    .old = old});
  if (prove_types[i].loses && !strict)
    mig_pass_prove(
        cx, p,
        (mig_proof){.bad = mig_printf(cx, prove_types[i].loses, q, q, q, q, q),
                    .column = name,
                    .why = why,
                    .remedy = "give using=, or change them first",
                    .old = 1});
}
