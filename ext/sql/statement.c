/*
** ext/sql/statement.c - what a revision may not run, told by its first words.
**
** SQLite reads over semicolons before a statement, so this does too.
*/
#include "ext/sql/sql.h"

#define ENDS_IT "migrate opens and ends the transaction itself; leave it out"

#define NOT_INSIDE                                                             \
  ", outside of any transaction of the caller's; with transactional = false, " \
  "in env.lua, which runs each time"

/* Statements refused by their first word. */
static const struct {
  char word[10];
  const char *why;
} statement_refused[] = {
    {"BEGIN", "BEGIN: " ENDS_IT},
    {"COMMIT", "COMMIT: " ENDS_IT},
    {"END", "END: " ENDS_IT},
    {"ROLLBACK", "ROLLBACK: migrate opens and ends the transaction itself; to "
                 "give up, raise an error"},
    {"SAVEPOINT", "SAVEPOINT: " ENDS_IT},
    {"RELEASE", "RELEASE: " ENDS_IT},
    {"ATTACH", "ATTACH: attach it before the migration is called, or allow it "
               "with migrate_config('allow_attach', 'on')" NOT_INSIDE},
    {"DETACH", "DETACH: detach it after the migration; what a migration has "
               "attached it may detach, with migrate_config('allow_attach', "
               "'on')" NOT_INSIDE},
    {"VACUUM", "VACUUM: it cannot run in a transaction; it can in a revision "
               "with transactional = false, as an op.execute of its own (and "
               "VACUUM INTO in none)"},
};

/*
** Pragmas that take a value or an argument.  What is not here belongs to the
** host's connection, which a revision leaves as it is.
*/
static const struct {
  char name[20];
  const char *why;
} statement_pragmas[] = {
    {"foreign_keys",
     "PRAGMA foreign_keys: foreign keys are not enforced while a migration "
     "runs and are checked before the commit; leave it out"},
    {"defer_foreign_keys",
     "PRAGMA defer_foreign_keys: foreign keys are not enforced while a "
     "migration runs and are checked before the commit; leave it out"},
    {"journal_mode",
     "PRAGMA journal_mode: it cannot change in a transaction; it can in a "
     "revision with transactional = false, as an op.execute of its own"},
    {"busy_timeout",
     "PRAGMA busy_timeout: it belongs to the program that opened the "
     "database; leave it out, or set lock_timeout_ms with migrate_config()"},
    /* kept in the database file, or undone with the transaction */
    {"application_id", NULL},
    {"incremental_vacuum", NULL},
    {"user_version", NULL},
    /* asked, not set */
    {"foreign_key_check", NULL},
    {"foreign_key_list", NULL},
    {"index_info", NULL},
    {"index_list", NULL},
    {"index_xinfo", NULL},
    {"integrity_check", NULL},
    {"optimize", NULL},
    {"quick_check", NULL},
    {"table_info", NULL},
    {"table_list", NULL},
    {"table_xinfo", NULL},
};

/* Is the token this name, bare or in any quotes? */
static int statement_names(mig_token t, const char *name) {
  mig_span s = t.s;

  if (t.type == MIG_TK_QUOTED || t.type == MIG_TK_STRING) {
    s.p++;
    s.n -= 2;
  } else if (t.type != MIG_TK_ID) {
    return 0;
  }
  return (size_t)s.n == strlen(name) && !sqlite3_strnicmp(s.p, name, s.n);
}

/* `rest` is what follows PRAGMA: [schema.]name, then a value or none. */
static const char *statement_pragma(mig_span rest) {
  mig_token name = mig_token_next(&rest), then = mig_token_next(&rest);
  size_t i;

  if (mig_token_is(then, ".")) {
    name = mig_token_next(&rest);
    then = mig_token_next(&rest);
  }
  if (!mig_token_is(then, "=") && !mig_token_is(then, "(")) return NULL;
  for (i = 0; i < sizeof statement_pragmas / sizeof *statement_pragmas; i++)
    if (statement_names(name, statement_pragmas[i].name))
      return statement_pragmas[i].why;
  return "this PRAGMA: it sets the connection, which belongs to the program "
         "that opened the database; leave it out";
}

