/*
** tests/bench/bench.c - what a user waits for, as a ratio to the least that it
** could cost, both measured in this run.
**
**   no-op   migrate_upgrade() with nothing to do, against opening the database
**           and reading every file with open/read/close; the call by itself on
**           a connection that has read nothing of ours yet, against a query for
**           the version and a list of the directory; and all of it as a process
**           of the sqlite3 shell, against one that only asks for the version,
**           and the files read
**   apply   1,000 small revisions in one call, against the sqlite3 shell that
**           runs the same SQL in one transaction
**   plan    how a no-op grows with the number of revisions
**
** usage: bench EXTENSION DIRECTORY     (the directory is made, and used up)
*/
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static void put(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  if (!f || fputs(text, f) < 0 || fclose(f)) die(path, "cannot be written");
}

/* One small revision in Lua, or the SQL that it comes to. */
static char *small(int i, int lua) {
  const char *up =
      lua ? "-- Add table %d\n"
            "revision      = \"r%05d\"\n"
            "down_revision = %s\n"
            "created       = \"2026-01-01 00:00:00\"\n\n"
            "function upgrade()\n"
            "  op.create_table(\"t%d\", \"id INTEGER PRIMARY KEY\",\n"
            "                  \"name TEXT NOT NULL\", \"n INTEGER\")\n"
            "  op.create_index(\"ix_t%d_name\", \"t%d\", {\"name\"})\n"
            "  op.execute(\"INSERT INTO t%d(name, n) VALUES ('a', 1)\")\n"
            "end\n\n"
            "function downgrade()\n"
            "  op.drop_table(\"t%d\")\n"
            "end\n"
          : "CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
            " n INTEGER);\n"
            "CREATE INDEX ix_t%d_name ON t%d(name);\n"
            "INSERT INTO t%d(name, n) VALUES ('a', 1);\n";
  char down[32] = "nil";

  if (i) snprintf(down, sizeof down, "\"r%05d\"", i - 1);
  return lua ? sqlite3_mprintf(up, i, i, down, i, i, i, i, i)
             : sqlite3_mprintf(up, i, i, i, i);
}

static void make_project(const char *dir, int n) {
  char *path = sqlite3_mprintf("%s/versions", dir);
  int i;

  mkdir(dir, 0777);
  mkdir(path, 0777);
  sqlite3_free(path);
  for (i = 0; i < n; i++) {
    char *text = small(i, 1);
    path = sqlite3_mprintf("%s/versions/2026%05d_r%05d.lua", dir, i, i);
    put(path, text);
    sqlite3_free(path);
    sqlite3_free(text);
  }
}

/* List the directory and, if `whole`, read each file. */
static void read_dir(const char *dir, int whole) {
  static char buf[65536];
  char path[4096];
  struct dirent *e;
  DIR *d;

  snprintf(path, sizeof path, "%s/versions", dir);
  d = opendir(path);
  while (d && (e = readdir(d)) != NULL) {
    int fd;
    if (e->d_name[0] == '.' || !whole) continue;
    snprintf(path, sizeof path, "%s/versions/%s", dir, e->d_name);
    fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, buf, sizeof buf) <= 0) die(path, "cannot be read");
    close(fd);
  }
  if (d) closedir(d);
}

static bench_time run_shell(const char *command) {
  bench_time t = now();
  if (system(command)) die(command, "failed");
  return since(t);
}

static bench_time both(bench_time a, bench_time b) {
  return (bench_time){a.wall + b.wall, a.cpu + b.cpu};
}

/* What one try takes: ours, and the least. */
struct noop {
  bench_time all[TRIES], all_least[TRIES];   /* with opening and loading */
  bench_time call[TRIES], call_least[TRIES]; /* on an open connection    */
  bench_time shell[TRIES], shell_least[TRIES];
};

static const char ask_version[] = "SELECT count(*) FROM _migrate_version";

