/*
** ext/schema/compare.h - what two schemas are compared by.  Private to
** ext/schema/.
*/
#ifndef MIG_COMPARE_H
#define MIG_COMPARE_H
#include "ext/schema/alter.h"

/* ---- text in one spelling (form.c) ---- */

/* The name, or the name that a token is, in lower case (ASCII's letters). */
char *mig_fold(mig_cx *cx, const char *name);
char *mig_fold_token(mig_cx *cx, mig_span token);
/* The text's form.  `names`: folded names of the schema, for what is in double
** quotes; NULL: those are names always. */
char *mig_form(mig_cx *cx, mig_span sql, const mig_map *names);

/* What a column is; "" where it has none. */
typedef struct mig_column_form mig_column_form;
struct mig_column_form {
  const char *name, *type, *dflt, *collate, *generated, *not_null;
};
void mig_form_column(mig_cx *cx, const mig_coldef *col, const mig_map *names,
                     mig_column_form *out);
/* A PRIMARY KEY, UNIQUE, CHECK or FOREIGN KEY, whether it stands behind a
** column or behind all of them. */
char *mig_form_constraint(mig_cx *cx, const mig_clause_of *of,
                          const mig_map *names);
/* Of what is not a table; its name is no part of it. */
char *mig_form_object(mig_cx *cx, const mig_create *def, const mig_map *names);

/* ---- one table (difftable.c) ---- */

/* What is between two forms of one table. */
typedef struct mig_table_delta mig_table_delta;
struct mig_table_delta {
  mig_list rows;       /* mig_difference                                   */
  mig_list changes;    /* mig_change: of one batch                         */
  const char *define;  /* or the whole new statement, where ops do not do  */
  int native;          /* are the changes SQLite's own, as they stand?     */
  mig_list gone, come; /* char: columns that only one of them has          */
  mig_list other;      /* char: columns that are computed otherwise        */
  mig_list guesses;    /* mig_rename: a drop and an add that look like one  */
};
/* `objects`: what the changes may refer to (mig_object). */
void mig_table_compare(mig_cx *cx, const mig_schema *from, const mig_item *was,
                       const mig_schema *to, const mig_item *is,
                       const mig_list *objects, mig_table_delta *out);

#endif
