/* ext/store/settings.c - the settings of a connection: a table, get, set. */
#include "ext/store/store.h"
#include <stdlib.h>

static const char *check_text(const char *value) {
  return *value ? NULL : "it may not be empty";
}

static const char *check_transaction(const char *value) {
  if (!strcmp(value, "all") || !strcmp(value, "revision")) return NULL;
  return "it is 'all' or 'revision'";
}

/* A whole number of `lo` or more that fits 31 bits; NULL when it is. */
static const char *check_number(const char *value, int lo, const char *why) {
  char *end;
  long long n = strtoll(value, &end, 10);

  if (*value < '0' || *value > '9') return why; /* nor spaces, nor signs */
  return *end || n < lo || n > 2147483647 ? why : NULL;
}

static const char *check_count(const char *value) {
  return check_number(value, 0, "it is a whole number, 0 or more");
}

static const char *check_positive(const char *value) {
  return check_number(value, 1, "it is a whole number, 1 or more");
}

static const char *check_depth(const char *value) {
  const char *why = "it is a whole number from 100 to 190000";

  if (check_number(value, 100, why)) return why;
  return strtol(value, NULL, 10) > 190000 ? why : NULL;
}

static const char *check_switch(const char *value) {
  if (!strcmp(value, "on") || !strcmp(value, "off")) return NULL;
  return "it is 'on' or 'off'";
}

static const char *check_stored(const char *value) {
  if (!strcmp(value, "refuse") || !strcmp(value, "run")) return NULL;
  return "it is 'refuse' or 'run'";
}

static const char *check_rebuild(const char *value) {
  if (!strcmp(value, "swap") || !strcmp(value, "copy")) return NULL;
  return "it is 'swap' or 'copy'";
}

static const char *check_secure(const char *value) {
  if (!strcmp(value, "auto") || !strcmp(value, "on")) return NULL;
  return "it is 'auto' or 'on'";
}

static const char *check_progress(const char *value) {
  if (!strcmp(value, "auto")) return NULL;
  return check_switch(value) ? "it is 'auto', 'on' or 'off'" : NULL;
}

/* The name of an SQL function, or nothing. */
static const char *check_function(const char *value) {
  mig_token t = mig_token_at(mig_span_z(value));

  if (!*value || (t.type == MIG_TK_ID && t.s.n == (int)strlen(value)))
    return NULL;
  return "it is the name of an SQL function of one argument, or empty";
}

/* A file's name, or nothing, with parts that are filled in. */
static const char *check_backup(const char *value) {
  for (; *value; value++)
    if (*value == '%' && (!*++value || !strchr("YmdHMSr%", *value)))
      return "it is a file's name, in which there may be %Y, %m, %d, %H, %M "
             "and %S (the time, UTC), %r (the current revision, or base) and "
             "%%; or empty";
  return NULL;
}

const mig_setting mig_settings[] = {
    {"directory", "migrations",
     "where env.lua and versions/ are; the environment's MIGRATE_DIRECTORY "
     "comes before the default",
     check_text},
    {"schema", "main",
     "the database that is migrated: main, or an attached one", check_text},
    {"target", "schema.sql",
     "the schema that should be: files of CREATE statements (a comma list), or "
     "an attached database",
     check_text},
    {"transaction", "all",
     "all: one for the whole call; revision: one for each revision",
     check_transaction},
    {"lock_timeout_ms", "10000",
     "how long to wait for the database's lock, in milliseconds", check_count},
    {"backup", "",
     "a file that did not exist: a copy of the database is made there before "
     "the first step; with %Y%m%d%H%M%S the time, with %r the revision",
     check_backup},
    {"progress", "auto",
     "how far a run has come, on standard error; auto: when that is a terminal "
     "and a second has passed",
     check_progress},
    {"on_progress", "",
     "an SQL function that is told instead, with JSON; a true answer cancels",
     check_function},
    {"linear", "off", "on: a second head is an error", check_switch},
    {"lua_memory_mb", "64", "memory that scripts may use, in megabytes",
     check_positive},
    {"lua_seconds", "0",
     "time that one script may run, in seconds; 0: no limit", check_count},
    {"lua_depth", "10000", "how deeply a script's calls may be nested",
     check_depth},
    {"stored_scripts", "refuse",
     "run: a revision that is applied and has no script takes its text from "
     "_migrate_log",
     check_stored},
    {"rebuild", "swap",
     "swap: a new b-tree of a table keeps the indexes of what does not change; "
     "copy: every index is built anew",
     check_rebuild},
    {"secure_delete", "auto",
     "auto: pages of which all is in a table's new b-tree as well are "
     "overwritten only where PRAGMA secure_delete is not just the build's "
     "default; on: wherever it is on",
     check_secure},
    {"allow_attach", "off",
     "on: a script may ATTACH databases, and DETACH those", check_switch},
    {NULL, NULL, NULL, NULL}};

