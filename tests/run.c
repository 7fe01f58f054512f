/*
** tests/run.c - run scripts against the extension that users will load.
**
** A script is plain SQL that also works when pasted into the sqlite3 shell.
** What stands before the first title runs at the start of every case.
**   --- title     a new case, in an empty directory, on a fresh database:
**                 ":memory:", or the file test.db when the title has [file];
**                 [from 3.39], [before 3.43]: not with another SQLite;
**                 [64 bits]: not where pointers have 32
**   --> a|b       one expected row, each value as an SQL literal; a text of
**                 several lines takes several
**   --! text      the statement fails, and its message contains text
**   --@ reopen    close the connection and open it again; `reopen readonly`
**   --@ as NAME   go on with another connection to the same file
** A statement without an expectation must succeed and return no row.  Beside
** what the extension brings, readfile() and writefile() are as in the shell.
**
** With --lua, a script is a revision: it is registered on a fresh database and
** upgraded to.  When it begins with `-- error: text` that must fail so.
**
** After a case passed, --oom runs it again with each allocation failing in
** turn.  Then nothing may crash, leak, damage the database, or report success
** with another result; when the extension cannot be loaded, nothing of it may
** stay registered.
**
** usage: run [OPTION...] EXTENSION SCRIPT...
**   --oom[=N]      ... at N allocations, evenly spread (default: all)
**   --oom-forever  ... and all that follow the one that failed
**   --only=TEXT    cases whose title contains TEXT
**   --lua          scripts are Lua
**   --with=SQL     run on each connection first; the database, a file for every
**                  case then, must be sound behind it
**   -v             say what passed, too
*/
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "tests/crash.h"
#include "tests/fuse.h"

/* ---- growing text; not from SQLite's allocator, so it never fails ---- */

struct text {
  char *p; /* NUL-terminated, or NULL while empty */
  size_t n, cap;
};

static void text_add(struct text *t, const char *p, size_t n) {
  if (t->n + n + 1 > t->cap) {
    t->cap = (t->n + n + 1) * 2;
    t->p = realloc(t->p, t->cap);
    if (!t->p) abort();
  }
  if (n) memcpy(t->p + t->n, p, n);
  t->n += n;
  t->p[t->n] = 0;
}

static void text_addz(struct text *t, const char *z) {
  text_add(t, z, strlen(z));
}

static const char *text_z(const struct text *t) {
  return t->p ? t->p : "";
}

static void text_free(struct text *t) {
  free(t->p);
  *t = (struct text){0};
}

/* ---- scripts ---- */

enum step_kind {
  STEP_SQL,       /* statements, one line or more                  */
  STEP_DIRECTIVE, /* what follows --@                              */
  STEP_LUA,       /* a whole revision                              */
  STEP_WRONG      /* the script itself is wrong; `sql` says how    */
};

struct step {
  enum step_kind kind;
  int line;
  struct text sql;
  struct text rows;  /* expected, as row_add() writes them           */
  struct text error; /* parts of the expected message, one a line    */
};

struct item { /* a case */
  const char *path;
  char *title;
  int line;
  int from, to; /* its steps */
};

struct script {
  const char *path;
  struct step *step;
  struct item *item;
  int nstep, nitem;
  int ncommon; /* steps before the first title */
};

static struct step *script_step(struct script *s, enum step_kind kind,
                                int line) {
  size_t n = (size_t)s->nstep + 1;
  struct step *p = realloc(s->step, n * sizeof *p);

  if (!p) abort();
  s->step = p;
  p += s->nstep++;
  *p = (struct step){.kind = kind, .line = line};
  if (s->nitem)
    s->item[s->nitem - 1].to = s->nstep;
  else
    s->ncommon = s->nstep;
  return p;
}

