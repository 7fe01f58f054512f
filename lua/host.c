/*
** lua/host.c - open, limit and call Lua.
**
** A script is stopped by an error that nothing of the script can hold up: the
** reason is noted in h->stop, and from then on the hook (at every instruction),
** every binding and every protected call of the sandbox raises again.
*/
#include "lua/host.h"
#include "lua/lua.h"
#include <limits.h>

#define COUNT 1000          /* instructions between two looks at the clock */
#define HUGE_TEXT (1 << 20) /* bytes: to compare these takes long         */
#define SLOW_MS 4           /* they should not take longer */
#define POLL_MS 10          /* ... and between two looks at the interrupt  */
#define MESSAGE_LIMIT 2000  /* bytes of a script's message that are shown  */
#define NO_MEMORY "not enough memory" /* Lua's own words */

#define BIG 65536 /* bytes: who wants so many at once may be long at it */

static const char host_error_key = 0; /* registry: a binding's last error */

/* ---- memory ---- */

/* The line of the running script that is innermost in L's calls, or 0 */
static int host_line(lua_State *L, const mig_host *h) {
  lua_Debug ar;
  int i;

  for (i = 0; lua_getstack(L, i, &ar); i++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0 && ar.source[0] == '@' &&
        !strcmp(ar.source + 1, h->on->path))
      return ar.currentline;
  }
  return 0;
}

/* Must the script end?  Asked at most every POLL_MS; was it asked now? */
static int host_listen(mig_host *h) {
  mig_cx heard = {0};
  sqlite3_int64 now;

  if (h->stop.rc) return 0;
  h->now = now = mig_os_clock_ms();
  if (now - h->polled < POLL_MS) return 0;
  h->polled = now;
  if (mig_stopped(&heard, h->probe))
    mig_fail(&h->stop, heard.rc, "%s", sqlite3_errstr(heard.rc));
  mig_cx_release(&heard);
  if (h->deadline && now >= h->deadline)
    mig_fail(&h->stop, SQLITE_ERROR,
             "lua time limit of %lld s reached; raise it with "
             "migrate_config('lua_seconds', ...)",
             h->allowed);
  return 1;
}

/* Functions of C run no hook; many of them ask for memory.  In the midst of
** that nothing of the host's is called, for it could call Lua. */
static int host_over(mig_host *h) {
  if (h->on) host_listen(h);
  return h->stop.rc;
}

static void host_hook(lua_State *L, lua_Debug *ar);

/*
** One instruction of Lua's that compares, hashes or converts a large text takes
** as long as very many others.  So the next look at the clock is after fewer
** instructions when there are huge texts, when the last ones took long, and
** when a text was just made that they may take long with.
*/
static void host_pace(lua_State *L, const mig_host *h, int count) {
  int most = (int)(COUNT / (1 + h->huge / HUGE_TEXT));

  if (count > most) count = most;
  if (count < 1) count = 1;
  if (h->stop.rc || (lua_gethook(L) && lua_gethookcount(L) == count)) return;
  lua_sethook(L, host_hook, LUA_MASKCOUNT, count);
}

/* A text of BIG bytes or more was made */
static void host_note_text(mig_host *h, void *p, size_t n) {
  if (n >= HUGE_TEXT) {
    if (h->nhuge < MIG_NHUGE) h->huge_at[h->nhuge++] = p;
    h->huge += n; /* for ever, when there is no place for it */
  }
  if (h->at) host_pace(h->at, h, 1);
}

static void host_forget(mig_host *h, const void *p, size_t n) {
  int i;

  if (h->at && p == lua_getextraspace(h->at)) h->at = NULL;
  for (i = 0; n >= HUGE_TEXT && i < h->nhuge; i++) {
    if (h->huge_at[i] != p) continue;
    h->huge_at[i] = h->huge_at[--h->nhuge];
    h->huge -= n;
    return;
  }
}

void *mig_host_alloc(void *ud, void *p, size_t had, size_t want) {
  mig_host *h = ud;
  size_t old = p ? had : 0;
  void *q;

  if (want == 0) {
    if (p) host_forget(h, p, old);
    if (p) mig_pool_alloc(&h->pool, p, old, 0);
    h->used -= old;
    return NULL;
  }
  if (h->limit && want > old && want - old > h->limit - h->used) {
    h->full = 1;
    if (h->on) h->line = host_line(h->L, h); /* no handler runs for this one */
    return NULL;
  }
  if (want >= BIG && want > old && host_over(h)) return NULL;
  q = mig_pool_alloc(&h->pool, p, old, want);
  if (q)
    h->used = h->used - old + want;
  else
    h->full = 0;
  if (q && !p && had == LUA_TSTRING && want >= BIG) host_note_text(h, q, want);
  return q;
}

