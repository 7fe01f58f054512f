/*
** tests/fault/main.c - upgrades while I/O calls fail, memory fails, somebody
** interrupts, or the power is cut; wherever that happens.
**
** usage: run [OPTION...] EXTENSION fail|stop|power [SCENE...]
**   --points=N      ... at N places of each case, evenly spread (0: all)
**   --seed=N        ... what a power cut leaves is drawn from
**   --draws=N       ... so many times for each place
**   --journal=NAME  one way of journaling
**   --what=NAME     one way of failing, such as "an I/O error"
**   --at=N          one place
**   --trace         what runs, and in a transaction or not
**   -v              say what has been tried, too
**   --unsynced      power: without syncs; then damage must be found
*/
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "tests/crash.h"
#include "tests/fault/scene.h"

static struct {
  long points;
  int draws, verbose, trace;
  unsigned long long seed;
  const char *journal, *arm;
  long only;
  char dir[PATH_MAX];
} opt = {.draws = 2, .seed = 1, .only = -1};

/* ---- what goes wrong ---- */

enum source { FROM_DISK, FROM_MEMORY, FROM_OPCODE };
static const struct arm {
  const char *name;
  enum source source;
  enum disk_how how; /* FROM_DISK */
  int forever;
  int stop; /* it is an interrupt, and no error */
} arms[] = {
    {"an I/O error", FROM_DISK, DISK_ERROR, 0, 0},
    {"I/O errors for ever", FROM_DISK, DISK_ERROR, 1, 0},
    {"a disk full once", FROM_DISK, DISK_FULL, 0, 0},
    {"a full disk", FROM_DISK, DISK_GROW, 1, 0},
    {"a short read", FROM_DISK, DISK_SHORT, 0, 0},
    {"short reads for ever", FROM_DISK, DISK_SHORT, 1, 0},
    {"a lock", FROM_DISK, DISK_BUSY, 0, 0},
    {"locks for ever", FROM_DISK, DISK_BUSY, 1, 0},
    {"no memory once", FROM_MEMORY, DISK_NEVER, 0, 0},
    {"no memory", FROM_MEMORY, DISK_NEVER, 1, 0},
    {"an interrupt at an opcode", FROM_OPCODE, DISK_NEVER, 0, 1},
    {"an interrupt at an I/O call", FROM_DISK, DISK_CALL, 0, 1},
    {"an interrupt at an allocation", FROM_MEMORY, DISK_NEVER, 0, 1},
};

static struct {
  const struct arm *arm;
  sqlite3 *h; /* who is interrupted */
  int on;     /* do opcodes and allocations count? */
  long at, count;
  int blown;
  long handled; /* calls of the host's progress handler */
} now;

static void now_stop(void) {
  sqlite3_interrupt(now.h);
}

/* ---- allocations, for interrupts: beneath those of fuse.h ---- */

static sqlite3_mem_methods beneath;

static void memory_count(void) {
  if (!now.on || now.arm->source != FROM_MEMORY || !now.arm->stop) return;
  if (now.count++ != now.at) return;
  now.blown = 1;
  now_stop();
}

static void *memory_malloc(int n) {
  memory_count();
  return beneath.xMalloc(n);
}

static void *memory_realloc(void *p, int n) {
  memory_count();
  return beneath.xRealloc(p, n);
}

static int memory_install(void) {
  sqlite3_mem_methods m;
  int rc = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &beneath);

  m = beneath;
  m.xMalloc = memory_malloc;
  m.xRealloc = memory_realloc;
  if (!rc) rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &m);
  return rc ? rc : fuse_install();
}

/* ---- opcodes: the host's own progress handler ---- */

static int host_progress(void *arg) {
  (void)arg;
  now.handled++;
  if (!now.on || now.arm->source != FROM_OPCODE) return 0;
  if (now.count++ == now.at) {
    now.blown = 1;
    now_stop();
  }
  return 0;
}

