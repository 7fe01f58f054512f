/*
** ext/store/replica.c - the same project on a private connection.
**
** SQLite tells nobody where a connection's functions and collations are, so
** what the host has given it is called by a SELECT on the host's connection.
*/
#include "ext/store/store.h"

#define REPLICA_OPCODES                                                        \
  1000 /* of SQLite's between two looks for an interrupt */

/* What a function or a collation of the replica is on the host's connection. */
typedef struct replica_bridge replica_bridge;
struct replica_bridge {
  sqlite3 *host;
  mig_cx cx;        /* of the statement                         */
  sqlite3_stmt *st; /* that calls it; NULL: not prepared yet    */
  int argc;         /* ... with so many arguments               */
  char name[];
};

static void bridge_free(void *p) {
  replica_bridge *b = p;

  mig_cx_release(&b->cx);
  sqlite3_free(b);
}

static replica_bridge *bridge_new(sqlite3 *host, const char *name) {
  size_t n = strlen(name) + 1;
  replica_bridge *b = sqlite3_malloc64(sizeof *b + n);

  if (!b) return NULL;
  memset(b, 0, sizeof *b);
  b->host = host;
  memcpy(b->name, name, n);
  return b;
}

/* ---- functions ---- */

static char *bridge_call(mig_cx *cx, const char *name, int argc) {
  mig_buf b = {0};
  int i;

  mig_buf_addf(cx, &b, "SELECT \"%w\"(", name);
  for (i = 1; i <= argc; i++)
    mig_buf_addf(cx, &b, "%s?%d", i > 1 ? ", " : "", i);
  mig_buf_addz(cx, &b, ")");
  return mig_buf_take(cx, &b);
}

static void bridge_function(sqlite3_context *ctx, int argc,
                            sqlite3_value **argv) {
  replica_bridge *b = sqlite3_user_data(ctx);
  const mig_db db = {.h = b->host, .schema = "main"};
  mig_cx own = {0}; /* a function may call itself: then it has its own */
  int busy = b->st && sqlite3_stmt_busy(b->st), i;
  mig_cx *cx = busy ? &own : &b->cx;
  sqlite3_stmt *st = busy || b->argc != argc ? NULL : b->st;

  if (!st && !busy) mig_cx_release(cx);
  if (!st) st = mig_query(cx, &db, "%s", bridge_call(cx, b->name, argc));
  if (!busy) b->st = st, b->argc = argc;
  for (i = 0; i < argc && !cx->rc; i++)
    if (sqlite3_bind_value(st, i + 1, argv[i])) mig_fail_nomem(cx);
  if (mig_row(cx, st)) sqlite3_result_value(ctx, sqlite3_column_value(st, 0));
  if (cx->rc == SQLITE_NOMEM)
    sqlite3_result_error_nomem(ctx);
  else if (cx->rc)
    sqlite3_result_error(ctx, mig_cx_message(cx), -1);
  sqlite3_reset(st);
  if (!busy && cx->rc) {
    mig_cx_release(cx);
    b->st = NULL;
  }
  mig_cx_release(&own);
}

/* Is it a script's, or one of ours, which runs are not to call? */
static int bridge_is_ours(const mig_conn *c, const char *name) {
  const mig_function *f = c->functions;

  while (f && sqlite3_stricmp(f->name, name)) f = f->next;
  return f || !sqlite3_strnicmp(name, "migrate_", 8);
}

static void replica_functions(mig_cx *cx, const mig_conn *c, sqlite3 *h) {
  const int keep = SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY | SQLITE_INNOCUOUS;
  const mig_db db = {.h = c->h, .schema = "main"};
  sqlite3_stmt *st = mig_query(cx, &db,
                               "SELECT name, narg, flags FROM"
                               " pragma_function_list WHERE NOT builtin AND"
                               " type = 's' GROUP BY 1, 2");

  while (mig_row(cx, st)) {
    const char *name = mig_column(cx, st, 0);
    int flags = SQLITE_UTF8 | (sqlite3_column_int(st, 2) & keep);
    replica_bridge *b;
    if (!name || bridge_is_ours(c, name)) continue;
    b = bridge_new(c->h, name);
    if (!b ||
        sqlite3_create_function_v2(h, name, sqlite3_column_int(st, 1), flags, b,
                                   bridge_function, NULL, NULL, bridge_free))
      mig_fail_nomem(cx);
  }
  mig_stmt_end(cx, st);
}

/* ---- collations ---- */