mig_host *mig_host_of(lua_State *L) {
  void *ud;

  (void)lua_getallocf(L, &ud);
  return ud;
}

/* ---- stopping ---- */

void mig_host_poll(mig_host *h) {
  mig_cx heard = {0};

  if (!host_listen(h) || h->stop.rc || !h->run) return;
  mig_progress_poll(&heard, h->run);
  mig_fail_move(&h->stop, &heard);
  mig_cx_release(&heard);
}

/* How deep the calls are is not told, only whether there are so many. */
static void host_check_depth(lua_State *L, mig_host *h) {
  lua_Debug deep;

  if (lua_getstack(L, h->depth, &deep))
    mig_fail(&h->stop, SQLITE_ERROR,
             "lua recursion limit of %d calls reached; raise it with "
             "migrate_config('lua_depth', ...)",
             h->depth);
}

static void host_hook(lua_State *L, lua_Debug *ar) {
  mig_host *h = mig_host_of(L);
  sqlite3_int64 took = -h->hooked;
  int count = lua_gethookcount(L);

  (void)ar;
  host_check_depth(L, h);
  mig_host_check(L);
  took += h->hooked = h->now;
  host_pace(L, h, took > SLOW_MS ? (int)(count * SLOW_MS / took) : count * 2);
}

/* Raise h->stop in this thread, which runs no instruction more */
static int host_stop(lua_State *L, mig_host *h) {
  lua_sethook(L, host_hook, LUA_MASKCOUNT, 1);
  if (!h->line) h->line = host_line(L, h);
  lua_pushliteral(L, "stopped");
  return lua_error(L);
}

void mig_host_check(lua_State *L) {
  mig_host *h = mig_host_of(L);

  h->at = L;
  mig_host_poll(h);
  if (h->stop.rc) host_stop(L, h);
}

void mig_host_resume(lua_State *L, lua_State *co) {
  mig_host_check(L);
  if (!co) return;
  mig_host_of(L)->at = co;
  host_pace(co, mig_host_of(L), lua_gethookcount(L));
}

/* ---- functions that need no hook ---- */

/* Where line n of the text begins, as Lua counts: \r\n ends one line */
static const char *host_line_at(mig_span text, int n) {
  const char *p = text.p, *end = p + text.n;

  while (--n > 0 && p < end) {
    while (p < end && *p != '\n' && *p != '\r') p++;
    p += p + 1 < end && p[0] + p[1] == '\n' + '\r' ? 2 : p < end;
  }
  return p;
}

/*
** Are these lines of one function, without another one in it and without a
** loop?  The words count in comments and texts, too: then it only may not.  A
** `)` before `function` could end the parameters of one whose own `function`
** stands on a line before: Lua notes the line of its `(`.
*/
static int host_is_straight(const char *p, const char *end) {
  static const char *const loops[] = {"while", "for", "repeat", "goto"};
  int functions = 0;
  size_t i, n;

  for (; p < end; p += n ? n : 1) {
    for (n = 0; p + n < end && mig_token_is_word(p[n]);) n++;
    for (i = 0; i < sizeof loops / sizeof *loops; i++)
      if (n == strlen(loops[i]) && !memcmp(p, loops[i], n)) return 0;
    if (n == 8 && !memcmp(p, "function", n)) functions++;
    if (*p == ')' && !functions) return 0;
  }
  return functions == 1;
}

/* Without upvalues it has its arguments, which are values of SQL's, and what
** their metatables hold, which are functions of C. */
int mig_host_ends(lua_State *L, const mig_host *h) {
  const char *path = h->on->path, *p, *end;
  lua_Debug ar;

  lua_pushvalue(L, -1);
  lua_getinfo(L, ">Su", &ar);
  if (ar.nups || strcmp(ar.what, "Lua") || ar.source[0] != '@' ||
      strcmp(ar.source + 1, path) || !strncmp(path, "lib/", 4))
    return 0;
  p = host_line_at(h->on->text, ar.linedefined);
  end = host_line_at(h->on->text, ar.lastlinedefined + 1);
  return host_is_straight(p, end) ? (int)(end - p) : 0;
}