static void script_item(struct script *s, const char *title, size_t len,
                        int line) {
  size_t n = (size_t)s->nitem + 1;
  struct item *p = realloc(s->item, n * sizeof *p);
  struct text t = {0};

  if (!p) abort();
  s->item = p;
  p += s->nitem++;
  text_add(&t, title, len);
  *p = (struct item){s->path, t.p, line, s->nstep, s->nstep};
}

static void script_wrong(struct script *s, int line, const char *why) {
  text_addz(&script_step(s, STEP_WRONG, line)->sql, why);
}

/* An expectation, of n bytes behind its mark, belongs to the last statement. */
static void script_expect(struct script *s, char mark, const char *p, size_t n,
                          int line) {
  int from = s->nitem ? s->item[s->nitem - 1].from : 0;
  struct step *st = s->nstep > from ? &s->step[s->nstep - 1] : NULL;
  struct text *t;

  if (!st || st->kind != STEP_SQL) {
    script_wrong(s, line, "an expectation without a statement");
    return;
  }
  t = mark == '>' ? &st->rows : &st->error;
  if (n && *p == ' ') p++, n--;
  text_add(t, p, n);
  text_add(t, "\n", 1);
}

/* Is this line, outside a statement, nothing to run? */
static int line_is_idle(const char *p, size_t n) {
  while (n && strchr(" \t\r", *p)) p++, n--;
  return n == 0 || (n >= 2 && p[0] == '-' && p[1] == '-');
}

/* One line of a script; *open says whether a statement is unfinished. */
static void script_line(struct script *s, const char *p, size_t n, int line,
                        int *open) {
  char mark = n >= 3 && p[0] == '-' && p[1] == '-' ? p[2] : 0;

  if (n == 3 && mark == '-') mark = 0;
  if (n > 3 && mark == '-' && p[3] != ' ') mark = 0;
  if (mark && strchr("->!@", mark)) {
    if (*open) script_wrong(s, line, "the statement before has no end");
    *open = 0;
    if (mark == '-')
      script_item(s, p + 4, n - 4, line);
    else if (mark == '@')
      text_add(&script_step(s, STEP_DIRECTIVE, line)->sql, p + 3, n - 3);
    else
      script_expect(s, mark, p + 3, n - 3, line);
    return;
  }
  if (!*open && line_is_idle(p, n)) return;
  if (!*open) script_step(s, STEP_SQL, line);
  text_add(&s->step[s->nstep - 1].sql, p, n);
  text_add(&s->step[s->nstep - 1].sql, "\n", 1);
  *open = !memchr(p, ';', n) ||
          !sqlite3_complete(text_z(&s->step[s->nstep - 1].sql));
}

static struct text file_read(const char *path) {
  struct text t = {0};
  FILE *f = fopen(path, "rb");
  char buf[65536];
  size_t n;

  if (!f) {
    perror(path);
    exit(2);
  }
  while ((n = fread(buf, 1, sizeof buf, f)) > 0) text_add(&t, buf, n);
  fclose(f);
  return t;
}

static void script_read_sql(struct script *s) {
  struct text all = file_read(s->path);
  const char *p = text_z(&all), *end = p + all.n;
  int line = 0, open = 0;

  while (p < end) {
    const char *nl = memchr(p, '\n', (size_t)(end - p));
    size_t n = (size_t)((nl ? nl : end) - p);
    script_line(s, p, n && p[n - 1] == '\r' ? n - 1 : n, ++line, &open);
    p += n + 1;
  }
  if (open) script_wrong(s, line, "the last statement has no end");
  text_free(&all);
}

/* tests/lua/lib/fails.lua: a module for all scripts in Lua */
static struct text lua_fails;

static void script_read_lua(struct script *s) {
  static const char mark[] = "-- error: ";
  const char *slash = strrchr(s->path, '/'),
             *name = slash ? slash + 1 : s->path, *z;
  struct step *st;

  script_item(s, name, strlen(name), 1);
  st = script_step(s, STEP_LUA, 1);
  st->sql = file_read(s->path);
  if (!lua_fails.n) lua_fails = file_read("tests/lua/lib/fails.lua");
  z = text_z(&st->sql);
  if (strncmp(z, mark, sizeof mark - 1) != 0) return;
  z += sizeof mark - 1;
  text_add(&st->error, z, strcspn(z, "\r\n"));
  text_add(&st->error, "\n", 1);
}

