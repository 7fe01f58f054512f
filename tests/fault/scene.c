/*
** tests/fault/scene.c - the scenes, and what a database is found to hold.
**
** Pages and cache are small, so that pages are written, and journals synced,
** long before the commit.
*/
#include "tests/fault/scene.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *scene_library;
int stage_wrongs, stage_unsynced;

const struct journal journals[] = {
    {"delete", "PRAGMA journal_mode=delete; PRAGMA synchronous=full", 1, 0},
    {"extra", "PRAGMA journal_mode=delete; PRAGMA synchronous=extra", 0, 0},
    {"truncate", "PRAGMA journal_mode=truncate; PRAGMA synchronous=full", 0, 0},
    {"persist", "PRAGMA journal_mode=persist; PRAGMA synchronous=full", 0, 0},
    {"wal", "PRAGMA journal_mode=wal; PRAGMA synchronous=full", 0, 1},
    {"wal-normal",
     "PRAGMA journal_mode=wal; PRAGMA synchronous=normal; PRAGMA "
     "wal_autocheckpoint=20",
     -1, 1},
    {0}};

static const char setup[] =
    "PRAGMA page_size=512;"
    "CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT);"
    "INSERT INTO p VALUES (1, 'one'), (2, 'two');"
    "CREATE TABLE bystander(x);"
    "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT,"
    " c REFERENCES p, z, UNIQUE (b), CHECK (a > -1));"
    "CREATE INDEX i ON t(a) WHERE a > 5;"
    "CREATE VIEW v AS SELECT a, b FROM t;"
    "CREATE TRIGGER r AFTER DELETE ON t BEGIN"
    " INSERT INTO bystander VALUES (old.a); END;"
    "CREATE TABLE child(x REFERENCES t ON DELETE CASCADE);"
    "CREATE TABLE pair(k TEXT, v INT, PRIMARY KEY (k)) WITHOUT ROWID;"
    "CREATE TABLE counted(op TEXT);"
    "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
    " INSERT INTO t(a, b, c) SELECT i, 'text number ' || i, 1 + i % 2 FROM n;"
    "INSERT INTO child SELECT id FROM t LIMIT 9;"
    "INSERT INTO child VALUES (777);" /* an orphan, there before */
    "INSERT INTO pair SELECT b, a FROM t LIMIT 12;"
    "ANALYZE;";

