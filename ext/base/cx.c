/*
** ext/base/cx.c - the call context: first error wins, memory goes as a whole.
**
** mig_alloc() cuts from blocks that double up to 64 KiB; what is larger gets a
** block of its own.
*/
#include "ext/base/base.h"

#define FIRST_BLOCK 1024
#define LAST_BLOCK 65536

/* What mig_alloc() aligns to; sqlite3_malloc64() promises 8 bytes. */
union block_unit {
  sqlite3_int64 i;
  double r;
  void *p;
};

struct mig_block {
  struct mig_block *next; /* the one filled before                     */
  size_t used, size;      /* bytes of data[]                           */
  size_t grow;            /* size for the block after this one         */
  union block_unit data[];
};

struct mig_owned {
  struct mig_owned *next;
  void *p;
  void (*free_fn)(void *);
};

void mig_cx_release(mig_cx *cx) {
  while (cx->owns) {
    struct mig_owned *o = cx->owns;
    cx->owns = o->next;
    o->free_fn(o->p);
  }
  while (cx->mem) {
    struct mig_block *next = cx->mem->next;
    sqlite3_free(cx->mem);
    cx->mem = next;
  }
  sqlite3_free(cx->msg);
  memset(cx, 0, sizeof *cx);
}

const char *mig_cx_message(const mig_cx *cx) {
  if (cx->msg) return cx->msg;
  return cx->rc == SQLITE_OK ? "no error" : sqlite3_errstr(cx->rc);
}

void mig_fail(mig_cx *cx, int rc, const char *fmt, ...) {
  va_list ap;

  if (cx->rc) return;
  cx->rc = rc;
  va_start(ap, fmt);
  cx->msg = sqlite3_vmprintf(fmt, ap);
  va_end(ap);
}

void mig_fail_nomem(mig_cx *cx) {
  if (!cx->rc) cx->rc = SQLITE_NOMEM;
}

void mig_fail_in(mig_cx *cx, const char *fmt, ...) {
  va_list ap;
  char *where, *msg;

  if (!cx->rc || !cx->msg) return;
  va_start(ap, fmt);
  where = sqlite3_vmprintf(fmt, ap);
  va_end(ap);
  msg = where ? sqlite3_mprintf("%s: %s", where, cx->msg) : NULL;
  sqlite3_free(where);
  if (!msg) return;
  sqlite3_free(cx->msg);
  cx->msg = msg;
}

void mig_fail_move(mig_cx *to, mig_cx *from) {
  if (!from->rc) return;
  if (!to->rc) {
    to->rc = from->rc;
    to->msg = from->msg;
  } else {
    sqlite3_free(from->msg);
  }
  from->rc = SQLITE_OK;
  from->msg = NULL;
}

static struct mig_block *block_new(mig_cx *cx, size_t need) {
  size_t grow = cx->mem ? cx->mem->grow : FIRST_BLOCK;
  size_t size = need > grow ? need : grow;
  struct mig_block *b = sqlite3_malloc64(sizeof *b + size);

  if (!b) {
    mig_fail_nomem(cx);
    return NULL;
  }
  b->size = size;
  b->used = 0;
  b->grow = grow < LAST_BLOCK ? grow * 2 : grow;
  b->next = cx->mem;
  return cx->mem = b;
}

void *mig_alloc(mig_cx *cx, size_t n) {
  const size_t align = sizeof(union block_unit);
  struct mig_block *b = cx->mem;
  void *p;

  if (cx->rc) return NULL;
  if (n > SIZE_MAX / 2) {
    mig_fail_nomem(cx);
    return NULL;
  }
  n = (n + align - 1) / align * align;
  if (!b || b->size - b->used < n) b = block_new(cx, n);
  if (!b) return NULL;
  p = (char *)b->data + b->used;
  b->used += n;
  return memset(p, 0, n);
}

char *mig_strndup(mig_cx *cx, const char *p, int n) {
  char *z = mig_alloc(cx, (size_t)n + 1);

  if (z && n) memcpy(z, p, (size_t)n);
  return z;
}

char *mig_strdup(mig_cx *cx, const char *z) {
  return z ? mig_strndup(cx, z, (int)strlen(z)) : NULL;
}

char *mig_vformat(mig_cx *cx, const char *fmt, va_list ap) {
  char *z = cx->rc ? NULL : sqlite3_vmprintf(fmt, ap);

  if (!z) mig_fail_nomem(cx);
  return z;
}

char *mig_printf(mig_cx *cx, const char *fmt, ...) {
  va_list ap;
  char *z, *kept;

  va_start(ap, fmt);
  z = mig_vformat(cx, fmt, ap);
  va_end(ap);
  kept = mig_strdup(cx, z);
  sqlite3_free(z);
  return kept;
}

void *mig_own(mig_cx *cx, void *p, void (*free_fn)(void *)) {
  struct mig_owned *o;

  if (!p) return NULL;
  o = mig_alloc(cx, sizeof *o);
  if (!o) {
    free_fn(p);
    return NULL;
  }
  *o = (struct mig_owned){cx->owns, p, free_fn};
  cx->owns = o;
  return p;
}

void mig_disown(mig_cx *cx, void *p) {
  struct mig_owned **o = &cx->owns;

  while (*o && (*o)->p != p) o = &(*o)->next;
  if (*o) *o = (*o)->next;
}
