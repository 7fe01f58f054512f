/*
** ext/base/base.h - the ground: a call's first error and its memory, growing
** text, lists, a map from names, a checksum.  Layer 0: includes nothing of
** ours.
**
** Invariants
**  - The first error wins.  A function that can fail takes `mig_cx *cx`
**    first, does nothing when cx->rc is set, and never resets it.  It returns
**    its value, or NULL/0 on error; loops test `!cx->rc`.
**  - Memory belongs to the call.  What mig_alloc() and friends give lives
**    until mig_cx_release(); nobody frees it piece by piece.  Everything comes
**    from sqlite3_malloc64(), so SQLite's limits and leak counters see it.
**  - Messages are lower case, without a full stop, and say what to do.
*/
#ifndef MIG_BASE_H
#define MIG_BASE_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "sqlite3ext.h"
/* Hidden: uses go straight to it, not by way of a table of exported names. */
#pragma GCC visibility push(hidden)
SQLITE_EXTENSION_INIT3
#pragma GCC visibility pop

#define MIG_VERSION "0.1.0"

/* ---- spans: a run of bytes someone else owns, not NUL-terminated ---- */

typedef struct mig_span mig_span;
struct mig_span {
  const char *p;
  int n; /* bytes */
};
mig_span mig_span_z(const char *z);
mig_span mig_span_trim(mig_span s);             /* without ASCII white space */
int mig_span_is(mig_span s, const char *z);     /* equal, byte for byte      */
int mig_span_starts(mig_span s, const char *z); /* begins with z             */
mig_span mig_span_line(mig_span *rest);         /* cuts off the next line    */
/* How the line ends that ends before p: with CR and LF, or LF. */
const char *mig_span_end(mig_span text, const char *p);

/* Bytes of the UTF-8 character at p (RFC 3629), of which `left` are there; 0
** when it is none. */
int mig_utf8_length(const char *p, int left);

/*
** Bytes to add, drop, change or swap with the next to make b from a; more than
** `limit` is limit + 1, and so is anything with a name over 64 bytes.
*/
int mig_distance(mig_span a, mig_span b, int limit);
/* Is `other` nearer to the name than *best, which begins as MIG_NEAR?  Then it
** is *best's new value. */
#define MIG_NEAR 4
int mig_is_nearer(const char *name, const char *other, int *best);

/* ---- the call context ---- */

/*
** One call into the extension.  Lives on the stack of an SQL function, in a
** cursor, in a Lua host.  `= {0}` initialises it.
*/
typedef struct mig_cx mig_cx;
struct mig_cx {
  int rc;                 /* first SQLite result code, or SQLITE_OK         */
  char *msg;              /* its message, owned; may be NULL (no memory)    */
  struct mig_block *mem;  /* the arena mig_alloc() cuts from                */
  struct mig_owned *owns; /* foreign objects to free on release, last first */
};
void mig_cx_release(mig_cx *cx);              /* frees all; the cx is as new */
const char *mig_cx_message(const mig_cx *cx); /* never NULL */

/*
** Note an error unless one is held.  `fmt` is sqlite3_mprintf's.  An error of
** ours is never IOERR, CORRUPT, FULL or INTERRUPT: returned from a function or
** a table, these make SQLite roll the caller's transaction back.
*/
void mig_fail(mig_cx *cx, int rc, const char *fmt, ...);
void mig_fail_nomem(mig_cx *cx);
/* Put "<fmt>: " before the message that cx holds; nothing when it has none. */
void mig_fail_in(mig_cx *cx, const char *fmt, ...);
/* Give `to` the error that `from` holds, if any.  `from` keeps its memory. */
void mig_fail_move(mig_cx *to, mig_cx *from);

void *mig_alloc(mig_cx *cx, size_t n);               /* zeroed; NULL on error */
char *mig_strdup(mig_cx *cx, const char *z);         /* NULL gives NULL */
char *mig_strndup(mig_cx *cx, const char *p, int n); /* n bytes and a NUL */
char *mig_printf(mig_cx *cx, const char *fmt, ...);  /* sqlite3_mprintf's fmt */
/* A copy in which each control character is a space: what a name must be for a
** comment, which a line end would end. */
char *mig_one_line(mig_cx *cx, const char *z);