void mig_host_unhook(mig_host *h, int unhooked) {
  if (h->stop.rc) return; /* which a hook sees to */
  h->unhooked = unhooked;
  if (unhooked)
    lua_sethook(h->nested_in, NULL, 0, 0);
  else
    lua_sethook(h->nested_in, host_hook, LUA_MASKCOUNT, COUNT);
}

/* ---- bindings ---- */

mig_host *mig_host_enter(lua_State *L, const char *name) {
  mig_host *h = mig_host_of(L);

  mig_cx_release(&h->cx);
  mig_host_check(L);
  if (h->body || !h->run)
    luaL_error(L,
               "%s at the top level of a script; move it into upgrade() or "
               "downgrade()",
               name);
  if (!h->nested) mig_resume_abandon(h->run);
  if (h->nested && !strncmp(name, "op.", 3))
    luaL_error(L, "%s: a function that SQL calls may read, but not write",
               name);
  return h;
}

/* Push "source:line: " of the innermost Lua function, or "" */
static void host_where(lua_State *L) {
  lua_Debug ar;
  int i;

  for (i = 1; lua_getstack(L, i, &ar); i++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0) {
      lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

/*
** Raise what h->cx holds.  Neither an interrupt nor the loss of the
** transaction (which some errors roll back) may be caught by the script: what
** it did next would be committed at once.  Nor may a change that failed
** half-way: it would be committed as it is; nor the host's word that it is to
** end.
*/
static int host_raise(lua_State *L, mig_host *h) {
  int lost = (h->in_transaction && sqlite3_get_autocommit(h->conn->h)) ||
             (h->run && (h->run->spoilt || h->run->cancelled));

  if (h->stop.rc) { /* of a function that SQL called */
    mig_cx_release(&h->cx);
    return host_stop(L, h);
  }
  if (lost || (h->cx.rc & 0xff) == SQLITE_INTERRUPT) {
    mig_fail_move(&h->stop, &h->cx);
    return host_stop(L, h);
  }
  host_where(L);
  lua_pushstring(L, mig_cx_message(&h->cx));
  lua_concat(L, 2);
  h->raised = h->cx.rc;
  mig_cx_release(&h->cx);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &host_error_key);
  return lua_error(L);
}

int mig_host_return(lua_State *L, mig_host *h, int n) {
  if (h->cx.rc) return host_raise(L, h);
  mig_cx_release(&h->cx);
  return n;
}

/* ---- calling ---- */

/* Message handler: note the line, and make a text of any error value */
static int host_message(lua_State *L) {
  mig_host *h = mig_host_of(L);

  if (h->stop.rc) return 1;
  h->line = host_line(L, h);
  if (lua_type(L, 1) == LUA_TSTRING) return 1;
  if (lua_isstring(L, 1)) {
    lua_tostring(L, 1);
    return 1;
  }
  if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
    return 1;
  lua_pushfstring(L, "error() was given a %s value, not a text",
                  luaL_typename(L, 1));
  return 1;
}

/* Cut "source:LINE: " off the message; returns LINE, or 0 without one */
static int host_cut(const mig_host *h, const char **msg) {
  size_t n = strlen(h->source);
  const char *p = *msg + n;
  int line = 0;

  if (!n || strncmp(*msg, h->source, n) || *p++ != ':') return 0;
  for (; *p >= '0' && *p <= '9' && line < INT_MAX / 10; p++)
    line = line * 10 + (*p - '0');
  if (!line || p[0] != ':' || p[1] != ' ') return 0;
  *msg = p + 2;
  return line;
}

/* A script's message as others can show it: UTF-8, and not without end */
static const char *host_clean(mig_cx *cx, const char *msg) {
  int n = (int)strlen(msg) > MESSAGE_LIMIT ? MESSAGE_LIMIT : (int)strlen(msg),
      i, k;
  char *z = mig_printf(cx, "%.*s%s", n, msg, msg[n] ? "..." : "");

  if (!z) return msg;
  for (i = 0; z[i]; i += k) {
    k = mig_utf8_length(z + i, (int)strlen(z + i));
    if (!k) z[i] = '?', k = 1;
  }
  return z;
}

static void host_fail(mig_cx *cx, const mig_host *h, int rc, int line,
                      const char *msg) {
  const mig_script *s = h->on;
  char at[24] = "";

  msg = host_clean(cx, msg);

  if (line) sqlite3_snprintf(sizeof at, at, ":%d", line);
  if (s->id)
    mig_fail(cx, rc, "revision %s (%s%s): %s", s->id, s->path, at, msg);
  else
    mig_fail(cx, rc, "%s%s: %s", s->path, at, msg);
}

/* Lua's own limits, which are compiled into it, in plain words */
static const char *host_explain(const char *msg) {
  static const char *const known[][2] = {
      {"stack overflow",
       "lua's own stack is full (LUAI_MAXSTACK, 1000000 values), and no "
       "setting "
       "raises that; recurse less deeply, or with fewer local variables"},
      {"C stack overflow",
       "calls are nested deeper than lua's own limit for those that go through "
       "C, such as pcall, metamethods, gsub and coroutines (LUAI_MAXCCALLS, "
       "200), and no setting raises that; nest them less"},
      {"error in error handling",
       "an error in the handling of an error, or calls nested deeper there "
       "than lua's own limit (LUAI_MAXCCALLS, 200), which no setting raises"},
  };
  size_t i, n;

  for (i = 0; i < sizeof known / sizeof *known; i++) {
    n = strlen(known[i][0]);
    if (!strncmp(msg, known[i][0], n) && (!msg[n] || msg[n] == ' '))
      return known[i][1];
  }
  return msg;
}

void mig_host_memory(mig_cx *cx, const mig_host *h) {
  if (h->full)
    mig_fail(cx, SQLITE_ERROR,
             "lua memory limit of %lld MB reached; raise it with "
             "migrate_config('lua_memory_mb', ...)",
             (sqlite3_int64)(h->limit >> 20));
  else /* it was SQLite that had no more */
    mig_fail_nomem(cx);
}

static void host_fail_memory(mig_cx *cx, const mig_host *h) {
  mig_cx own = {0};

  mig_host_memory(&own, h);
  if (own.rc == SQLITE_NOMEM)
    mig_fail_nomem(cx);
  else
    host_fail(cx, h, own.rc, h->line, mig_cx_message(&own));
  mig_cx_release(&own);
}

/* The error at the top of the stack becomes cx's */
static void host_report(mig_cx *cx, mig_host *h, int status) {
  lua_State *L = h->L;
  const char *msg = "error in error handling";
  int line, rc = SQLITE_ERROR;

  if (h->stop.rc) {
    host_fail(cx, h, h->stop.rc, h->line, mig_cx_message(&h->stop));
    return;
  }
  if (lua_type(L, -1) == LUA_TSTRING) msg = lua_tostring(L, -1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &host_error_key);
  if (lua_rawequal(L, -1, -2)) rc = h->raised;
  line = host_cut(h, &msg);
  if (line) h->line = line;
  if (status == LUA_ERRMEM || !strcmp(msg, NO_MEMORY))
    host_fail_memory(cx, h);
  else
    host_fail(cx, h, rc, h->line, host_explain(msg));
}

static void host_begin(mig_host *h, const mig_script *s,
                       sqlite3_int64 seconds) {
  mig_cx_release(&h->cx);
  mig_cx_release(&h->stop);
  h->on = s;
  h->body = h->line = h->raised = h->full = 0;
  h->source[0] = 0;
  h->in_transaction = h->run && !sqlite3_get_autocommit(h->conn->h);
  h->polled = mig_os_clock_ms();
  h->allowed = seconds;
  h->deadline = seconds > 0 ? h->polled + seconds * 1000 : 0;
  h->at = h->L;
  h->now = h->hooked = h->polled;
  lua_sethook(h->L, host_hook, LUA_MASKCOUNT, COUNT);
  host_pace(h->L, h, COUNT);
}

void mig_host_protect(mig_cx *cx, mig_host *h, const mig_script *s,
                      sqlite3_int64 seconds, lua_CFunction fn, void *arg) {
  lua_State *L = h->L;
  int status;

  if (cx->rc) return;
  host_begin(h, s, seconds);
  lua_settop(L, 0);
  lua_pushcfunction(L, host_message);
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, arg);
  status = lua_pcall(L, 1, 0, 1);
  if (status) host_report(cx, h, status);
  mig_luadb_end(h);
  mig_func_end(h);
  mig_cx_release(&h->cx);
  lua_settop(L, 0);
  h->on = NULL;
}