static int bridge_compare(void *self, int n, const void *p, int m,
                          const void *q) {
  replica_bridge *b = self;
  const mig_db db = {.h = b->host, .schema = "main"};
  int sign = memcmp(p, q, (size_t)(n < m ? n : m));

  if (!b->st)
    b->st =
        mig_query(&b->cx, &db,
                  "SELECT (?1 > ?2 COLLATE \"%w\") - (?1 < ?2 COLLATE \"%w\")",
                  b->name, b->name);
  if (!b->cx.rc && (sqlite3_bind_text(b->st, 1, p, n, SQLITE_STATIC) ||
                    sqlite3_bind_text(b->st, 2, q, m, SQLITE_STATIC)))
    mig_fail_nomem(&b->cx);
  if (mig_row(&b->cx, b->st)) {
    sign = sqlite3_column_int(b->st, 0);
    sqlite3_reset(b->st);
    return sign;
  }
  return sign ? sign : n - m; /* no order is asked for behind an error */
}

static void replica_collation(void *host, sqlite3 *h, int encoding,
                              const char *name) {
  replica_bridge *b = bridge_new(host, name);

  (void)encoding;
  if (b && sqlite3_create_collation_v2(h, name, SQLITE_UTF8, b, bridge_compare,
                                       bridge_free))
    bridge_free(b); /* SQLite does so for functions only */
}

/* ---- the connection ---- */

static void replica_close(void *h) {
  sqlite3_close_v2(h);
}

static sqlite3 *replica_open(mig_cx *cx) {
  sqlite3 *h = NULL;
  int rc;

  if (cx->rc) return NULL;
  rc = sqlite3_open_v2(
      "", &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
      NULL);
  if (!h) mig_fail_nomem(cx);
  if (h && rc) mig_fail_db(cx, h, rc, "a private database");
  return mig_own(cx, h, replica_close);
}

/* The probe of the host's connection fails while that is interrupted. */
static int replica_stopped(void *probe) {
  mig_cx own = {0};
  int stopped = !mig_row(&own, probe);

  sqlite3_reset(probe);
  mig_cx_release(&own);
  return stopped;
}

static void replica_attach(mig_cx *cx, const mig_conn *c, sqlite3 *h) {
  const mig_db from = {.h = c->h, .schema = "main"};
  const mig_db to = {.h = h, .schema = "main"};
  sqlite3_stmt *st = mig_query(cx, &from,
                               "SELECT name FROM pragma_database_list"
                               " WHERE name NOT IN ('main', 'temp')");

  while (mig_row(cx, st))
    mig_exec(cx, &to, "ATTACH '' AS \"%w\"", mig_column(cx, st, 0));
  mig_stmt_end(cx, st);
}

static void replica_settings(mig_cx *cx, mig_conn *replica, const mig_conn *c) {
  const mig_value *v;

  for (v = c->values; v; v = v->next)
    if (strcmp(v->key, "on_progress") && strcmp(v->key, "backup"))
      mig_config_set(cx, replica, v->key, v->value);
}

mig_conn *mig_replica_new(mig_cx *cx, mig_conn *c) {
  const mig_db host = {.h = c->h, .schema = "main"};
  sqlite3_stmt *probe = mig_query(cx, &host, "SELECT 1");
  sqlite3 *h = replica_open(cx);
  mig_conn *replica = cx->rc ? NULL : mig_conn_new(h, c->engines);

  if (cx->rc) return NULL;
  if (!replica) mig_fail_nomem(cx);
  replica = mig_own(cx, replica, mig_conn_unref);
  if (!replica) return NULL;
  replica->host = c->h;
  replica->registered = c->registered;
  replica->registered_by_id = c->registered_by_id;
  replica->modules = c->modules;
  replica_settings(cx, replica, c);
  sqlite3_collation_needed(h, c->h, replica_collation);
  sqlite3_progress_handler(h, REPLICA_OPCODES, replica_stopped, probe);
  replica_functions(cx, c, h);
  replica_attach(cx, c, h);
  return cx->rc ? NULL : replica;
}

void mig_replica_fill(mig_cx *cx, const mig_conn *replica,
                      const mig_backup *o) {
  mig_db from = {.h = replica->host}, to = {.h = replica->h};
  sqlite3_stmt *st = mig_query(cx, &to,
                               "SELECT name FROM pragma_database_list"
                               " WHERE name <> 'temp'");
  mig_list names = {0};
  int i;

  while (mig_row(cx, st)) mig_list_add(cx, &names, mig_column(cx, st, 0));
  mig_stmt_end(cx, st);
  for (i = 0; i < names.n && !cx->rc; i++) {
    from.schema = to.schema = names.at[i];
    mig_backup_copy(cx, &from, &to, o);
  }
}
