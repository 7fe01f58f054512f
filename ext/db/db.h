/*
** ext/db/db.h - the database, asked or changed.  Layer 1.
**
** Invariants
**  - Every statement that writes is stepped in exec.c, and nowhere else.
**    query.c refuses them.
**  - A prepared statement belongs to a cx, which finalises it; mig_stmt_end()
**    does so earlier.
**  - Errors are SQLite's own code and message, followed by "; in: " and the
**    beginning of the statement.
*/
#ifndef MIG_DB_H
#define MIG_DB_H
#include "ext/base/base.h"

/* How the open transaction of ours is rolled back, prepared ahead: see below.
 */
typedef struct mig_undo mig_undo;
struct mig_undo {
  const char *sql[2];  /* the statements; the second may be NULL */
  sqlite3_stmt *st[2]; /* NULL until armed                       */
};

/* Databases that a user's statements have attached (attach.c). */
typedef struct mig_guests mig_guests;
struct mig_guests {
  mig_cx mem;    /* of the list */
  mig_list list; /* private     */
  int copied; /* on a private connection: a file that is attached is copied */
              /* at once, and only the copy stays                           */
};

/* How much there is of a script. */
typedef struct mig_tape_at mig_tape_at;
struct mig_tape_at {
  int n;      /* bytes of text                                             */
  int proofs; /* rows of the script's table, of this transaction           */
  int writes; /* has this transaction proven that sqlite_schema is written? */
};

/*
** What goes through the door, as the text of a script (tape.c).  `= {0}`; ends
** with mig_buf_take() of its text and a release of bound_mem.
*/
typedef struct mig_tape mig_tape;
struct mig_tape {
  mig_buf text;
  mig_tape_at at; /* but for n                                        */
  int held;       /* is what happens now not for the script?          */
  mig_map old;    /* by name: tables that the database may have rows in */
  mig_list bound; /* private: values of statements that have not run  */
  mig_cx bound_mem;
  char reads[80]; /* a table that the statement just prepared reads ... */
  char calls[80]; /* ... a function in Lua that it calls; for tables,  */
};                /* set by an authorizer                              */

typedef struct mig_db mig_db;
struct mig_db {
  sqlite3 *h;         /* the host's connection, borrowed                  */
  const char *schema; /* where the history lives: "main", or an attached  */
                      /* database's name; borrowed                        */
  mig_undo *undo;     /* of the transaction under way, or NULL; borrowed */
  /* called before a user's statement that writes; NULL: nobody wants to know */
  void (*writes)(mig_cx *cx, void *arg);
  void *writes_arg; /* borrowed */
  /* called before and, with its text, behind a statement of mig_exec_script()
  ** that may change a schema; NULL: nobody wants to know */
  void (*heard)(void *arg, mig_span sql);
  void *heard_arg;    /* borrowed */
  mig_guests *guests; /* who may attach databases, and detach those: a user's */
                      /* statements; NULL: they may not.  Borrowed            */
  mig_tape *tape;     /* what writes is noted there; NULL: nowhere.  Borrowed */
};

/* ---- asking (query.c) ---- */

/* Prepare the first statement of the text; *tail, unless NULL, is what follows.
** The statement is cx's; NULL when there is none, or with an error. */
sqlite3_stmt *mig_prepare(mig_cx *cx, const mig_db *db, const char *sql,
                          const char **tail);
/*
** Prepare one statement.  `fmt` is sqlite3_mprintf's: %Q for text, %w inside
** double quotes for names.  The statement is cx's.
*/
sqlite3_stmt *mig_query(mig_cx *cx, const mig_db *db, const char *fmt, ...);
/* The next row?  SQLITE_MISUSE for a statement that writes. */
int mig_row(mig_cx *cx, sqlite3_stmt *st);
/* Finalise now.  Safe with NULL. */
void mig_stmt_end(mig_cx *cx, sqlite3_stmt *st);
/* Bind from 1; NULL binds NULL.  The text must outlive the next reset. */
void mig_bind_text(mig_cx *cx, sqlite3_stmt *st, int i, const char *z);
void mig_bind_int(mig_cx *cx, sqlite3_stmt *st, int i, sqlite3_int64 v);
/* Column i of the row, copied to cx; NULL for NULL. */
char *mig_column(mig_cx *cx, sqlite3_stmt *st, int i);