/* For who looks for a cause: what ran, and what was open. */
static int host_trace(unsigned what, void *arg, void *st, void *text) {
  (void)arg;
  if (what == SQLITE_TRACE_STMT)
    printf("# %s%s %s\n", disk_fault.blown ? "! " : "",
           sqlite3_get_autocommit(sqlite3_db_handle(st)) ? "auto" : "in",
           (char *)text);
  (void)st;
  return 0;
}

static void arm_on(sqlite3 *h, const struct arm *arm, long at) {
  int disk = arm->source == FROM_DISK;

  now.h = h;
  now.arm = arm;
  now.at = at;
  now.count = now.blown = 0;
  now.on = 1;
  disk_fault = (struct disk_fault){.how = disk ? arm->how : DISK_NEVER,
                                   .at = disk ? at : LONG_MAX,
                                   .forever = arm->forever,
                                   .call = now_stop};
  if (arm->source == FROM_MEMORY && !arm->stop) fuse_arm(at, arm->forever);
}

/* Has it happened? */
static int arm_off(void) {
  if (now.arm->source == FROM_DISK) {
    now.blown = disk_fault.blown != NULL;
    now.count = disk_fault.count;
  } else if (now.arm->source == FROM_MEMORY && !now.arm->stop) {
    now.blown = fuse.blown;
    now.count = fuse.count;
  }
  fuse_pause();
  fuse.at = -1;
  now.on = 0;
  disk_fault.how = DISK_NEVER;
  disk_fault.at = LONG_MAX;
  return now.blown;
}

/* ---- one attempt ---- */

struct attempt {
  sqlite3 *h;
  char *settings; /* before                         */
  char *secure;   /* ... PRAGMA secure_delete       */
  char *value;    /* what the call gave             */
  char *error;    /* ... or said                    */
  int within;     /* autocommit was off             */
};

/* SQLite takes a page that is not there for one of zeros, and a journal that
** ends too early for one that a crash has left: that is how it finds the end of
** a file.  What it then reads, and writes back, is not ours to judge. */
static int is_unfair(void) {
  return now.arm->how == DISK_SHORT && now.arm->source == FROM_DISK;
}

static int is_memory(void) {
  return now.arm->source == FROM_MEMORY && !now.arm->stop;
}

/* The next call's result, in a transaction where the first one had one.  An
** error that says to ROLLBACK first must mean it. */
static char *attempt_call(struct stage *s, struct attempt *a, char **error) {
  char *value;
  int tries;

  for (tries = 0; tries < 2; tries++) {
    if (a->within && sqlite3_get_autocommit(a->h)) {
      free(stage_run(a->h, s->scene->inside, error));
      free(*error);
    }
    value = stage_run(a->h, s->scene->call, error);
    if (value || !is_memory() || !strstr(*error, "ROLLBACK")) return value;
    free(*error);
    free(stage_run(a->h, "ROLLBACK", error));
    if (*error) return NULL;
  }
  *error = NULL;
  return NULL;
}

/* The same connection, when all is well again. */
static void attempt_again(struct stage *s, struct attempt *a) {
  const char *last = s->state[s->nstate - 1];
  char *error = NULL, *value, *state;

  value = a->value ? NULL : attempt_call(s, a, &error);
  if (!a->value && !value) {
    stage_wrong("said `%s`; the same connection's next call: %s", a->error,
                error ? error : "ROLLBACK is no way out");
    free(error);
    return;
  }
  if (s->scene->inside) free(stage_run(a->h, "COMMIT", &error));
  state = stage_state(s, a->h, &error);
  if (!state || strcmp(state, last) != 0) {
    stage_wrong("the same connection's next call makes another database: %s",
                error ? error : "");
    if (state) stage_differ(last, state);
  }
  free(error);
  free(state);
  free(value);
}

/* The host's own is as before. */
static void attempt_host(struct attempt *a, int unfair) {
  char *settings = stage_settings(a->h), *error;
  long handled = now.handled;

  if (strcmp(settings, a->settings) != 0) {
    stage_wrong("settings are not as before");
    stage_differ(a->settings, settings);
  }
  free(stage_run(a->h, "SELECT count(*) FROM sqlite_schema", &error));
  if (error && !unfair) stage_wrong("said `%s`; then: %s", a->error, error);
  if (now.handled == handled) stage_wrong("the progress handler is gone");
  free(settings);
  free(error);
}