/* The database is opened anew each time, so that nothing is in a cache. */
static void try_noop(struct noop *t, int i, const char *path, const char *dir) {
  char *ours = sqlite3_mprintf(
      "sqlite3 %s '.load %s' \"SELECT migrate_config('directory', '%s')\""
      " 'SELECT migrate_upgrade()' >/dev/null",
      path, extension, dir);
  char *least =
      sqlite3_mprintf("sqlite3 %s '%s' >/dev/null", path, ask_version);
  bench_time start = now(), mid;
  sqlite3 *db = connect_to(path);

  sql(db, ask_version);
  read_dir(dir, 1);
  sqlite3_close(db);
  t->all_least[i] = since(start);
  start = now();
  db = connect_to(path);
  load(db, dir);
  mid = now();
  sql(db, "SELECT migrate_upgrade()");
  t->all[i] = since(start);
  t->call[i] = since(mid);
  sqlite3_close(db);
  db = connect_to(path);
  mid = now();
  sql(db, ask_version);
  read_dir(dir, 0);
  t->call_least[i] = since(mid);
  sqlite3_close(db);
  mid = now();
  read_dir(dir, 1);
  t->shell_least[i] = since(mid);
  t->shell_least[i] = both(t->shell_least[i], run_shell(least));
  t->shell[i] = run_shell(ours);
  sqlite3_free(ours);
  sqlite3_free(least);
}

static int bench_noop(const char *root, int n, double allowed) {
  char *dir = sqlite3_mprintf("%s/noop%d", root, n), what[64];
  char *path = sqlite3_mprintf("%s/noop%d.db", root, n);
  sqlite3 *db = connect_to(path), *keep = connect_to(":memory:");
  struct noop t;
  int i, bad;

  make_project(dir, n);
  load(db, dir);
  sql(db, "SELECT migrate_stamp('head')");
  sqlite3_close(db);
  load(keep, dir); /* so that the library stays mapped */
  for (i = 0; i < TRIES; i++) try_noop(&t, i, path, dir);
  snprintf(what, sizeof what, "no-op, %d revisions", n);
  bad = report(what, median(t.all, TRIES), median(t.all_least, TRIES), allowed);
  bad += report("  the call, and a list of names", median(t.call, TRIES),
                median(t.call_least, TRIES), 4);
  bad += report("  as a process", median(t.shell, TRIES),
                median(t.shell_least, TRIES), 1.5);
  sqlite3_close(keep);
  sqlite3_free(dir);
  sqlite3_free(path);
  return bad;
}

static int bench_apply(const char *root, int n) {
  char *dir = sqlite3_mprintf("%s/apply", root);
  char *script = sqlite3_mprintf("%s/apply.sql", root);
  char *a =
      sqlite3_mprintf("rm -f %s/a.db; sqlite3 %s/a.db <%s", root, root, script);
  char *b = sqlite3_mprintf(
      "rm -f %s/b.db; sqlite3 %s/b.db '.load %s' \"SELECT "
      "migrate_config('directory', '%s')\" 'SELECT migrate_upgrade()' "
      ">/dev/null",
      root, root, extension, dir);
  bench_time ours[TRIES], least[TRIES];
  FILE *f = fopen(script, "w");
  char what[64];
  int i, bad;

  if (!f) die(script, "cannot be written");
  make_project(dir, n);
  fputs("BEGIN;\n", f);
  for (i = 0; i < n; i++) {
    char *text = small(i, 0);
    fputs(text, f);
    sqlite3_free(text);
  }
  fputs("COMMIT;\n", f);
  fclose(f);
  for (i = 0; i < TRIES; i++) {
    least[i] = run_shell(a);
    ours[i] = run_shell(b);
  }
  snprintf(what, sizeof what, "%d small revisions", n);
  bad = report(what, median(ours, TRIES), median(least, TRIES), 1.3);
  sqlite3_free(dir);
  sqlite3_free(script);
  sqlite3_free(a);
  sqlite3_free(b);
  return bad;
}

int main(int argc, char **argv) {
  int bad = 0;

  if (argc != 3) die("usage", "bench EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  report_head("migrate", "the least");
  bad += bench_noop(argv[2], 10, 2);
  bad += bench_noop(argv[2], 1000, 0.5);
  bad += bench_noop(argv[2], 5000, 0.3);
  bad += bench_apply(argv[2], 1000);
  return bad != 0;
}
