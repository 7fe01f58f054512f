/*
** ext/schema/alter.h - a pass over a table while it is planned.  Private to
** ext/schema/.
**
** Each change is made in the text at once, so that the next one meets the
** names that it left; what it takes to make it true of the rows is gathered in
** `out`.
*/
#ifndef MIG_ALTER_H
#define MIG_ALTER_H
#include "ext/schema/schema.h"

/* An index that the table has, besides those of its constraints. */
typedef struct mig_pass_index mig_pass_index;
struct mig_pass_index {
  const mig_object *object;
  mig_create *def;
  int gone; /* the pass drops it */
};

typedef struct mig_pass mig_pass;
struct mig_pass {
  const mig_table *t;
  mig_create *def;  /* the statement as it is by now                       */
  mig_list columns; /* mig_alter_column, beside def->columns               */
  mig_list indexes; /* mig_pass_index                                      */
  mig_list changed; /* char: columns that have other values than they had   */
  mig_list late;    /* char: names that a later change may not use: of what */
                    /* is done only behind the pass                         */
  int whole;        /* it gives the table a whole new definition            */
  mig_create *base; /* def without the columns in `added`                   */
  mig_list added;   /* char: columns that are in def, and not in its text   */
  mig_list bare;    /* char: columns that SQLite could add, without CHECK   */
  int others;       /* there are changes besides columns and indexes that   */
                    /* come, or a column that SQLite must look at itself    */
  const char *own;  /* SQLite's own statement for an edit, or NULL          */
  mig_alter *out;
};

/* A constraint, and the column that has it; NULL: the table itself. */
typedef struct mig_clause_of mig_clause_of;
struct mig_clause_of {
  const mig_coldef *col;
  const mig_clause *clause;
};
/* All of a table's (mig_clause_of), the columns' first. */
mig_list mig_clauses_all(mig_cx *cx, const mig_create *def);
/* Is a CHECK with this expression among them (mig_clause_of)? */
int mig_clauses_check(const mig_list *clauses, mig_span expr);
/* What a DEFAULT says, as an expression (addcol.c). */
char *mig_default_value(mig_cx *cx, mig_span expr);

/* The statement is `sql` now, with as many columns as p->columns. */
void mig_pass_text(mig_cx *cx, mig_pass *p, char *sql);
/* Why SQLite's ALTER TABLE takes no column of this name, or NULL. */
const char *mig_pass_reserved(const mig_pass *p, const char *name);
/* The column has other values from now on than its old ones. */
void mig_pass_changed(mig_cx *cx, mig_pass *p, const char *name);
/* It takes at least this way, because of what fmt says. */
void mig_pass_way(mig_cx *cx, mig_pass *p, mig_way way, const char *fmt, ...);
/* A newer SQLite has a statement for this edit: ALTER TABLE t fmt.  `adds`: it
** scans the table for it. */
void mig_pass_own(mig_cx *cx, mig_pass *p, int adds, const char *fmt, ...);
/* The column of this name; fails, naming the nearest, when there is none. */
mig_coldef *mig_pass_column(mig_cx *cx, const mig_pass *p, const char *name,
                            int *at);
/* Fail: the table has no such column; name the nearest. */
void mig_column_missing(mig_cx *cx, const mig_create *def, const char *table,
                        const char *name);
/*
** The plan has taken the way of a rebuild: which columns and indexes stay as
** they are; a swap when the rows' keys do (keep.c).
*/
void mig_alter_keep(mig_cx *cx, const mig_table *t, mig_alter *a,
                    const mig_list *indexes);
/* A proof, unless `bad` is NULL.  See mig_proof. */
void mig_pass_prove(mig_cx *cx, mig_pass *p, mig_proof proof);
/* No row violates this CHECK. */
void mig_pass_prove_check(mig_cx *cx, mig_pass *p, const mig_clause *check);
/* The column's values are of its type's storage class: what a conversion by
** affinity should give (`strict`: what a STRICT table takes). */
void mig_pass_prove_type(mig_cx *cx, mig_pass *p, const mig_coldef *col,
                         const char *name, int strict);
/* What the column gets, SQL over the old rows, can be rowids. */
void mig_pass_prove_rowid(mig_cx *cx, mig_pass *p, const char *name,
                          const char *value);
/* The column has no NULL. */
void mig_pass_prove_filled(mig_cx *cx, mig_pass *p, const char *name);
/* Every CHECK that mentions the column, whose values are new. */
void mig_pass_prove_column(mig_cx *cx, mig_pass *p, const char *name);
/* Does the SQL mention a column of the table other than this one? */
int mig_pass_mentions_other(mig_cx *cx, const mig_pass *p, mig_span sql,
                            const char *name);
/* The table of an author's piece put into a CREATE TABLE of its own. */
mig_create *mig_piece_table(mig_cx *cx, const char *what, const char *before,
                            const char *piece);

void mig_pass_add_column(mig_cx *cx, mig_pass *p, const mig_change *c);
/* Put the columns in `added` into the text, and read it.  To be called before
** def's text, or a span of it, is used. */
void mig_pass_settle(mig_cx *cx, mig_pass *p);
/* Add all columns but the first one by the text, if that is right. */
void mig_pass_merge(mig_cx *cx, mig_pass *p);
void mig_pass_drop_column(mig_cx *cx, mig_pass *p, const mig_change *c);
/* What else depends on a column that goes: indexes that are about it alone go
** with it; fails, naming it, for another index, or a foreign key of another
** table.  `now`: the whole new definition, or NULL; a foreign key to the
** PRIMARY KEY, whichever it is, finds that of `now`. */
void mig_pass_drop_others(mig_cx *cx, mig_pass *p, const mig_create *now,
                          const char *name);
void mig_pass_redefine(mig_cx *cx, mig_pass *p, const mig_change *c);
void mig_pass_set_column(mig_cx *cx, mig_pass *p, const mig_change *c);
void mig_pass_add_constraint(mig_cx *cx, mig_pass *p, const mig_change *c);
void mig_pass_drop_constraint(mig_cx *cx, mig_pass *p, const mig_change *c);
/* Take a clause away; `col` is the column that has it, or NULL. */
void mig_pass_drop_clause(mig_cx *cx, mig_pass *p, const mig_coldef *col,
                          const mig_clause *clause);
#endif