/* So is the pragma, which takes memory to be put back: without any, the next
** call does it. */
static void attempt_secure(struct attempt *a) {
  char *error, *secure = stage_run(a->h, "PRAGMA secure_delete", &error);

  if (!secure || strcmp(secure, a->secure) != 0)
    stage_wrong("said `%s`; then secure_delete is %s, not %s",
                a->error ? a->error : "", secure ? secure : error, a->secure);
  free(secure);
  free(error);
}

/* Without memory SQLite may not be able to roll back while the call lasts. Then
** the next call must say so, and ROLLBACK is the way out. */
static void attempt_stuck(struct stage *s, struct attempt *a) {
  char *error;

  if (!is_memory())
    stage_wrong("a transaction is open afterwards: %s", a->error);
  free(stage_run(a->h, s->scene->call, &error));
  if (!error || !strstr(error, "ROLLBACK"))
    stage_wrong("it is not said to ROLLBACK, but: %s", error ? error : "");
  free(error);
  free(stage_run(a->h, "ROLLBACK", &error));
  free(error);
}

/* What is in the caller's transaction is as before, or all of it is gone and
** the message says so. */
static void attempt_within(struct stage *s, struct attempt *a) {
  char *error, *state;

  if (sqlite3_get_autocommit(a->h)) {
    if (now.arm->source == FROM_DISK && !now.arm->stop &&
        !strstr(a->error, "rolled back"))
      stage_wrong("it is not said that all is rolled back: %s", a->error);
    return;
  }
  state = stage_state(s, a->h, &error);
  if (state && !strcmp(state, s->inside)) {
    free(state);
    return;
  }
  if (is_memory())
    attempt_stuck(s, a);
  else {
    stage_wrong("said `%s`; the caller's transaction is not as before: %s",
                a->error, error ? error : "");
    if (state) stage_differ(s->inside, state);
  }
  free(state);
  free(error);
}

static void attempt_judge(struct stage *s, struct attempt *a) {
  struct disk_image image;
  int unfair = is_unfair();

  disk_take(&image);
  if (!unfair)
    stage_check(s, &image, a->value && !a->within ? s->nstate - 1 : 0,
                s->nstate - 1);
  disk_image_free(&image);
  if (!a->within && !sqlite3_get_autocommit(a->h)) attempt_stuck(s, a);
  if (a->within && !a->value && !unfair) attempt_within(s, a);
  attempt_host(a, unfair);
  if (!is_memory()) attempt_secure(a);
  if (!unfair) attempt_again(s, a);
  if (!unfair) attempt_secure(a);
}

/* Did it happen at all?  *count is how many places there are. */
static int attempt(struct stage *s, const struct arm *arm, long at,
                   long *count) {
  struct attempt a = {0};
  sqlite3_int64 used;
  char *error = NULL;
  int blown = 0;

  stage_at("%s, %s, %s at %ld", s->scene->name, s->journal->name, arm->name,
           at);
  crash_at(stage_where(), 60);
  disk_load(&s->image);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
  used = sqlite3_memory_used();
  a.h = stage_connect(s, "disk");
  if (!a.h) return 0;
  if (s->scene->inside) free(stage_run(a.h, s->scene->inside, &error));
  a.within = !sqlite3_get_autocommit(a.h);
  sqlite3_progress_handler(a.h, 1, host_progress, NULL);
  if (opt.trace) sqlite3_trace_v2(a.h, SQLITE_TRACE_STMT, host_trace, NULL);
  a.settings = stage_settings(a.h);
  a.secure = stage_run(a.h, "PRAGMA secure_delete", &error);
  free(error);
  error = NULL;
  arm_on(a.h, arm, at);
  a.value = stage_run(a.h, s->scene->call, &a.error);
  blown = arm_off();
  *count = now.count;
  if (!blown && at < LONG_MAX && a.error) stage_wrong("%s", a.error);
  if (blown) attempt_judge(s, &a);
  free(a.settings);
  free(a.secure);
  free(a.value);
  free(a.error);
  free(error);
  if (sqlite3_close(a.h)) stage_wrong("the connection cannot be closed");
  if (disk_open_files()) stage_wrong("%d files stay open", disk_open_files());
  if (sqlite3_memory_used() != used)
    stage_wrong("leaks %lld bytes", sqlite3_memory_used() - used);
  return blown;
}

