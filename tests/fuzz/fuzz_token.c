/*
** tests/fuzz/fuzz_token.c - tokens side by side are the text, and a plain SQL
** revision of any bytes is parsed or refused, never a crash.
*/
#include <limits.h>
#include <stdlib.h>
#include "ext/sql/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
  if (!truth) abort();
}

static int within(mig_span part, mig_span whole) {
  return part.n == 0 ||
         (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_tokens(mig_span text) {
  mig_span rest = text;
  mig_token t;

  while ((t = mig_token_at(rest)).type != MIG_TK_END) {
    require(t.s.p == rest.p && t.s.n > 0 && t.s.n <= rest.n);
    rest.p += t.s.n;
    rest.n -= t.s.n;
  }
  require(rest.n == 0 && t.s.n == 0);
}

/* The same tokens, without space and comments. */
static void check_next(mig_span text) {
  mig_span rest = text, all = text;
  mig_token t, u;

  do {
    u = mig_token_next(&rest);
    do {
      t = mig_token_at(all);
      all.p += t.s.n;
      all.n -= t.s.n;
    } while (t.type == MIG_TK_SPACE || t.type == MIG_TK_COMMENT);
    require(u.type == t.type && u.s.n == t.s.n);
  } while (t.type != MIG_TK_END);
}

static void check_section(mig_span text) {
  mig_section s = {0};
  mig_cx cx = {0};
  int i;

  mig_section_parse(&cx, "x.sql", text, &s);
  if (!cx.rc) {
    require(within(s.message, text));
    require(within(s.up, text) && within(s.down, text));
    for (i = 0; i < 8; i++) require(within(s.head[i], text));
  }
  mig_cx_release(&cx);
}

static void check_checksum(mig_span text) {
  mig_cx cx = {0};
  char *sum = mig_checksum(&cx, text);

  require(sum && strlen(sum) == 64);
  mig_cx_release(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  /* A copy of exactly this size: reading past it is seen. */
  char *copy = malloc(size ? size : 1);
  mig_span text = {copy, (int)size};

  if (!copy || size > INT_MAX / 4) {
    free(copy);
    return 0;
  }
  if (size) memcpy(copy, data, size);
  check_tokens(text);
  check_next(text);
  mig_sql_refusal(text, 0);
  check_section(text);
  check_checksum(text);
  require(mig_line_of(text, text.n) >= 1);
  free(copy);
  return 0;
}
