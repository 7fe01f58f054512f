/*
** tests/bench/start.c - what a program waits for when it starts, beside the
** least that it could cost and what the peers need.
**
**   nothing to do, in process   the call alone, on a connection that has just
**                               been opened, against one query and a list of
**                               the directory
**   nothing to do, a process    the sqlite3 shell that loads the library and
**                               calls, against the shell that asks for the
**                               version, and a read of every file
**   1,000 small revisions       in the shell, against the shell that runs the
**                               same SQL in one transaction
**
** usage: start EXTENSION DIRECTORY     (the directory is used up)
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

enum { SMALL = 1000, TIMES = 7 };

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

/* A project of n revisions; for peers too, which make their own. */
typedef struct series {
  char *dir, *path;
  char *peer_dir[PEERS], *peer_path[PEERS];
  int n;
} series;

static void make_files(const char *dir, int n) {
  int i;

  for (i = 0; i < n; i++) {
    char *text = small(i, 1);
    char *path = sqlite3_mprintf("%s/versions/2026%05d_r%05d.lua", dir, i, i);
    put(path, text);
    sqlite3_free(path);
    sqlite3_free(text);
  }
}

/* All revisions are applied, as far as the database knows. */
static void stamp_all(const void *arg) {
  const series *s = arg;
  sqlite3 *db = connect_to(s->path);

  load(db, s->dir);
  sql(db, "SELECT migrate_stamp('head')");
  sqlite3_close(db);
}

static int peer_make(int peer, series *s, int stamped) {
  char n[16];
  const char *make[] = {"make", s->peer_dir[peer], n, NULL};
  const char *stamp[] = {"stamp", s->peer_dir[peer], s->peer_path[peer], NULL};

  snprintf(n, sizeof n, "%d", s->n);
  if (run_peer(peer, make).state != RAN) return 0;
  return !stamped || run_peer(peer, stamp).state == RAN;
}

static void open_series(const char *root, const char *name, int n, series *s) {
  int i;

  s->n = n;
  s->dir = sqlite3_mprintf("%s/%s%d", root, name, n);
  s->path = sqlite3_mprintf("%s.db", s->dir);
  sqlite3_free(make_project(root, s->dir + strlen(root) + 1));
  make_files(s->dir, n);
  for (i = 0; i < PEERS; i++) {
    s->peer_dir[i] = sqlite3_mprintf("%s-peer%d", s->dir, i);
    s->peer_path[i] = sqlite3_mprintf("%s.db", s->peer_dir[i]);
  }
}

static void close_series(series *s) {
  int i;

  sqlite3_free(s->dir);
  sqlite3_free(s->path);
  for (i = 0; i < PEERS; i++) {
    sqlite3_free(s->peer_dir[i]);
    sqlite3_free(s->peer_path[i]);
  }
}

/* ---- nothing to do ---- */

static void each_file(const char *dir, int open_them) {
  static char buf[65536];
  char path[4096];
  struct dirent *e;
  DIR *d;

  snprintf(path, sizeof path, "%s/versions", dir);
  d = opendir(path);
  while (d && (e = readdir(d)) != NULL) {
    int fd;
    if (e->d_name[0] == '.' || !open_them) continue;
    snprintf(path, sizeof path, "%s/versions/%s", dir, e->d_name);
    fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, buf, sizeof buf) <= 0) die(path, "cannot be read");
    close(fd);
  }
  if (d) closedir(d);
}

static void call_ours(const void *arg) {
  const series *s = arg;
  sqlite3 *db = connect_to(s->path);

  load(db, s->dir);
  clock_on();
  sql(db, "SELECT migrate_upgrade()");
  clock_off();
  sqlite3_close(db);
}

static void call_least(const void *arg) {
  const series *s = arg;
  sqlite3 *db = connect_to(s->path);

  clock_on();
  sql(db, "SELECT count(*) FROM _migrate_version");
  each_file(s->dir, 0);
  clock_off();
  sqlite3_close(db);
}

static bench_cost in_shell(const series *s) {
  char *dot = sqlite3_mprintf(".load %s", extension);
  char *config =
      sqlite3_mprintf("SELECT migrate_config('directory', '%s')", s->dir);
  const char *argv[] = {
      "sqlite3", s->path, dot, config, "SELECT migrate_upgrade()", NULL};
  bench_cost c = run_program(argv);

  sqlite3_free(dot);
  sqlite3_free(config);
  return c;
}

/* The shell, and then every file. */
static bench_cost in_shell_least(const series *s) {
  const char *argv[] = {"sqlite3", s->path,
                        "SELECT count(*) FROM _migrate_version", NULL};
  bench_cost c = run_program(argv);
  bench_time t = now();

  each_file(s->dir, 1);
  t = since(t);
  c.whole.wall += t.wall;
  c.whole.cpu += t.cpu;
  return c;
}