static void sweep(struct stage *s, const struct arm *arm, unsigned seed) {
  long total = 0, none, n, i;

  (void)attempt(s, arm, LONG_MAX, &total);
  /* an upgrade has tens of thousands of allocations */
  n = opt.points ? opt.points : arm->source == FROM_MEMORY ? 2000 : total;
  if (n > total) n = total;
  if (opt.only >= 0) (void)attempt(s, arm, opt.only, &none);
  for (i = 0; i < n && stage_wrongs < 5 && opt.only < 0; i++)
    (void)attempt(s, arm, fuse_point(i, n, total, seed), &none);
  if (opt.verbose)
    printf("# %s, %s, %s: %ld of %ld places\n", s->scene->name,
           s->journal->name, arm->name, n, total);
}

/* ---- power cuts ---- */

static void cut(struct stage *s, const struct platter *p, long at,
                const struct disk_event *e, enum disk_loss how, int draw) {
  static const char *const names[] = {"the process died",
                                      "all that was not synced was lost",
                                      "some of it was lost"};
  struct disk_image image;
  int from = e->done, lag = how == DISK_KEEP_ALL ? 0 : stage_lag(s);

  if (from >= s->nstate) from = s->nstate - 1;
  for (; from && lag; lag--) /* commits of nothing do not count */
    do from--;
    while (from && !strcmp(s->state[from], s->state[e->done]));
  stage_at("%s, %s, at event %ld: %s, seed %llu, draw %d", s->scene->name,
           s->journal->name, at, names[how], opt.seed, draw);
  crash_at(stage_where(), 60);
  platter_lose(p, how,
               opt.seed * 1000003u + (unsigned long long)at * 101u +
                   (unsigned)draw,
               &image);
  stage_check(s, &image, from, e->begun);
  disk_image_free(&image);
}

/* The power is cut here, in each way. */
static void cuts(struct stage *s, const struct platter *p, long at,
                 const struct disk_event *e) {
  int draw;

  cut(s, p, at, e, DISK_KEEP_ALL, 0);
  cut(s, p, at, e, DISK_KEEP_SAFE, 0);
  for (draw = 0; draw < opt.draws; draw++)
    cut(s, p, at, e, DISK_KEEP_SOME, draw);
}

static void power(struct stage *s, unsigned seed) {
  struct platter *p = platter_new(&s->image);
  const struct disk_event end = {.begun = disk_log.begun,
                                 .done = disk_log.done};
  long total = disk_log.n - s->first, i, k = 0;
  long n = opt.points && opt.points < total ? opt.points : total;

  for (i = 0; i < disk_log.n && stage_wrongs < 5; i++) {
    const struct disk_event *e = &disk_log.at[i];
    platter_begin(p, e);
    if (i - s->first == fuse_point(k, n, total, seed)) {
      k++;
      cuts(s, p, i, e);
    }
    platter_end(p, e);
  }
  if (stage_wrongs < 5) cuts(s, p, i, &end); /* when the call has returned */
  platter_free(p);
  if (opt.verbose)
    printf("# %s, %s: power cut at %ld of %ld events\n", s->scene->name,
           s->journal->name, k, total);
}

/* ---- cases ---- */

static void case_run(struct stage *s, const char *what, unsigned seed) {
  size_t i;

  if (!strcmp(what, "power")) {
    power(s, seed);
    return;
  }
  for (i = 0; i < sizeof arms / sizeof *arms; i++)
    if (arms[i].stop == !strcmp(what, "stop") &&
        (!opt.arm || !strcmp(opt.arm, arms[i].name)))
      sweep(s, &arms[i], seed + (unsigned)i);
}