/* Named by their first letter; each stands on the one before it in a scene. */
static const char *const revisions[] = {
    /* SQLite's own ALTER TABLE */
    "function upgrade()\n"
    "  op.alter_column('t', 'b', {name = 'bb'}) op.drop_column('t', 'z')\n"
    "  op.add_column('t', 'k INT DEFAULT 3') op.rename_table('child', 'kid')\n"
    "  op.create_table('n', 'id INTEGER PRIMARY KEY', 't INT REFERENCES t')\n"
    "  op.create_index('ni', 'n', {'t'})\n"
    "  op.execute('INSERT INTO n(t) SELECT id FROM t WHERE a % 3 = 0')\n"
    "  op.execute(\"INSERT INTO counted VALUES ('native')\")\n"
    "end\n"
    "function downgrade()\n"
    "  op.execute(\"INSERT INTO counted VALUES ('native back')\")\n"
    "  op.drop_table('n') op.rename_table('kid', 'child')\n"
    "  op.drop_column('t', 'k') op.add_column('t', 'z')\n"
    "  op.alter_column('t', 'bb', {name = 'b'})\n"
    "end\n",
    /* the text of the schema edited */
    "function upgrade()\n"
    "  op.alter_column('t', 'a', {nullable = false, default = 7})\n"
    "  op.create_check_constraint('ck', 'pair', 'v <> 999')\n"
    "  op.create_foreign_key('fk', 'pair', 't', 'v', 'id')\n"
    "  op.drop_constraint('pair', 'fk')\n"
    "  op.execute(\"INSERT INTO counted VALUES ('edited')\")\n"
    "end\n"
    "function downgrade()\n"
    "  op.execute(\"INSERT INTO counted VALUES ('edited back')\")\n"
    "  op.drop_constraint('pair', 'ck')\n"
    "  op.alter_column('t', 'a', {nullable = true, default = null})\n"
    "end\n",
    /* rebuilt, and data */
    "function upgrade()\n"
    "  op.batch_alter_table('t', function(t)\n"
    "    t.alter_column('a', {type = 'TEXT'}) t.create_index('j', {'a'})\n"
    "    t.add_column('len INT', {after = 'id'})\n"
    "  end)\n"
    "  op.alter_column('pair', 'v', {type = 'TEXT'})\n"
    "  op.backfill{table = 't', columns = {'len'}, from = {'a'}, chunk = 7,\n"
    "    with = function(a) return #a * 100 end}\n"
    "  local rows = {}\n"
    "  for i = 1, 25 do rows[i] = {k = 'new ' .. i, v = i} end\n"
    "  op.bulk_insert('pair', rows)\n"
    "  op.execute(\"INSERT INTO counted VALUES ('rebuilt')\")\n"
    "end\n"
    "function downgrade()\n"
    "  op.execute(\"INSERT INTO counted VALUES ('rebuilt back')\")\n"
    "  op.execute(\"DELETE FROM pair WHERE k LIKE 'new %'\")\n"
    "  op.alter_column('pair', 'v', {type = 'INT'})\n"
    "  op.batch_alter_table('t', function(t)\n"
    "    t.drop_index('j') t.drop_column('len')\n"
    "    t.alter_column('a', {type = 'INT'})\n"
    "  end)\n"
    "end\n",
    /* op by op */
    "transactional = false\n"
    "function upgrade()\n"
    "  op.add_column('t', 'n INT DEFAULT 0')\n"
    "  op.backfill{table = 't', columns = {'n'}, chunk = 9,\n"
    "    with = function(n) return n + 1 end}\n"
    "  op.execute(\"UPDATE t SET n = n + 10; INSERT INTO counted VALUES"
    " ('ten')\")\n"
    "  pcall(op.execute, 'INSERT INTO p VALUES (1)')\n"
    "  op.alter_column('t', 'c', {type = 'TEXT'})\n"
    "  op.execute('VACUUM')\n"
    "  op.create_check_constraint('ckn', 't', 'n > 0')\n"
    "  op.execute(\"INSERT INTO counted VALUES ('long')\")\n"
    "end\n"
    "function downgrade()\n"
    "  op.drop_constraint('t', 'ckn')\n"
    "  op.execute(\"INSERT INTO counted VALUES ('long back')\")\n"
    "  op.drop_column('t', 'n')\n"
    "  op.alter_column('t', 'c', {type = ''})\n"
    "end\n",
    /* another journal mode, and back */
    "transactional = false\n"
    "function upgrade()\n"
    "  op.execute(\"INSERT INTO counted VALUES ('to wal')\")\n"
    "  op.execute('PRAGMA journal_mode=WAL')\n"
    "  op.execute(\"INSERT INTO counted VALUES ('in wal')\")\n"
    "  op.execute('PRAGMA journal_mode=DELETE')\n"
    "  op.execute(\"INSERT INTO counted VALUES ('from wal')\")\n"
    "end\n",
    /* two files */
    "function upgrade()\n"
    "  op.execute(\"ATTACH '\" .. args.other .. \"' AS other\")\n"
    "  op.execute(\"INSERT INTO other.far SELECT b FROM t LIMIT 20\")\n"
    "  op.execute(\"INSERT INTO counted SELECT 'far ' || count(*) FROM"
    " other.far\")\n"
    "  op.alter_column('t', 'a', {type = 'TEXT'})\n"
    "end\n",
    /* new b-trees, rows transferred and copied, of which indexes are kept */
    "function upgrade()\n"
    "  op.create_index('pi', 'pair', {'v'})\n"
    "  op.batch_alter_table('t', function() end, {recreate = 'always'})\n"
    "  op.alter_column('t', 'c', {type = 'TEXT'})\n"
    "  op.add_column('pair', 'n INT DEFAULT 1', {before = 'v'})\n"
    "  op.alter_column('t', 'b', {collate = 'NOCASE'})\n"
    "  op.execute(\"INSERT INTO counted VALUES ('swapped')\")\n"
    "end\n",
};
static const char letters[] = "nerlwfs";