/* Note what Lua's messages call the function at the top of the stack */
static void host_note_source(lua_State *L, mig_host *h) {
  lua_Debug ar;

  lua_pushvalue(L, -1);
  lua_getinfo(L, ">S", &ar);
  memcpy(h->source, ar.short_src, sizeof h->source);
}

/* Raise the error at the top of the stack, which is about the text */
static int host_load_failed(lua_State *L, mig_host *h, const char *name) {
  if (!luaL_loadbufferx(L, "", 0, name, "t")) host_note_source(L, h);
  lua_pop(L, 1);
  return lua_error(L);
}

/*
** Keep the function at the top of the stack for the script's next run, unless
** that would take half of the memory there is.  The text's address is its key.
*/
static void host_keep(lua_State *L, const mig_host *h) {
  if (h->limit && h->used > h->limit / 2) return;
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, h->on->text.p);
}

/* Push the function that was kept; is there one? */
static int host_kept(lua_State *L, mig_host *h) {
  const void *key = h->on->text.p;

  if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) != LUA_TFUNCTION) {
    lua_pop(L, 1);
    return 0;
  }
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
  host_note_source(L, h);
  return 1;
}

/* Push the script's text as a function */
static void host_load(lua_State *L, mig_host *h) {
  const mig_script *s = h->on;
  const char *name;

  if (host_kept(L, h)) return;
  name = lua_pushfstring(L, "@%s", s->path);
  if (s->text.n && s->text.p[0] == LUA_SIGNATURE[0])
    luaL_error(L, "this is Lua bytecode; a script must be source text");
  if (luaL_loadbufferx(L, s->text.p, (size_t)s->text.n, name, "t"))
    host_load_failed(L, h, name);
  host_note_source(L, h);
  lua_remove(L, -2);
  if (s->again) host_keep(L, h);
}