/* Fail with SQLITE_INTERRUPT when sqlite3_interrupt() was called: SQLite asks
** for that at each space of a text that it reads. */
void mig_hear(mig_cx *cx, sqlite3 *h);

/* First column of the first row; `none` (NULL) without a row. */
sqlite3_int64 mig_query_int(mig_cx *cx, const mig_db *db, sqlite3_int64 none,
                            const char *fmt, ...);
char *mig_query_text(mig_cx *cx, const mig_db *db, const char *fmt, ...);

/* A connection of our own, which is cx's; `what` is for messages.  NULL with an
** error. */
sqlite3 *mig_db_open(mig_cx *cx, const char *file, int flags, const char *vfs,
                     const char *what);

/*
** Let `stop` be asked every so many opcodes of a connection of our own; a
** true answer interrupts it.  NULL: nobody.  A SQLite that was built
** without progress callbacks asks nobody: then a statement runs to its
** end.
*/
void mig_db_watch(sqlite3 *h, int opcodes, int (*stop)(void *), void *arg);

/* Note SQLite's present error of the connection; `sql` may be NULL. */
void mig_fail_db(mig_cx *cx, sqlite3 *h, int rc, const char *sql);

/* Set one of the connection's sqlite3_db_config() flags; what it was. */
int mig_db_flag(const mig_db *db, int op, int value);

/* PRAGMA secure_delete of the schema, off for a while (secure.c). */
typedef struct mig_secure mig_secure;
struct mig_secure {
  char *schema; /* where it is to be put back, or NULL */
};
/* Switch it off where it is on because of SQLite's build alone. */
void mig_secure_off(mig_cx *cx, const mig_db *db, mig_secure *s);
/* Put it back; what cannot be, for want of memory, waits for another time. */
void mig_secure_back(const mig_db *db, mig_secure *s);
void mig_secure_free(mig_secure *s);

/* ---- values (cell.c) ---- */

/* A value on its way.  Text and blobs are borrowed; p is never NULL for them.
 */
typedef struct mig_cell mig_cell;
struct mig_cell {
  int type; /* SQLITE_INTEGER, ... */
  sqlite3_int64 i;
  double r;
  const char *p;
  size_t n; /* bytes at p */
};
/* Column i of the row; its text lasts until the next step. */
void mig_cell_column(mig_cx *cx, sqlite3_stmt *st, int i, mig_cell *out);
/* A function's argument; its text lasts as long as the call. */
void mig_cell_value(mig_cx *cx, sqlite3_value *v, mig_cell *out);
/* Bind it.  `lasting`: the statement keeps a copy of text and blobs. */
void mig_cell_bind(mig_cx *cx, sqlite3_stmt *st, int i, const mig_cell *c,
                   int lasting);
/* Make it a function's result.  `lasting`: SQLite keeps a copy of text and
** blobs; else they must stay until the row is done. */
void mig_cell_result(sqlite3_context *ctx, const mig_cell *c, int lasting);

/* ---- values as text (literal.c) ---- */

/* Append it as a SQL literal, or as an expression in parentheses: a text with
** NUL bytes, a double that SQLite would read wrong. */
void mig_cell_literal(mig_cx *cx, mig_buf *b, const mig_cell *c);
/*
** Write a finite double with 15 to 17 digits, the same in every locale, and
** with a point or an exponent.  Is it the same when C reads it back?  With 17
** it is.
*/
enum { MIG_REAL_SIZE = 48 }; /* bytes at z */
int mig_real_print(double r, int digits, char *z);

/* ---- rows put aside (spool.c) ---- */

