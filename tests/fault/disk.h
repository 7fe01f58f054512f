/*
** tests/fault/disk.h - a disk in memory, as a VFS of SQLite's: its calls can
** fail, and its power can be cut.
**
** What is written is seen at once, but lasts only once the file is synced; a
** file that is made or deleted, once its directory is.  SQLite's own VFS syncs
** the directory with the first sync of a new journal, and with a deletion that
** asks for it; so does this one.
**
** Locks and shared memory work between the connections of this process, which
** has one thread.  Everything here comes from malloc(), so that a failing
** allocation of SQLite's is not this one's.
*/
#ifndef MIG_DISK_H
#define MIG_DISK_H
#include <sqlite3.h>
#include <stddef.h>

/* ---- files as a whole ---- */

#define DISK_FILES 16

struct disk_image {
  int n;
  struct {
    char *name; /* in full */
    char *p;
    size_t n;
  } file[DISK_FILES];
};
/* The disk as it is seen now, whatever has been synced. */
void disk_take(struct disk_image *out);
/* Make the disk this one, all of it synced.  No file may be open. */
void disk_load(const struct disk_image *image);
/* Make these the files of a real directory, and remove what else is there. */
void disk_write(const struct disk_image *image, const char *directory);
void disk_read(struct disk_image *out, const char *directory);
void disk_image_free(struct disk_image *image);
/* Two images with one hash are taken for the same. */
unsigned long long disk_hash(const struct disk_image *image);

/* ---- the VFS, named "disk", which is the default one ---- */

/* Before the first use; SQLite must be initialised. */
int disk_install(void);
/* 512 or 4096 bytes; does a write that is cut off spare the bytes around it? */
void disk_kind(int sector, int powersafe);
int disk_open_files(void); /* how many are open now */

enum disk_how {
  DISK_NEVER, /* only count                                       */
  DISK_ERROR, /* any call, with the error that fits it            */
  DISK_FULL,  /* a write: half of it is done, then the disk is full */
  DISK_GROW,  /* a write that makes the file longer, likewise     */
  DISK_SHORT, /* a read, as if the file ended before              */
  DISK_BUSY,  /* a lock, as if another process had it             */
  DISK_CALL   /* none: disk_fault.call is called, and all is well */
};
extern struct disk_fault {
  enum disk_how how; /* which calls count, and how they fail     */
  long at;           /* the one that fails, from 0               */
  int forever;       /* ... and all that follow it               */
  long count;        /* how many there were                      */
  const char *blown; /* the call that failed first, or NULL      */
  const char *name;  /* ... and its file                         */
  void (*call)(void);
} disk_fault;

/* ---- what has happened ---- */

enum disk_did {
  DISK_DID_MAKE,   /* a file                                          */
  DISK_DID_REMOVE, /* one; `sync`: with its directory                 */
  DISK_DID_WRITE,  /* n bytes at `at`                                 */
  DISK_DID_CUT,    /* to n bytes                                      */
  DISK_DID_SYNC    /* one; `sync`: with its directory                 */
};
struct disk_event {
  enum disk_did did;
  int file; /* a number of the file's own, never used again */
  char *name;
  size_t at, n;
  char *p; /* n bytes */
  int sync;
  int begun, done; /* disk_log's, then */
};
extern struct disk_log {
  int on;
  struct disk_event *at;
  long n, cap;
  int begun, done; /* commits, as the test has counted them */
} disk_log;
void disk_log_clear(void);

/* ---- a power cut ---- */

enum disk_loss {
  DISK_KEEP_ALL,  /* the process alone died                                */
  DISK_KEEP_SAFE, /* nothing that was not synced                            */
  DISK_KEEP_SOME  /* any of it, by sectors, in any order; some are rubbish */
};
struct platter; /* what is safe, and what is on its way */
struct platter *platter_new(const struct disk_image *image);
void platter_free(struct platter *p);
/* The event has begun (a sync has done nothing yet); has ended. */
void platter_begin(struct platter *p, const struct disk_event *e);
void platter_end(struct platter *p, const struct disk_event *e);
/* What is found after the power is back; `seed` decides for KEEP_SOME. */
void platter_lose(const struct platter *p, enum disk_loss how,
                  unsigned long long seed, struct disk_image *out);
#endif
