/*
** tests/bench/bench.c - what a user waits for, as a ratio to the least that it
** could cost, both measured in this run.
**
**   no-op   migrate_upgrade() with nothing to do, against opening the database
**           and reading every file with open/read/close
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

/* The least: open the database, list the directory, read each file. */
static void read_all(const char *db_path, const char *dir) {
  static char buf[65536];
  sqlite3 *db = connect_to(db_path);
  char path[4096];
  struct dirent *e;
  DIR *d;

  sql(db, "SELECT count(*) FROM _migrate_version");
  snprintf(path, sizeof path, "%s/versions", dir);
  d = opendir(path);
  while (d && (e = readdir(d)) != NULL) {
    int fd;
    if (e->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/versions/%s", dir, e->d_name);
    fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, buf, sizeof buf) <= 0) die(path, "cannot be read");
    close(fd);
  }
  if (d) closedir(d);
  sqlite3_close(db);
}

static int bench_noop(const char *root, int n) {
  char *dir = sqlite3_mprintf("%s/noop%d", root, n), what[64];
  char *path = sqlite3_mprintf("%s/noop%d.db", root, n);
  sqlite3 *db = connect_to(path), *keep = connect_to(":memory:");
  bench_time ours[TRIES], cold[TRIES], least[TRIES];
  int i, bad;

  make_project(dir, n);
  load(db, dir);
  sql(db, "SELECT migrate_stamp('head')");
  sqlite3_close(db);
  load(keep, dir); /* so that the library stays mapped */
  for (i = 0; i < TRIES; i++) {
    bench_time t = now(), mid;
    read_all(path, dir);
    least[i] = since(t);
    t = now();
    db = connect_to(path);
    load(db, dir);
    mid = now();
    sql(db, "SELECT migrate_upgrade()");
    ours[i] = since(t);
    cold[i] = since(mid);
    sqlite3_close(db);
  }
  snprintf(what, sizeof what, "no-op, %d revisions", n);
  bad = report(what, median(ours, TRIES), median(least, TRIES), 2);
  printf("%-34s %9.2f ms\n", "  of it the call itself",
         median(cold, TRIES).wall);
  sqlite3_close(keep);
  sqlite3_free(dir);
  sqlite3_free(path);
  return bad;
}

static bench_time run_shell(const char *command) {
  bench_time t = now();
  if (system(command)) die(command, "failed");
  return since(t);
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
  bad += bench_noop(argv[2], 10);
  bad += bench_noop(argv[2], 1000);
  bad += bench_noop(argv[2], 5000);
  bad += bench_apply(argv[2], 1000);
  return bad != 0;
}
