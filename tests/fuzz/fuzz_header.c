/*
** tests/fuzz/fuzz_header.c - what a revision says of itself: any bytes are read
** or refused; read at a glance and by Lua they say the same; with other parents
** or written anew they say what was meant.
*/
#include "lua/host.h"
#include "lua/lua.h"
#include "tests/fuzz/fuzz.h"

static const mig_engine *const header_engines[] = {&mig_engine_lua,
                                                   &mig_engine_sql, NULL};

static int header_same(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

static void header_equal(const mig_header *a, const mig_header *b, int bodies) {
  FUZZ_REQUIRE(header_same(a->id, b->id));
  FUZZ_REQUIRE(header_same(a->created, b->created));
  FUZZ_REQUIRE(header_same(a->irreversible, b->irreversible));
  FUZZ_REQUIRE(a->transactional == b->transactional);
  FUZZ_REQUIRE(mig_list_same(&a->labels, &b->labels));
  FUZZ_REQUIRE(mig_list_same(&a->depends, &b->depends));
  FUZZ_REQUIRE(!bodies || (a->has_upgrade == b->has_upgrade &&
                           a->has_downgrade == b->has_downgrade));
}

struct header_call {
  mig_cx *cx;
  mig_host *h;
  mig_header out;
};

static int header_in(lua_State *L) {
  struct header_call *c = lua_touserdata(L, 1);

  mig_host_body(L, c->h, 0);
  mig_header_read(c->cx, L, c->h->on, &c->out);
  return 0;
}

/* By Lua, whatever a glance says. */
static int header_run(mig_cx *cx, mig_conn *conn, mig_span text,
                      mig_header *out) {
  mig_script s = {.path = "x.lua", .text = text, .guarded = 1};
  struct header_call c = {.cx = cx};

  c.h = mig_host_open(cx, conn);
  mig_host_ready(cx, c.h, 1000);
  mig_host_protect(cx, c.h, &s, 1, header_in, &c);
  *out = c.out;
  return !cx->rc;
}

/* What a glance says Lua says, too; but for what stands in a comment or a long
** text, which is seen before it runs (engine_check). */
static void header_glance(mig_conn *conn, mig_span text) {
  mig_cx a = {0}, b = {0};
  mig_header fast = {0}, slow = {0};

  if (mig_glance(&a, text, &fast) && header_run(&b, conn, text, &slow) &&
      fast.has_upgrade == slow.has_upgrade &&
      fast.has_downgrade == slow.has_downgrade) {
    header_equal(&fast, &slow, 1);
    FUZZ_REQUIRE(mig_list_same(&fast.down, &slow.down));
    FUZZ_REQUIRE(header_same(fast.message, slow.message));
  }
  mig_cx_release(&a);
  mig_cx_release(&b);
}

static int header_read(mig_cx *cx, mig_conn *conn, const mig_engine *e,
                       mig_span text, mig_header *out) {
  void *self = e->open(cx, conn);

  memset(out, 0, sizeof *out);
  if (!cx->rc) e->describe(cx, self, "x", text, out);
  FUZZ_REQUIRE(!cx->rc || *mig_cx_message(cx));
  return !cx->rc;
}

/* Put on another parent: that is all that changes. */
static void header_relink(mig_cx *cx, mig_conn *conn, const mig_engine *e,
                          mig_span text, const mig_header *was) {
  mig_list down = {0};
  mig_header now;
  mig_cx try = {0};
  char *z;

  mig_list_add(cx, &down, "parent01");
  z = e->relink(&try, "x", text, &down);
  if (z && !try.rc) {
    FUZZ_REQUIRE(header_read(cx, conn, e, mig_span_z(z), &now));
    FUZZ_REQUIRE(mig_list_same(&now.down, &down));
    header_equal(&now, was, 1);
  }
  mig_cx_release(&try);
}

/* A new revision that is to say this. */
static void header_render(mig_conn *conn, const mig_engine *e,
                          const mig_header *was) {
  mig_header now;
  mig_cx try = {0};
  char *z = e->render(&try, was, NULL, NULL);

  if (z && !try.rc && header_read(&try, conn, e, mig_span_z(z), &now)) {
    FUZZ_REQUIRE(header_same(now.id, was->id));
    FUZZ_REQUIRE(mig_list_same(&now.down, &was->down));
    FUZZ_REQUIRE(mig_list_same(&now.labels, &was->labels));
    FUZZ_REQUIRE(mig_list_same(&now.depends, &was->depends));
  }
  mig_cx_release(&try);
}

static void header_one(mig_conn *conn, const mig_engine *e, mig_span text) {
  mig_cx cx = {0};
  mig_header h;

  if (header_read(&cx, conn, e, text, &h)) {
    header_relink(&cx, conn, e, text, &h);
    header_render(conn, e, &h);
  }
  mig_cx_release(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sqlite3 *h = NULL;
  mig_cx cx = {0};
  mig_conn *conn;
  mig_span text;

  if (size > 100000) return 0;
  FUZZ_REQUIRE(sqlite3_open(":memory:", &h) == SQLITE_OK);
  conn = mig_conn_new(h, header_engines);
  mig_config_set(&cx, conn, "lua_memory_mb", "16");
  mig_config_set(&cx, conn, "lua_seconds", "1");
  text.p = mig_strndup(&cx, (const char *)data, (int)size);
  text.n = (int)size;
  text = mig_source_check(&cx, "x", text);
  if (!cx.rc) {
    header_glance(conn, text);
    header_one(conn, &mig_engine_lua, text);
    header_one(conn, &mig_engine_sql, text);
  }
  mig_cx_release(&cx);
  mig_conn_unref(conn);
  sqlite3_close(h);
  return 0;
}