/*
** A queue of rows: filled, then emptied.  The first 256 KB are in memory; what
** is more is in a temporary database of its own, which SQLite keeps in a file
** without a name and removes by itself.
*/
typedef struct mig_spool mig_spool;
mig_spool *mig_spool_new(mig_cx *cx); /* cx's */
/* Take all rows that the statement still has, and reset it.  After an error,
** mig_spool_next() gives the rows before it, and then the error once more. */
void mig_spool_fill(mig_cx *cx, mig_spool *s, sqlite3_stmt *st);
/* Go to the next row; 0 behind the last one. */
int mig_spool_next(mig_cx *cx, mig_spool *s);
/* The row's next column, from the first to the last; its text lasts until the
** next row. */
void mig_spool_cell(mig_spool *s, mig_cell *out);

/* ---- databases attached by a user (attach.c) ---- */

/* Before a user's statement: may it attach or detach, if that is what it does?
** Notes what it attaches. */
void mig_attach_check(mig_cx *cx, const mig_db *db, mig_span sql);
/* Detach them, also after an error.  What cannot be, because of an interrupt or
** of the statement that called us, is tried again by the next call; cx's error,
** if there is one, says so. */
void mig_attach_end(mig_cx *cx, const mig_db *db, mig_guests *g);

/* ---- a private database (scratch.c) ---- */

/* An empty one in memory, cx's; it stands in for functions and collations that
** it does not know.  NULL on error. */
sqlite3 *mig_scratch_open(mig_cx *cx);
/* Run one statement there.  0, with the name in *module, when it makes a
** virtual table of a module that is missing; 0 with an error. */
int mig_scratch_exec(mig_cx *cx, const mig_db *db, const char *sql,
                     const char **module);
/* Note such a table in the schema; `sql` as SQLite would keep it. */
void mig_scratch_note(mig_cx *cx, const mig_db *db, const char *name,
                      const char *sql);

/* ---- a copy of all pages (backup.c) ---- */

typedef struct mig_backup mig_backup;
struct mig_backup {
  /* Between two pieces, with the pages done of all; may fail, which ends it. */
  void (*watch)(mig_cx *cx, void *arg, int done, int pages);
  /* Somebody's lock is in the way, and `ms` were waited for it: is there time
  ** for more?  May fail.  Where it is NULL a lock is an error at once. */
  int (*wait)(mig_cx *cx, void *arg, int ms);
  void *arg;
  /* The transaction that `from` has open for writing has written nothing yet */
  int unwritten;
};
/*
** Make `to` the same as `from`, by SQLite's online backup.  It is what `from`'s
** connection sees, also what is not committed; inside a transaction that
** writes it goes through memory as a whole, from SQLite 3.39 on.  When another
** connection writes meanwhile it begins anew, and holds writers off in the end.
** What `to` held is gone, also after an error; `to` must have no statement or
** transaction under way.  `o` may be NULL.  Errors are as mig_fail_private()'s.
*/
void mig_backup_copy(mig_cx *cx, const mig_db *from, const mig_db *to,
                     const mig_backup *o);
/* What PRAGMA quick_check finds first, or NULL; `stop` is asked now and then.
 */
char *mig_backup_check(mig_cx *cx, const mig_db *db, int (*stop)(void *),
                       void *arg);
/* Move an error of a database that is not the host's: with some of its codes
** SQLite would roll the host's transaction back
*(https://sqlite.org/rescode.html).
*/
void mig_fail_private(mig_cx *to, mig_cx *from);

/* ---- changing (exec.c) ---- */

/* Run all statements of the text made from fmt, which are ours. */
void mig_exec(mig_cx *cx, const mig_db *db, const char *fmt, ...);

/* The journal mode of a schema, as text of cx.  Asking for it counts as
** writing. */
char *mig_exec_journal(mig_cx *cx, const mig_db *db, const char *schema);