static void script_free(struct script *s) {
  int i;

  for (i = 0; i < s->nstep; i++) {
    text_free(&s->step[i].sql);
    text_free(&s->step[i].rows);
    text_free(&s->step[i].error);
  }
  for (i = 0; i < s->nitem; i++) free(s->item[i].title);
  free(s->step);
  free(s->item);
}

/* ---- what the sqlite3 shell has ---- */

static void sql_readfile(sqlite3_context *ctx, int n, sqlite3_value **v) {
  const char *path = (const char *)sqlite3_value_text(v[0]);
  FILE *f = path ? fopen(path, "rb") : NULL;
  int armed = fuse_pause();
  struct text t = {0};
  char buf[65536];
  size_t k;

  (void)n;
  while (f && (k = fread(buf, 1, sizeof buf, f)) > 0) text_add(&t, buf, k);
  if (f) {
    sqlite3_result_blob64(ctx, text_z(&t), t.n, SQLITE_TRANSIENT);
    fclose(f);
  }
  text_free(&t);
  fuse.armed = armed;
}

static FILE *file_create(const char *path) {
  FILE *f = fopen(path, "wb");
  char *dir, *p;

  if (f || errno != ENOENT) return f;
  dir = strdup(path);
  for (p = dir ? strchr(dir + 1, '/') : NULL; p; p = strchr(p + 1, '/')) {
    *p = 0;
    mkdir(dir, 0777);
    *p = '/';
  }
  free(dir);
  return fopen(path, "wb");
}

static void sql_writefile(sqlite3_context *ctx, int n, sqlite3_value **v) {
  const char *path = (const char *)sqlite3_value_text(v[0]);
  const void *data = sqlite3_value_type(v[1]) == SQLITE_TEXT
                         ? sqlite3_value_text(v[1])
                         : sqlite3_value_blob(v[1]);
  size_t len = (size_t)sqlite3_value_bytes(v[1]);
  FILE *f = path ? file_create(path) : NULL;

  (void)n;
  if (!f) {
    sqlite3_result_error(ctx, "writefile: cannot write the file", -1);
    return;
  }
  if (len && fwrite(data, 1, len, f) != len)
    sqlite3_result_error(ctx, "writefile: the file is incomplete", -1);
  else
    sqlite3_result_int64(ctx, (sqlite3_int64)len);
  fclose(f);
}

/* ---- one attempt at one case ---- */

struct conn {
  char name[32];
  sqlite3 *h;
};

static struct {
  const char *ext;     /* absolute path of the extension                     */
  const char *only;    /* run cases with this in the title                   */
  const char *with;    /* SQL for each connection, or NULL                   */
  char dir[PATH_MAX];  /* ours; cases run in its folder "w"                  */
  char home[PATH_MAX]; /* where scripts' paths begin                        */
  int lua, oom, forever, verbose;
  long points; /* failing allocations for each case; 0: all          */
} opt;

static struct {
  const struct item *item;
  const char *file; /* the database's name                               */
  struct conn conn[8];
  int nconn, at; /* at: the connection in use                         */
  int sweeping;  /* is an allocation being failed?                    */
  int astray;    /* has a failed allocation shown? then rows may differ */
  int orphans;   /* libraries that SQLite lost track of                     */
  int writes;    /* does it write the schema's text itself?           */
  int wrong;     /* complaints                                        */
} now;

/* Begin a complaint about the case, at this line. */
static void case_wrong(int line, const char *fmt, ...) {
  va_list ap;

  now.wrong++;
  printf("not ok - %s:%d: %s\n  ", now.item->path, line, now.item->title);
  if (now.sweeping)
    printf("with allocation %ld failing%s: ", fuse.at,
           fuse.forever ? ", and all after it" : "");
  va_start(ap, fmt);
  vprintf(fmt, ap);
  va_end(ap);
  printf("\n");
}

