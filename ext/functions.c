/*
** ext/functions.c - the SQL functions: decode the arguments, call one thing,
** encode the result.
*/
#include "ext/door.h"
#include "ext/run/run.h"

typedef struct call call;
struct call {
  mig_cx cx;
  mig_conn *conn;
  sqlite3_context *ctx;
  const char *name; /* of the function, for messages */
  int argc;
  sqlite3_value **argv;
};

typedef struct function function;
struct function {
  char name[24];
  int least, most; /* number of arguments; -1: any         */
  int anywhere;    /* may a script call it, during a run?  */
  void (*run)(call *c);
};

static const char *type_name(int type) {
  static const char *const names[] = {"",     "an integer", "a real number",
                                      "text", "a blob",     "NULL"};
  return names[type];
}

/* Argument i as text; NULL when it was not given. */
static const char *call_text(call *c, int i, const char *what) {
  const char *z;
  int type = i < c->argc ? sqlite3_value_type(c->argv[i]) : SQLITE_NULL;

  if (c->cx.rc || type == SQLITE_NULL) return NULL;
  if (type != SQLITE_TEXT) {
    mig_fail(&c->cx, SQLITE_MISMATCH,
             "argument %d (%s) must be text, not %s; put it in quotes", i + 1,
             what, type_name(type));
    return NULL;
  }
  z = (const char *)sqlite3_value_text(c->argv[i]);
  if (!z)
    mig_fail_nomem(&c->cx);
  else if (strlen(z) != (size_t)sqlite3_value_bytes(c->argv[i]))
    mig_fail(&c->cx, SQLITE_MISMATCH, "argument %d (%s) has a NUL byte", i + 1,
             what);
  return z;
}

/* Argument i as text that must be given. */
static const char *call_required(call *c, int i, const char *what) {
  const char *z = call_text(c, i, what);

  if (!z && !c->cx.rc)
    mig_fail(&c->cx, SQLITE_MISMATCH,
             "argument %d (%s) is NULL; it must be text", i + 1, what);
  return z;
}

static void call_result(call *c, const char *z) {
  if (z)
    sqlite3_result_text(c->ctx, z, -1, SQLITE_TRANSIENT);
  else
    sqlite3_result_null(c->ctx);
}

static void do_version(call *c) {
  call_result(c, mig_printf(&c->cx, "migrate %s, %s, SQLite %s", MIG_VERSION,
                            mig_door_script_version(), sqlite3_libversion()));
}

static void do_help(call *c) {
  const char *name = call_text(c, 0, "name");

  call_result(c, mig_help(&c->cx, name));
}

static void do_config(call *c) {
  const char *key, *value;
  const mig_setting *s;
  mig_list all = {0};

  if (c->argc == 0) {
    for (s = mig_settings; s->key; s++)
      mig_list_add(&c->cx, &all, (void *)(uintptr_t)s->key);
    call_result(c, mig_list_join(&c->cx, &all, ", "));
    return;
  }
  key = call_required(c, 0, "key");
  value = call_text(c, 1, "value");
  if (key) mig_config_known(&c->cx, key);
  if (c->conn->running && c->argc == 2)
    mig_fail(&c->cx, SQLITE_ERROR, "a script cannot change settings");
  if (!c->cx.rc && c->argc == 2) mig_config_set(&c->cx, c->conn, key, value);
  if (!c->cx.rc) call_result(c, mig_config_get(c->conn, key));
}

static void do_init(call *c) {
  const char *dir = call_text(c, 0, "directory");

  call_result(c, mig_author_init(&c->cx, c->conn, dir));
  mig_adopt_offer(&c->cx, c->conn);
}

/* One of the options; what the JSON object said under `key`. */
static void option_set(call *c, mig_author_options *o, const char *key,
                       const char *value) {
  const struct {
    const char *key;
    const char **to;
  } known[] = {
      {"head", &o->head},
      {"splice", &o->splice},
      {"branch_label", &o->branch_label},
      {"depends_on", &o->depends_on},
      {"rev_id", &o->rev_id},
      {"format", &o->format},
  };
  size_t i;

  if (c->cx.rc) return;
  for (i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(known[i].key, key)) {
      *known[i].to = value;
      return;
    }
  mig_fail(&c->cx, SQLITE_ERROR,
           "no option named %s; there are head, splice, branch_label, "
           "depends_on, rev_id and format",
           key);
}

/* What the value of an option must be, for the error. */
static const char *option_type(const char *key) {
  if (!key || !strcmp(key, "splice")) return "true or false";
  return strcmp(key, "branch_label") && strcmp(key, "depends_on")
             ? "text"
             : "text, or a list of texts";
}

