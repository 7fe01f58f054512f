/* ext/store/conn.c - what one database connection remembers. */
#include "ext/store/store.h"

mig_conn *mig_conn_new(sqlite3 *h, const mig_engine *const *engines) {
  mig_conn *c = sqlite3_malloc64(sizeof *c);

  if (!c) return NULL;
  memset(c, 0, sizeof *c);
  c->nref = 1;
  c->h = h;
  c->engines = engines;
  return c;
}

void mig_conn_unref(void *p) {
  mig_conn *c = p;

  if (--c->nref > 0) return;
  mig_config_clear(c);
  mig_cx_release(&c->keep);
  sqlite3_free(c);
}

/* Copy what is registered into the connection's own memory. */
static void conn_keep(mig_cx *cx, mig_conn *c, const mig_registered *r) {
  mig_registered *kept;

  if (cx->rc) return;
  kept = mig_alloc(&c->keep, sizeof *kept);
  if (kept) {
    *kept = *r;
    kept->id = mig_strdup(&c->keep, r->id);
    kept->path = mig_strdup(&c->keep, r->path);
    kept->text.p = mig_strndup(&c->keep, r->text.p, r->text.n);
  }
  if (!c->keep.rc) mig_list_add(&c->keep, &c->registered, kept);
  if (!c->keep.rc) mig_map_put(&c->keep, &c->registered_by_id, kept->id, kept);
  if (c->keep.rc && c->registered.n > c->registered_by_id.n) c->registered.n--;
  mig_fail_move(cx, &c->keep);
}

const char *mig_register(mig_cx *cx, mig_conn *c, mig_span text,
                         const char *name) {
  mig_project *p = mig_project_new(cx, c);
  const char *path = name ? name : "registered";
  mig_registered r = {.engine = mig_engine_for(cx, c, name, text)};
  const mig_registered *known;
  mig_header h = {0};
  void *self = mig_project_engine(cx, p, r.engine);

  text = mig_source_check(cx, path, text);
  if (!cx->rc) r.engine->describe(cx, self, path, text, &h);
  if (!cx->rc && !h.id)
    mig_fail(cx, SQLITE_ERROR, "%s: has no revision id", path);
  if (cx->rc) return NULL;
  known = mig_map_get(&c->registered_by_id, h.id);
  if (known && known->text.n == text.n &&
      !memcmp(known->text.p, text.p, (size_t)text.n))
    return h.id;
  if (known)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s is registered already (%s), with another text", h.id,
             known->path);
  r.id = h.id;
  r.path = name ? name : mig_printf(cx, "registered:%s", h.id);
  r.text = text;
  conn_keep(cx, c, &r);
  return cx->rc ? NULL : h.id;
}