/* Up to 60 lines of a text, each behind `mark`. */
static void print_lines(const char *mark, const struct text *t) {
  const char *p = text_z(t);
  int left = 60;

  for (; *p && left--; p += strcspn(p, "\n"), p += *p == '\n')
    printf("    %s%.*s\n", mark, (int)strcspn(p, "\n"), p);
  if (*p) printf("    ...\n");
}

/*
** Is the library in memory?  After a failed load SQLite has let go of it, but
** for one way to fail: the entry point succeeded, and then SQLite could not
** note the library.  Then what is registered works, and the library stays.
*/
static int library_is_here(void) {
  void *lib = dlopen(opt.ext, RTLD_LAZY | RTLD_NOLOAD);

  if (lib) dlclose(lib);
  return lib != NULL;
}

/* What a failed load left behind would call code that is gone. */
static void check_unregistered(sqlite3 *h) {
  static const char sql[] =
      "SELECT group_concat(name, ', ') FROM (SELECT name FROM "
      "pragma_function_list UNION SELECT name FROM pragma_module_list) WHERE "
      "name LIKE 'migrate\\_%' ESCAPE '\\'";
  sqlite3_stmt *st = NULL;

  if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) ||
      sqlite3_step(st) != SQLITE_ROW)
    case_wrong(now.item->line, "cannot list functions: %s", sqlite3_errmsg(h));
  else if (sqlite3_column_type(st, 0) != SQLITE_NULL)
    case_wrong(now.item->line, "not loaded, but registered: %s",
               (const char *)sqlite3_column_text(st, 0));
  sqlite3_finalize(st);
}

static int conn_load(sqlite3 *h) {
  char *err = NULL;
  int rc;

  sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  fuse.armed = 1;
  rc = sqlite3_load_extension(h, opt.ext, NULL, &err);
  fuse_pause();
  if (rc && !fuse.blown)
    case_wrong(now.item->line, "cannot load: %s", err ? err : "no message");
  if (rc && library_is_here())
    now.orphans++;
  else if (rc)
    check_unregistered(h);
  sqlite3_free(err);
  fuse.armed = 1;
  return rc;
}

