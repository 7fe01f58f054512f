/*
** tests/fault/disk.c - the disk's files, and what SQLite does with them.
*/
#include "tests/fault/disk.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- files ---- */

struct node { /* a file's content; lives as long as it is named or open */
  int id;
  char *name; /* NULL: removed, or never had one */
  char *p;
  size_t n, cap;
  char **region; /* shared memory */
  int nregion;
  struct node *next;
};

struct handle { /* SQLite's open file */
  sqlite3_file base;
  struct node *node;
  int lock;              /* SQLITE_LOCK_... */
  unsigned share, alone; /* shared memory's locks, a bit each */
  int mapped;
  int temporary; /* remove it when closed                            */
  int fresh;     /* its first sync is one of the directory, too      */
  struct handle *next;
};

static struct {
  struct node *node;
  struct handle *open;
  int last; /* number of a file */
  int sector, powersafe;
  sqlite3_vfs *real;
  sqlite3_vfs vfs;
} disk = {.sector = 512, .powersafe = 1};

struct disk_fault disk_fault;
struct disk_log disk_log;

static void *must(void *p) {
  if (!p) abort();
  return p;
}

static char *copy_of(const char *p, size_t n) {
  char *z = must(malloc(n + 1));

  if (n) memcpy(z, p, n);
  z[n] = 0;
  return z;
}

static struct node *node_find(const char *name) {
  struct node *n;

  for (n = disk.node; n; n = n->next)
    if (n->name && !strcmp(n->name, name)) return n;
  return NULL;
}

static struct node *node_make(const char *name) {
  struct node *n = must(calloc(1, sizeof *n));

  n->id = ++disk.last;
  n->name = name ? copy_of(name, strlen(name)) : NULL;
  n->next = disk.node;
  disk.node = n;
  return n;
}

static int node_is_open(const struct node *n) {
  struct handle *h;

  for (h = disk.open; h; h = h->next)
    if (h->node == n) return 1;
  return 0;
}

static void node_unmap(struct node *n) {
  int i;

  for (i = 0; i < n->nregion; i++) free(n->region[i]);
  free(n->region);
  n->region = NULL;
  n->nregion = 0;
}

/* Forget it, unless it has a name or is open. */
static void node_end(struct node *n) {
  struct node **at;

  if (n->name || node_is_open(n)) return;
  for (at = &disk.node; *at != n;) at = &(*at)->next;
  *at = n->next;
  node_unmap(n);
  free(n->p);
  free(n);
}

static void node_size(struct node *n, size_t size) {
  if (size > n->cap) {
    n->cap = size * 2;
    n->p = must(realloc(n->p, n->cap));
  }
  if (size > n->n) memset(n->p + n->n, 0, size - n->n);
  n->n = size;
}

/* ---- images ---- */

static void image_add(struct disk_image *im, const char *name, const char *p,
                      size_t n) {
  if (im->n == DISK_FILES) abort();
  im->file[im->n].name = copy_of(name, strlen(name));
  im->file[im->n].p = copy_of(p, n);
  im->file[im->n++].n = n;
}

void disk_take(struct disk_image *out) {
  const struct node *n;

  *out = (struct disk_image){0};
  for (n = disk.node; n; n = n->next)
    if (n->name) image_add(out, n->name, n->p, n->n);
}

void disk_load(const struct disk_image *image) {
  struct node *n, *next;
  int i;

  for (n = disk.node; n; n = next) {
    next = n->next;
    free(n->name);
    n->name = NULL;
    node_end(n);
  }
  disk.last = 0;
  for (i = 0; i < image->n; i++) {
    n = node_make(image->file[i].name);
    node_size(n, image->file[i].n);
    if (n->n) memcpy(n->p, image->file[i].p, n->n);
  }
}

void disk_image_free(struct disk_image *im) {
  while (im->n) {
    free(im->file[--im->n].name);
    free(im->file[im->n].p);
  }
}