#define UP "SELECT migrate_upgrade()"
#define DOWN "SELECT migrate_downgrade('base')"

const struct scene scenes[] = {
    {.name = "all", .revisions = "ner", .states = 2, .call = UP},
    {.name = "each",
     .revisions = "ner",
     .settings = "SELECT migrate_config('transaction', 'revision');"
                 "SELECT migrate_config('rebuild', 'copy')",
     .states = 4,
     .call = UP},
    {.name = "down",
     .revisions = "ner",
     .before = UP,
     .states = 2,
     .call = DOWN},
    {.name = "nested",
     .revisions = "ner",
     .inside = "BEGIN; INSERT INTO bystander VALUES ('the caller''s')",
     .states = 2,
     .call = UP},
    {.name = "long", .revisions = "nl", .call = UP},
    {.name = "longdown", .revisions = "nl", .before = UP, .call = DOWN},
    {.name = "resumed", .revisions = "nl", .resume = 6, .call = UP},
    /* with less, SQLite does not promise that a rollback journal outlives a
    ** power cut (https://sqlite.org/pragma.html#pragma_synchronous) */
    {.name = "mode",
     .revisions = "ew",
     .settings = "PRAGMA synchronous=full",
     .lag = 1,
     .call = UP},
    {.name = "swap", .revisions = "s", .states = 2, .call = UP},
    {.name = "files", .revisions = "f", .states = 2, .attach = 1, .call = UP},
    {0}};

/* ---- text ---- */

void text_add(struct text *t, const char *p, size_t n) {
  if (t->n + n + 1 > t->cap) {
    t->cap = (t->n + n + 1) * 2;
    t->p = realloc(t->p, t->cap);
    if (!t->p) abort();
  }
  if (n) memcpy(t->p + t->n, p, n);
  t->n += n;
  t->p[t->n] = 0;
}

void text_addz(struct text *t, const char *z) {
  if (z) text_add(t, z, strlen(z));
}

const char *text_z(const struct text *t) {
  return t->p ? t->p : "";
}

void text_free(struct text *t) {
  free(t->p);
  *t = (struct text){0};
}

/* ---- complaints ---- */

static char stage_place[300];

void stage_at(const char *fmt, ...) {
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(stage_place, sizeof stage_place, fmt, ap);
  va_end(ap);
}

const char *stage_where(void) {
  return stage_place;
}

void stage_wrong(const char *fmt, ...) {
  va_list ap;

  stage_wrongs++;
  if (stage_unsynced) return;
  printf("not ok - %s: ", stage_place);
  va_start(ap, fmt);
  vprintf(fmt, ap);
  va_end(ap);
  printf("\n");
}

void stage_differ(const char *want, const char *got) {
  size_t line = 0, i;

  if (stage_unsynced) return;
  for (i = 0; want[i] && want[i] == got[i]; i++)
    if (want[i] == '\n') line = i + 1;
  printf("  want %.*s\n  got  %.*s\n", (int)strcspn(want + line, "\n"),
         want + line, (int)strcspn(got + line, "\n"), got + line);
}

/* ---- statements ---- */

static char *text_copy(const char *z) {
  struct text t = {0};

  text_addz(&t, z ? z : "");
  text_add(&t, "", 0);
  return t.p;
}

static void run_error(sqlite3 *h, char **error) {
  free(*error);
  *error = text_copy(sqlite3_errmsg(h));
}

