/* ext/store/function.c - functions that scripts give to SQL. */
#include "ext/store/store.h"

static void function_invoke(sqlite3_context *ctx, int argc,
                            sqlite3_value **argv) {
  mig_function *f = sqlite3_user_data(ctx);
  char *why;

  if (f->call) {
    f->call(f->self, ctx, argc, argv);
    return;
  }
  why = sqlite3_mprintf(
      "no such function: %s (the script that made it has ended)", f->name);
  if (why)
    sqlite3_result_error(ctx, why, -1);
  else
    sqlite3_result_error_nomem(ctx);
  sqlite3_free(why);
}

/* SQLite forgets one registration, at the latest when the connection closes. */
static void function_unref(void *p) {
  mig_function *f = p, **at;

  if (--f->nref > 0) return;
  for (at = &f->conn->functions; *at && *at != f;) at = &(*at)->next;
  if (*at) *at = f->next;
  mig_conn_unref(f->conn);
  sqlite3_free(f);
}

/* The function of that name that is ours, living or not. */
static mig_function *function_find(const mig_conn *c, const char *name) {
  mig_function *f = c->functions;

  while (f && sqlite3_stricmp(f->name, name)) f = f->next;
  return f;
}

static int function_add(mig_function *f, int argc) {
  int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;

  if (f->pure) flags |= SQLITE_DETERMINISTIC;
  f->nref++; /* SQLite gives it back also when it fails */
  return sqlite3_create_function_v2(f->conn->h, f->name, argc, flags, f,
                                    function_invoke, NULL, NULL,
                                    function_unref);
}

static mig_function *function_new(mig_cx *cx, mig_conn *c, const char *name,
                                  int pure) {
  size_t n = strlen(name) + 1;
  mig_function *f = sqlite3_malloc64(sizeof *f + n);
  int rc;

  if (!f) {
    mig_fail_nomem(cx);
    return NULL;
  }
  memset(f, 0, sizeof *f);
  memcpy(f->name, name, n);
  f->conn = c;
  f->pure = pure;
  f->next = c->functions;
  c->functions = f;
  c->nref++;
  rc = function_add(f, -1);
  mig_fail_db(cx, c->h, rc, NULL);
  return rc ? NULL : f;
}

/*
** SQLite knows it as one whose calls may be merged.  It cannot be told another
** thing of the same registration while a statement runs, but it prefers one
** that says how many arguments there are.
*/
static void function_taint(mig_cx *cx, mig_function *f) {
  int most = sqlite3_limit(f->conn->h, SQLITE_LIMIT_FUNCTION_ARG, -1), i, rc;

  f->pure = 0;
  for (i = 0; i <= most && !cx->rc; i++) {
    rc = function_add(f, i);
    mig_fail_db(cx, f->conn->h, rc, NULL);
  }
  if (cx->rc) f->pure = 1;
}

/* Has the host registered others beside ours?  SQLite prefers one that says how
** many arguments there are. */
static int function_shared(mig_cx *cx, const mig_db *db,
                           const mig_function *f) {
  mig_cx own = {0};
  sqlite3_int64 n = mig_query_int(&own, db, 0,
                                  "SELECT count(*) FROM pragma_function_list"
                                  " WHERE name = %Q COLLATE NOCASE",
                                  f->name);

  if (own.rc == SQLITE_NOMEM) mig_fail_nomem(cx);
  if (own.rc) n = f->nref; /* this SQLite cannot tell */
  mig_cx_release(&own);
  return n != f->nref;
}

int mig_function_exists(mig_cx *cx, mig_conn *c, const char *name) {
  mig_db db = {.h = c->h, .schema = "main"};
  const mig_function *f = function_find(c, name);
  mig_cx own = {0};
  const char *why;
  int none;

  if (cx->rc) return 0;
  if (f) return f->call || function_shared(cx, &db, f);
  mig_query(&own, &db, "SELECT %s()", name);
  why = mig_cx_message(&own);
  none = own.rc && strstr(why, "no such function");
  if (own.rc && strstr(why, "syntax error"))
    mig_fail(cx, SQLITE_ERROR,
             "%s() is no call in SQL, where it is a keyword; choose another "
             "name",
             name);
  if (own.rc == SQLITE_NOMEM) mig_fail_nomem(cx);
  mig_cx_release(&own);
  return !none && !cx->rc;
}

void mig_function_set(mig_cx *cx, mig_conn *c, const char *name, int pure,
                      void (*call)(void *, sqlite3_context *, int,
                                   sqlite3_value **),
                      void *self) {
  mig_function *f = function_find(c, name);

  if (cx->rc) return;
  if (!f) f = function_new(cx, c, name, pure);
  if (f && f->pure && !pure) function_taint(cx, f);
  if (cx->rc) return;
  f->call = call;
  f->self = self;
}

void mig_function_end(mig_conn *c, const void *self) {
  mig_function *f;

  for (f = c->functions; f; f = f->next)
    if (f->self == self) f->call = NULL;
}