/* Is what was asked for there? */
static int case_wanted(const struct scene *scene, const struct journal *j,
                       char **names, int n) {
  int i;

  for (i = 0; i < n && strcmp(names[i], scene->name) != 0;) i++;
  if (n && i == n) return 0;
  if (opt.journal && strcmp(opt.journal, j->name) != 0) return 0;
  return !(scene->attach && j->wal);
}

static int cases(const char *what, char **names, int n) {
  const struct scene *scene;
  const struct journal *j;
  int passed = 0, failed = 0;
  struct stage s;

  for (scene = scenes; scene->name; scene++)
    for (j = journals; j->name; j++) {
      unsigned seed = (unsigned)((scene - scenes) * 7 + (j - journals));
      if (!case_wanted(scene, j, names, n)) continue;
      stage_wrongs = 0;
      disk_kind(seed % 2 ? 4096 : 512, seed % 3 != 1);
      if (stage_open(&s, scene, j, opt.dir)) case_run(&s, what, seed);
      stage_close(&s);
      if (!stage_wrongs && stage_unsynced)
        printf("not ok - %s: no damage is found\n", stage_where());
      !stage_wrongs == !stage_unsynced ? passed++ : failed++;
    }
  if (!passed && !failed) printf("not ok - there is no such case\n"), failed++;
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}

/* ---- the command line ---- */

static int file_remove(const char *path, const struct stat *st, int type,
                       struct FTW *ftw) {
  (void)st, (void)type, (void)ftw;
  return remove(path) != 0;
}

static void dir_end(void) {
  if (!chdir("/")) nftw(opt.dir, file_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static int dir_begin(void) {
  const char *tmp = getenv("TMPDIR");

  if (!tmp) tmp = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
  snprintf(opt.dir, sizeof opt.dir, "%s/migrate-fault-XXXXXX", tmp);
  if (!mkdtemp(opt.dir)) return 1;
  atexit(dir_end);
  return chdir(opt.dir);
}

static int option_set(const char *arg) {
  if (!strncmp(arg, "--points=", 9))
    opt.points = atol(arg + 9);
  else if (!strncmp(arg, "--seed=", 7))
    opt.seed = strtoull(arg + 7, NULL, 10);
  else if (!strncmp(arg, "--draws=", 8))
    opt.draws = atoi(arg + 8);
  else if (!strncmp(arg, "--journal=", 10))
    opt.journal = arg + 10;
  else if (!strncmp(arg, "--at=", 5))
    opt.only = atol(arg + 5);
  else if (!strncmp(arg, "--what=", 7))
    opt.arm = arg + 7;
  else if (!strcmp(arg, "--trace"))
    opt.trace = 1;
  else if (!strcmp(arg, "-v"))
    opt.verbose = 1;
  else if (!strcmp(arg, "--unsynced"))
    stage_unsynced = 1;
  else
    return 0;
  return 1;
}

/* Once before anything is measured: what SQLite and Lua keep for ever. */
static sqlite3 *warm_up(void) {
  sqlite3 *h = NULL;

  if (sqlite3_open(":memory:", &h)) return NULL;
  sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  sqlite3_load_extension(h, scene_library, NULL, NULL);
  return h; /* it keeps the library in memory */
}

int main(int argc, char **argv) {
  static char real[PATH_MAX];
  sqlite3 *h;
  int i, rc;

  for (i = 1; i < argc && option_set(argv[i]);) i++;
  if (argc - i < 2 || !realpath(argv[i], real)) {
    fprintf(stderr, "usage: run [OPTION...] EXTENSION fail|stop|power "
                    "[SCENE...]\n");
    return 2;
  }
  scene_library = real;
  setvbuf(stdout, NULL, _IOLBF, 0);
  unsetenv("MIGRATE_DIRECTORY");
  fuse.at = -1;
  if (memory_install() || disk_install() || dir_begin()) return 2;
  crash_install();
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE);
  h = warm_up();
  rc = cases(argv[i + 1], argv + i + 2, argc - i - 2);
  sqlite3_close(h);
  return rc;
}
