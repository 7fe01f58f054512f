/*
** ext/base/near.c - how far one name is from another, for "did you mean".
*/
#include "ext/base/base.h"

#define NEAR_LIMIT 64 /* bytes; longer names are near nothing */

static int near_min(int a, int b) {
  return a < b ? a : b;
}

/* The row of distances from a's first i bytes to all of b's beginnings. */
static int near_row(mig_span a, mig_span b, int i, const int *before,
                    const int *above, int *row) {
  int j, least = i;

  row[0] = i;
  for (j = 1; j <= b.n; j++) {
    row[j] = near_min(above[j], row[j - 1]) + 1;
    row[j] = near_min(row[j], above[j - 1] + (a.p[i - 1] != b.p[j - 1]));
    if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
      row[j] = near_min(row[j], before[j - 2] + 1);
    least = near_min(least, row[j]);
  }
  return least;
}

int mig_distance(mig_span a, mig_span b, int limit) {
  int rows[3][NEAR_LIMIT + 1], i, j;

  if (a.n > NEAR_LIMIT || b.n > NEAR_LIMIT) return limit + 1;
  if (a.n > b.n + limit || b.n > a.n + limit) return limit + 1;
  for (j = 0; j <= b.n; j++) rows[0][j] = j;
  for (i = 1; i <= a.n; i++)
    if (near_row(a, b, i, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]) >
        limit)
      return limit + 1;
  return near_min(rows[a.n % 3][b.n], limit + 1);
}

int mig_is_nearer(const char *name, const char *other, int *best) {
  int d = mig_distance(mig_span_z(name), mig_span_z(other), *best - 1);

  if (d >= *best) return 0;
  *best = d;
  return 1;
}
