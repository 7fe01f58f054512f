/*
** tests/hosts/builds.c - a SQLite that was built without parts of it hands them
** over as NULL; and a program may have two of it.
**
** usage: builds LIBRARY SQLITE DIRECTORY   SQLITE is a shared library, of which
**                                          a copy is the second
*/
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3ext.h> /* the table's type; compiled with -DSQLITE_CORE */

static int passed, failed;
static const sqlite3_api_routines *real;

static void check(const char *what, int ok, const char *said) {
  ok ? passed++ : failed++;
  if (!ok) printf("not ok - %s: %s\n", what, said ? said : "");
}

static int take_routines(sqlite3 *db, char **err,
                         const sqlite3_api_routines *api) {
  (void)db, (void)err;
  real = api;
  return SQLITE_OK;
}

/* The library's entry point, called as SQLite does. */
static int load(const char *library, sqlite3 *db, char **err,
                const sqlite3_api_routines *api, void **lib) {
  int (*init)(sqlite3 *, char **, const sqlite3_api_routines *) = NULL;

  *lib = dlopen(library, RTLD_NOW);
  if (*lib) *(void **)&init = dlsym(*lib, "sqlite3_migrate_init");
  return init ? init(db, err, api) : SQLITE_CANTOPEN;
}

static void run(sqlite3 *db, const char *sql) {
  char *err = NULL;

  sqlite3_exec(db, sql, NULL, NULL, &err);
  check(sql, !err, err);
  sqlite3_free(err);
}

/* Without progress callbacks: what watches connections of its own with them. */
static void without_progress(const char *library, const char *dir) {
  sqlite3_api_routines api = *real;
  char *file = sqlite3_mprintf("%s/progress.db", dir);
  char *backup = sqlite3_mprintf("SELECT migrate_backup('%q-backup')", file);
  sqlite3 *db = NULL;
  char *err = NULL;
  void *lib;

  api.progress_handler = NULL;
  sqlite3_open(file, &db);
  check("load without progress callbacks",
        load(library, db, &err, &api, &lib) == SQLITE_OK, err);
  run(db, "SELECT migrate_register('-- revision: aaaa\n-- migrate:up\n"
          "CREATE TABLE t(a, b);\n"
          "INSERT INTO t VALUES (1, 2), (3, 4);\n"
          "-- migrate:down\nDROP TABLE t;', 'a.sql')");
  run(db, "SELECT migrate_register('revision = \"bbbb\"\n"
          "down_revision = \"aaaa\"\ntransactional = false\n"
          "function upgrade() op.execute(\"VACUUM\") end\n"
          "function downgrade() end', 'b.lua')");
  run(db, "SELECT migrate_rehearse()");
  run(db, "SELECT migrate_upgrade()");
  run(db, "SELECT migrate_verify()");
  run(db, backup);
  run(db, "SELECT migrate_downgrade('base')");
  run(db, "SELECT migrate_sql('aaaa')");
  check("close", sqlite3_close(db) == SQLITE_OK, NULL);
  dlclose(lib);
  sqlite3_free(file);
  sqlite3_free(backup);
}

/* Without what it cannot do without. */
static void without(const char *library, size_t offset, const char *word) {
  sqlite3_api_routines api = *real;
  sqlite3 *db = NULL;
  char *err = NULL;
  void *lib;
  int rc;

  memset((char *)&api + offset, 0, sizeof(void *));
  sqlite3_open(":memory:", &db);
  rc = load(library, db, &err, &api, &lib);
  check(word, rc == SQLITE_ERROR && err && strstr(err, word), err);
  sqlite3_free(err);
  rc = sqlite3_exec(db, "SELECT migrate_version()", NULL, NULL, NULL);
  check("nothing stays registered", rc == SQLITE_ERROR, word);
  sqlite3_close(db);
  dlclose(lib);
}

/* ---- a second SQLite ---- */