/* Open a connection.  Without the extension there is none. */
static void conn_open(struct conn *c, int readonly) {
  int flags = readonly ? SQLITE_OPEN_READONLY
                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
      rc;

  fuse_pause();
  rc = sqlite3_open_v2(now.file, &c->h, flags, NULL);
  if (rc) case_wrong(now.item->line, "cannot open: %s", sqlite3_errmsg(c->h));
  if (!rc) {
    flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    sqlite3_create_function(c->h, "readfile", 1, flags, 0, sql_readfile, 0, 0);
    sqlite3_create_function(c->h, "writefile", 2, flags, 0, sql_writefile, 0,
                            0);
    /* where a build's default is that nobody writes the schema's text */
    if (now.writes) sqlite3_db_config(c->h, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    rc = conn_load(c->h);
  }
  if (!rc && opt.with) rc = sqlite3_exec(c->h, opt.with, NULL, NULL, NULL);
  if (!rc) return;
  now.astray = 1;
  sqlite3_close(c->h);
  c->h = NULL;
}

static void conn_close(struct conn *c) {
  if (c->h && sqlite3_close(c->h)) {
    fuse_pause();
    case_wrong(now.item->line, "connection %s is closed with %s", c->name,
               sqlite3_next_stmt(c->h, NULL)
                   ? sqlite3_sql(sqlite3_next_stmt(c->h, NULL))
                   : "something still open");
    sqlite3_close_v2(c->h);
  }
  c->h = NULL;
}

/* A blob, or a text, as a literal. */
static void bytes_add(struct text *out, int type, const void *v, int n) {
  const char *p = v;
  char hex[3];
  int i;

  text_addz(out, type == SQLITE_BLOB ? "x'" : "'");
  for (i = 0; i < n; i++) {
    if (type == SQLITE_BLOB) {
      snprintf(hex, sizeof hex, "%02x", (unsigned char)p[i]);
      text_addz(out, hex);
    } else {
      text_add(out, "''", p[i] == '\'' ? 1 : 0);
      text_add(out, p + i, 1);
    }
  }
  text_addz(out, "'");
}

/* A double as the shell's quote mode writes it: the shortest that is exact. */
static void double_add(struct text *out, double d) {
  char z[64];

  int digits = 15;

  do sqlite3_snprintf(sizeof z, z, "%!.*g", digits, d);
  while (strtod(z, NULL) != d && digits++ < 17);
  text_addz(out, z);
}

static void value_add(struct text *out, sqlite3_stmt *st, int i) {
  int type = sqlite3_column_type(st, i);
  const void *p;
  char z[32];

  switch (type) {
  case SQLITE_NULL:
    text_addz(out, "NULL");
    break;
  case SQLITE_INTEGER:
    snprintf(z, sizeof z, "%lld", (long long)sqlite3_column_int64(st, i));
    text_addz(out, z);
    break;
  case SQLITE_FLOAT:
    double_add(out, sqlite3_column_double(st, i));
    break;
  default:
    p = type == SQLITE_TEXT ? (const void *)sqlite3_column_text(st, i)
                            : sqlite3_column_blob(st, i);
    bytes_add(out, type, p, sqlite3_column_bytes(st, i));
  }
}

struct result {
  struct text rows;
  struct text error; /* the message; empty: success */
};

static void error_add(sqlite3 *h, struct result *r) {
  int armed = fuse_pause();

  text_addz(&r->error, sqlite3_errmsg(h));
  fuse.armed = armed;
}

/* Run a prepared statement and finalise it. */
static void stmt_run(sqlite3 *h, sqlite3_stmt *st, struct result *r) {
  int rc, i, armed;

  while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
    armed = fuse_pause();
    for (i = 0; i < sqlite3_column_count(st); i++) {
      if (i) text_addz(&r->rows, "|");
      value_add(&r->rows, st, i);
    }
    text_addz(&r->rows, "\n");
    fuse.armed = armed;
  }
  if (rc != SQLITE_DONE) error_add(h, r);
  sqlite3_finalize(st);
}

static void sql_run(sqlite3 *h, const char *sql, struct result *r) {
  sqlite3_stmt *st;

  while (*sql && !r->error.n) {
    int rc = sqlite3_prepare_v2(h, sql, -1, &st, &sql);
    if (rc) error_add(h, r);
    if (!rc && st) stmt_run(h, st, r);
  }
}

/* migrate_register(text, name) */
static void lua_register(sqlite3 *h, const struct text *text, const char *name,
                         struct result *r) {
  static const char reg[] = "SELECT migrate_register(?1, ?2)";
  sqlite3_stmt *st = NULL;

  if (sqlite3_prepare_v2(h, reg, -1, &st, NULL) ||
      sqlite3_bind_text(st, 1, text_z(text), (int)text->n, SQLITE_STATIC) ||
      sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC)) {
    error_add(h, r);
    sqlite3_finalize(st);
  } else
    stmt_run(h, st, r);
}

/* The script, and beside it the module that all scripts have. */
static void lua_run(sqlite3 *h, const struct step *s, struct result *r) {
  lua_register(h, &lua_fails, "lib/fails.lua", r);
  if (!r->error.n) lua_register(h, &s->sql, now.item->title, r);
  if (!r->error.n) sql_run(h, "SELECT migrate_upgrade()", r);
  text_free(&r->rows);
}