static void call_options(call *c, int i, mig_author_options *o) {
  const char *json = call_text(c, i, "options");
  mig_db db = {.h = c->conn->h, .schema = "main"};
  sqlite3_stmt *st;

  if (!json) return;
  if (!mig_query_int(&c->cx, &db, 0,
                     "SELECT CASE WHEN json_valid(%Q)"
                     " THEN json_type(%Q) = 'object' END",
                     json, json))
    mig_fail(&c->cx, SQLITE_ERROR,
             "options are a JSON object, such as '{\"format\": \"sql\"}'");
  /* a list of texts is a comma list; false is as if not given */
  st = mig_query(&c->cx, &db,
                 "SELECT key, CASE type WHEN 'array' THEN (SELECT"
                 " group_concat(value) FROM json_each(j.value)) WHEN 'false'"
                 " THEN NULL ELSE atom END, CASE WHEN key = 'splice' THEN"
                 " type IN ('true', 'false', 'null') WHEN type = 'array' THEN"
                 " key IN ('branch_label', 'depends_on') AND NOT EXISTS (SELECT"
                 " 1 FROM json_each(j.value) WHERE type <> 'text')"
                 " ELSE type IN ('text', 'null') END FROM json_each(%Q) AS j",
                 json);
  while (mig_row(&c->cx, st)) {
    const char *value = mig_column(&c->cx, st, 1);
    if (!sqlite3_column_int(st, 2) ||
        (value && strlen(value) != (size_t)sqlite3_column_bytes(st, 1)))
      mig_fail(&c->cx, SQLITE_ERROR, "option %s must be %s",
               mig_column(&c->cx, st, 0),
               option_type(mig_column(&c->cx, st, 0)));
    option_set(c, o, mig_column(&c->cx, st, 0), value);
  }
  mig_stmt_end(&c->cx, st);
}

static void do_revision(call *c) {
  const char *message = call_required(c, 0, "message");
  mig_author_options o = {0};

  call_options(c, 1, &o);
  if (message && !c->cx.rc)
    call_result(c, mig_author_revision(&c->cx, c->conn, message, &o));
}

static void do_autogenerate(call *c) {
  const char *message = call_required(c, 0, "message");
  mig_author_options o = {0};

  call_options(c, 1, &o);
  if (message && !c->cx.rc)
    call_result(c, mig_autogenerate(&c->cx, c->conn, message, &o));
}

static void do_check(call *c) {
  mig_check(&c->cx, c->conn);
  sqlite3_result_int(c->ctx, 0);
}

static void do_dump(call *c) {
  call_result(c, mig_dump(&c->cx, c->conn));
}

static void do_sql(call *c) {
  const char *range = call_text(c, 0, "range");

  call_result(c, mig_offline(&c->cx, c->conn, range));
}

static void do_merge(call *c) {
  const char *message = call_required(c, 0, "message");
  mig_author_options o = {.join = call_text(c, 1, "revisions")};

  if (!o.join) o.join = "heads";
  if (message && !c->cx.rc)
    call_result(c, mig_author_revision(&c->cx, c->conn, message, &o));
}

static void do_rebase(call *c) {
  const char *revision = call_required(c, 0, "revision");
  const char *onto = call_required(c, 1, "onto");

  if (!c->cx.rc)
    call_result(c, mig_author_rebase(&c->cx, c->conn, revision, onto));
}

static void do_rehearse(call *c) {
  const char *target = call_text(c, 0, "target");

  call_result(c, mig_run_rehearsal(&c->cx, c->conn, target));
}

static void do_upgrade(call *c) {
  const char *target = call_text(c, 0, "target");

  sqlite3_result_int(c->ctx, mig_run_upgrade(&c->cx, c->conn, target));
}

static void do_backup(call *c) {
  const char *path = call_required(c, 0, "path");

  if (!c->cx.rc)
    sqlite3_result_int64(c->ctx, mig_run_backup(&c->cx, c->conn, path));
}

static void do_downgrade(call *c) {
  const char *target = call_text(c, 0, "target");

  sqlite3_result_int(c->ctx, mig_run_downgrade(&c->cx, c->conn, target));
}

static void do_stamp(call *c) {
  const char *target = call_text(c, 0, "target");
  const char *purge = call_text(c, 1, "'purge'");

  if (purge && strcmp(purge, "purge"))
    mig_fail(&c->cx, SQLITE_ERROR,
             "argument 2 is 'purge' or not given, not '%s'", purge);
  sqlite3_result_int(c->ctx,
                     mig_run_stamp(&c->cx, c->conn, target, purge != NULL));
}

static void do_bless(call *c) {
  const char *revision = call_required(c, 0, "revision");

  if (!c->cx.rc) call_result(c, mig_run_bless(&c->cx, c->conn, revision));
}

static void do_run(call *c) {
  mig_call run = {.path = c->argc ? call_required(c, 0, "path") : NULL};

  if (!c->argc) mig_fail(&c->cx, SQLITE_ERROR, "argument 1 (path) is missing");
  if (c->cx.rc) return;
  run.argc = c->argc - 1;
  run.argv = c->argv + 1;
  run.result = c->ctx;
  mig_run_script(&c->cx, c->conn, &run);
}