unsigned long long disk_hash(const struct disk_image *im) {
  unsigned long long h = 14695981039346656037u, one;
  size_t k;
  int i;

  for (i = 0; i < im->n; i++) { /* FNV-1a of each; their order is no matter */
    unsigned long long sum = 0;
    one = 14695981039346656037u;
    for (k = 0; im->file[i].name[k]; k++)
      one = (one ^ (unsigned char)im->file[i].name[k]) * 1099511628211u;
    for (k = 0; k < im->file[i].n; k++)
      one = (one ^ (unsigned char)im->file[i].p[k]) * 1099511628211u;
    sum = one ^ (one >> 29) ^ (im->file[i].n + 1) * 0x9e3779b97f4a7c15u;
    h += sum * sum;
  }
  return h;
}

static void path_make(char *out, size_t n, const char *dir, const char *name) {
  snprintf(out, n, "%s/%s", dir, name);
}

static void directory_clear(const char *dir) {
  DIR *d = must(opendir(dir));
  struct dirent *e;
  char path[1024];

  while ((e = readdir(d)) != NULL) {
    path_make(path, sizeof path, dir, e->d_name);
    if (e->d_name[0] != '.' && unlink(path)) abort();
  }
  closedir(d);
}

void disk_write(const struct disk_image *im, const char *dir) {
  int i;

  directory_clear(dir);
  for (i = 0; i < im->n; i++) {
    FILE *f = must(fopen(im->file[i].name, "wb"));
    if (im->file[i].n && fwrite(im->file[i].p, 1, im->file[i].n, f) == 0)
      abort();
    if (fclose(f)) abort();
  }
}

void disk_read(struct disk_image *out, const char *dir) {
  DIR *d = must(opendir(dir));
  struct dirent *e;
  char path[1024];

  *out = (struct disk_image){0};
  while ((e = readdir(d)) != NULL) {
    long n;
    char *p;
    FILE *f;
    if (e->d_name[0] == '.') continue;
    path_make(path, sizeof path, dir, e->d_name);
    f = must(fopen(path, "rb"));
    if (fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0) abort();
    rewind(f);
    p = must(malloc((size_t)n + 1));
    if (fread(p, 1, (size_t)n, f) != (size_t)n) abort();
    fclose(f);
    image_add(out, path, p, (size_t)n);
    free(p);
  }
  closedir(d);
}

/* ---- what happens ---- */

static void log_event(struct disk_event e) {
  if (!disk_log.on || !e.name) return;
  if (disk_log.n == disk_log.cap) {
    disk_log.cap = disk_log.cap ? disk_log.cap * 2 : 256;
    disk_log.at =
        must(realloc(disk_log.at, (size_t)disk_log.cap * sizeof *disk_log.at));
  }
  e.name = copy_of(e.name, strlen(e.name));
  if (e.p) e.p = copy_of(e.p, e.n);
  e.begun = disk_log.begun;
  e.done = disk_log.done;
  disk_log.at[disk_log.n++] = e;
}

void disk_log_clear(void) {
  while (disk_log.n) {
    free(disk_log.at[--disk_log.n].name);
    free(disk_log.at[disk_log.n].p);
  }
  free(disk_log.at);
  disk_log = (struct disk_log){0};
}

/* Does this call, which counts when `counts`, fail? */
static int call_fails(const char *what, const char *name, int counts) {
  struct disk_fault *f = &disk_fault;
  long i;

  if (!counts) return 0;
  i = f->count++;
  if (i < f->at || (i > f->at && !f->forever)) return 0;
  if (!f->blown) {
    f->blown = what;
    f->name = name ? name : "(temporary)";
  }
  if (f->how == DISK_CALL) f->call();
  return f->how != DISK_CALL && f->how != DISK_NEVER;
}

/* A call that has no way to fail but its own. */
static int call_error(const char *what, const char *name, int error) {
  enum disk_how how = disk_fault.how;

  return call_fails(what, name,
                    how == DISK_ERROR || how == DISK_CALL || how == DISK_NEVER)
             ? error
             : SQLITE_OK;
}

/* ---- SQLite's calls: a file ---- */