const char *mig_sql_refusal(mig_span statement, int attach) {
  mig_span rest = statement;
  mig_token t;
  size_t i;

  do t = mig_token_next(&rest);
  while (mig_token_is(t, ";"));
  if (mig_token_is(t, "EXPLAIN")) {
    t = mig_token_next(&rest);
    if (mig_token_is(t, "QUERY")) {
      mig_token_next(&rest);
      t = mig_token_next(&rest);
    }
  }
  if (mig_token_is(t, "PRAGMA")) return statement_pragma(rest);
  if (attach && mig_token_any(t, "ATTACH DETACH")) return NULL;
  for (i = 0; i < sizeof statement_refused / sizeof *statement_refused; i++)
    if (mig_token_is(t, statement_refused[i].word))
      return statement_refused[i].why;
  return NULL;
}

/* ---- statements one by one ---- */

/* Does CREATE [TEMP] TRIGGER begin here?  `rest` is what follows CREATE. */
static int statement_is_trigger(mig_span rest) {
  mig_token t = mig_token_next(&rest);

  if (mig_token_any(t, "TEMP TEMPORARY")) t = mig_token_next(&rest);
  return mig_token_is(t, "TRIGGER");
}

/*
** A trigger's statement ends at the semicolon behind an END that stands
** behind a semicolon, as in sqlite3_complete()
** (https://sqlite.org/c3ref/complete.html)
*/
mig_span mig_sql_cut(mig_span *rest) {
  int trigger = 0, behind = 0, ended = 0; /* a `;`; an END behind one */
  mig_span out;
  mig_token t;

  do t = mig_token_next(rest);
  while (mig_token_is(t, ";"));
  out = (mig_span){t.s.p, 0};
  for (; t.type != MIG_TK_END; t = mig_token_next(rest)) {
    if (!out.n && mig_token_is(t, "CREATE"))
      trigger = statement_is_trigger(*rest);
    out.n = (int)(t.s.p + t.s.n - out.p);
    if (mig_token_is(t, ";") && (!trigger || ended)) break;
    ended = behind && mig_token_is(t, "END");
    behind = mig_token_is(t, ";");
  }
  return out;
}

/* Nothing but semicolons and comments? */
static int statement_is_over(mig_span rest) {
  return mig_sql_cut(&rest).n == 0;
}

static int statement_is_name(mig_token t) {
  return t.type == MIG_TK_ID || t.type == MIG_TK_QUOTED ||
         t.type == MIG_TK_STRING;
}

/* [schema.]journal_mode = value, or (value) */
static int statement_aside_pragma(mig_span rest, mig_aside *out) {
  mig_token name = mig_token_next(&rest), then = mig_token_next(&rest);
  int parens;

  if (mig_token_is(then, ".")) {
    out->schema = name.s;
    name = mig_token_next(&rest);
    then = mig_token_next(&rest);
  }
  parens = mig_token_is(then, "(");
  if (!statement_names(name, "journal_mode") ||
      (!parens && !mig_token_is(then, "=")))
    return 0;
  then = mig_token_next(&rest);
  out->value = then.s;
  if (!statement_is_name(then)) return 0;
  if (parens && !mig_token_is(mig_token_next(&rest), ")")) return 0;
  return statement_is_over(rest);
}

int mig_sql_aside(mig_span sql, mig_aside *out) {
  mig_span one = mig_sql_cut(&sql), rest = one, ahead;
  mig_token t = mig_token_next(&rest);

  *out = (mig_aside){0};
  if (!statement_is_over(sql)) return 0;
  if (mig_token_is(t, "PRAGMA")) return statement_aside_pragma(rest, out);
  if (!mig_token_is(t, "VACUUM")) return 0;
  out->vacuum = 1;
  ahead = rest;
  t = mig_token_next(&ahead);
  if (statement_is_name(t) && !mig_token_is(t, "INTO")) {
    out->schema = t.s;
    rest = ahead;
  }
  return statement_is_over(rest);
}
