/*
** ext/db/literal.c - a value as SQL text that SQLite reads as the same value.
*/
#include "ext/db/db.h"
#include "ext/sql/sql.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int mig_real_print(double r, int digits, char *out) {
  char z[MIG_REAL_SIZE];
  int i, n = 0, plain = 1, same;

  snprintf(z, sizeof z, "%.*g", digits, r);
  same = strtod(z, NULL) == r; /* while the point is still the locale's */
  for (i = 0; z[i]; i++) {
    int point = !strchr("+-0123456789e", z[i]);
    if (point || z[i] == 'e') plain = 0;
    if (point && n && out[n - 1] == '.') continue; /* it has several bytes */
    out[n++] = point ? '.' : z[i];
  }
  memcpy(out + n, plain ? ".0" : "", plain ? 3 : 1);
  return same;
}

/* SQLite before 3.43 reads the last bits of such a number wrong, but not of its
** factors: the mantissa, and powers of two */
static void literal_tiny(mig_cx *cx, mig_buf *b, double r) {
  char z[MIG_REAL_SIZE];
  int e, step;

  r = ldexp(frexp(r, &e), 53);
  mig_real_print(r, 17, z);
  mig_buf_addf(cx, b, "(%s", z);
  for (e -= 53; e < 0; e += step) {
    step = e < -60 ? 60 : -e;
    mig_real_print(ldexp(1, -step), 17, z);
    mig_buf_addf(cx, b, "*%s", z);
  }
  mig_buf_addz(cx, b, ")");
}

static void literal_real(mig_cx *cx, mig_buf *b, double r) {
  char z[MIG_REAL_SIZE];

  if (isinf(r)) {
    mig_buf_addz(cx, b, r > 0 ? "9e999" : "-9e999");
  } else if (r != 0 && fabs(r) < 1e-290) {
    literal_tiny(cx, b, r);
  } else {
    mig_real_print(r, 17, z);
    mig_buf_addz(cx, b, z);
  }
}

/* SQL text ends at a NUL byte, so one in a value is put in by char(0).  (A cast
** from a blob would depend on the database's encoding.) */
static void literal_text(mig_cx *cx, mig_buf *b, const char *p, size_t n) {
  size_t at = strlen(p);

  if (at >= n) {
    mig_sql_text(cx, b, p);
    return;
  }
  mig_buf_addz(cx, b, "(");
  mig_sql_text(cx, b, p);
  for (; at < n && !cx->rc; at += strlen(p + at)) {
    mig_buf_addz(cx, b, "||char(0)");
    if (++at < n && p[at]) mig_buf_addz(cx, b, "||");
    if (at < n && p[at]) mig_sql_text(cx, b, p + at);
  }
  mig_buf_addz(cx, b, ")");
}

static void literal_blob(mig_cx *cx, mig_buf *b, const char *p, size_t n) {
  static const char hex[] = "0123456789abcdef";
  size_t i;

  mig_buf_addz(cx, b, "x'");
  for (i = 0; i < n && !cx->rc; i++) {
    const char two[] = {hex[(unsigned char)p[i] >> 4], hex[p[i] & 15]};
    mig_buf_add(cx, b, two, 2);
  }
  mig_buf_addz(cx, b, "'");
}

void mig_cell_literal(mig_cx *cx, mig_buf *b, const mig_cell *c) {
  switch (c->type) {
  case SQLITE_INTEGER:
    mig_buf_addf(cx, b, "%lld", c->i);
    break;
  case SQLITE_FLOAT:
    literal_real(cx, b, c->r);
    break;
  case SQLITE_TEXT:
    literal_text(cx, b, c->p, c->n);
    break;
  case SQLITE_BLOB:
    literal_blob(cx, b, c->p, c->n);
    break;
  default:
    mig_buf_addz(cx, b, "NULL");
  }
}
