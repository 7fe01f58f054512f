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
/* Can the byte be in a bare name or a number? */
int mig_token_is_word(char byte);
/* Is the token this keyword (given in upper case), or this operator? */
int mig_token_is(mig_token t, const char *word);
/* Is it one of these?  The words have a space between each two. */
int mig_token_any(mig_token t, const char *words);

/* ---- names and literals (quote.c) ---- */

/* Append a name, in double quotes only where SQLite would need them. */
void mig_sql_name(mig_cx *cx, mig_buf *b, const char *name);
/* The same as text of cx. */
char *mig_sql_quoted(mig_cx *cx, const char *name);
/* Append 'text' with quotes doubled; NULL is NULL. */
void mig_sql_text(mig_cx *cx, mig_buf *b, const char *z);
/* "schema"."name" as needed, as text of cx. */
char *mig_sql_path(mig_cx *cx, const char *schema, const char *name);

/* The name that a token is: its quotes gone, doubled ones made one.  cx's. */
char *mig_sql_unquote(mig_cx *cx, mig_span token);
/* Do the token and the name (not quoted) say the same, as SQLite compares? */
int mig_sql_same(mig_span token, const char *name);

/* ---- calls (call.c) ---- */

/*
** The functions that a text of statements calls, one after another.  Keywords
** that have a parenthesis behind them count as calls; a name that defines
** something or is a table's does not.
*/
typedef struct mig_calls mig_calls;
struct mig_calls {
  mig_span name;  /* the one found: its token, quotes and all             */
  const char *in; /* "a table", "a view", "an index", "a trigger": it is  */
                  /* in the definition of one, which outlives the call     */
  /* private */
  mig_span rest;  /* behind the name                          */
  mig_token last; /* the token before rest                    */
  int fresh;      /* does a statement begin at rest?          */
  int table;      /* is CREATE INDEX's table still to come?   */
  int depth;      /* of parentheses                           */
  int cases;      /* CASEs without their END                  */
  int ended;      /* is the last token an END of no CASE?     */
};
mig_calls mig_calls_of(mig_span sql);
int mig_call_next(mig_calls *c); /* is there one? */

/* ---- editing (edit.c) ---- */

/*
** Splices against one immutable text, which is borrowed.  They may come in any
** order but not overlap; where none lands the author's bytes pass through.
*/
typedef struct mig_edit mig_edit;
mig_edit *mig_edit_new(mig_cx *cx, mig_span src);
/*
** Put a copy of `text` in the place of `part`, a span of the source; of no
** bytes, it is an insertion before part.p.  Insertions at one place keep their
** order of arrival.  SQLITE_RANGE outside the source, SQLITE_MISUSE on overlap.
*/
void mig_edit_put(mig_cx *cx, mig_edit *ed, mig_span part, const char *text);
/* The edited text, NUL-terminated, cx's. */
char *mig_edit_text(mig_cx *cx, const mig_edit *ed);

/* ---- CREATE statements (create.c, clause.c) ---- */

/*
** What is found are spans of the author's text, without space or comments at
** their ends.  A span of something that is absent has n 0; its p, where it
** matters, is the place at which it would stand.  Names are tokens as written:
** mig_sql_unquote() gives the name.
*/

typedef enum mig_clause_type {
  MIG_CLAUSE_ANY,         /* only for asking: whichever                  */
  MIG_CLAUSE_PRIMARY_KEY, /* keys, desc, conflict, autoincrement         */
  MIG_CLAUSE_UNIQUE,      /* keys, conflict                              */
  MIG_CLAUSE_CHECK,       /* expr, conflict                              */
  MIG_CLAUSE_FOREIGN_KEY, /* keys, table, to, actions, defer             */
  MIG_CLAUSE_NOT_NULL,    /* conflict                                    */
  MIG_CLAUSE_NULL,        /* conflict                                    */
  MIG_CLAUSE_DEFAULT,     /* expr                                        */
  MIG_CLAUSE_COLLATE,     /* word                                        */
  MIG_CLAUSE_GENERATED,   /* expr, word (STORED, VIRTUAL or absent)      */
  MIG_CLAUSE_DEFER,       /* [NOT] DEFERRABLE ... apart from its REFERENCES */
  MIG_CLAUSE_NAME         /* CONSTRAINT name with no constraint behind it */
} mig_clause_type;