static void do_register(call *c) {
  const char *source = call_required(c, 0, "source");
  const char *name = call_text(c, 1, "name");

  if (!c->cx.rc)
    call_result(c, mig_register(&c->cx, c->conn,
                                mig_span_z(source ? source : ""), name));
}

static void do_verify(call *c) {
  call_result(c, mig_verify(&c->cx, c->conn));
}

static const function functions[] = {
    {"migrate_autogenerate", 1, 2, 0, do_autogenerate},
    {"migrate_backup", 1, 1, 0, do_backup},
    {"migrate_bless", 1, 1, 0, do_bless},
    {"migrate_check", 0, 0, 0, do_check},
    {"migrate_config", 0, 2, 1, do_config},
    {"migrate_downgrade", 0, 1, 0, do_downgrade},
    {"migrate_dump", 0, 0, 0, do_dump},
    {"migrate_help", 0, 1, 1, do_help},
    {"migrate_init", 0, 1, 0, do_init},
    {"migrate_merge", 1, 2, 0, do_merge},
    {"migrate_rebase", 2, 2, 0, do_rebase},
    {"migrate_register", 1, 2, 0, do_register},
    {"migrate_rehearse", 0, 1, 0, do_rehearse},
    {"migrate_revision", 1, 2, 0, do_revision},
    {"migrate_run", -1, -1, 0, do_run},
    {"migrate_sql", 0, 1, 0, do_sql},
    {"migrate_stamp", 0, 2, 0, do_stamp},
    {"migrate_upgrade", 0, 1, 0, do_upgrade},
    {"migrate_verify", 0, 0, 0, do_verify},
    {"migrate_version", 0, 0, 1, do_version},
};
enum { NFUNCTION = sizeof functions / sizeof *functions };

typedef struct binding binding; /* what SQLite keeps for one function */
struct binding {
  const function *f;
  mig_conn *conn;
};

static void binding_free(void *p) {
  binding *b = p;

  mig_conn_unref(b->conn);
  sqlite3_free(b);
}

/*
** Does a statement that runs call it, by its own text?  Else the schema does:
** up to 3.40 at least, SQLite lets a CHECK call what is SQLITE_DIRECTONLY,
*unless
** that is deterministic too.  What keeps no text cannot be asked.
*/
static int function_is_direct(sqlite3 *h, const char *name) {
  sqlite3_stmt *st;

  for (st = sqlite3_next_stmt(h, NULL); st; st = sqlite3_next_stmt(h, st)) {
    const char *sql = sqlite3_stmt_busy(st) ? sqlite3_sql(st) : NULL;
    mig_calls calls = mig_calls_of(mig_span_z(sql ? sql : ""));
    if (!sql && sqlite3_stmt_busy(st)) return 1;
    while (mig_call_next(&calls))
      if (mig_sql_same(calls.name, name)) return 1;
  }
  return 0;
}

static void function_call(sqlite3_context *ctx, int argc,
                          sqlite3_value **argv) {
  binding *b = sqlite3_user_data(ctx);
  call c = {{0}, b->conn, ctx, b->f->name, argc, argv};

  if (!function_is_direct(b->conn->h, b->f->name))
    mig_fail(&c.cx, SQLITE_ERROR,
             "only a statement of your own may call it, not a CHECK or "
             "whatever else is in the schema");
  else if (b->conn->running && !b->f->anywhere)
    mig_fail(&c.cx, SQLITE_ERROR,
             "migrate is running on this connection already; a script cannot "
             "call it");
  else
    b->f->run(&c);
  mig_fail_in(&c.cx, "%s", c.name);
  if ((c.cx.rc & 0xff) == SQLITE_NOMEM) {
    sqlite3_result_error_nomem(ctx);
  } else if (c.cx.rc) {
    sqlite3_result_error(ctx, mig_cx_message(&c.cx), -1);
    sqlite3_result_error_code(ctx, c.cx.rc);
  }
  mig_cx_release(&c.cx);
}

static int function_register(sqlite3 *db, mig_conn *conn, const function *f,
                             int argc) {
  const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  binding *b = sqlite3_malloc64(sizeof *b);

  if (!b) return SQLITE_NOMEM;
  *b = (binding){f, conn};
  conn->nref++;
  return sqlite3_create_function_v2(db, f->name, argc, flags, b, function_call,
                                    NULL, NULL, binding_free);
}

int mig_functions_register(sqlite3 *db, mig_conn *conn) {
  int i, argc, rc = SQLITE_OK;

  for (i = 0; i < NFUNCTION; i++)
    for (argc = functions[i].least; !rc && argc <= functions[i].most; argc++)
      rc = function_register(db, conn, &functions[i], argc);
  return rc;
}

void mig_functions_unregister(sqlite3 *db) {
  int i, argc;

  for (i = 0; i < NFUNCTION; i++)
    for (argc = functions[i].least; argc <= functions[i].most; argc++)
      sqlite3_create_function_v2(db, functions[i].name, argc, SQLITE_UTF8, NULL,
                                 NULL, NULL, NULL, NULL);
}
