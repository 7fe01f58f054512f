/*
** tests/bench/measure.c - everything is measured in a child process, so that
** what is left from one job (memory, caches of the allocator) is not another's.
*/
#define _GNU_SOURCE
#include "measure.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__
#define MAXRSS_UNIT 1.0
#else
#define MAXRSS_UNIT 1024.0
#endif

static const struct {
  const char *name, *script;
} peers[PEERS] = {{"Alembic", "with_alembic.py"},
                  {"Django", "with_django.py"},
                  {"sqlite-utils", "with_sqlite_utils.py"},
                  {"Rails", "with_rails.rb"},
                  {"sqitch", "with_sqitch.sh"}};

const char *peer_name(int peer) {
  return peers[peer].name;
}

/* tests/bench/run has asked each and tells in PEERS. */
int peer_there(int peer) {
  const char *list = getenv("PEERS");
  return list && strstr(list, peers[peer].script) != NULL;
}

/* ---- measuring ---- */

/* Bytes given to write() so far, by a process and what it has waited for. */
static double written_by(pid_t pid) {
  char path[64], line[128];
  double bytes = -1;
  FILE *f;

  snprintf(path, sizeof path, "/proc/%ld/io", (long)pid);
  f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f)) sscanf(line, "wchar: %lf", &bytes);
  if (f) fclose(f);
  return bytes;
}

static struct {
  bench_time from, took;
  double written;
  sqlite3_int64 heap;
} bench_clock;

void clock_on(void) {
  bench_clock.written = written_by(getpid());
  sqlite3_memory_highwater(1);
  bench_clock.from = now();
}

void clock_off(void) {
  double bytes;

  bench_clock.took = since(bench_clock.from);
  bench_clock.heap = sqlite3_memory_highwater(0);
  bytes = written_by(getpid());
  if (bytes >= 0) bench_clock.written = bytes - bench_clock.written;
}

/* Waits; the child's own account is still there before it is reaped. */
static int reap(pid_t pid, bench_cost *c) {
  struct rusage use;
  siginfo_t info;
  int status;

  while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT)) continue;
  c->written = written_by(pid);
  if (c->written >= 0) c->written /= 1e6;
  if (wait4(pid, &status, 0, &use) != pid) die("wait4", "failed");
  c->memory = (double)use.ru_maxrss * MAXRSS_UNIT / 1e6;
  c->whole.cpu = bench_seconds(use.ru_utime) + bench_seconds(use.ru_stime);
  return status;
}

bench_cost run_job(void (*job)(const void *), const void *arg) {
  bench_cost c = {.state = RAN};
  int fd[2], status;
  pid_t pid = -1;

  fflush(stdout);
  if (pipe(fd) || (pid = fork()) < 0) die("fork", "failed");
  if (!pid) {
    close(fd[0]);
    job(arg);
    if (write(fd[1], &bench_clock, sizeof bench_clock) < 0) _exit(1);
    _exit(0);
  }
  close(fd[1]);
  if (read(fd[0], &bench_clock, sizeof bench_clock) <= 0)
    die("a job", "did not end");
  close(fd[0]);
  status = reap(pid, &c);
  if (status) die("a job", "failed");
  c.work = c.whole = bench_clock.took;
  c.heap = (double)bench_clock.heap / 1e6;
  if (bench_clock.written >= 0) c.written = bench_clock.written / 1e6;
  return c;
}

/* The last line with that word of what a process said; else the last. */
static const char *last_line(char *text, const char *word) {
  const char *found = NULL, *last = "";
  char *line = strtok(text, "\n");

  for (; line; line = strtok(NULL, "\n")) {
    last = line;
    if (strstr(line, word)) found = line;
  }
  return found ? found : last;
}

/* What it prints, on either; the end of it, when it is much. */
static void read_text(int fd, char *text, size_t size) {
  size_t n = 0;
  ssize_t got;

  while ((got = read(fd, text + n, size - 1 - n)) > 0) {
    n += (size_t)got;
    if (n < size - 1) continue;
    memmove(text, text + size / 2, n - size / 2);
    n -= size / 2;
  }
  text[n] = 0;
  close(fd);
}