/* The same from a va_list, but the caller's, to free with sqlite3_free(). */
char *mig_vformat(mig_cx *cx, const char *fmt, va_list ap);

/*
** Give `p` to cx, which calls free_fn(p) at release, last given first.  When
** that cannot be noted (no memory, or cx holds an error) it is called at once
** and cx has an error.  Returns p, or NULL if it is gone.  p may be NULL.
*/
void *mig_own(mig_cx *cx, void *p, void (*free_fn)(void *));
void mig_disown(mig_cx *cx, void *p); /* forget p without freeing it */

/* ---- growing text, owned by its declarer until taken; `= {0}` inits ---- */

typedef struct mig_buf mig_buf;
struct mig_buf {
  char *p; /* NUL-terminated, or NULL while empty */
  int n;   /* bytes, without the NUL */
  int cap;
};
void mig_buf_add(mig_cx *cx, mig_buf *b, const char *p, int n);
/* Nothing of NULL, which is what there was no memory for. */
void mig_buf_addz(mig_cx *cx, mig_buf *b, const char *z);
void mig_buf_addf(mig_cx *cx, mig_buf *b, const char *fmt, ...);
/*
** The text moves to cx; the buffer empties.  Must be called on every path,
** also after an error (it frees and returns NULL).
*/
char *mig_buf_take(mig_cx *cx, mig_buf *b);

/* ---- a list of pointers, in the cx's memory; `= {0}` inits ---- */

typedef struct mig_list mig_list;
struct mig_list {
  void **at;
  int n, cap;
};
void mig_list_add(mig_cx *cx, mig_list *l, void *p);
/* Stable sort by cmp(a, b): <0, 0, >0, on the pointers themselves. */
void mig_list_sort(mig_cx *cx, mig_list *l,
                   int (*cmp)(const void *, const void *));
/* The same texts (char) in the same order? */
int mig_list_same(const mig_list *a, const mig_list *b);
/* The words of a comma list, trimmed, without empty ones: char of cx. */
mig_list mig_list_split(mig_cx *cx, mig_span text);
/* A comma list: ", " between; "" when empty.  Items are char pointers. */
char *mig_list_join(mig_cx *cx, const mig_list *l, const char *sep);

/* ---- a map from names to pointers, in the cx's memory; `= {0}` inits ---- */

typedef struct mig_map mig_map;
struct mig_map {
  struct mig_entry *slot;
  int n, cap; /* cap is a power of two, at most 3/4 full */
};
void *mig_map_get(const mig_map *m, const char *key); /* NULL if absent */
/* Keys are borrowed.  Returns the value that was there, or NULL. */
void *mig_map_put(mig_cx *cx, mig_map *m, const char *key, void *value);

/* ---- SQLite's versions ---- */

/* What SQLite does from some version on. */
typedef enum mig_since {
  MIG_SINCE_LOADS,     /* all that migrate cannot do without                 */
  MIG_SINCE_SERIALIZE, /* an extension may call sqlite3_serialize()          */
  MIG_SINCE_UNDONE,    /* a function's error takes back its statement's rows */
  MIG_SINCE_HEX_RUN,   /* 0x1g is one bad token; before, 0x1 and g           */
  MIG_SINCE_ALTER,     /* ALTER TABLE sets NOT NULL and CHECK                */
  MIG_SINCE_ROWID_REFUSED /* no column may be named rowid, oid, _rowid_      */
} mig_since;
/* Does it?  version: as of sqlite3_libversion_number(), or a model's. */
int mig_sqlite_has(int version, mig_since what);

/* ---- checksum ---- */

/*
** The SHA-256 (FIPS 180-4) of a script's text with line ends made LF, as 64
** lower-case hex digits: what `tr -d '\r' < file | sha256sum` prints for a
** file without a lone CR.  Only CR before LF is dropped.
*/
char *mig_checksum(mig_cx *cx, mig_span text);

#endif
