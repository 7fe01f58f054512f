/*
** ext/store/os.c - the one file that touches the operating system: files,
** directories, the environment, a clock, standard error.  POSIX.
**
** Errors are SQLITE_CANTOPEN, not SQLITE_IOERR: that one, from a function or a
** table, makes SQLite roll the caller's whole transaction back.
*/
#define _XOPEN_SOURCE 700
#include "ext/store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

static void os_fail(mig_cx *cx, const char *path, const char *what) {
  if (errno == ENOMEM)
    mig_fail_nomem(cx);
  else
    mig_fail(cx, SQLITE_CANTOPEN, "%s: %s: %s", path, what, strerror(errno));
}

/* Fill n bytes from the file; fewer are there when it was cut meanwhile. */
static int os_fill(int fd, char *p, int n) {
  ssize_t got;
  int had = 0;

  while (had < n && (got = read(fd, p + had, (size_t)(n - had))) != 0) {
    if (got < 0 && errno != EINTR) return -1;
    if (got > 0) had += (int)got;
  }
  return had;
}

mig_span mig_os_read(mig_cx *cx, const char *path, sqlite3_int64 limit) {
  mig_span s = {NULL, 0};
  struct stat st;
  char *p;
  int fd;

  if (cx->rc) return s;
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || fstat(fd, &st)) {
    os_fail(cx, path, "cannot be read");
  } else if (!S_ISREG(st.st_mode)) {
    mig_fail(cx, SQLITE_CANTOPEN, "%s: is not a regular file", path);
  } else if (st.st_size > limit) {
    mig_fail(cx, SQLITE_TOOBIG,
             "%s: has %lld bytes, more than the %lld a script may have; "
             "load the data from elsewhere",
             path, (sqlite3_int64)st.st_size, limit);
  } else if ((p = mig_alloc(cx, (size_t)st.st_size + 1)) != NULL) {
    s = (mig_span){p, os_fill(fd, p, (int)st.st_size)};
    if (s.n < 0) os_fail(cx, path, "cannot be read");
  }
  if (fd >= 0) close(fd);
  return s;
}

static int has_suffix(const char *name, const char *const *suffixes) {
  size_t n = strlen(name), k;

  for (; *suffixes; suffixes++) {
    k = strlen(*suffixes);
    if (n > k && !strcmp(name + n - k, *suffixes)) return 1;
  }
  return 0;
}

static int name_compare(const void *a, const void *b) {
  return strcmp(a, b);
}

void mig_os_each(mig_cx *cx, const char *dir, const char *const *suffixes,
                 int optional,
                 void (*each)(mig_cx *cx, void *arg, const char *name),
                 void *arg) {
  struct dirent *e;
  DIR *d;

  if (cx->rc) return;
  d = opendir(dir);
  if (!d) {
    if (errno != ENOENT || !optional) os_fail(cx, dir, "cannot be read");
    return;
  }
  while (!cx->rc && (errno = 0, e = readdir(d)) != NULL)
    if (e->d_name[0] != '.' && has_suffix(e->d_name, suffixes))
      each(cx, arg, e->d_name);
  if (!cx->rc && errno) os_fail(cx, dir, "cannot be read");
  closedir(d);
}

static void name_add(mig_cx *cx, void *names, const char *name) {
  mig_list_add(cx, names, mig_strdup(cx, name));
}

mig_list mig_os_list(mig_cx *cx, const char *dir, const char *const *suffixes,
                     int optional) {
  mig_list names = {0};

  mig_os_each(cx, dir, suffixes, optional, name_add, &names);
  mig_list_sort(cx, &names, name_compare);
  return names;
}

/* The directory that a path is in; the caller's, to free with sqlite3_free().
 */