/* A constraint, of a column or of a table. */
typedef struct mig_clause mig_clause;
struct mig_clause {
  mig_clause_type type;
  mig_span text;     /* all of it, from CONSTRAINT or its first word         */
  mig_span name;     /* the token behind CONSTRAINT                          */
  mig_span body;     /* without CONSTRAINT name                              */
  mig_span expr;     /* between the parentheses of CHECK and AS; the value of */
                     /* DEFAULT as written, with its sign or parentheses     */
  mig_span word;     /* COLLATE's name; VIRTUAL or STORED                    */
  mig_span conflict; /* ON CONFLICT and its word                             */
  mig_list keys;     /* mig_key; none where a column's constraint has none   */
  mig_span table;    /* the parent's name                                    */
  mig_list to;       /* mig_key: the parent's columns; may be none           */
  mig_span actions; /* from the first ON DELETE, ON UPDATE, MATCH to the last */
  mig_span defer;   /* [NOT] DEFERRABLE [INITIALLY ...] right behind it     */
  int desc;         /* a column's PRIMARY KEY DESC                          */
  int autoincrement;
  int stored; /* a generated column that is STORED */
};

/* One item of a list of keys: of an index, a constraint, REFERENCES. */
typedef struct mig_key mig_key;
struct mig_key {
  mig_span text;    /* the item                                              */
  mig_span expr;    /* without the COLLATE at its end, ASC, DESC, NULLS       */
  mig_span column;  /* the name (a token) that expr is, without parentheses   */
                    /* and COLLATE around it; else n is 0                     */
  mig_span collate; /* the name behind COLLATE at its end, or, where column  */
                    /* or all of expr is in parentheses, at the end in them  */
  int desc;
};

typedef struct mig_coldef mig_coldef;
struct mig_coldef {
  mig_span text; /* from its name to its last token, without the comma    */
  mig_span name; /* a token                                               */
  mig_span type; /* as written, "VARCHAR (10)"; absent: p is behind name.  */
                 /* Without the GENERATED ALWAYS that SQLite reads into it, */
                 /* but with a comment before that, which it reads too     */
  mig_list clauses; /* mig_clause, in order                                  */
};

typedef enum mig_create_type {
  MIG_CREATE_OF_TABLE,   /* columns, clauses, options                  */
  MIG_CREATE_OF_INDEX,   /* unique, table, keys, where                 */
  MIG_CREATE_OF_VIEW,    /* names, body                                */
  MIG_CREATE_OF_TRIGGER, /* table, event, names, where (WHEN), body    */
  MIG_CREATE_OF_VIRTUAL  /* name only: CREATE VIRTUAL TABLE            */
} mig_create_type;

typedef struct mig_create mig_create;
struct mig_create {
  mig_create_type type;
  mig_span text; /* the whole statement, as it was given              */
  mig_span name; /* what is created: a token                          */
  mig_span path; /* the name with `schema.` before it, where it has one */
  int temp, if_not_exists;
  /* a table */
  mig_span open, close; /* its outer parentheses                             */
  mig_list columns;     /* mig_coldef                                        */
  mig_list clauses;     /* mig_clause: the table's own                       */
  mig_span options;     /* behind the parentheses: "STRICT, WITHOUT ROWID",  */
                        /* even ", STRICT"                                   */
  int strict, without_rowid;
  /* an index, a trigger */
  mig_span table; /* on which: a token                                       */
  int unique;
  mig_list keys;  /* mig_key                                                 */
  mig_span where; /* the expression behind WHERE, or behind a trigger's WHEN */
  /* a trigger */
  mig_span time;  /* BEFORE, AFTER, INSTEAD OF, or absent                    */
  mig_span event; /* DELETE, INSERT or UPDATE                                */
  /* a view's column names; a trigger's UPDATE OF columns */
  mig_list names; /* mig_key                                                 */
  mig_span body;  /* a view's SELECT; a trigger's text from BEGIN to END     */
};

/*
** Read a CREATE statement, which `text` must hold alone (a semicolon and
** comments may follow).  SQLITE_ERROR, saying what was met where, for what
** SQLite would not accept, for what is not placed exactly, and for CREATE TABLE
** ... AS.  Whether names exist is not asked.
*/
mig_create *mig_create_parse(mig_cx *cx, mig_span text);
/* The column of this name (not quoted), or NULL; *at, unless NULL, its place.
 */
mig_coldef *mig_create_column(const mig_create *c, const char *name, int *at);
/* The first clause of a type in a list of them, or NULL. */
mig_clause *mig_clause_find(const mig_list *clauses, mig_clause_type type);
/* The last one, which of several DEFAULT or COLLATE is the one that counts. */
mig_clause *mig_clause_last(const mig_list *clauses, mig_clause_type type);

