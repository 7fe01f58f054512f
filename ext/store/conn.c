/* ext/store/conn.c - what one database connection remembers. */
#include "ext/store/store.h"

mig_conn *mig_conn_new(sqlite3 *h, const mig_engine *const *engines) {
  mig_conn *c = sqlite3_malloc64(sizeof *c);

  if (!c) return NULL;
  memset(c, 0, sizeof *c);
  c->nref = 1;
  c->h = c->host = h;
  c->engines = engines;
  return c;
}

void mig_conn_unref(void *p) {
  mig_conn *c = p;

  if (--c->nref > 0) return;
  mig_config_clear(c);
  mig_secure_free(&c->secure);
  mig_cx_release(&c->keep);
  mig_cx_release(&c->guests.mem);
  sqlite3_free(c);
}

/* A copy in the connection's own memory; NULL with an error there. */
static mig_registered *conn_copy(mig_conn *c, const mig_registered *r) {
  mig_registered *kept = mig_alloc(&c->keep, sizeof *kept);

  if (!kept) return NULL;
  *kept = *r;
  kept->id = mig_strdup(&c->keep, r->id);
  kept->path = mig_strdup(&c->keep, r->path);
  kept->text.p = mig_strndup(&c->keep, r->text.p, r->text.n);
  return kept;
}

static void conn_keep(mig_cx *cx, mig_conn *c, const mig_registered *r) {
  mig_registered *kept;

  if (cx->rc) return;
  kept = conn_copy(c, r);
  if (kept) kept->checksum = mig_checksum(&c->keep, kept->text);
  if (!c->keep.rc) mig_list_add(&c->keep, &c->registered, kept);
  if (!c->keep.rc) mig_map_put(&c->keep, &c->registered_by_id, kept->id, kept);
  if (c->keep.rc && c->registered.n > c->registered_by_id.n) c->registered.n--;
  mig_fail_move(cx, &c->keep);
}

static int conn_same(const mig_registered *r, mig_span text) {
  return r->text.n == text.n && !memcmp(r->text.p, text.p, (size_t)text.n);
}

static void conn_check_module(mig_cx *cx, mig_conn *c,
                              const mig_registered *r) {
  mig_span name = {r->path + 4, (int)strlen(r->path) - 8};
  mig_project *p = mig_project_new(cx, c);
  void *self;

  if (cx->rc) return;
  if (name.n < 0 || strcmp(name.p + name.n, ".lua") ||
      !mig_module_named(name, '/'))
    mig_fail(cx, SQLITE_ERROR,
             "%s: a name that begins with lib/ is a module's: lib/NAME.lua, "
             "with letters, digits, _ and - between the slashes",
             r->path);
  self = mig_project_engine(cx, p, r->engine);
  if (!cx->rc && r->engine->module)
    r->engine->module(cx, self, r->path, r->text);
}

static const char *conn_register_module(mig_cx *cx, mig_conn *c, mig_span text,
                                        const char *path) {
  mig_registered r = {.path = path}, *kept;
  const mig_registered *known = mig_map_get(&c->modules, path);

  r.engine = mig_engine_for(cx, c, path, text);
  r.text = mig_source_check(cx, path, text);
  conn_check_module(cx, c, &r);
  if (cx->rc) return NULL;
  if (known && conn_same(known, r.text)) return path;
  if (known) {
    mig_fail(cx, SQLITE_ERROR,
             "module %s is registered already, with another text", path);
    return NULL;
  }
  kept = conn_copy(c, &r);
  if (!c->keep.rc) mig_map_put(&c->keep, &c->modules, kept->path, kept);
  mig_fail_move(cx, &c->keep);
  return cx->rc ? NULL : path;
}

static int conn_is_module(const char *name) {
  return name && !strncmp(name, "lib/", 4);
}

const char *mig_register(mig_cx *cx, mig_conn *c, mig_span text,
                         const char *name) {
  mig_project *p = mig_project_new(cx, c);
  mig_source s = {.path = name ? name : "registered"};
  const mig_registered *known;
  mig_registered r = {0};
  mig_header h = {0};

  if (conn_is_module(name)) return conn_register_module(cx, c, text, name);
  s.engine = mig_engine_for(cx, c, name, text);
  s.text = mig_source_check(cx, s.path, text);
  mig_project_describe(cx, p, &s, &h);
  if (cx->rc) return NULL;
  known = mig_map_get(&c->registered_by_id, h.id);
  if (known && conn_same(known, s.text)) return h.id;
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