static int is_arg(const char *key) {
  return !strncmp(key, "arg.", 4) && key[4];
}

static const mig_setting *setting_find(const char *key) {
  const mig_setting *s;

  for (s = mig_settings; s->key && strcmp(s->key, key); s++) continue;
  return s->key ? s : NULL;
}

void mig_config_known(mig_cx *cx, const char *key) {
  mig_list keys = {0};
  const mig_setting *s;

  if (is_arg(key) || setting_find(key)) return;
  for (s = mig_settings; s->key; s++)
    mig_list_add(cx, &keys, (void *)(uintptr_t)s->key);
  mig_fail(cx, SQLITE_ERROR, "no setting named %s; there are %s and arg.NAME",
           key, mig_list_join(cx, &keys, ", "));
}

static mig_value **value_find(const mig_conn *c, const char *key) {
  mig_value **v = (mig_value **)(uintptr_t)&c->values;

  while (*v && strcmp((*v)->key, key)) v = &(*v)->next;
  return v;
}

const char *mig_config_get(const mig_conn *c, const char *key) {
  const mig_setting *s = setting_find(key);
  const mig_value *v = *value_find(c, key);
  const char *env = NULL;

  if (v) return v->value;
  if (!strcmp(key, "directory")) env = mig_os_env("MIGRATE_DIRECTORY");
  return env ? env : s ? s->dflt : NULL;
}

sqlite3_int64 mig_config_int(const mig_conn *c, const char *key) {
  const char *z = mig_config_get(c, key);

  return z ? strtoll(z, NULL, 10) : 0;
}

static void value_free(mig_value *v) {
  if (!v) return;
  sqlite3_free(v->key);
  sqlite3_free(v->value);
  sqlite3_free(v);
}

static mig_value *value_new(const char *key, const char *value) {
  mig_value *v = sqlite3_malloc64(sizeof *v);

  if (!v) return NULL;
  *v = (mig_value){sqlite3_mprintf("%s", key), sqlite3_mprintf("%s", value),
                   NULL};
  if (v->key && v->value) return v;
  value_free(v);
  return NULL;
}

void mig_config_set(mig_cx *cx, mig_conn *c, const char *key,
                    const char *value) {
  const mig_setting *s = setting_find(key);
  mig_value **at = value_find(c, key), *was = *at, *now = NULL;
  const char *why = s && value ? s->check(value) : NULL;

  mig_config_known(cx, key);
  if (why)
    mig_fail(cx, SQLITE_ERROR, "setting %s cannot be '%s': %s", key, value,
             why);
  if (cx->rc) return;
  if (value) {
    now = value_new(key, value);
    if (!now) {
      mig_fail_nomem(cx);
      return;
    }
    now->next = was ? was->next : NULL;
  }
  *at = now ? now : was ? was->next : NULL;
  value_free(was);
}

void mig_config_clear(mig_conn *c) {
  while (c->values) {
    mig_value *next = c->values->next;
    value_free(c->values);
    c->values = next;
  }
}
