/*
** ext/run/rebase.c - a revision that has not run yet is put onto another: the
** one line that says what it revises changes, and no other byte.
*/
#include "ext/run/run.h"

/* The ids in a comma list of names; none for "base". */
static mig_list rebase_onto(mig_cx *cx, mig_graph *g, const char *onto) {
  mig_list ids = {0}, names = mig_list_split(cx, mig_span_z(onto));
  mig_revision *r;
  int i;

  if (!strcmp(onto, "base")) return ids;
  if (!names.n)
    mig_fail(cx, SQLITE_ERROR, "name the revision to stand on, or 'base'");
  for (i = 0; !cx->rc && i < names.n; i++) {
    r = mig_graph_find(cx, g, names.at[i]);
    if (r) mig_list_add(cx, &ids, (void *)(uintptr_t)r->h.id);
  }
  return ids;
}

/* What is unfinished goes on with the text that it has begun with. */
static int rebase_begun(mig_cx *cx, const mig_db *db, const mig_revision *r) {
  return mig_journal_get(cx, db, r->h.id, 0) != NULL;
}

static void rebase_check(mig_cx *cx, const mig_db *db, const mig_revision *r) {
  const mig_source *s = r->source;

  if (!s) return;
  if (r->applied)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) is applied; take it back first, with "
             "migrate_downgrade()",
             r->h.id, r->path);
  else if (rebase_begun(cx, db, r))
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) is unfinished; finish it first, with "
             "migrate_upgrade(%Q)",
             r->h.id, r->path, r->h.id);
  else if (!s->file)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s (%s) is held in memory; it has no file to rewrite",
             r->h.id, r->path);
}

/* The new text must say what the old one did, but for its parents. */
static void rebase_verify(mig_cx *cx, mig_project *p, const mig_revision *r,
                          const mig_source *s, const mig_list *down) {
  mig_header h = {0};

  mig_project_describe(cx, p, s, &h);
  if (cx->rc) return;
  if (strcmp(h.id, r->h.id) || !mig_list_same(&h.down, down) ||
      !mig_list_same(&h.labels, &r->h.labels) ||
      !mig_list_same(&h.depends, &r->h.depends))
    mig_fail(cx, SQLITE_ERROR,
             "%s: cannot be rewritten safely; change its down_revision by hand",
             r->path);
  mig_graph_with(cx, p->graph, r, &h, r->path);
}

const char *mig_author_rebase(mig_cx *cx, mig_conn *conn, const char *revision,
                              const char *onto) {
  mig_project *p = mig_project_new(cx, conn);
  const mig_source *s;
  mig_revision *r;
  mig_span whole;
  mig_source now;
  mig_list down;
  char *text;

  mig_project_load(cx, p);
  if (!cx->rc) mig_project_state(cx, p);
  r = cx->rc ? NULL : mig_graph_find(cx, p->graph, revision);
  if (!cx->rc) rebase_check(cx, &p->db, r);
  if (cx->rc) return NULL;
  s = r->source;
  down = rebase_onto(cx, p->graph, onto);
  if (!cx->rc && mig_list_same(&down, &r->h.down)) return s->file;
  text = cx->rc ? NULL : s->engine->relink(cx, r->path, s->text, &down);
  if (!text) return NULL;
  now = *s;
  now.text = mig_span_z(text);
  rebase_verify(cx, p, r, &now, &down);
  whole = mig_os_read(cx, s->file, INT32_MAX);
  if (!cx->rc) /* what the check had cut off, a byte order mark, stays */
    mig_os_replace(
        cx, s->file,
        mig_printf(cx, "%.*s%s", whole.n - s->text.n, whole.p, text));
  return cx->rc ? NULL : s->file;
}
