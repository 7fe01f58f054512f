/*
** ext/sql/sql.h - SQL as text.  Layer 1: knows no database, no file.
**
** Invariants
**  - The tokenizer agrees with SQLite's (https://sqlite.org/src, tokenize.c)
**    on where each token begins and ends, for every byte string.
**  - Tokens placed side by side are the text: nothing is skipped or invented.
**  - Text is borrowed: spans point into what the caller gave.
*/
#ifndef MIG_SQL_H
#define MIG_SQL_H
#include "ext/base/base.h"

/* ---- tokens (token.c) ---- */

typedef enum mig_token_type {
  MIG_TK_END,      /* nothing is left: n is 0                             */
  MIG_TK_SPACE,    /* white space                                         */
  MIG_TK_COMMENT,  /* two dashes to the line's end, or C's; may be unended */
  MIG_TK_ID,       /* bare word: a name or a keyword                      */
  MIG_TK_QUOTED,   /* a name in "", `` or []                              */
  MIG_TK_STRING,   /* 'text'                                              */
  MIG_TK_BLOB,     /* x'00'                                               */
  MIG_TK_INTEGER,  /* 12, 0x1f, 1_000                                     */
  MIG_TK_FLOAT,    /* 1.5, .5, 1e3                                        */
  MIG_TK_VARIABLE, /* ? ?1 :a @a $a                                       */
  MIG_TK_OP,       /* an operator or punctuation: ( ) , ; || -> ->> << .. */
  MIG_TK_ILLEGAL   /* an unfinished string, 12ab, a stray byte            */
} mig_token_type;

typedef struct mig_token mig_token;
struct mig_token {
  mig_token_type type;
  mig_span s; /* its bytes, in the text */
};
/* The token at the beginning of `text`. */
mig_token mig_token_at(mig_span text);
/* The next token that is neither space nor comment; *rest moves behind it. */
mig_token mig_token_next(mig_span *rest);
/* Is the token this keyword (given in upper case), or this operator? */
int mig_token_is(mig_token t, const char *word);

/* ---- names and literals (quote.c) ---- */

/* Append a name, in double quotes only where SQLite would need them. */
void mig_sql_name(mig_cx *cx, mig_buf *b, const char *name);
/* Append 'text' with quotes doubled; NULL is NULL. */
void mig_sql_text(mig_cx *cx, mig_buf *b, const char *z);
/* "schema"."name" as needed, as text of cx. */
char *mig_sql_path(mig_cx *cx, const char *schema, const char *name);

/* ---- statements (statement.c) ---- */

/*
** Why a revision may not run this statement, or NULL when it may.  Looks at
** the first words only.  Refused: BEGIN, COMMIT, END, ROLLBACK, SAVEPOINT,
** RELEASE, ATTACH, DETACH, a PRAGMA that sets the connection, and (in a
** transaction it cannot work) VACUUM;
** also behind EXPLAIN [QUERY PLAN].  The reason says what to do instead.
*/
const char *mig_sql_refusal(mig_span statement);

/* ---- plain-SQL revisions (section.c) ---- */

/*
** The parts of a .sql revision (DESIGN 2): a comment block of headers, then
** the two sections.  Spans point into the text; n is 0 where absent.
*/
typedef struct mig_section mig_section;
struct mig_section {
  mig_span message; /* the first comment that is not a header          */
  mig_span head[8]; /* values, in the order of mig_section_keys        */
  mig_span up;      /* text behind `-- migrate:up`                     */
  mig_span down;    /* text behind `-- migrate:down`                   */
  int has_up, has_down;
};
/* revision revises branch_labels depends_on created irreversible
** transactional; NULL-terminated. */
extern const char *const mig_section_keys[];
enum {
  MIG_HEAD_REVISION,
  MIG_HEAD_REVISES,
  MIG_HEAD_LABELS,
  MIG_HEAD_DEPENDS,
  MIG_HEAD_CREATED,
  MIG_HEAD_IRREVERSIBLE,
  MIG_HEAD_TRANSACTIONAL
};
/* Fails, with "path:line: why", on an unknown key, a key or a section twice, a
** statement before `-- migrate:up`. */
void mig_section_parse(mig_cx *cx, const char *path, mig_span text,
                       mig_section *out);

/* The number, from 1, of the line that byte `at` of the text is in. */
int mig_line_of(mig_span text, int at);
#endif