static char *os_dir(const char *path) {
  const char *slash = strrchr(path, '/');

  if (!slash) return sqlite3_mprintf(".");
  return sqlite3_mprintf("%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Make the directory's entry for a new file durable, as far as it can be. */
static void os_sync_dir(const char *path) {
  char *dir = os_dir(path);
  int fd = dir ? open(dir, O_RDONLY | O_CLOEXEC) : -1;

  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  sqlite3_free(dir);
}

static int os_put(int fd, const char *p, size_t n) {
  ssize_t put;

  while (n > 0) {
    put = write(fd, p, n);
    if (put < 0 && errno != EINTR) return -1;
    if (put > 0) p += put, n -= (size_t)put;
  }
  return fsync(fd);
}

void mig_os_write_new(mig_cx *cx, const char *path, const char *text) {
  int fd, bad, keep;

  if (cx->rc) return;
  fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) {
    os_fail(cx, path, "cannot be made");
    return;
  }
  bad = os_put(fd, text, strlen(text));
  keep = errno;
  if (close(fd) && !bad) bad = 1, keep = errno;
  errno = keep;
  if (bad) {
    os_fail(cx, path, "cannot be written");
    unlink(path);
  } else {
    os_sync_dir(path);
  }
}

void mig_os_replace(mig_cx *cx, const char *path, const char *text) {
  char real[PATH_MAX]; /* behind links, which stay links */
  struct stat st;
  char *now;

  if (cx->rc) return;
  if (!realpath(path, real) || stat(real, &st) || access(real, W_OK)) {
    os_fail(cx, path, "cannot be rewritten");
    return;
  }
  now = mig_printf(cx, "%s.migrate~", real);
  if (now) (void)unlink(now); /* one that was killed may have left it */
  if (now) mig_os_write_new(cx, now, text);
  if (cx->rc) return;
  if (chmod(now, st.st_mode & 07777) || rename(now, real)) {
    os_fail(cx, path, "cannot be replaced");
    unlink(now);
  } else {
    os_sync_dir(real);
  }
}

void mig_os_mkdir(mig_cx *cx, const char *path) {
  char *z = mig_strdup(cx, path), *p;
  struct stat st;

  if (!z) return;
  for (p = z + 1; *p; p++) {
    if (*p != '/') continue;
    *p = 0;
    (void)mkdir(z, 0777); /* what matters is whether the last one is there */
    *p = '/';
  }
  if (mkdir(z, 0777) && (errno != EEXIST || stat(z, &st)))
    os_fail(cx, path, "cannot be made");
  else if (stat(z, &st) || !S_ISDIR(st.st_mode))
    mig_fail(cx, SQLITE_CANTOPEN, "%s: exists, and is not a directory", path);
}

/* ---- a file that appears whole, or not at all ---- */

void mig_os_fresh(mig_cx *cx, const char *path) {
  char *dir = cx->rc ? NULL : os_dir(path);
  struct stat st;

  if (!dir) {
    mig_fail_nomem(cx);
  } else if (!lstat(path, &st)) {
    mig_fail(cx, SQLITE_CANTOPEN, "%s: exists, and nothing is overwritten",
             path);
  } else if (errno != ENOENT) {
    os_fail(cx, path, "cannot be made");
  } else if (access(dir, W_OK | X_OK)) {
    os_fail(cx, dir, "the directory cannot be written to");
  }
  sqlite3_free(dir);
}

sqlite3_int64 mig_os_space(const char *path) {
  char *dir = os_dir(path);
  struct statvfs v;
  double bytes;
  int bad = !dir || statvfs(dir, &v);

  sqlite3_free(dir);
  if (bad) return -1;
  bytes = (double)v.f_bavail * (double)(v.f_frsize ? v.f_frsize : v.f_bsize);
  return bytes < 9e18 ? (sqlite3_int64)bytes : 9000000000000000000;
}

void mig_os_begin(mig_cx *cx, const char *path, const char *like) {
  struct stat st;
  mode_t mode = 0666;
  int fd;

  if (cx->rc) return;
  if (like && *like && !stat(like, &st)) mode = st.st_mode & 0666;
  fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0)
    os_fail(cx, path, "cannot be made");
  else
    close(fd);
}

/* Give a name that is free to the file, in a file system without links: take
** the name, then replace what was just made. */
static int os_take_name(const char *from, const char *to) {
  int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), keep;

  if (fd < 0) return -1;
  close(fd);
  if (!rename(from, to)) return 0;
  keep = errno;
  unlink(to);
  errno = keep;
  return -1;
}

void mig_os_publish(mig_cx *cx, const char *from, const char *to) {
  int fd, bad;

  if (cx->rc) return;
  fd = open(from, O_RDONLY | O_CLOEXEC);
  bad = fd < 0 || fsync(fd);
  if (bad) os_fail(cx, from, "cannot be written");
  if (fd >= 0) close(fd);
  if (bad) return;
  bad = link(from, to);
  if (!bad)
    unlink(from);
  else if (errno != EEXIST)
    bad = os_take_name(from, to);
  if (bad)
    os_fail(cx, to, "cannot be made");
  else
    os_sync_dir(to);
}

void mig_os_remove(const char *path) {
  unlink(path);
}

int mig_os_exists(const char *path) {
  struct stat st;

  return stat(path, &st) == 0;
}

const char *mig_os_env(const char *name) {
  const char *z = getenv(name);

  return z && *z ? z : NULL;
}

sqlite3_int64 mig_os_clock_ms(void) {
  struct timespec t;

  if (clock_gettime(CLOCK_MONOTONIC, &t)) return 0;
  return (sqlite3_int64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int mig_os_columns(void) {
  int n = 0;
#ifdef TIOCGWINSZ
  struct winsize w;

  if (isatty(STDERR_FILENO) && !ioctl(STDERR_FILENO, TIOCGWINSZ, &w))
    n = w.ws_col;
#endif
  return n > 0 ? n : isatty(STDERR_FILENO) ? 80 : 0;
}

/* Write what can be written now; the rest of a report is no loss. */
static int os_note(const char *p, int n) {
  ssize_t put;

  while (n > 0) {
    put = write(STDERR_FILENO, p, (size_t)n);
    if (put < 0 && errno == EAGAIN) return 1;
    if (put < 0 && errno != EINTR) return 0;
    if (put > 0) p += put, n -= (int)put;
  }
  return 1;
}

/* A signal's action is the whole process's, its mask is this thread's: so
** SIGPIPE is held back, and taken away if it is ours. */
int mig_os_note(const char *p, int n) {
  sigset_t pipe_only, before, pending;
  int had, sent, ok, keep = errno;

  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  sigpending(&pending);
  had = sigismember(&pending, SIGPIPE);
  if (pthread_sigmask(SIG_BLOCK, &pipe_only, &before)) return 0;
  ok = os_note(p, n);
  sigpending(&pending);
  if (!ok && !had && sigismember(&pending, SIGPIPE) == 1)
    sigwait(&pipe_only, &sent);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = keep;
  return ok;
}

char *mig_os_join(mig_cx *cx, const char *dir, const char *name) {
  size_t n, k, slash;
  char *z;

  if (cx->rc) return NULL;
  n = strlen(dir);
  k = strlen(name);
  slash = !n || dir[n - 1] != '/';
  z = mig_alloc(cx, n + slash + k + 1);
  if (!z) return NULL;
  memcpy(z, dir, n);
  if (slash) z[n] = '/';
  memcpy(z + n + slash, name, k);
  return z;
}

void *mig_os_locale(void *back) {
  locale_t c;

  if (back) {
    freelocale(uselocale((locale_t)back));
    return NULL;
  }
  c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return c ? (void *)uselocale(c) : NULL;
}