/* Once, and if that was not long, until it is the median of five. */
static bench_cost start_peer(int peer, const series *s) {
  const char *args[] = {"upgrade", s->peer_dir[peer], s->peer_path[peer], NULL};
  bench_cost c[5] = {{.state = ABSENT}};
  int i, n = 1;

  if (peer == UTILS) return (bench_cost){.state = CANNOT};
  if (!peer_there(peer)) return c[0];
  for (i = 0; i < n; i++) {
    c[i] = run_peer(peer, args);
    if (c[i].state != RAN) return c[i];
    n = c[i].whole.wall > 2000 ? 1 : 5;
  }
  return typical(c, i);
}

static void start_peers(series *s, bench_row *r) {
  int i;

  for (i = 0; i < PEERS; i++) {
    if (i != UTILS && peer_there(i) && !peer_make(i, s, 1))
      r->peer[i] = (bench_cost){.state = FAILED, .note = "no project"};
    else
      r->peer[i] = start_peer(i, s);
  }
}

static int bench_noop(const char *root, int n, double budget) {
  bench_cost a[TIMES], b[TIMES], c[TIMES], d[TIMES];
  char *count = rows_text(n);
  char *what = sqlite3_mprintf("%s revisions, the call alone", count);
  bench_row r = {.what = what, .least_is = "a query, and a list of the files"};
  series s;
  int i, bad;

  open_series(root, "noop", n, &s);
  run_job(stamp_all, &s);
  for (i = 0; i < TIMES; i++) {
    b[i] = run_job(call_least, &s);
    a[i] = run_job(call_ours, &s);
    d[i] = in_shell_least(&s);
    c[i] = in_shell(&s);
  }
  start_peers(&s, &r);
  r.ours = typical(a, TIMES);
  r.least = typical(b, TIMES);
  r.allowed = 4;
  r.budget = budget;
  r.alembic = n == 1000 ? 75 : 1;
  r.lead = 1;
  bad = put_row(&r);
  sqlite3_free(what);
  r.what = what = sqlite3_mprintf("%s revisions, as a process", count);
  r.least_is = "the shell and a query, and a read of all files";
  r.ours = typical(c, TIMES);
  r.least = typical(d, TIMES);
  r.process = 1;
  r.budget = r.alembic = 0;
  r.allowed = 1.5;
  bad += put_row(&r);
  sqlite3_free(what);
  sqlite3_free(count);
  close_series(&s);
  return bad;
}

/* ---- 1,000 small revisions ---- */

static void put_script(const char *path, int n) {
  FILE *f = fopen(path, "w");
  int i;

  if (!f) die(path, "cannot be written");
  fputs("BEGIN;\n", f);
  for (i = 0; i < n; i++) {
    char *text = small(i, 0);
    fputs(text, f);
    sqlite3_free(text);
  }
  fputs("COMMIT;\n", f);
  fclose(f);
}

static bench_cost apply_least(const series *s, const char *script) {
  char *read = sqlite3_mprintf(".read %s", script);
  const char *argv[] = {"sqlite3", s->path, read, NULL};
  bench_cost c;

  remove_database(s->path);
  c = run_program(argv);
  sqlite3_free(read);
  return c;
}

static bench_cost apply_ours(const series *s) {
  remove_database(s->path);
  return in_shell(s);
}

static bench_cost apply_peer(int peer, series *s) {
  const char *args[] = {"upgrade", s->peer_dir[peer], s->peer_path[peer], NULL};
  bench_cost c[3];
  int i, n = 1;

  if (peer == UTILS) return (bench_cost){.state = CANNOT};
  if (!peer_there(peer)) return (bench_cost){.state = ABSENT};
  if (!peer_make(peer, s, 0))
    return (bench_cost){.state = FAILED, .note = "no project"};
  for (i = 0; i < n; i++) {
    remove_database(s->peer_path[peer]);
    c[i] = run_peer(peer, args);
    if (c[i].state != RAN) return c[i];
    n = c[i].whole.wall > 5000 ? 1 : 3;
  }
  return typical(c, i);
}

static int bench_apply(const char *root, int n) {
  char *script = sqlite3_mprintf("%s/apply.sql", root);
  bench_row r = {.what = "as a process",
                 .least_is = "the shell, the same SQL in one transaction",
                 .allowed = 1.1,
                 .lead = 1,
                 .alembic = 6,
                 .process = 1};
  bench_cost a[TIMES], b[TIMES];
  series s;
  int i, bad;

  open_series(root, "apply", n, &s);
  put_script(script, n);
  for (i = 0; i < TIMES; i++) {
    b[i] = apply_least(&s, script);
    a[i] = apply_ours(&s);
  }
  r.ours = typical(a, TIMES);
  r.least = typical(b, TIMES);
  for (i = 0; i < PEERS; i++) r.peer[i] = apply_peer(i, &s);
  bad = put_row(&r);
  close_series(&s);
  sqlite3_free(script);
  return bad;
}

int main(int argc, char **argv) {
  int bad = 0;

  if (argc != 3) die("usage", "start EXTENSION DIRECTORY");
  extension = argv[1];
  mkdir(argv[2], 0777);
  put_head("nothing to do");
  bad += bench_noop(argv[2], 10, 1);
  bad += bench_noop(argv[2], 1000, 1);
  bad += bench_noop(argv[2], 5000, 5);
  put_head("1,000 small revisions");
  bad += bench_apply(argv[2], SMALL);
  return bad != 0;
}