/* Is each line of `parts` in `message`? */
static int has_parts(const char *message, const struct text *parts) {
  const char *p = text_z(parts);

  while (*p) {
    size_t n = strcspn(p, "\n");
    char *part = strndup(p, n);
    int found = part && strstr(message, part);
    free(part);
    if (!found) return 0;
    p += n + 1;
  }
  return 1;
}

/* Is the result what the script expects? */
static int result_fits(const struct step *s, const struct result *r) {
  if (!s->error.n != !r->error.n) return 0;
  if (!has_parts(text_z(&r->error), &s->error)) return 0;
  if (s->error.n && !s->rows.n) return 1;
  return !strcmp(text_z(&s->rows), text_z(&r->rows));
}

static void result_print(const char *title, const struct text *rows,
                         const struct text *error) {
  printf("  %s%s\n", title, rows->n || error->n ? "" : " nothing");
  print_lines("--> ", rows);
  print_lines("--! ", error);
}

/* PRAGMA integrity_check gives its own want of memory as a row. */
static int result_failed(const struct result *r) {
  return r->error.n || strstr(text_z(&r->rows), "error code=7'");
}

/* Compare.  A failed allocation may turn any result into an error, and what
** follows is then astray; but a success must be the right one. */
static void step_check(const struct step *s, const struct result *r) {
  if (now.astray || result_fits(s, r)) return;
  if (now.sweeping && fuse.blown && result_failed(r)) {
    now.astray = 1;
    return;
  }
  case_wrong(s->line, "another result than expected");
  if (s->kind == STEP_SQL) print_lines("", &s->sql);
  result_print("want", &s->rows, &s->error);
  result_print("got", &r->rows, &r->error);
}

/* Go on with connection `name`, which is opened when it is new. */
static void conn_use(int line, const char *name) {
  struct conn *c;
  int i;

  for (i = 0; i < now.nconn && strcmp(now.conn[i].name, name) != 0;) i++;
  if (i == now.nconn) {
    if (i == 8 || (i > 0 && *now.file == ':')) {
      case_wrong(line, i == 8 ? "too many connections"
                              : "another connection needs [file]");
      return;
    }
    c = &now.conn[now.nconn++];
    snprintf(c->name, sizeof c->name, "%s", name);
    conn_open(c, 0);
  }
  now.at = i;
}

static void directive_run(const struct step *s) {
  struct conn *c = &now.conn[now.at];
  const char *z = text_z(&s->sql);

  z += strspn(z, " ");
  if (!strncmp(z, "as ", 3))
    conn_use(s->line, z + 3);
  else if (!strcmp(z, "reopen") || !strcmp(z, "reopen readonly")) {
    conn_close(c);
    conn_open(c, z[6] != 0);
  } else
    case_wrong(s->line, "what is `--@ %s`?", z);
}

static void step_run(const struct step *s) {
  sqlite3 *h = now.conn[now.at].h;
  struct result r = {0};

  if (s->kind == STEP_WRONG)
    case_wrong(s->line, "%s", text_z(&s->sql));
  else if (s->kind == STEP_DIRECTIVE)
    directive_run(s);
  else {
    if (s->kind == STEP_LUA)
      lua_run(h, s, &r);
    else
      sql_run(h, text_z(&s->sql), &r);
    fuse_pause();
    step_check(s, &r);
  }
  text_free(&r.rows);
  text_free(&r.error);
  fuse.armed = 1;
}

/* ---- the directory of an attempt ---- */

static int locked_dirs;

static int file_remove(const char *path, const struct stat *st, int type,
                       struct FTW *ftw) {
  (void)st, (void)ftw;
  if (type == FTW_DNR) {
    locked_dirs++;
    return chmod(path, 0700) != 0;
  }
  return remove(path) != 0;
}

static void dir_remove(const char *path) {
  do {
    locked_dirs = 0;
    if (access(path, F_OK)) return;
  } while (!nftw(path, file_remove, 16, FTW_DEPTH | FTW_PHYS) && locked_dirs);
}

