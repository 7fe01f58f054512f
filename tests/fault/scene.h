/*
** tests/fault/scene.h - what is run while things fail: a database, revisions
** and a call; and what may be found afterwards.
*/
#ifndef MIG_SCENE_H
#define MIG_SCENE_H
#include "tests/fault/disk.h"

/* ---- growing text ---- */

struct text {
  char *p; /* NUL-terminated, or NULL while empty */
  size_t n, cap;
};
void text_add(struct text *t, const char *p, size_t n);
void text_addz(struct text *t, const char *z); /* nothing of NULL */
const char *text_z(const struct text *t);
void text_free(struct text *t);

/* ---- scenes ---- */

struct journal {
  const char *name;
  const char *setup; /* SQL, for each connection                        */
  int lag;           /* commits that a power cut may take: none, the last  */
                     /* one (SQLite does not sync the directory), -1: many */
  int wal;
};
extern const struct journal journals[];

struct scene {
  const char *name;
  const char *revisions; /* letters: which of them                      */
  const char *settings;  /* SQL for each connection, or NULL            */
  const char *before;    /* SQL that comes before the call, once        */
  const char *call;      /* what is run while things fail               */
  const char *inside;    /* SQL that begins the caller's transaction    */
  int states; /* that may be found; 0: one for each commit              */
  int resume; /* it was cut off before, behind so many commits          */
  int lag;    /* commits that a power cut may take in any journal mode  */
  int attach; /* there is a second file, which WAL excludes  */
};
extern const struct scene scenes[];

#define SCENE_STATES 64

/* One scene in one journal mode, as it is without any fault. */
struct stage {
  const struct scene *scene;
  const struct journal *journal;
  const char *dir;           /* where the files are, or are said to be    */
  struct disk_image image;   /* the disk before the call                  */
  char *state[SCENE_STATES]; /* what the database holds after each commit */
  long first;                /* the call's first event in disk_log */
  int nstate;                /* of the call, the first one being before   */
  char *inside;              /* ... in the caller's transaction, before   */
};

extern const char *scene_library; /* absolute path of the extension */

/* Run it once.  0 when that fails, which has been said. */
int stage_open(struct stage *s, const struct scene *scene,
               const struct journal *journal, const char *dir);
void stage_close(struct stage *s);
int stage_lag(const struct stage *s); /* of the journal, and the scene */

/* A connection with the library and the scene's revisions, through the VFS;
** NULL, when that fails, which is said. */
sqlite3 *stage_connect(const struct stage *s, const char *vfs);
/* Run SQL to its end.  The first value of its last row, to be freed; NULL and
** *error, which is, too. */
char *stage_run(sqlite3 *h, const char *sql, char **error);
/* What the databases hold, as text, to be freed; NULL and *error. */
char *stage_state(const struct stage *s, sqlite3 *h, char **error);
/* The state's number in from..to, or -1. */
int stage_find(const struct stage *s, const char *state, int from, int to);
/* The connection's settings as text, without any I/O. */
char *stage_settings(sqlite3 *h);

/* ---- complaints ---- */

/* Where we are: printed before each complaint. */
void stage_at(const char *fmt, ...);
const char *stage_where(void);
void stage_wrong(const char *fmt, ...);
extern int stage_wrongs; /* how many */
/* A test of the test: nothing is synced, and nothing is printed. */
extern int stage_unsynced;
/* Where two texts begin to differ. */
void stage_differ(const char *want, const char *got);

/* ---- afterwards ---- */

/*
** Another process, without any fault, finds this on the disk: a sound
** database in one of the states from..to, from where the call ends well.  What
** was found once is not looked at again.
*/
int stage_check(struct stage *s, const struct disk_image *image, int from,
                int to);
void stage_forget(void); /* what was found */
#endif