/*
** Does the SQL text use this name (not quoted) as one that may be a column?
** Strings, what is called as a function, what has a dot behind it, and what
** stands behind COLLATE do not count; a name in double quotes does, and behind
** a dot a string.
*/
int mig_sql_mentions(mig_span sql, const char *name);

/* ---- what the parser is made of (read.c, expr.c); for this layer only ---- */

/*
** A reader stands on one token.  Space and comments are read over.  After an
** error it stands at the end, so that no loop goes on.
*/
typedef struct mig_reader mig_reader;
struct mig_reader {
  mig_cx *cx;
  mig_span text;   /* all of it                             */
  mig_span rest;   /* behind `now`                          */
  mig_token now;   /* the token it stands on                */
  const char *end; /* where the token before that one ended */
};
mig_reader mig_read(mig_cx *cx, mig_span text);
/* Fail: `what` was expected here. */
void mig_read_fail(mig_reader *r, const char *what);
void mig_read_next(mig_reader *r);
/* The token behind `now`. */
mig_token mig_read_peek(const mig_reader *r);
int mig_read_is(const mig_reader *r, const char *word);
/* Stands on this word or operator?  Then go on. */
int mig_read_take(mig_reader *r, const char *word);
int mig_read_take_any(mig_reader *r, const char *words);
int mig_read_take2(mig_reader *r, const char *word, const char *second);
/* Go on if it stands on this; else fail. */
void mig_read_expect(mig_reader *r, const char *word);
/* From p to the end of the last token read. */
mig_span mig_read_from(const mig_reader *r, const char *p);
/* Put a copy of the n bytes into the list. */
void mig_read_keep(mig_reader *r, mig_list *l, const void *item, size_t n);

/* What the grammar takes a token for, where it may be a name. */
enum {
  MIG_AS_ID = 1,      /* in "", `` or []; bare, and no keyword just there */
  MIG_AS_STRING = 2,  /* 'text'                                           */
  MIG_AS_INDEXED = 4, /* the word INDEXED                                 */
  MIG_AS_JOIN = 8,    /* LEFT, NATURAL, ...                               */
  MIG_AS_NAME = 15    /* of a table or a column: any of these             */
};
/* One of these, or 0. */
int mig_read_as(mig_token t);
/* Of the token it stands on: WINDOW is none before a name and AS. */
int mig_read_here(const mig_reader *r);
/* The token, which must be one of `as`; `what` is for the message. */
mig_span mig_read_word(mig_reader *r, int as, const char *what);
/* name or schema.name: *path, unless NULL, is all of it. */
mig_span mig_read_path(mig_reader *r, mig_span *path);
/* Read over a parenthesis and all to the one that closes it. */
void mig_read_parens(mig_reader *r);
/* The same of a module's arguments, which may be any tokens. */
void mig_read_given(mig_reader *r);
/*
** One expression, to the token that cannot belong to it.  What is in
** parentheses is not looked at.  Where key is not NULL, its expr, collate and
** column are set.
*/
mig_span mig_read_expr(mig_reader *r, mig_key *key);
/* ( item, ... ): mig_key.  `sorted`: expressions with COLLATE, ASC, DESC; else
** names.  *autoincrement, unless NULL: AUTOINCREMENT before the end? */
mig_list mig_read_keys(mig_reader *r, int sorted, int *autoincrement);
/* name, ...: mig_key */
mig_list mig_read_names(mig_reader *r);
/* One constraint of a column, or of a table, into the list. */
void mig_read_clause(mig_reader *r, mig_list *clauses, int of_table);

/* ---- statements (statement.c) ---- */

/*
** Why a revision may not run this statement, or NULL when it may.  Looks at
** the first words only.  Refused: BEGIN, COMMIT, END, ROLLBACK, SAVEPOINT,
** RELEASE, without `attach` ATTACH and DETACH, a PRAGMA that sets the
** connection, and (in a transaction it cannot work) VACUUM;
** also behind EXPLAIN [QUERY PLAN].  The reason says what to do instead.
*/
const char *mig_sql_refusal(mig_span statement, int attach);

/* Cut the next statement off, from its first token on, with its semicolon; n is
** 0 when none is left. */
mig_span mig_sql_cut(mig_span *rest);

/* A statement that runs in no transaction. */
typedef struct mig_aside mig_aside;
struct mig_aside {
  int vacuum;      /* VACUUM; else PRAGMA journal_mode = value    */
  mig_span schema; /* a token; n is 0 when none is named          */
  mig_span value;  /* a token                                     */
};
/* Is the text one such statement, and nothing else? */
int mig_sql_aside(mig_span sql, mig_aside *out);

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