void mig_host_load(lua_State *L, mig_host *h, int args) {
  mig_sandbox_env(L);
  if (args) {
    lua_pushvalue(L, args);
    lua_setfield(L, -2, "args");
  }
  host_load(L, h);
  lua_pushvalue(L, -2);
  lua_setupvalue(L, -2, 1); /* a chunk's first upvalue is _ENV */
}

void mig_host_body(lua_State *L, mig_host *h, int args) {
  mig_host_load(L, h, args);
  h->body = h->on->guarded;
  lua_call(L, 0, 0);
  h->body = 0;
}

/* ---- opening ---- */

static void host_close(void *p) {
  mig_host *h = p;

  if (h->L) lua_close(h->L);
  mig_pool_release(&h->pool);
  mig_cx_release(&h->cx);
  mig_cx_release(&h->stop);
  mig_cx_release(&h->keep);
  sqlite3_free(h);
}

static int host_fill(lua_State *L) {
  mig_sandbox_open(L);
  return 0;
}

mig_host *mig_host_open(mig_cx *cx, mig_conn *conn) {
  sqlite3_int64 mb = mig_config_int(conn, "lua_memory_mb");
  const sqlite3_int64 most = (sqlite3_int64)(SIZE_MAX >> 20);
  mig_host *h = cx->rc ? NULL : sqlite3_malloc64(sizeof *h);

  if (!h) {
    mig_fail_nomem(cx);
    return NULL;
  }
  memset(h, 0, sizeof *h);
  h->conn = conn;
  h->seconds = mig_config_int(conn, "lua_seconds");
  h->depth = (int)mig_config_int(conn, "lua_depth");
  if (mb > 0) h->limit = (size_t)(mb < most ? mb : most) << 20;
  return mig_own(cx, h, host_close);
}

void mig_host_ready(mig_cx *cx, mig_host *h, int pause) {
  static const mig_script none = {.path = "lua"};

  if (cx->rc) return;
  if (!h->probe) h->probe = mig_stop_probe(&h->keep, h->conn);
  mig_fail_move(cx, &h->keep);
  if (!h->L) {
    h->L = lua_newstate(mig_pool_lua, h);
    if (!h->L)
      mig_fail_nomem(cx);
    else
      mig_host_protect(cx, h, &none, 0, host_fill, NULL);
  }
  if (h->L) lua_gc(h->L, LUA_GCINC, pause, 0, 0);
}

/* ---- the library ---- */

void mig_lua_check(mig_cx *cx) {
  const char *missing = mig_lua_missing();
  int v;

  if (missing) {
    mig_fail(cx, SQLITE_ERROR,
             "migrate needs Lua 5.4: %s; install it, or build migrate with "
             "Lua inside (make LUA_SRC=)",
             missing);
    return;
  }
  v = (int)lua_version(NULL);
  if (v != LUA_VERSION_NUM)
    mig_fail(
        cx, SQLITE_ERROR,
        "migrate needs Lua 5.4; the library found at run time is Lua %d.%d",
        v / 100, v % 100);
}

const char *mig_lua_version(void) {
  return LUA_VERSION; /* its release is the compiler's, not what runs */
}