char *stage_run(sqlite3 *h, const char *sql, char **error) {
  sqlite3_stmt *st;
  char *value = NULL;
  int rc = SQLITE_OK;

  *error = NULL;
  while (!rc && *sql) {
    rc = sqlite3_prepare_v2(h, sql, -1, &st, &sql);
    if (rc) run_error(h, error);
    if (rc || !st) continue;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
      free(value);
      value = text_copy((const char *)sqlite3_column_text(st, 0));
    }
    if (rc != SQLITE_DONE) run_error(h, error);
    sqlite3_finalize(st);
    if (rc == SQLITE_DONE) rc = SQLITE_OK;
  }
  if (*error) free(value), value = NULL;
  return *error || value ? value : text_copy("");
}

/* All rows, each value with its type, one row a line. */
static void rows_add(struct text *out, sqlite3 *h, const char *sql,
                     char **error) {
  static const char *const types[] = {"", "i", "r", "t", "b", "n"};
  sqlite3_stmt *st = NULL;
  int rc, i;

  if (*error) return;
  rc = sqlite3_prepare_v2(h, sql, -1, &st, NULL);
  while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    for (i = 0; i < sqlite3_column_count(st); i++) {
      text_addz(out, types[sqlite3_column_type(st, i)]);
      text_addz(out, (const char *)sqlite3_column_text(st, i));
      text_addz(out, "|");
    }
    text_addz(out, "\n");
    rc = SQLITE_OK;
  }
  if (rc != SQLITE_DONE) run_error(h, error);
  sqlite3_finalize(st);
}

static void table_add(struct text *out, sqlite3 *h, const char *name, int rowid,
                      char **error) {
  /* not when it was, nor how long it took */
  const char *columns =
      strcmp(name, "_migrate_log")
          ? "*"
          : "id, revision, direction, checksum, source, known";
  char *sql = sqlite3_mprintf("SELECT %s%s FROM \"%w\"", rowid ? "rowid, " : "",
                              columns, name);

  text_addz(out, name);
  text_addz(out, "\n");
  if (sql) rows_add(out, h, sql, error);
  sqlite3_free(sql);
}

static void database_add(struct text *out, sqlite3 *h, char **error) {
  sqlite3_stmt *st = NULL;
  int rc;

  rows_add(out, h,
           "SELECT type, name, tbl_name, sql FROM sqlite_schema"
           " ORDER BY type, name",
           error);
  if (*error) return;
  rc = sqlite3_prepare_v2(
      h,
      "SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema ="
      " 'main' AND name <> 'sqlite_schema' ORDER BY name",
      -1, &st, NULL);
  if (rc) run_error(h, error);
  while (!*error && (rc = sqlite3_step(st)) == SQLITE_ROW)
    table_add(out, h, (const char *)sqlite3_column_text(st, 0),
              !sqlite3_column_int(st, 1), error);
  if (!*error && rc != SQLITE_DONE) run_error(h, error);
  sqlite3_finalize(st);
  rows_add(out, h, "PRAGMA foreign_key_check", error);
}

static char *file_path(const struct stage *s, const char *name) {
  struct text t = {0};

  text_addz(&t, s->dir);
  text_addz(&t, "/");
  text_addz(&t, name);
  return t.p;
}

/* The other file, on a connection of its own and through the same VFS. */
static void other_add(struct text *out, const struct stage *s, sqlite3 *h,
                      char **error) {
  sqlite3_vfs *vfs = NULL;
  sqlite3 *other = NULL;
  char *path = file_path(s, "other.db");

  sqlite3_file_control(h, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
  if (sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE,
                      vfs ? vfs->zName : NULL))
    run_error(other, error);
  else
    database_add(out, other, error);
  sqlite3_close(other);
  free(path);
}

char *stage_state(const struct stage *s, sqlite3 *h, char **error) {
  struct text t = {0};

  *error = NULL;
  database_add(&t, h, error);
  if (s->scene->attach && !*error) other_add(&t, s, h, error);
  if (*error) text_free(&t);
  return t.p;
}

int stage_find(const struct stage *s, const char *state, int from, int to) {
  int i;

  if (from < 0) from = 0;
  if (to >= s->nstate) to = s->nstate - 1;
  for (i = to; i >= from; i--)
    if (!strcmp(s->state[i], state)) return i;
  return -1;
}

