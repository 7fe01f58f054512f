/* tests/unit/test_revisions.c - graphs of revisions as text, and at random. */
#include "tests/unit/revisions.h"

static mig_span revs_token(mig_span *rest) {
  mig_span t = mig_span_trim(*rest);
  int n = 0;

  while (n < t.n && t.p[n] != ' ') n++;
  *rest = (mig_span){t.p + n, t.n - n};
  t.n = n;
  return t;
}

static void revs_names(mig_cx *cx, mig_list *to, mig_span s) {
  while (s.n > 0) {
    int n = 0;
    while (n < s.n && s.p[n] != ',') n++;
    mig_list_add(cx, to, mig_strndup(cx, s.p, n));
    n += n < s.n;
    s = (mig_span){s.p + n, s.n - n};
  }
}

static void revs_line(mig_cx *cx, mig_graph *g, mig_span line, int number) {
  mig_header h = {.message = "", .has_upgrade = 1, .has_downgrade = 1};
  mig_span id = revs_token(&line), t;

  h.id = mig_strndup(cx, id.p, id.n);
  while ((t = revs_token(&line)).n > 0) {
    if (mig_span_is(t, "<-")) {
      revs_names(cx, &h.down, revs_token(&line));
    } else if (mig_span_is(t, ":")) {
      revs_names(cx, &h.depends, revs_token(&line));
    } else if (t.p[0] == '[') {
      revs_names(cx, &h.labels, (mig_span){t.p + 1, t.n - 2});
    } else if (t.p[0] == '!') {
      h.has_downgrade = 0;
      if (t.n > 1) h.irreversible = mig_strndup(cx, t.p + 1, t.n - 1);
    } else if (mig_span_is(t, "^")) {
      h.has_upgrade = 0;
    }
  }
  mig_graph_add(cx, g, &h, mig_printf(cx, "v/%02d_%s.lua", number, h.id), NULL);
}

mig_graph *revs_read(mig_cx *cx, const char *text) {
  mig_graph *g = mig_graph_new(cx);
  const char *end;
  int number = 1;

  for (; !cx->rc && *text; text = *end ? end + 1 : end) {
    end = strchr(text, ';');
    if (!end) end = text + strlen(text);
    revs_line(cx, g, (mig_span){text, (int)(end - text)}, number++);
  }
  return cx->rc ? NULL : g;
}

static void revs_rows(mig_cx *cx, mig_graph *g, const char *rows) {
  mig_span rest = mig_span_z(rows), t;
  const char *ids[32];
  int n = 0;

  while ((t = revs_token(&rest)).n > 0 && n < 32)
    ids[n++] = mig_strndup(cx, t.p, t.n);
  mig_graph_state(cx, g, ids, n);
}

static int revs_by_rank(const void *a, const void *b) {
  return ((const mig_revision *)a)->rank - ((const mig_revision *)b)->rank;
}

static void revs_ids(mig_cx *cx, mig_list *to, const mig_list *revs) {
  int i;

  for (i = 0; !cx->rc && i < revs->n; i++)
    mig_list_add(cx, to, (char *)((mig_revision *)revs->at[i])->h.id);
}

static void revs_verb(mig_cx *cx, mig_graph *g, const char *verb,
                      const char *target, mig_list *out) {
  mig_list revs = {0};
  mig_revision *one = NULL;

  if (cx->rc) return;
  if (!strcmp(verb, "up")) mig_plan_upgrade(cx, g, target, &revs);
  if (!strcmp(verb, "down")) mig_plan_downgrade(cx, g, target, &revs);
  if (!strcmp(verb, "stamp")) mig_plan_stamp(cx, g, target, 0, out);
  if (!strcmp(verb, "purge")) mig_plan_stamp(cx, g, target, 1, out);
  if (!strcmp(verb, "heads")) revs = g->heads;
  if (!strcmp(verb, "bases")) revs = g->bases;
  if (!strcmp(verb, "all")) {
    revs = g->revs;
    mig_list_sort(cx, &revs, revs_by_rank);
  }
  if (!strcmp(verb, "find") || !strcmp(verb, "labels"))
    one = mig_graph_find(cx, g, target);
  if (one && !strcmp(verb, "find")) mig_list_add(cx, &revs, one);
  if (one && !strcmp(verb, "labels"))
    mig_list_add(cx, out, one->covers.n ? mig_rev_labels(cx, g, one) : "-");
  revs_ids(cx, out, &revs);
}

const char *revs_do(mig_cx *cx, const char *text, const char *rows,
                    const char *verb, const char *target) {
  mig_cx own = {0};
  mig_graph *g = revs_read(&own, text);
  mig_list out = {0};
  const char *said;

  if (g) {
    mig_graph_link(&own, g);
    revs_rows(&own, g, rows);
    revs_verb(&own, g, verb, target, &out);
  }
  said = mig_list_join(&own, &out, " ");
  if (own.rc == SQLITE_NOMEM) mig_fail_nomem(cx);
  said = own.rc ? mig_printf(cx, "error: %s", mig_cx_message(&own))
                : mig_strdup(cx, said);
  mig_cx_release(&own);
  return said;
}

/* ---- at random ---- */

/* A linear congruential generator; its high bits. */
int revs_pick(revs_random *x, int n) {
  x->seed = x->seed * 1664525u + 1013904223u;
  return (int)((x->seed >> 12) % (unsigned)n);
}

static void revs_stand(mig_cx *cx, revs_random *x, int i, int j,
                       mig_list *names) {
  int k;

  mig_list_add(cx, names, (char *)x->r[j]->h.id);
  x->below[i][j] = 1;
  for (k = 0; k < j; k++) x->below[i][k] |= x->below[j][k];
}

void revs_make(mig_cx *cx, revs_random *x, int deps) {
  int chance = 1 + revs_pick(x, 4), i, j;

  memset(x->below, 0, sizeof x->below);
  x->g = mig_graph_new(cx);
  x->n = 1 + revs_pick(x, REVS_MOST);
  for (i = 0; !cx->rc && i < x->n; i++) {
    mig_header h = {.message = "", .has_upgrade = 1, .has_downgrade = 1};
    h.id = mig_printf(cx, "r%d", i);
    for (j = i - 1; !cx->rc && j >= 0 && j > i - 5; j--) {
      if (revs_pick(x, 4) < (h.down.n ? 1 : chance))
        revs_stand(cx, x, i, j, &h.down);
      if (deps && revs_pick(x, 5) == 0) revs_stand(cx, x, i, j, &h.depends);
    }
    x->r[i] = mig_graph_add(
        cx, x->g, &h, mig_printf(cx, "v/%d%s", revs_pick(x, 90), h.id), NULL);
  }
  mig_graph_link(cx, x->g);
}

void revs_make_state(mig_cx *cx, revs_random *x) {
  const char *ids[REVS_MOST];
  int i, n = 0;

  for (i = 0; !cx->rc && i < x->n; i++)
    if (revs_pick(x, 4) == 0) ids[n++] = x->r[i]->h.id;
  mig_graph_state(cx, x->g, ids, n);
}

int revs_rows_are_maximal(const revs_random *x) {
  int i, j, rows = 0;

  for (i = 0; i < x->n; i++) {
    int top = x->r[i]->applied;
    for (j = i + 1; j < x->n; j++)
      if (x->below[j][i] && x->r[j]->applied) top = 0;
    if (x->r[i]->current != top) return 0;
    if (top && x->g->rows.at[x->r[i]->row] != x->r[i]) return 0;
    rows += top;
  }
  return rows == x->g->rows.n;
}
