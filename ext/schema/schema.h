/*
** ext/schema/schema.h - a schema as data, and what changes it.  Layer 2.
**
** Invariants
**  - A change is data (mig_change), whoever made it.  Nothing here steps a
**    statement.
**  - Every name in a statement made here is qualified with its schema, so that
**    a TEMP table of the same name is never met.
*/
#ifndef MIG_SCHEMA_H
#define MIG_SCHEMA_H
#include "ext/db/db.h"
#include "ext/sql/sql.h"

typedef enum mig_change_kind {
  MIG_CREATE_TABLE,   /* name, parts, strict, without_rowid, if_exists     */
  MIG_DROP_TABLE,     /* name, if_exists                                   */
  MIG_RENAME_TABLE,   /* table, name (the new one)                         */
  MIG_ADD_COLUMN,     /* table, parts[0]                                   */
  MIG_DROP_COLUMN,    /* table, name                                       */
  MIG_CREATE_INDEX,   /* name, table, parts, unique, where, if_exists      */
  MIG_DROP_INDEX,     /* name, if_exists                                   */
  MIG_CREATE_VIEW,    /* name, parts (column names, may be none), body     */
  MIG_DROP_VIEW,      /* name, if_exists                                   */
  MIG_CREATE_TRIGGER, /* name, body: all behind CREATE TRIGGER name        */
  MIG_DROP_TRIGGER    /* name, if_exists                                   */
} mig_change_kind;

typedef struct mig_change mig_change;
struct mig_change {
  mig_change_kind kind;
  const char *table; /* the table it is about                              */
  const char *name;  /* the object it makes, drops, or the new name        */
  const char *body;  /* SQL text: a SELECT, the rest of a CREATE TRIGGER   */
  const char *where; /* SQL text: a partial index's predicate, or NULL     */
  mig_list parts;    /* SQL text (char): columns and constraints, or what  */
                     /* an index covers                                    */
  int unique, strict, without_rowid;
  int if_exists; /* IF EXISTS, or IF NOT EXISTS where it makes something  */
};

/* A column given by its properties instead of as SQL text. */
typedef struct mig_column_spec mig_column_spec;
struct mig_column_spec {
  const char *name;       /* a name, not quoted                       */
  const char *type;       /* as it shall be written, or NULL          */
  const char *dflt;       /* SQL text: a literal, or an expression    */
  const char *check;      /* SQL text of the expression               */
  const char *references; /* SQL text behind REFERENCES: "t(id) ON DELETE..." */
  const char *collate;    /* a collation's name                       */
  const char *generated;  /* SQL text of the expression               */
  int stored;             /* a generated column that is STORED        */
  int not_null, primary_key, autoincrement, unique;
};

/*
** Append an author's text as one piece of a statement (piece.c); `what` names
** it in errors.  SQLITE_ERROR when it is empty, has a `;`, or leaves a quote,
** a comment or a parenthesis open.  What is appended next is never part of a
** comment in it.
*/
void mig_piece_add(mig_cx *cx, mig_buf *b, const char *what, const char *text);

/* SQL text of a column (column.c). */
char *mig_column_sql(mig_cx *cx, const mig_column_spec *c);

/* The statement that makes the change natively, in `schema` (change.c). */
char *mig_change_sql(mig_cx *cx, const char *schema, const mig_change *c);
/* What it does, in words: "create table users"; for messages and progress. */
char *mig_change_title(mig_cx *cx, const mig_change *c);
#endif