static void dir_fresh(void) {
  if (chdir(opt.dir)) exit(2);
  dir_remove("w");
  if (mkdir("w", 0777) || chdir("w")) {
    perror(opt.dir);
    exit(2);
  }
}

static void dir_end(void) {
  if (opt.dir[0] && !chdir("/")) dir_remove(opt.dir);
}

static void dir_begin(void) {
  const char *tmp = getenv("TMPDIR");

  if (!tmp) tmp = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
  snprintf(opt.dir, sizeof opt.dir, "%s/migrate-XXXXXX", tmp);
  if (!mkdtemp(opt.dir)) {
    perror(opt.dir);
    exit(2);
  }
  atexit(dir_end);
}

/* ---- cases ---- */

/* Is the file test.db sound, or not there? */
static int file_sound(void) {
  struct result r = {0};
  sqlite3 *h = NULL;
  int ok = 1;

  if (access("test.db", F_OK)) return 1;
  fuse_pause();
  if (sqlite3_open("test.db", &h) == SQLITE_OK) {
    sql_run(h, "PRAGMA integrity_check", &r);
    fuse_pause();
    ok = !r.error.n && !strcmp(text_z(&r.rows), "'ok'\n");
  }
  sqlite3_close(h);
  text_free(&r.rows);
  text_free(&r.error);
  return ok;
}

/* Let go of libraries in SQLite's stead; no connection is open now. */
static void libraries_end(void) {
  void *lib;

  for (; now.orphans; now.orphans--) {
    lib = dlopen(opt.ext, RTLD_LAZY | RTLD_NOLOAD);
    if (lib) dlclose(lib), dlclose(lib);
  }
}

/* Run the case with allocation `at` failing, or none.  Returns whether its
** file is sound afterwards. */
static int case_attempt(const struct script *s, long at) {
  const struct item *it = now.item;
  sqlite3_int64 used;
  int i, sound;

  dir_fresh();
  crash_at(it->title, 300);
  now.file = opt.with || strstr(it->title, "[file]") ? "test.db" : ":memory:";
  now.writes = 0;
  for (i = it->from; i < it->to; i++)
    now.writes |= strstr(text_z(&s->step[i].sql), "writable_schema") != NULL;
  now.sweeping = at >= 0;
  now.astray = now.nconn = now.at = 0;
  used = sqlite3_memory_used();
  fuse_arm(at, opt.forever);
  conn_use(it->line, "main");
  for (i = 0; i < s->ncommon && now.conn[now.at].h && !now.wrong; i++)
    step_run(&s->step[i]);
  for (i = it->from; i < it->to && now.conn[now.at].h && now.wrong < 3; i++)
    step_run(&s->step[i]);
  for (i = 0; i < now.nconn; i++) conn_close(&now.conn[i]);
  fuse_pause();
  libraries_end();
  used = sqlite3_memory_used() - used;
  if (used) case_wrong(it->line, "leaks %lld bytes", (long long)used);
  sound = file_sound();
  crash_at("between cases", 0);
  return sound;
}

