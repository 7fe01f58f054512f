/* ext/base/list.c - lists of pointers, and a map from names to them. */
#include "ext/base/base.h"

void mig_list_add(mig_cx *cx, mig_list *l, void *p) {
  if (cx->rc) return;
  if (l->n == l->cap) {
    int cap = l->cap ? l->cap * 2 : 4;
    void **at = mig_alloc(cx, (size_t)cap * sizeof *at);
    if (!at) return;
    if (l->n) memcpy(at, l->at, (size_t)l->n * sizeof *at);
    l->at = at;
    l->cap = cap;
  }
  l->at[l->n++] = p;
}

/* Merge the sorted runs [a, b) and [b, c) of `from` into `to`. */
static void merge_runs(void **to, void **from, int a, int b, int c,
                       int (*cmp)(const void *, const void *)) {
  int i = a, j = b, k;

  for (k = a; k < c; k++) {
    int left = i < b && (j >= c || cmp(from[i], from[j]) <= 0);
    to[k] = left ? from[i++] : from[j++];
  }
}

/* What comes from a sorted directory is, already. */
static int list_is_sorted(const mig_list *l,
                          int (*cmp)(const void *, const void *)) {
  int i;

  for (i = 1; i < l->n; i++)
    if (cmp(l->at[i - 1], l->at[i]) > 0) return 0;
  return 1;
}

/* A merge sort, bottom up: stable, no recursion, never quadratic. */
void mig_list_sort(mig_cx *cx, mig_list *l,
                   int (*cmp)(const void *, const void *)) {
  void **other, **swap;
  int run, a;

  if (cx->rc || list_is_sorted(l, cmp)) return;
  other = mig_alloc(cx, (size_t)l->n * sizeof *other);
  if (!other) return;
  l->cap = l->n;
  for (run = 1; run<l->n; run = run> l->n / 2 ? l->n : run * 2) {
    for (a = 0; a < l->n;) {
      int b = run < l->n - a ? a + run : l->n;
      int c = run < l->n - b ? b + run : l->n;
      merge_runs(other, l->at, a, b, c, cmp);
      a = c;
    }
    swap = l->at;
    l->at = other;
    other = swap;
  }
}

int mig_list_same(const mig_list *a, const mig_list *b) {
  int i;

  for (i = 0; i < a->n && i < b->n; i++)
    if (strcmp(a->at[i], b->at[i])) return 0;
  return a->n == b->n;
}

mig_list mig_list_split(mig_cx *cx, mig_span text) {
  mig_list words = {0};
  mig_span word;
  int i;

  while (text.n > 0) {
    for (i = 0; i < text.n && text.p[i] != ',';) i++;
    word = mig_span_trim((mig_span){text.p, i});
    if (word.n) mig_list_add(cx, &words, mig_strndup(cx, word.p, word.n));
    i += i < text.n;
    text = (mig_span){text.p + i, text.n - i};
  }
  return words;
}

char *mig_list_join(mig_cx *cx, const mig_list *l, const char *sep) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < l->n; i++) {
    if (i) mig_buf_addz(cx, &b, sep);
    mig_buf_addz(cx, &b, l->at[i]);
  }
  return mig_buf_take(cx, &b);
}

struct mig_entry {
  const char *key; /* NULL while free */
  void *value;
};

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static unsigned map_hash(const char *key) {
  unsigned h = 2166136261u;

  for (; *key; key++) h = (h ^ (unsigned char)*key) * 16777619u;
  return h;
}

/* The slot that holds `key`, or the free one where it belongs. */
static struct mig_entry *map_slot(const mig_map *m, const char *key) {
  unsigned mask = (unsigned)m->cap - 1, i = map_hash(key) & mask;

  while (m->slot[i].key && strcmp(m->slot[i].key, key)) i = (i + 1) & mask;
  return &m->slot[i];
}

void *mig_map_get(const mig_map *m, const char *key) {
  return m->n ? map_slot(m, key)->value : NULL;
}

static void map_grow(mig_cx *cx, mig_map *m) {
  mig_map big = {.n = m->n, .cap = m->cap ? m->cap * 2 : 16};
  int i;

  big.slot = mig_alloc(cx, (size_t)big.cap * sizeof *big.slot);
  if (!big.slot) return;
  for (i = 0; i < m->cap; i++)
    if (m->slot[i].key) *map_slot(&big, m->slot[i].key) = m->slot[i];
  *m = big;
}

void *mig_map_put(mig_cx *cx, mig_map *m, const char *key, void *value) {
  struct mig_entry *e;
  void *was;

  if (cx->rc) return NULL;
  if (m->n * 4 >= m->cap * 3) map_grow(cx, m);
  if (cx->rc) return NULL;
  e = map_slot(m, key);
  was = e->value;
  if (!e->key) m->n++;
  *e = (struct mig_entry){key, value};
  return was;
}