static int start_and_wait(const char *const *argv, char *text, size_t size,
                          bench_cost *c) {
  int fd[2], status;
  double from;
  pid_t pid = -1;

  fflush(stdout);
  from = bench_wall();
  if (pipe(fd) || (pid = vfork()) < 0) die("fork", "failed");
  if (!pid) {
    dup2(fd[1], 1);
    dup2(fd[1], 2);
    close(fd[0]);
    close(fd[1]);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
  }
  close(fd[1]);
  read_text(fd[0], text, size);
  status = reap(pid, c);
  c->whole.wall = bench_wall() - from;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bench_cost run_program(const char *const *argv) {
  static char text[65536];
  bench_cost c = {.state = RAN};

  if (start_and_wait(argv, text, sizeof text, &c))
    die(argv[0], last_line(text, "rror:"));
  c.work = c.whole;
  return c;
}

static const char *interpreter(const char *script) {
  const char *python = getenv("PYTHON");
  if (strstr(script, ".rb")) return "ruby";
  if (strstr(script, ".sh")) return "sh";
  return python && *python ? python : "python3";
}

bench_cost run_peer(int peer, const char *const *args) {
  static char text[65536];
  char script[128];
  const char *argv[16] = {interpreter(peers[peer].script), script};
  bench_cost c = {.state = ABSENT};
  const char *line;
  int i, status;

  if (!peer_there(peer)) return c;
  snprintf(script, sizeof script, "tests/bench/peers/%s", peers[peer].script);
  for (i = 0; args[i] && i < 13; i++) argv[i + 2] = args[i];
  status = start_and_wait(argv, text, sizeof text, &c);
  c.state = status == 0 ? RAN : status == 3 ? CANNOT : FAILED;
  line = last_line(text, c.state == RAN ? "took" : "rror:");
  c.work = c.whole;
  if (c.state == RAN) sscanf(line, "took %lf %lf", &c.work.wall, &c.work.cpu);
  if (c.state == FAILED) snprintf(c.note, sizeof c.note, "%.150s", line);
  return c;
}

static double middle(const bench_cost *costs, int n, size_t member) {
  double x[64];
  int i;

  for (i = 0; i < n; i++) {
    const char *at = (const char *)&costs[i];
    memcpy(&x[i], at + member, sizeof x[i]);
  }
  qsort(x, (size_t)n, sizeof *x, bench_by_value);
  return x[n / 2];
}

/* The median of each; state and note are those of the last. */
bench_cost typical(const bench_cost *costs, int n) {
  bench_cost c = costs[n - 1];

  c.work.wall = middle(costs, n, offsetof(bench_cost, work.wall));
  c.work.cpu = middle(costs, n, offsetof(bench_cost, work.cpu));
  c.whole.wall = middle(costs, n, offsetof(bench_cost, whole.wall));
  c.whole.cpu = middle(costs, n, offsetof(bench_cost, whole.cpu));
  c.memory = middle(costs, n, offsetof(bench_cost, memory));
  c.written = middle(costs, n, offsetof(bench_cost, written));
  return c;
}

static double patience(void) {
  const char *z = getenv("PATIENCE");
  return (z && *z ? atof(z) : 20) * 1000;
}

int too_long(const bench_cost *smaller, double times, double more) {
  return (smaller->state == RAN || smaller->state == TOO_LONG) &&
         smaller->work.wall * times > patience() * more;
}

int put_flat(const char *what, const bench_cost *most, const bench_cost *few,
             double allowed) {
  double ratio = most->heap / few->heap;
  int bad = allowed > 0 && ratio > allowed;

  printf("SQLite's heap, %s: %.2f MB, with a tenth of the rows %.2f MB, %.2f",
         what, most->heap, few->heap, ratio);
  if (allowed > 0) printf(" (at most %.1f)", allowed);
  printf("%s\n", bad ? "  MISSED" : "");
  return bad;
}

int tries_for(double milliseconds) {
  return milliseconds < 300 ? 5 : milliseconds < 5000 ? 3 : 1;
}

/* ---- a row ---- */

enum { CELL = 17 };

char *rows_text(int rows) {
  return rows < 1000 ? sqlite3_mprintf("%d", rows)
                     : sqlite3_mprintf("%,d", rows);
}

static const char *time_text(double ms) {
  static char text[4][32];
  static int at;
  char *z = text[at++ & 3];

  if (ms < 10)
    snprintf(z, sizeof text[0], "%.2f ms", ms);
  else if (ms < 1000)
    snprintf(z, sizeof text[0], "%.0f ms", ms);
  else
    snprintf(z, sizeof text[0], "%.2f s", ms / 1000);
  return z;
}

static const char *size_text(double mb) {
  static char text[4][32];
  static int at;
  char *z = text[at++ & 3];

  if (mb < 0)
    snprintf(z, sizeof text[0], "?");
  else
    snprintf(z, sizeof text[0], mb < 10 ? "%.2f MB" : "%.0f MB", mb);
  return z;
}

void put_head(const char *title) {
  int i;

  printf("\n== %s ==\n%-10s%12s%12s%34s", title, "", "migrate", "the least",
         "ratio / of cpu");
  for (i = 0; i < PEERS; i++) printf("%*s", CELL, peers[i].name);
  printf("\n");
}

bench_time of_row(const bench_row *r, const bench_cost *c) {
  return r->process ? c->whole : c->work;
}

/* How often ours is faster: 0 when that peer did not run. */
static bench_time lead_over(const bench_row *r, int peer) {
  bench_time ours = of_row(r, &r->ours), t = of_row(r, &r->peer[peer]);

  if (r->peer[peer].state < TOO_LONG) return (bench_time){0, 0};
  t.wall /= ours.wall;
  t.cpu = ours.cpu > 0 ? t.cpu / ours.cpu : t.wall;
  return t;
}

/* "~": not run, but ten times what a tenth of the rows took. */
static void put_peer_time(const bench_row *r, int peer) {
  static const char *const words[] = {"", "not installed", "cannot", "failed"};
  double lead = lead_over(r, peer).wall;
  const bench_cost *c = &r->peer[peer];
  char text[64];

  if (c->state >= TOO_LONG)
    snprintf(text, sizeof text, "%s%s %.*fx", c->state == TOO_LONG ? "~" : "",
             time_text(of_row(r, c).wall), lead < 10 ? 1 : 0, lead);
  else
    snprintf(text, sizeof text, "%s", words[c->state]);
  printf("%*s", CELL, text);
}

static int put_time(const bench_row *r) {
  bench_time a = of_row(r, &r->ours), b = of_row(r, &r->least);
  double wall = a.wall / b.wall, cpu = b.cpu > 0 ? a.cpu / b.cpu : wall;
  char text[64];
  int i, n;

  n = snprintf(text, sizeof text, "%.2f / %.2f", wall, cpu);
  if (r->budget > 0)
    snprintf(text + n, sizeof text - 24, " (at most %.1f, %g ms)", r->allowed,
             r->budget);
  else if (r->allowed > 0)
    snprintf(text + n, sizeof text - 24, " (at most %.1f)", r->allowed);
  printf("  %-8s%12s%12s%34s", "time", time_text(a.wall), time_text(b.wall),
         text);
  for (i = 0; i < PEERS; i++) put_peer_time(r, i);
  printf("\n");
  return r->allowed > 0 && wall > r->allowed && cpu > r->allowed;
}

static void put_sizes(const bench_row *r, const char *name, size_t member) {
  double x;
  int i;

  memcpy(&x, (const char *)&r->ours + member, sizeof x);
  printf("  %-8s%12s", name, size_text(x));
  memcpy(&x, (const char *)&r->least + member, sizeof x);
  printf("%12s%34s", size_text(x), "");
  for (i = 0; i < PEERS; i++) {
    memcpy(&x, (const char *)&r->peer[i] + member, sizeof x);
    printf("%*s", CELL, r->peer[i].state == RAN ? size_text(x) : "");
  }
  printf("\n");
}

static int put_leads(const bench_row *r) {
  int i, bad = 0;

  for (i = 0; i < PEERS; i++) {
    double needed = i == ALEMBIC && r->alembic > 0 ? r->alembic : r->lead;
    bench_time lead = lead_over(r, i);
    if (r->peer[i].state < TOO_LONG || r->peer[i].less) continue;
    if (lead.wall >= needed || lead.cpu >= needed) continue;
    printf("  MISSED: %.1f times as fast as %s, not %.0f\n", lead.wall,
           peers[i].name, needed);
    bad = 1;
  }
  return bad;
}

int put_row(const bench_row *r) {
  bench_time ours = of_row(r, &r->ours);
  int i, bad;

  printf("%s  [%s]\n", r->what, r->least_is);
  bad = put_time(r);
  if (bad) printf("  MISSED: the ratio to the least\n");
  put_sizes(r, "memory", offsetof(bench_cost, memory));
  put_sizes(r, "written", offsetof(bench_cost, written));
  if (r->budget > 0 && ours.wall > r->budget && ours.cpu > r->budget) {
    printf("  MISSED: at most %.0f ms\n", r->budget);
    bad = 1;
  }
  bad |= put_leads(r);
  if (r->ours.note[0]) printf("  migrate: %s\n", r->ours.note);
  for (i = 0; i < PEERS; i++)
    if (r->peer[i].note[0])
      printf("  %s: %s\n", peers[i].name, r->peer[i].note);
  fflush(stdout);
  return bad;
}

/* ---- databases and projects ---- */

void remove_file(const char *path) {
  if (unlink(path)) die(path, "cannot be removed");
}

void remove_database(const char *path) {
  static const char *const beside[] = {"", "-journal", "-wal", "-shm",
                                       ".sqitch.db"};
  size_t i;

  for (i = 0; i < sizeof beside / sizeof *beside; i++) {
    char *name = sqlite3_mprintf("%s%s", path, beside[i]);
    remove(name);
    sqlite3_free(name);
  }
}

void copy_file(const char *from, const char *to) {
  static char buf[1 << 20];
  int in = open(from, O_RDONLY);
  int out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0666);
  ssize_t n;

  if (in < 0 || out < 0) die(to, "cannot be made");
  while ((n = read(in, buf, sizeof buf)) > 0)
    if (write(out, buf, (size_t)n) != n) die(to, "cannot be written");
  if (n < 0 || fsync(out)) die(to, "cannot be copied");
  close(in);
  close(out);
}

char *make_project(const char *root, const char *name) {
  char *project = sqlite3_mprintf("%s/%s", root, name);
  char *versions = sqlite3_mprintf("%s/versions", project);

  mkdir(project, 0777);
  mkdir(versions, 0777);
  sqlite3_free(versions);
  return project;
}

void revise(sqlite3 *db, int n, const char *lua) {
  char *down = n ? sqlite3_mprintf("'r%05d'", n - 1) : NULL;
  char *text = sqlite3_mprintf("revision = 'r%05d'\ndown_revision = %s\n"
                               "function upgrade()\n%s\nend\n",
                               n, n ? down : "nil", lua);

  sql_take(db,
           sqlite3_mprintf("SELECT migrate_register(%Q, 'r%d.lua')", text, n));
  sqlite3_free(text);
  sqlite3_free(down);
}

bench_time timed(sqlite3 *db, const char *text) {
  bench_time t = now();
  sql(db, text);
  return since(t);
}

sqlite3_int64 number(sqlite3 *db, const char *text) {
  sqlite3_int64 n = -1;
  sqlite3_stmt *st;

  if (sqlite3_prepare_v2(db, text, -1, &st, NULL)) return -1;
  if (sqlite3_step(st) == SQLITE_ROW) n = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  return n;
}