/*
** VACUUM on a connection of its own, for the host's has a statement running.
** `stop` is asked now and then, and at each lock `wait` with how often before:
** 0 goes on there, and gives up here.  A database without a file is vacuumed
*only
** where no statement runs on its connection: a replica.  Functions and
*collations of the host's are not known there.
** (vacuum.c)
*/
void mig_exec_vacuum(mig_cx *cx, const mig_db *db, const char *schema,
                     int (*stop)(void *), int (*wait)(void *, int), void *arg);

/*
** Step a statement: is there a row?  One that writes fails outside of a
** transaction: SQLite has rolled it back by itself.
*/
int mig_exec_step(mig_cx *cx, sqlite3_stmt *st);
/* Step to the end, then reset and clear the bindings. */
void mig_exec_done(mig_cx *cx, const mig_db *db, sqlite3_stmt *st);
/* mig_cell_bind() for a statement that writes (tape.c). */
void mig_exec_bind(mig_cx *cx, const mig_db *db, sqlite3_stmt *st, int i,
                   const mig_cell *c, int lasting);
/* Fail unless a transaction is open. */
void mig_exec_alive(mig_cx *cx, sqlite3 *h);

/*
** The script that is written meanwhile, where db->tape is one; without it these
** do nothing (tape.c).
*/
/* A statement has run. */
void mig_tape_note(mig_cx *cx, const mig_db *db, sqlite3_stmt *st);
/* Add text of ours, and a line's end. */
void mig_tape_add(mig_cx *cx, const mig_db *db, const char *fmt, ...);
/* What runs from now on is not for the script (1), is again (0); nests. */
void mig_tape_hold(const mig_db *db, int on);
/* How much there is, and back to it: what came since was undone. */
mig_tape_at mig_tape_mark(const mig_db *db);
void mig_tape_back(const mig_db *db, mig_tape_at mark);
/* Statements that write to sqlite_schema.  A script cannot leave defensive
** mode, so it fails on a connection that is in it. */
void mig_tape_rewrite(mig_cx *cx, const mig_db *db, const char *sql);
/* The first and the last lines inside of a transaction. */
void mig_tape_begin(mig_cx *cx, const mig_db *db);
void mig_tape_end(mig_cx *cx, const mig_db *db);
/* The script must fail where the expression is not true.  `column` says what
** of: begin, rows. */
void mig_tape_prove(mig_cx *cx, const mig_db *db, const char *column,
                    const char *expr);
/* Before and after a user's statement is prepared: fail when a script cannot do
** it. */
void mig_tape_watch(mig_tape *t);
void mig_tape_refuse(mig_cx *cx, const mig_db *db, sqlite3_stmt *st);

/*
** Rolling back without memory.  Once an allocation of SQLite's own has failed,
** it prepares nothing until the statement that called us has ended; what was
** prepared before still runs, unless it has expired since, as it does with
** CREATE INDEX, ANALYZE and any change of the TEMP schema.  So it is prepared
** before the first change, and anew after each statement that may expire it.
*/
void mig_undo_arm(mig_cx *cx, const mig_db *db);
int mig_undo_run(const mig_db *db); /* is it rolled back? */
void mig_undo_end(const mig_db *db);

/*
** What a user's statements get their parameters from.  `bind` is called for
** each statement that has any, and may fail.
*/
typedef struct mig_binder mig_binder;
struct mig_binder {
  void (*bind)(mig_cx *cx, mig_binder *b, sqlite3_stmt *st);
};

/*
** Prepare the first statement of a user's text, which must have a NUL at
** sql.p[sql.n] and none before it.  Refuses what mig_sql_refusal() refuses.
** *tail is what follows.  The statement is cx's.  NULL, without an error, when
** nothing but space and comments is left.
*/
sqlite3_stmt *mig_exec_prepare(mig_cx *cx, const mig_db *db, mig_span sql,
                               mig_span *tail);

/*
** Run a user's statements one after another; `b` may be NULL.  On error
** *at is the byte offset at which the failing statement begins.
*/
void mig_exec_script(mig_cx *cx, const mig_db *db, mig_span sql, mig_binder *b,
                     int *at);
#endif
