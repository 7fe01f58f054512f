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

/* In the words of the host's function. */
static void bridge_fail(sqlite3_context *ctx, const mig_cx *cx, sqlite3 *host) {
  int rc = cx->rc & 0xff;

  if (rc == SQLITE_NOMEM) {
    sqlite3_result_error_nomem(ctx);
  } else if (rc) {
    sqlite3_result_error(ctx, sqlite3_errmsg(host), -1);
    if (rc == SQLITE_INTERRUPT) sqlite3_result_error_code(ctx, rc);
  }
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
  bridge_fail(ctx, cx, b->host);
  sqlite3_reset(st);
  if (!busy && cx->rc) {
    mig_cx_release(cx);
    b->st = NULL;
  }
  mig_cx_release(&own);
}

/* Is it a script's, or one of ours, of which the replica has its own? */
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

/* SQLite asks for a collation that it meets.  One that the host has not either
** stays unknown. */
static void replica_collation(void *host, sqlite3 *h, int encoding,
                              const char *name) {
  const mig_db db = {.h = host, .schema = "main"};
  replica_bridge *b = bridge_new(host, name);
  mig_cx own = {0};

  (void)encoding;
  mig_query(&own, &db, "SELECT '' COLLATE \"%w\" = ''", name);
  if (b && (own.rc || sqlite3_create_collation_v2(h, name, SQLITE_UTF8, b,
                                                  bridge_compare, bridge_free)))
    bridge_free(b); /* SQLite does so for functions only */
  mig_cx_release(&own);
}

/* ---- what else the host's connection is ---- */

static void replica_flags(sqlite3 *host, sqlite3 *h) {
  static const int flags[] = {SQLITE_DBCONFIG_ENABLE_FKEY,
                              SQLITE_DBCONFIG_ENABLE_TRIGGER,
                              SQLITE_DBCONFIG_ENABLE_VIEW,
                              SQLITE_DBCONFIG_DEFENSIVE,
                              SQLITE_DBCONFIG_LEGACY_ALTER_TABLE,
                              SQLITE_DBCONFIG_LEGACY_FILE_FORMAT,
                              SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                              SQLITE_DBCONFIG_DQS_DDL,
                              SQLITE_DBCONFIG_DQS_DML};
  size_t i;
  int value;

  for (i = 0; i < sizeof flags / sizeof *flags; i++) {
    value = 0;
    if (!sqlite3_db_config(host, flags[i], -1, &value))
      sqlite3_db_config(h, flags[i], value, NULL);
  }
  for (value = 0; value <= SQLITE_LIMIT_WORKER_THREADS; value++)
    sqlite3_limit(h, value, sqlite3_limit(host, value, -1));
}

/* The encoding is fixed by the first statement that looks at a schema. */
static void replica_pragmas(mig_cx *cx, const mig_db *from, const mig_db *to) {
  static const char *const names[] = {"encoding", "recursive_triggers",
                                      "ignore_check_constraints",
                                      "cell_size_check"};
  size_t i;

  for (i = 0; i < sizeof names / sizeof *names && !cx->rc; i++) {
    char *value = mig_query_text(cx, from, "PRAGMA %s", names[i]);
    if (value) mig_exec(cx, to, "PRAGMA %s = %Q", names[i], value);
  }
}

/* ---- the connection ---- */

static sqlite3 *replica_open(mig_cx *cx, const char *file) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                    (*file ? 0 : SQLITE_OPEN_URI);

  return mig_db_open(cx, file, flags, NULL,
                     *file ? file : "a private database");
}

sqlite3 *mig_replica_open(mig_cx *cx, const mig_conn *c, const char *file) {
  const mig_db host = {.h = c->h, .schema = "main"};
  sqlite3 *h = replica_open(cx, file);
  const mig_db db = {.h = h, .schema = "main"};

  if (!h) return NULL;
  replica_flags(c->h, h);
  replica_pragmas(cx, &host, &db);
  sqlite3_collation_needed(h, c->h, replica_collation);
  replica_functions(cx, c, h);
  return cx->rc ? NULL : h;
}

/* The probe of the host's connection fails while that is interrupted. */
static int replica_stopped(void *probe) {
  mig_cx own = {0};
  int stopped = !mig_row(&own, probe);

  sqlite3_reset(probe);
  mig_cx_release(&own);
  return stopped;
}

/* The names of a connection's databases; of TEMP, once there is something. */
static mig_list replica_schemas(mig_cx *cx, const mig_db *db) {
  sqlite3_stmt *st = mig_query(cx, db,
                               "SELECT name FROM pragma_database_list"
                               " WHERE name <> 'temp' OR EXISTS"
                               " (SELECT 1 FROM sqlite_temp_schema)");
  mig_list names = {0};

  while (mig_row(cx, st)) mig_list_add(cx, &names, mig_column(cx, st, 0));
  mig_stmt_end(cx, st);
  return names;
}

static void replica_attach(mig_cx *cx, const mig_conn *c, sqlite3 *h) {
  const mig_db from = {.h = c->h, .schema = "main"};
  const mig_db to = {.h = h, .schema = "main"};
  mig_list names = replica_schemas(cx, &from);
  int i;

  for (i = 0; i < names.n && !cx->rc; i++)
    if (strcmp(names.at[i], "main") && strcmp(names.at[i], "temp"))
      mig_exec(cx, &to, "ATTACH '' AS \"%w\"", names.at[i]);
}

static void replica_settings(mig_cx *cx, mig_conn *replica, const mig_conn *c) {
  const mig_value *v;

  for (v = c->values; v; v = v->next)
    if (strcmp(v->key, "on_progress") && strcmp(v->key, "backup"))
      mig_config_set(cx, replica, v->key, v->value);
}

/* Our own functions and tables; they hold the replica until h is closed. */
static void replica_equip(mig_cx *cx, mig_conn *replica) {
  int rc = cx->rc || !replica->equip ? SQLITE_OK
                                     : replica->equip(replica->h, replica);

  if (rc) mig_fail_db(cx, replica->h, rc, NULL);
}

mig_conn *mig_replica_new(mig_cx *cx, mig_conn *c) {
  const mig_db host = {.h = c->h, .schema = "main"};
  sqlite3_stmt *probe = mig_query(cx, &host, "SELECT 1");
  sqlite3 *h = mig_replica_open(cx, c, "");
  mig_conn *replica = cx->rc ? NULL : mig_conn_new(h, c->engines);

  if (cx->rc) return NULL;
  if (!replica) mig_fail_nomem(cx);
  replica = mig_own(cx, replica, mig_conn_unref);
  if (!replica) return NULL;
  replica->host = c->h;
  replica->equip = c->equip;
  replica->guests.copied = 1;
  replica->registered = c->registered;
  replica->registered_by_id = c->registered_by_id;
  replica->modules = c->modules;
  mig_db_watch(h, REPLICA_OPCODES, replica_stopped, probe);
  replica_settings(cx, replica, c);
  replica_equip(cx, replica);
  replica_attach(cx, c, h);
  return cx->rc ? NULL : replica;
}

void mig_replica_fill(mig_cx *cx, const mig_conn *replica,
                      const mig_backup *o) {
  mig_db from = {.h = replica->host, .schema = "main"};
  mig_db to = {.h = replica->h};
  mig_list names = replica_schemas(cx, &from);
  int i;

  for (i = 0; i < names.n && !cx->rc; i++) {
    from.schema = to.schema = names.at[i];
    mig_backup_copy(cx, &from, &to, o);
  }
}
