/*
** ext/store/stored.c - revisions that are applied and have no script: what the
** log has of them.
**
** They are found from the version rows down: a row, the parents that its text
** names, and so on.  A log of which nobody needs the texts is not read.
*/
#include "ext/store/store.h"

#define STORED_LIMIT (16 * 1024 * 1024) /* bytes of one text */
#define STORED_PREFIX 4                 /* bytes that a short id has at least */

int mig_stored_run(const mig_conn *c) {
  return !strcmp(mig_config_get(c, "stored_scripts"), "run");
}

/* ---- one text ---- */

/* Is this an error of the call, whatever the text says? */
static int stored_is_fatal(const mig_cx *tried) {
  int rc = tried->rc & 0xff;

  return rc == SQLITE_NOMEM || rc == SQLITE_INTERRUPT;
}

static const char *stored_wrong(mig_cx *cx, const mig_cx *tried) {
  return mig_printf(cx, "its text in _migrate_log is wrong: %s",
                    mig_cx_message(tried));
}

/* Why the text beside this checksum is not to be trusted; NULL when it is. */
static const char *stored_doubt(mig_cx *cx, const mig_log_row *row) {
  const char *now, *why = NULL;
  mig_cx tried = {0};

  if (!row || !row->source) return "_migrate_log has no text of it";
  if (strlen(row->source) > STORED_LIMIT)
    return mig_printf(cx, "its text in _migrate_log (id %lld) is too long",
                      row->id);
  now = mig_checksum(cx, mig_span_z(row->source));
  if (!now || !row->checksum || strcmp(now, row->checksum))
    return mig_printf(cx,
                      "its text in _migrate_log (id %lld) is not what the "
                      "checksum beside it says",
                      row->id);
  mig_source_check(&tried, mig_printf(cx, "_migrate_log:%lld", row->id),
                   mig_span_z(row->source));
  if (tried.rc) why = stored_wrong(cx, &tried);
  mig_cx_release(&tried);
  return why;
}

/* Describe the text by this engine: NULL, or what is wrong. */
static const char *stored_try(mig_cx *cx, mig_project *p, const char *id,
                              const mig_source *s, mig_header *out) {
  void *self = mig_project_engine(cx, p, s->engine);
  const char *why = NULL;
  mig_cx tried = {0};
  mig_header h = {0};

  if (cx->rc) return NULL;
  s->engine->describe(&tried, self, s->path, s->text, &h);
  if (tried.rc && !stored_is_fatal(&tried))
    why = stored_wrong(cx, &tried);
  else if (!tried.rc && (!h.id || strcmp(h.id, id)))
    why = mig_printf(cx,
                     "its text in _migrate_log (id %lld) is that of revision "
                     "%s",
                     s->row, h.id ? h.id : "none");
  if (stored_is_fatal(&tried)) mig_fail_move(cx, &tried);
  mig_cx_release(&tried);
  if (!why && !cx->rc) s->engine->describe(cx, self, s->path, s->text, out);
  return why;
}

/* What language it is nothing says: a name would.  The likely one is tried
** first, and its complaint is the one that is told. */
static void stored_describe(mig_cx *cx, mig_project *p, mig_stored *t) {
  const mig_engine *const *e;
  mig_source *s = mig_alloc(cx, sizeof *s);
  mig_header *h = mig_alloc(cx, sizeof *h);
  const mig_engine *likely;

  if (!s || !h) return;
  s->path = mig_printf(cx, "_migrate_log:%lld", t->log->id);
  s->text = mig_span_z(t->log->source);
  s->row = t->log->id;
  likely = s->engine = mig_engine_for(cx, p->conn, NULL, s->text);
  t->why = stored_try(cx, p, t->id, s, h);
  for (e = p->conn->engines; t->why && *e && !cx->rc; e++) {
    if (*e == likely) continue;
    s->engine = *e;
    if (!stored_try(cx, p, t->id, s, h)) t->why = NULL;
  }
  if (t->why || cx->rc) return;
  t->h = h;
  t->source = s;
}