static double clock_seconds(void) {
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* With a bound on the points there is one on the time: 1/10 s each, but no
** fewer than 5 points. */
static long sweep_points(long total, double seconds) {
  long n = opt.points && opt.points < total ? opt.points : total;
  long fit = seconds > 0 ? (long)((double)opt.points / 10 / seconds) : n;

  if (opt.points && n > fit) n = fit > 5 ? fit : 5;
  return n < total ? n : total;
}

static void case_sweep(const struct script *s, unsigned seed, int sound,
                       double seconds) {
  long total = fuse.count, n = sweep_points(total, seconds), i;

  for (i = 0; i < n && !now.wrong; i++)
    if (case_attempt(s, fuse_point(i, n, total, seed)) < sound)
      case_wrong(now.item->line, "test.db is damaged");
}

static int case_run(const struct script *s, const struct item *it,
                    unsigned seed) {
  double start = clock_seconds();
  int sound;

  now.item = it;
  now.wrong = 0;
  sound = case_attempt(s, -1);
  if (opt.with && !sound) case_wrong(it->line, "test.db is damaged");
  if (opt.oom && !now.wrong)
    case_sweep(s, seed, sound, clock_seconds() - start);
  if (opt.verbose && !now.wrong)
    printf("ok - %s:%d: %s (%.0f ms)\n", it->path, it->line, it->title,
           (clock_seconds() - start) * 1000);
  return !now.wrong;
}

/* ---- the command line ---- */

static int option_set(const char *arg) {
  if (!strcmp(arg, "--oom"))
    opt.oom = 1;
  else if (!strncmp(arg, "--oom=", 6))
    opt.oom = 1, opt.points = atol(arg + 6);
  else if (!strcmp(arg, "--oom-forever"))
    opt.oom = opt.forever = 1;
  else if (!strncmp(arg, "--only=", 7))
    opt.only = arg + 7;
  else if (!strncmp(arg, "--with=", 7))
    opt.with = arg + 7;
  else if (!strcmp(arg, "--lua"))
    opt.lua = 1;
  else if (!strcmp(arg, "-v"))
    opt.verbose = 1;
  else
    return 0;
  return 1;
}

/* Cases run elsewhere, so the extension's path must not depend on where. */
static void extension_find(const char *path) {
  static char real[PATH_MAX], with[PATH_MAX];

  snprintf(with, sizeof with, "%s.so", path);
  opt.ext = realpath(path, real);
  if (!opt.ext) opt.ext = realpath(with, real);
  if (opt.ext) return;
  perror(path);
  exit(2);
}

/* Is the case for this machine, and the SQLite that runs? */
static int title_fits(const char *title) {
  int running = sqlite3_libversion_number(), major, minor;
  const char *from = strstr(title, "[from "),
             *before = strstr(title, "[before ");

  if (strstr(title, "[64 bits]") && sizeof(void *) < 8) return 0;
  if (from && sscanf(from, "[from %d.%d]", &major, &minor) == 2 &&
      running < major * 1000000 + minor * 1000)
    return 0;
  return !before || sscanf(before, "[before %d.%d]", &major, &minor) != 2 ||
         running < major * 1000000 + minor * 1000;
}

static void script_run(const char *path, int *passed, int *failed) {
  struct script s = {.path = path};
  int i;

  opt.lua ? script_read_lua(&s) : script_read_sql(&s);
  for (i = 0; i < s.nitem; i++) {
    if (opt.only && !strstr(s.item[i].title, opt.only)) continue;
    if (!title_fits(s.item[i].title)) continue;
    case_run(&s, &s.item[i], (unsigned)(*passed + *failed)) ? ++*passed
                                                            : ++*failed;
  }
  script_free(&s);
}

/* Once before anything is measured: what SQLite and Lua keep for ever. */
static void warm_up(void) {
  sqlite3 *h = NULL;

  if (sqlite3_open(":memory:", &h) == SQLITE_OK) {
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    sqlite3_load_extension(h, opt.ext, NULL, NULL);
  }
  sqlite3_close(h);
}

int main(int argc, char **argv) {
  int passed = 0, failed = 0, i, first;

  for (first = 1; first < argc && option_set(argv[first]);) first++;
  if (first + 1 >= argc || argv[first][0] == '-') {
    fprintf(stderr, "usage: run [--oom[=N]] [--oom-forever] [--only=TEXT] "
                    "[--lua] [-v] EXTENSION SCRIPT...\n");
    return 2;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  unsetenv("MIGRATE_DIRECTORY");
  extension_find(argv[first]);
  if (!getcwd(opt.home, sizeof opt.home)) return 2;
  if (fuse_install()) return 2;
  crash_install();
  dir_begin();
  warm_up();
  for (i = first + 1; i < argc && !chdir(opt.home); i++)
    script_run(argv[i], &passed, &failed);
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