static int file_close(sqlite3_file *file) {
  struct handle *h = (struct handle *)file, **at;

  for (at = &disk.open; *at != h;) at = &(*at)->next;
  *at = h->next;
  if (h->temporary && h->node->name) {
    free(h->node->name);
    h->node->name = NULL;
  }
  node_end(h->node);
  return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at) {
  struct handle *h = (struct handle *)file;
  struct node *node = h->node;
  size_t have = (size_t)at < node->n ? node->n - (size_t)at : 0;
  size_t want = (size_t)n < have ? (size_t)n : have;
  int rc = call_error("read", node->name, SQLITE_IOERR_READ);

  if (rc) return rc;
  if (disk_fault.how == DISK_SHORT &&
      call_fails("read", node->name, want == (size_t)n))
    want /= 2;
  if (want) memcpy(to, node->p + at, want);
  if (want < (size_t)n) memset((char *)to + want, 0, (size_t)n - want);
  return want < (size_t)n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int file_write(sqlite3_file *file, const void *from, int n,
                      sqlite3_int64 at) {
  struct node *node = ((struct handle *)file)->node;
  size_t end = (size_t)at + (size_t)n, done = (size_t)n;
  int rc = call_error("write", node->name, SQLITE_IOERR_WRITE);
  enum disk_how how = disk_fault.how;

  if (rc) return rc;
  if (how == DISK_FULL || how == DISK_GROW)
    if (call_fails("write", node->name, how == DISK_FULL || end > node->n)) {
      done /= 2;
      rc = SQLITE_FULL;
    }
  if ((size_t)at + done > node->n) node_size(node, (size_t)at + done);
  if (done) memcpy(node->p + at, from, done);
  log_event((struct disk_event){.did = DISK_DID_WRITE,
                                .file = node->id,
                                .name = node->name,
                                .at = (size_t)at,
                                .n = done,
                                .p = (char *)from});
  return rc;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  struct node *node = ((struct handle *)file)->node;
  int rc = call_error("truncate", node->name, SQLITE_IOERR_TRUNCATE);

  if (rc) return rc;
  log_event((struct disk_event){.did = DISK_DID_CUT,
                                .file = node->id,
                                .name = node->name,
                                .n = (size_t)size});
  node_size(node, (size_t)size);
  return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags) {
  struct handle *h = (struct handle *)file;
  int rc = call_error("sync", h->node->name, SQLITE_IOERR_FSYNC);

  (void)flags;
  if (rc) return rc;
  log_event((struct disk_event){.did = DISK_DID_SYNC,
                                .file = h->node->id,
                                .name = h->node->name,
                                .sync = h->fresh});
  h->fresh = 0;
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  struct node *node = ((struct handle *)file)->node;

  *size = (sqlite3_int64)node->n;
  return call_error("file size", node->name, SQLITE_IOERR_FSTAT);
}

/* The highest lock that others have on the file, without exclusive ones. */
static int others_lock(const struct handle *h) {
  const struct handle *o;
  int most = SQLITE_LOCK_NONE;

  for (o = disk.open; o; o = o->next)
    if (o != h && o->node == h->node && o->lock > most) most = o->lock;
  return most;
}

static int lock_fails(const char *what, const char *name, int error) {
  int rc = call_error(what, name, error);

  if (rc) return rc;
  return disk_fault.how == DISK_BUSY && call_fails(what, name, 1) ? SQLITE_BUSY
                                                                  : SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level) {
  struct handle *h = (struct handle *)file;
  int others = others_lock(h), rc;

  if (h->lock >= level) return SQLITE_OK;
  rc = lock_fails("lock", h->node->name,
                  level == SQLITE_LOCK_SHARED ? SQLITE_IOERR_RDLOCK
                                              : SQLITE_IOERR_LOCK);
  if (rc) return rc;
  if (level == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING)
    return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED)
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && others) {
    h->lock = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  h->lock = level;
  return SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level) {
  struct handle *h = (struct handle *)file;
  int rc = call_error("unlock", h->node->name, SQLITE_IOERR_UNLOCK);

  if (h->lock > level) h->lock = level;
  return rc;
}

static int file_reserved(sqlite3_file *file, int *out) {
  struct handle *h = (struct handle *)file;

  *out =
      h->lock >= SQLITE_LOCK_RESERVED || others_lock(h) >= SQLITE_LOCK_RESERVED;
  return call_error("look at locks", h->node->name,
                    SQLITE_IOERR_CHECKRESERVEDLOCK);
}

