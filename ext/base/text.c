/* ext/base/text.c - spans and growing text. */
#include "ext/base/base.h"
#include <limits.h>

mig_span mig_span_z(const char *z) {
  return (mig_span){z, (int)strlen(z)};
}

static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

mig_span mig_span_trim(mig_span s) {
  while (s.n > 0 && is_space(s.p[0])) s.p++, s.n--;
  while (s.n > 0 && is_space(s.p[s.n - 1])) s.n--;
  return s;
}

int mig_span_is(mig_span s, const char *z) {
  return (size_t)s.n == strlen(z) && !memcmp(s.p, z, (size_t)s.n);
}

int mig_span_starts(mig_span s, const char *z) {
  size_t n = strlen(z);

  return (size_t)s.n >= n && !memcmp(s.p, z, n);
}

mig_span mig_span_line(mig_span *rest) {
  const char *nl = rest->n ? memchr(rest->p, '\n', (size_t)rest->n) : NULL;
  mig_span line = {rest->p, nl ? (int)(nl - rest->p) : rest->n};
  int cut = line.n + (nl != NULL);

  rest->p += cut;
  rest->n -= cut;
  if (line.n && line.p[line.n - 1] == '\r') line.n--;
  return line;
}

const char *mig_span_end(mig_span text, const char *p) {
  return p - text.p >= 2 && p[-1] == '\n' && p[-2] == '\r' ? "\r\n" : "\n";
}

int mig_utf8_length(const char *z, int left) {
  const unsigned char *p = (const unsigned char *)z;
  static const struct {
    unsigned char lo, hi, second_lo, second_hi;
    int n;
  } form[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2},
              {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
              {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
              {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
              {0xF4, 0xF4, 0x80, 0x8F, 4}};
  size_t i, k;

  for (i = 0; i < sizeof form / sizeof *form; i++) {
    if (*p < form[i].lo || *p > form[i].hi) continue;
    if (left < form[i].n) return 0;
    if (form[i].n == 1) return 1;
    if (p[1] < form[i].second_lo || p[1] > form[i].second_hi) return 0;
    for (k = 2; k < (size_t)form[i].n; k++)
      if ((p[k] & 0xC0) != 0x80) return 0;
    return form[i].n;
  }
  return 0;
}

char *mig_one_line(mig_cx *cx, const char *z) {
  char *out = mig_strdup(cx, z), *p;

  for (p = out; p && *p; p++)
    if ((unsigned char)*p < ' ' || *p == 127) *p = ' ';
  return out;
}

void mig_buf_add(mig_cx *cx, mig_buf *b, const char *p, int n) {
  char *q;
  int cap;

  if (cx->rc) return;
  if (n > INT_MAX / 2 - 1 - b->n) {
    mig_fail(cx, SQLITE_TOOBIG, "a text grew over 1 GB");
    return;
  }
  if (b->n + n >= b->cap) {
    cap = (b->n + n + 32) * 2;
    q = sqlite3_realloc64(b->p, (sqlite3_uint64)cap);
    if (!q) {
      mig_fail_nomem(cx);
      return;
    }
    b->p = q;
    b->cap = cap;
  }
  if (n) memcpy(b->p + b->n, p, (size_t)n);
  b->n += n;
  b->p[b->n] = 0;
}

void mig_buf_addz(mig_cx *cx, mig_buf *b, const char *z) {
  if (z) mig_buf_add(cx, b, z, (int)strlen(z));
}

void mig_buf_addf(mig_cx *cx, mig_buf *b, const char *fmt, ...) {
  va_list ap;
  char *z;

  va_start(ap, fmt);
  z = mig_vformat(cx, fmt, ap);
  va_end(ap);
  if (z) mig_buf_addz(cx, b, z);
  sqlite3_free(z);
}

char *mig_buf_take(mig_cx *cx, mig_buf *b) {
  char *p = cx->rc ? NULL : mig_strndup(cx, b->p ? b->p : "", b->n);

  sqlite3_free(b->p);
  memset(b, 0, sizeof *b);
  return p;
}