char *stage_settings(sqlite3 *h) {
  static const int flags[] = {SQLITE_DBCONFIG_ENABLE_FKEY,
                              SQLITE_DBCONFIG_LEGACY_ALTER_TABLE,
                              SQLITE_DBCONFIG_WRITABLE_SCHEMA,
                              SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                              SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
                              SQLITE_DBCONFIG_DEFENSIVE,
                              SQLITE_DBCONFIG_ENABLE_TRIGGER,
                              SQLITE_DBCONFIG_ENABLE_VIEW,
                              SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                              SQLITE_DBCONFIG_DQS_DDL,
                              SQLITE_DBCONFIG_DQS_DML};
  struct text t = {0};
  char *error, *timeout = stage_run(h, "PRAGMA busy_timeout", &error);
  char z[32];
  size_t i;
  int now;

  for (i = 0; i < sizeof flags / sizeof *flags; i++) {
    sqlite3_db_config(h, flags[i], -1, &now);
    snprintf(z, sizeof z, "%d=%d ", flags[i], now);
    text_addz(&t, z);
  }
  text_addz(&t, "timeout ");
  text_addz(&t, timeout ? timeout : error);
  free(timeout);
  free(error);
  return t.p;
}

/* ---- a connection ---- */

/* A statement of ours that must succeed. */
static int stage_must(sqlite3 *h, const char *sql) {
  char *error, *value = stage_run(h, sql, &error);

  if (error) stage_wrong("%s; in: %.100s", error, sql);
  free(value);
  free(error);
  return !error;
}

/* The revisions, each on the one before. */
static int stage_register(const struct stage *s, sqlite3 *h) {
  const char *at = s->scene->revisions, *under = NULL;
  int ok = 1;

  for (; ok && *at; under = at++) {
    char *sql = sqlite3_mprintf(
        "SELECT migrate_register('-- Step %c\nrevision = \"step_%c\"\n"
        "down_revision = %s%.*s%s\n' || %Q, '%c.lua')",
        *at, *at, under ? "\"step_" : "nil", under != NULL, under,
        under ? "\"" : "", revisions[strchr(letters, *at) - letters], *at);
    ok = sql && stage_must(h, sql);
    sqlite3_free(sql);
  }
  return ok;
}

static int stage_configure(const struct stage *s, sqlite3 *h) {
  char *sql = sqlite3_mprintf(
      "%s;%s"
      "PRAGMA cache_size=10; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=3;"
      "PRAGMA legacy_alter_table=ON;"
      "SELECT migrate_config('progress', 'off');"
      "SELECT migrate_config('lock_timeout_ms', '3');"
      "SELECT migrate_config('allow_attach', 'on');"
      "SELECT migrate_config('arg.other', '%q/other.db');%s",
      s->journal->setup, stage_unsynced ? "PRAGMA synchronous=OFF;" : "",
      s->dir, s->scene->settings ? s->scene->settings : "");
  int ok = sql && stage_must(h, sql);

  sqlite3_free(sql);
  if (ok) sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  return ok && stage_register(s, h);
}

sqlite3 *stage_connect(const struct stage *s, const char *vfs) {
  sqlite3 *h = NULL;
  char *path = file_path(s, "app.db"), *err = NULL;
  int rc = sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                           vfs);

  free(path);
  if (!rc) sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (!rc) rc = sqlite3_load_extension(h, scene_library, NULL, &err);
  if (rc) stage_wrong("cannot open: %s", err ? err : sqlite3_errmsg(h));
  sqlite3_free(err);
  if (!rc && stage_configure(s, h)) return h;
  sqlite3_close(h);
  return NULL;
}

/* ---- a stage ---- */

static struct { /* the images after each commit, while the call runs */
  struct disk_image image[SCENE_STATES];
  int n;
} commits;