static int file_control(sqlite3_file *file, int op, void *arg) {
  (void)file, (void)op, (void)arg;
  return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file) {
  (void)file;
  return disk.sector;
}

static int file_traits(sqlite3_file *file) {
  (void)file;
  return disk.powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

/* ---- ... its shared memory ---- */

static int shm_map(sqlite3_file *file, int i, int size, int extend,
                   void volatile **out) {
  struct handle *h = (struct handle *)file;
  struct node *node = h->node;
  int rc = call_error("map shared memory", node->name,
                      h->mapped ? SQLITE_IOERR_SHMMAP : SQLITE_IOERR_SHMOPEN);

  *out = NULL;
  if (rc) return rc;
  h->mapped = 1;
  while (extend && node->nregion <= i) {
    size_t n = (size_t)node->nregion + 1;
    node->region = must(realloc(node->region, n * sizeof *node->region));
    node->region[node->nregion++] = must(calloc(1, (size_t)size));
  }
  if (i < node->nregion) *out = node->region[i];
  return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int from, int n, int flags) {
  struct handle *h = (struct handle *)file, *o;
  unsigned mask = ((1u << n) - 1) << from;
  int rc;

  if (flags & SQLITE_SHM_UNLOCK) {
    h->share &= ~mask;
    h->alone &= ~mask;
    return call_error("unlock shared memory", h->node->name,
                      SQLITE_IOERR_SHMLOCK);
  }
  rc = lock_fails("lock shared memory", h->node->name, SQLITE_IOERR_SHMLOCK);
  if (rc) return rc;
  for (o = disk.open; o; o = o->next) {
    if (o == h || o->node != h->node) continue;
    if (o->alone & mask) return SQLITE_BUSY;
    if ((flags & SQLITE_SHM_EXCLUSIVE) && (o->share & mask)) return SQLITE_BUSY;
  }
  if (flags & SQLITE_SHM_EXCLUSIVE)
    h->alone |= mask;
  else
    h->share |= mask;
  return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file) {
  (void)file;
}

static int shm_unmap(sqlite3_file *file, int remove) {
  struct handle *h = (struct handle *)file, *o;

  (void)remove;
  h->mapped = 0;
  h->share = h->alone = 0;
  for (o = disk.open; o; o = o->next)
    if (o->node == h->node && o->mapped) return SQLITE_OK;
  node_unmap(h->node);
  return SQLITE_OK;
}

/* ---- SQLite's calls: the disk ---- */

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                     int flags, int *out) {
  struct handle *h = (struct handle *)file;
  struct node *node = name ? node_find(name) : NULL;
  int rc = call_error("open", name, SQLITE_CANTOPEN), made = !node;

  (void)vfs;
  *h = (struct handle){0};
  if (rc) return rc;
  if (made && name && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
  if (!made && (flags & SQLITE_OPEN_EXCLUSIVE)) return SQLITE_CANTOPEN;
  if (made) node = node_make(name);
  if (made)
    log_event((struct disk_event){
        .did = DISK_DID_MAKE, .file = node->id, .name = node->name});
  h->fresh = made && (flags & (SQLITE_OPEN_MAIN_JOURNAL |
                               SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL));
  h->node = node;
  h->temporary = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  h->next = disk.open;
  disk.open = h;
  h->base.pMethods = &disk_methods;
  if (out) *out = flags;
  return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  struct node *node = node_find(name);
  int rc = call_error("delete", name, SQLITE_IOERR_DELETE);

  (void)vfs;
  if (rc) return rc;
  if (!node) return SQLITE_IOERR_DELETE_NOENT;
  log_event((struct disk_event){.did = DISK_DID_REMOVE,
                                .file = node->id,
                                .name = node->name,
                                .sync = sync});
  free(node->name);
  node->name = NULL;
  node_end(node);
  return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags,
                       int *out) {
  const struct node *node = node_find(name);

  (void)vfs;
  *out = node && (flags != SQLITE_ACCESS_EXISTS || node->n > 0);
  return call_error("look for", name, SQLITE_IOERR_ACCESS);
}

static int disk_path(sqlite3_vfs *vfs, const char *name, int n, char *out) {
  (void)vfs;
  snprintf(out, (size_t)n, "%s", name);
  return call_error("name in full", name, SQLITE_CANTOPEN_FULLPATH);
}

/* Always the same, so that each run is like the one before. */
static int disk_random(sqlite3_vfs *vfs, int n, char *out) {
  int i;

  (void)vfs;
  for (i = 0; i < n; i++) out[i] = (char)(i * 37 + 11);
  return n;
}

/* Who waits here waits for nobody. */
static int disk_sleep(sqlite3_vfs *vfs, int us) {
  (void)vfs;
  return us;
}

static int disk_time(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  (void)vfs;
  *out = 212000000000000;
  return SQLITE_OK;
}

static int disk_last_error(sqlite3_vfs *vfs, int n, char *out) {
  (void)vfs, (void)n, (void)out;
  return 0;
}

int disk_install(void) {
  sqlite3_vfs *v = &disk.vfs;

  disk.real = sqlite3_vfs_find(NULL);
  *v = *disk.real; /* its way to load a library */
  v->iVersion = 2;
  v->szOsFile = (int)sizeof(struct handle);
  v->pNext = NULL;
  v->zName = "disk";
  v->xOpen = disk_open;
  v->xDelete = disk_delete;
  v->xAccess = disk_access;
  v->xFullPathname = disk_path;
  v->xRandomness = disk_random;
  v->xSleep = disk_sleep;
  v->xCurrentTimeInt64 = disk_time;
  v->xGetLastError = disk_last_error;
  return sqlite3_vfs_register(v, 1);
}

void disk_kind(int sector, int powersafe) {
  disk.sector = sector;
  disk.powersafe = powersafe;
}

int disk_open_files(void) {
  const struct handle *h;
  int n = 0;

  for (h = disk.open; h; h = h->next) n++;
  return n;
}

/* ---- a power cut ---- */

struct plate { /* a file's safe content */
  int id;
  char *p;
  size_t n;
  struct plate *next;
};
struct entry { /* a name that is safe */
  char *name;
  int file;
};
struct platter {
  struct plate *plate;
  struct entry entry[DISK_FILES];
  int nentry;
  const struct disk_event **due; /* on its way, in order */
  long ndue, cap;
};

static struct plate *plate_of(struct platter *p, int id) {
  struct plate *f;

  for (f = p->plate; f; f = f->next)
    if (f->id == id) return f;
  f = must(calloc(1, sizeof *f));
  f->id = id;
  f->next = p->plate;
  return p->plate = f;
}

/* Bytes that were never written: what was there before, for all we know. */
static unsigned long long rubbish(unsigned long long *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  return *seed ^= *seed << 17;
}

static void plate_size(struct plate *f, size_t n, unsigned long long *seed) {
  int dirty = seed && rubbish(seed) % 2;

  if (n > f->n) f->p = must(realloc(f->p, n));
  for (; f->n < n; f->n++) f->p[f->n] = (char)(dirty ? rubbish(seed) >> 9 : 0);
  f->n = n;
}

static void plate_put(struct plate *f, const struct disk_event *e) {
  if (e->did == DISK_DID_CUT) {
    plate_size(f, e->n, NULL);
    return;
  }
  if (e->at + e->n > f->n) plate_size(f, e->at + e->n, NULL);
  if (e->n) memcpy(f->p + e->at, e->p, e->n);
}

static void entry_put(struct platter *p, const struct disk_event *e) {
  int i;

  for (i = 0; i < p->nentry && strcmp(p->entry[i].name, e->name) != 0;) i++;
  if (e->did == DISK_DID_REMOVE) {
    if (i == p->nentry || p->entry[i].file != e->file) return;
    p->entry[i] = p->entry[--p->nentry];
    return;
  }
  if (i == DISK_FILES) abort();
  if (i == p->nentry) p->entry[p->nentry++].name = e->name;
  p->entry[i].file = e->file;
}

struct platter *platter_new(const struct disk_image *image) {
  struct platter *p = must(calloc(1, sizeof *p));
  int i;

  for (i = 0; i < image->n; i++) { /* numbered as disk_load() does */
    struct plate *f = plate_of(p, i + 1);
    plate_size(f, image->file[i].n, NULL);
    if (f->n) memcpy(f->p, image->file[i].p, f->n);
    p->entry[p->nentry++] = (struct entry){image->file[i].name, i + 1};
  }
  return p;
}

static void plates_free(struct plate *f) {
  struct plate *next;

  for (; f; f = next) {
    next = f->next;
    free(f->p);
    free(f);
  }
}

void platter_free(struct platter *p) {
  plates_free(p->plate);
  free(p->due);
  free(p);
}

void platter_begin(struct platter *p, const struct disk_event *e) {
  if (e->did == DISK_DID_SYNC) return;
  if (p->ndue == p->cap) {
    p->cap = p->cap ? p->cap * 2 : 64;
    p->due = must(realloc(p->due, (size_t)p->cap * sizeof(*p->due)));
  }
  p->due[p->ndue++] = e;
}

static int is_entry(const struct disk_event *e) {
  return e->did == DISK_DID_MAKE || e->did == DISK_DID_REMOVE;
}

void platter_end(struct platter *p, const struct disk_event *e) {
  long i, kept = 0;

  for (i = 0; i < p->ndue; i++) {
    const struct disk_event *d = p->due[i];
    if (is_entry(d) && e->sync)
      entry_put(p, d);
    else if (!is_entry(d) && e->did == DISK_DID_SYNC && d->file == e->file)
      plate_put(plate_of(p, d->file), d);
    else
      p->due[kept++] = d;
  }
  p->ndue = kept;
}

/* Some of a write's sectors. */
static void plate_tear(struct plate *f, const struct disk_event *e, int keep,
                       unsigned long long *seed) {
  size_t step = (size_t)disk.sector, from = e->at, end = e->at + e->n, to, k;

  for (; from < end; from = to) {
    int luck = (int)(rubbish(seed) % 100);
    to = (from / step + 1) * step;
    if (to > end) to = end;
    if (luck >= keep && luck < 90) continue; /* it never came there */
    if (to > f->n) plate_size(f, to, seed);
    if (luck < keep) {
      memcpy(f->p + from, e->p + (from - e->at), to - from);
      continue;
    }
    k = disk.powersafe ? from : from / step * step;
    for (; k < (disk.powersafe ? to : (to + step - 1) / step * step); k++)
      if (k < f->n) f->p[k] = (char)(rubbish(seed) >> 9);
  }
}

static void lose_event(struct platter *p, const struct disk_event *e, int keep,
                       unsigned long long *seed) {
  int luck = (int)(rubbish(seed) % 100);

  if (e->did == DISK_DID_WRITE)
    plate_tear(plate_of(p, e->file), e, keep, seed);
  else if (luck >= keep)
    return;
  else if (is_entry(e))
    entry_put(p, e);
  else
    plate_size(plate_of(p, e->file), e->n, seed);
}

static struct plate *plates_copy(const struct plate *f) {
  struct plate *all = NULL, *to;

  for (; f; f = f->next) {
    to = must(calloc(1, sizeof *to));
    *to = (struct plate){f->id, f->n ? copy_of(f->p, f->n) : NULL, f->n, all};
    all = to;
  }
  return all;
}

void platter_lose(const struct platter *was, enum disk_loss how,
                  unsigned long long seed, struct disk_image *out) {
  static const int chances[] = {5, 30, 60, 88, 100};
  struct platter p = *was;
  int keep, i;
  long k;

  seed = (seed + 1) * 0x9e3779b97f4a7c15u;
  keep = chances[rubbish(&seed) % 5];
  p.plate = plates_copy(was->plate);
  for (k = 0; k < p.ndue && how != DISK_KEEP_SAFE; k++) {
    const struct disk_event *e = p.due[k];
    if (how == DISK_KEEP_SOME)
      lose_event(&p, e, keep, &seed);
    else if (is_entry(e))
      entry_put(&p, e);
    else
      plate_put(plate_of(&p, e->file), e);
  }
  *out = (struct disk_image){0};
  for (i = 0; i < p.nentry; i++) {
    struct plate *f = plate_of(&p, p.entry[i].file);
    image_add(out, p.entry[i].name, f->p, f->n);
  }
  plates_free(p.plate);
}