/* The same without running any of it: only what it says of itself. */
static void stored_glance(mig_cx *cx, mig_project *p, mig_stored *t) {
  mig_span text = mig_span_z(t->log->source);
  const mig_engine *e = mig_engine_for(cx, p->conn, NULL, text);
  mig_header *h = mig_alloc(cx, sizeof *h);

  if (h && e && e->glance(cx, text, h) && h->id && !strcmp(h->id, t->id))
    t->h = h;
}

mig_stored *mig_stored_find(mig_cx *cx, mig_project *p, const mig_map *last,
                            const char *id) {
  mig_stored *t = mig_alloc(cx, sizeof *t);

  if (!t) return NULL;
  t->id = id;
  t->log = mig_log_find(cx, &p->db, last, id);
  t->why = stored_doubt(cx, t->log);
  if (t->why || cx->rc) return cx->rc ? NULL : t;
  if (mig_stored_run(p->conn))
    stored_describe(cx, p, t);
  else
    stored_glance(cx, p, t);
  return cx->rc ? NULL : t;
}

/* ---- all that are needed ---- */

typedef struct stored_walk stored_walk;
struct stored_walk {
  mig_project *p;
  mig_list names; /* char: to be looked at, as they are written */
  mig_map seen;   /* the same                                   */
  mig_map last;   /* mig_log_last()'s, once it is needed        */
  int read;       /* ... and it was                             */
  mig_list *out;
};

static void stored_push(mig_cx *cx, stored_walk *w, const mig_list *names) {
  int i;

  for (i = 0; i < names->n && !cx->rc; i++)
    if (!mig_map_get(&w->seen, names->at[i])) {
      mig_map_put(cx, &w->seen, names->at[i], names->at[i]);
      mig_list_add(cx, &w->names, names->at[i]);
    }
}

/* The script that a name in another one may mean, as far as this shows before
** the link.  A revision of just this name goes before those it begins. */
static const mig_revision *stored_known(const stored_walk *w,
                                        const char *name) {
  const mig_graph *g = w->p->graph;
  const mig_revision *r = mig_map_get(&g->by_label, name);
  size_t n = strlen(name);
  int i;

  if (r || n < STORED_PREFIX || mig_map_get(&w->last, name)) return r;
  for (i = 0; !r && i < g->revs.n; i++) {
    const mig_revision *other = g->revs.at[i];
    if (!strncmp(other->h.id, name, n)) r = other;
  }
  return r;
}

/* A name that no script has: a version row's counts in any case. */
static void stored_look(mig_cx *cx, stored_walk *w, const char *name, int row) {
  const char *id = name;
  mig_stored *t;

  if (!row && !mig_map_get(&w->last, name)) {
    id = mig_log_named(cx, &w->p->db, name);
    if (!id || mig_map_get(&w->seen, id)) return;
    mig_map_put(cx, &w->seen, id, (void *)(uintptr_t)id);
  }
  t = mig_stored_find(cx, w->p, &w->last, id);
  if (!t) return;
  mig_list_add(cx, w->out, t);
  if (t->h) stored_push(cx, w, &t->h->down);
  if (t->h) stored_push(cx, w, &t->h->depends);
}

static void stored_step(mig_cx *cx, stored_walk *w, const char *name, int row) {
  const mig_revision *r = mig_map_get(&w->p->graph->by_id, name);

  if (!r && !w->read) {
    w->last = mig_log_last(cx, &w->p->db);
    w->read = 1;
  }
  if (!r && !row && !cx->rc) r = stored_known(w, name);
  if (r) {
    stored_push(cx, w, &r->h.down);
    stored_push(cx, w, &r->h.depends);
  } else if (!cx->rc) {
    stored_look(cx, w, name, row);
  }
}

mig_list mig_stored_list(mig_cx *cx, mig_project *p) {
  mig_list out = {0}, rows = mig_version_rows(cx, &p->db);
  stored_walk w = {.p = p, .out = &out};
  int i;

  stored_push(cx, &w, &rows);
  for (i = 0; i < w.names.n && !cx->rc; i++)
    stored_step(cx, &w, w.names.at[i], i < rows.n);
  return out;
}