/* SQLite tells of a statement's begin and end. */
static int commits_trace(unsigned what, void *arg, void *st, void *text) {
  const char *sql = sqlite3_sql(st);

  (void)arg, (void)text;
  if (!sql || strcmp(sql, "COMMIT") != 0) return 0;
  if (what == SQLITE_TRACE_STMT) {
    disk_log.begun++;
    return 0;
  }
  disk_log.done++;
  if (commits.n < SCENE_STATES) disk_take(&commits.image[commits.n++]);
  return 0;
}

static void commits_free(void) {
  while (commits.n) disk_image_free(&commits.image[--commits.n]);
}

static void stage_add(struct stage *s, const struct disk_image *image) {
  sqlite3 *h;
  char *error = NULL;

  disk_write(image, s->dir);
  h = stage_connect(s, "unix");
  if (!h) return;
  s->state[s->nstate] = stage_state(s, h, &error);
  if (error) stage_wrong("cannot be read: %s", error);
  s->nstate += !error;
  sqlite3_close(h);
  free(error);
}

/* The database, made by plain SQLite on real files. */
static int stage_make(struct stage *s) {
  struct disk_image none = {0};
  char *path = file_path(s, "other.db");
  sqlite3 *h = NULL;
  int ok;

  disk_write(&none, s->dir);
  if (s->scene->attach) {
    sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                    "unix");
    ok = stage_must(h, "PRAGMA page_size=512; CREATE TABLE far(x)");
    sqlite3_close(h);
    if (!ok) return 0;
  }
  free(path);
  path = file_path(s, "app.db");
  sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix");
  ok = stage_must(h, setup);
  sqlite3_close(h);
  free(path);
  h = ok ? stage_connect(s, "unix") : NULL;
  if (!h) return 0;
  ok = !s->scene->before || stage_must(h, s->scene->before);
  sqlite3_close(h);
  disk_read(&s->image, s->dir);
  return ok;
}

/* Does the call commit as often as it should? */
static int stage_count(const struct stage *s) {
  int i, n = 1;

  for (i = 1; i < s->nstate; i++)
    n += strcmp(s->state[i], s->state[i - 1]) != 0;
  if (n > 1 && (!s->scene->states || n == s->scene->states)) return 1;
  stage_wrong("%d states can be found; it should be %d", n, s->scene->states);
  return 0;
}

/* The call, and what it commits.  Its events stay in the log. */
static int stage_play(struct stage *s) {
  sqlite3 *h;
  char *error = NULL;
  int i, ok;

  disk_load(&s->image);
  disk_log.on = 1;
  h = stage_connect(s, "disk");
  if (!h) return 0;
  sqlite3_trace_v2(h, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, commits_trace,
                   NULL);
  ok = !s->scene->inside || stage_must(h, s->scene->inside);
  if (s->scene->inside) s->inside = stage_state(s, h, &error);
  commits.n = disk_log.begun = disk_log.done = 0;
  s->first = disk_log.n;
  ok = ok && stage_must(h, s->scene->call) &&
       (!s->scene->inside || stage_must(h, "COMMIT"));
  disk_log.on = 0;
  sqlite3_close(h);
  stage_add(s, &s->image);
  for (i = 0; i < commits.n; i++) stage_add(s, &commits.image[i]);
  return ok && stage_count(s);
}

/* Begin where the call was cut off; it must come to the same end. */
static int stage_resume(struct stage *s) {
  int at = s->scene->resume, ok;
  char *end = s->state[s->nstate - 1];

  s->nstate--;
  while (s->nstate) free(s->state[--s->nstate]);
  disk_image_free(&s->image);
  s->image = commits.image[at - 1];
  commits.image[at - 1] = (struct disk_image){0};
  commits_free();
  disk_log_clear();
  ok = stage_play(s);
  if (ok && strcmp(end, s->state[s->nstate - 1]) != 0) {
    stage_wrong("gone on with, it comes to another end");
    stage_differ(end, s->state[s->nstate - 1]);
    ok = 0;
  }
  free(end);
  return ok;
}