struct second {
  int (*open)(const char *, sqlite3 **);
  int (*exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **),
              void *, char **);
  int (*config)(sqlite3 *, int, ...);
  int (*load)(sqlite3 *, const char *, const char *, char **);
  int (*close)(sqlite3 *);
  sqlite3 *db;
};

static int second_open(struct second *s, const char *sqlite, const char *dir) {
  static const char *const names[] = {"open", "exec", "db_config",
                                      "load_extension", "close"};
  void **into[] = {(void **)&s->open, (void **)&s->exec, (void **)&s->config,
                   (void **)&s->load, (void **)&s->close};
  char *call = sqlite3_mprintf("cp -L '%s' '%s/libsecond.so'", sqlite, dir);
  char *copy = sqlite3_mprintf("%s/libsecond.so", dir);
  void *lib = system(call) ? NULL : dlopen(copy, RTLD_NOW | RTLD_DEEPBIND);
  int i, ok = lib != NULL;

  for (i = 0; i < 5 && ok; i++) {
    char *name = sqlite3_mprintf("sqlite3_%s", names[i]);
    ok = (*into[i] = dlsym(lib, name)) != NULL;
    sqlite3_free(name);
  }
  sqlite3_free(call);
  sqlite3_free(copy);
  return ok && s->open(":memory:", &s->db) == SQLITE_OK &&
         !s->config(s->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
}

/* One file of the library has one SQLite; a copy of it takes the other. */
static void two(const char *library, const char *sqlite, const char *dir) {
  static const char revision[] =
      "SELECT migrate_register('-- revision: aaaa\n-- migrate:up\n"
      "CREATE TABLE t(a);', 'a.sql')";
  char *call = sqlite3_mprintf("cp '%s' '%s/copy.so'", library, dir);
  char *copy = sqlite3_mprintf("%s/copy.so", dir), *err = NULL;
  struct second s = {0};
  sqlite3 *db = NULL;
  int rc;

  sqlite3_open(":memory:", &db);
  sqlite3_enable_load_extension(db, 1);
  rc = sqlite3_load_extension(db, library, NULL, &err);
  check("load", rc == SQLITE_OK, err);
  check("a second SQLite", second_open(&s, sqlite, dir), dlerror());
  if (s.db) {
    rc = s.load(s.db, library, NULL, &err);
    check("refused there", rc && err && strstr(err, "copy of it"), err);
    rc = s.load(s.db, copy, "sqlite3_migrate_init", &err);
    check("no copy yet", rc != SQLITE_OK, NULL);
    rc = system(call) || s.load(s.db, copy, "sqlite3_migrate_init", &err);
    check("a copy is not", rc == SQLITE_OK, err);
    rc = s.exec(s.db, revision, NULL, NULL, &err) ||
         s.exec(s.db, "SELECT migrate_upgrade()", NULL, NULL, &err);
    check("it upgrades", rc == SQLITE_OK, err);
    check("close", s.close(s.db) == SQLITE_OK, NULL);
  }
  run(db, revision);
  run(db, "SELECT migrate_upgrade()");
  check("close", sqlite3_close(db) == SQLITE_OK, NULL);
  sqlite3_free(call);
  sqlite3_free(copy);
}

int main(int argc, char **argv) {
  sqlite3 *db = NULL;

  if (argc != 4) return 2;
  sqlite3_auto_extension((void (*)(void))take_routines);
  sqlite3_open(":memory:", &db);
  sqlite3_close(db);
  sqlite3_reset_auto_extension();
  without_progress(argv[1], argv[3]);
  without(argv[1], offsetof(sqlite3_api_routines, set_authorizer),
          "SQLITE_OMIT_AUTHORIZATION");
  without(argv[1], offsetof(sqlite3_api_routines, create_module_v2),
          "SQLITE_OMIT_VIRTUALTABLE");
  without(argv[1], offsetof(sqlite3_api_routines, compileoption_used),
          "SQLITE_OMIT_COMPILEOPTION_DIAGS");
  two(argv[1], argv[2], argv[3]);
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
