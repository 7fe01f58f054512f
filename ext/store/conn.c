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
  mig_source s = {.path = name ? name : "registered"};
  const mig_registered *known;
  mig_registered r = {0};
  mig_header h = {0};

  s.engine = mig_engine_for(cx, c, name, text);
  s.text = mig_source_check(cx, s.path, text);
  mig_project_describe(cx, p, &s, &h);
  if (cx->rc) return NULL;
  known = mig_map_get(&c->registered_by_id, h.id);
  if (known && known->text.n == s.text.n &&
      !memcmp(known->text.p, s.text.p, (size_t)s.text.n))
    return h.id;
  if (known)
    mig_fail(cx, SQLITE_ERROR,
             "revision %s is registered already (%s), with another text", h.id,
             known->path);
  r.id = h.id;
  r.path = name ? name : mig_printf(cx, "registered:%s", h.id);
  r.text = s.text;
  r.engine = s.engine;
  conn_keep(cx, c, &r);
  return cx->rc ? NULL : h.id;
}