int stage_open(struct stage *s, const struct scene *scene,
               const struct journal *journal, const char *dir) {
  int ok;

  *s = (struct stage){.scene = scene, .journal = journal, .dir = dir};
  stage_at("%s, %s", scene->name, journal->name);
  stage_forget();
  disk_log_clear();
  ok = stage_make(s) && stage_play(s);
  if (ok && scene->resume) ok = stage_resume(s);
  commits_free();
  if (!ok) stage_wrong("it does not run even when all is well");
  return ok;
}

int stage_lag(const struct stage *s) {
  int lag = s->journal->lag;

  return lag < 0 || lag > s->scene->lag ? lag : s->scene->lag;
}

void stage_close(struct stage *s) {
  while (s->nstate) free(s->state[--s->nstate]);
  free(s->inside);
  disk_image_free(&s->image);
  disk_log_clear();
}

/* ---- afterwards ---- */

#define KNOWN 65536
static struct {
  unsigned long long hash;
  int state; /* -1: found wrong */
} known[KNOWN];

void stage_forget(void) {
  memset(known, 0, sizeof known);
}

/* Sound, in a known state? */
static int check_state(struct stage *s, sqlite3 *h) {
  char *error, *state = stage_state(s, h, &error), *sound;
  int at = state ? stage_find(s, state, 0, s->nstate - 1) : -1;

  if (!state)
    stage_wrong("cannot be read afterwards: %s", error);
  else if (at < 0) {
    stage_wrong("neither as before nor as after");
    stage_differ(s->state[0], state);
    stage_differ(s->state[s->nstate - 1], state);
  }
  free(state);
  free(error);
  sound = at < 0 ? NULL : stage_run(h, "PRAGMA integrity_check", &error);
  if (at >= 0 && (!sound || strcmp(sound, "ok") != 0)) {
    stage_wrong("integrity_check: %s", sound ? sound : error);
    free(error);
    at = -1;
  }
  free(sound);
  return at;
}

/* Does the call end well from here? */
static int check_goes_on(struct stage *s, sqlite3 *h) {
  const char *last = s->state[s->nstate - 1];
  char *error, *value = NULL, *state;
  int ok = 0;

  if (!s->scene->inside || stage_must(h, s->scene->inside))
    value = stage_run(h, s->scene->call, &error);
  else
    return 0;
  if (!value)
    stage_wrong("and the next call fails: %s", error);
  else if (!s->scene->inside || stage_must(h, "COMMIT"))
    ok = 1;
  free(error);
  free(value);
  state = ok ? stage_state(s, h, &error) : NULL;
  if (state && strcmp(state, last) != 0) {
    stage_wrong("and the next call makes another database");
    stage_differ(last, state);
    ok = 0;
  }
  free(state);
  value = ok ? stage_run(h, "PRAGMA integrity_check", &error) : NULL;
  if (ok && (!value || strcmp(value, "ok") != 0)) {
    stage_wrong("and behind the next call: %s", value ? value : error);
    ok = 0;
  }
  free(value);
  return ok;
}

static int check_anew(struct stage *s, const struct disk_image *image) {
  sqlite3 *h;
  int at;

  disk_write(image, s->dir);
  h = stage_connect(s, "unix");
  if (!h) return -1;
  at = check_state(s, h);
  if (at >= 0 && !(s->scene->inside && at == s->nstate - 1))
    if (!check_goes_on(s, h)) at = -1;
  if (sqlite3_close(h)) stage_wrong("cannot be closed");
  return at;
}

int stage_check(struct stage *s, const struct disk_image *image, int from,
                int to) {
  unsigned long long hash = disk_hash(image);
  size_t i = hash % KNOWN;
  int at;

  if (known[i].hash == hash) {
    at = known[i].state;
    if (at < 0) stage_wrong("as was found before");
  } else {
    at = check_anew(s, image);
    known[i].hash = hash;
    known[i].state = at;
  }
  if (at < 0) return 0;
  /* two states may be one and the same */
  if (stage_find(s, s->state[at], from, to) >= 0) return 1;
  stage_wrong("%d of %d commits are there; it should be %d to %d", at,
              s->nstate - 1, from, to);
  return 0;
}
