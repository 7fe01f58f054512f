/*
** tests/fuzz/fuzz.h - what the targets share.
**
** A target is one function of bytes that must end, and abort() only where a
** promise is broken.  libFuzzer calls it, or tests/fuzz/replay.c for inputs
*that
** are kept.
*/
#ifndef MIG_FUZZ_H
#define MIG_FUZZ_H
#include <stdio.h>
#include <stdlib.h>
#include "ext/migrate.h"
#include "ext/store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_REQUIRE(truth)                                                    \
  do {                                                                         \
    if (!(truth)) abort();                                                     \
  } while (0)

/* What is left of the input. */
typedef struct fuzz_input fuzz_input;
struct fuzz_input {
  const uint8_t *p;
  size_t n;
};

static inline unsigned fuzz_byte(fuzz_input *in) {
  if (!in->n) return 0;
  in->n--;
  return *in->p++;
}

/* The bytes before `end` (-1: all) as a text of cx; its length without the NUL
** that follows it in *n. */
static inline char *fuzz_until(mig_cx *cx, fuzz_input *in, int end, int *n) {
  const uint8_t *to = in->n && end >= 0 ? memchr(in->p, end, in->n) : NULL;
  size_t size = to ? (size_t)(to - in->p) : in->n;
  char *z = mig_strndup(cx, (const char *)in->p, (int)size);

  in->p += size + (to != NULL);
  in->n -= size + (to != NULL);
  *n = (int)size;
  return z;
}

/* The first value of the first row as text, sqlite3_free()'s; NULL for NULL, no
** row and an error. */
static inline char *fuzz_ask(sqlite3 *h, const char *sql, const char *a,
                             const char *b) {
  sqlite3_stmt *st = NULL;
  char *out = NULL;

  if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) == SQLITE_OK) {
    if (a) sqlite3_bind_text(st, 1, a, -1, SQLITE_STATIC);
    if (b) sqlite3_bind_text(st, 2, b, -1, SQLITE_STATIC);
    if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
      out = sqlite3_mprintf("%s", sqlite3_column_text(st, 0));
    while (sqlite3_step(st) == SQLITE_ROW) continue;
  }
  sqlite3_finalize(st);
  return out;
}

static inline void fuzz_do(sqlite3 *h, const char *sql) {
  sqlite3_free(fuzz_ask(h, sql, NULL, NULL));
}

/* An empty database in memory that has migrate, without a directory. */
static inline sqlite3 *fuzz_open(void) {
  sqlite3 *h = NULL;

  FUZZ_REQUIRE(sqlite3_open(":memory:", &h) == SQLITE_OK);
  FUZZ_REQUIRE(sqlite3_migrate_init(h, NULL, NULL) == SQLITE_OK);
  fuzz_do(h, "SELECT migrate_config('progress', 'off'),"
             " migrate_config('lua_seconds', '1'),"
             " migrate_config('lua_memory_mb', '16')");
  return h;
}
#endif
