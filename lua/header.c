/*
** lua/header.c - what a script says of itself: the globals it has set.
**
** Everything is read raw and copied to the cx.  A name that only looks like
** one of ours is an error where ours is missing: a misspelt down_revision would
** otherwise make a base.
*/
#include "lua/host.h"

enum header_type { TEXT, LIST, FLAG, CODE };

static const struct header_field {
  char name[16];
  enum header_type type;
} header_fields[] = {
    {"revision", TEXT},      {"down_revision", LIST}, {"branch_labels", LIST},
    {"depends_on", LIST},    {"created", TEXT},       {"irreversible", TEXT},
    {"transactional", FLAG}, {"upgrade", CODE},       {"downgrade", CODE},
};
static const int header_nfield =
    (int)(sizeof header_fields / sizeof *header_fields);

static const char *const header_wants[] = {"a string",
                                           "a string, a list of strings or nil",
                                           "true, false or nil", "a function"};

/* The line on which `name` is first assigned or defined, or 0 */
static int header_line(mig_span text, const char *name) {
  mig_span rest = text;
  int line = 0;

  while (rest.n) {
    mig_span s = mig_span_trim(mig_span_line(&rest));
    line++;
    if (mig_span_starts(s, "function "))
      s = mig_span_trim((mig_span){s.p + 9, s.n - 9});
    if (!mig_span_starts(s, name)) continue;
    s.p += strlen(name);
    s.n -= (int)strlen(name);
    s = mig_span_trim(s);
    if (mig_span_starts(s, "=") || mig_span_starts(s, "(")) return line;
  }
  return 0;
}

/* Note an error about the field, at its line */
static void header_fail(mig_cx *cx, const mig_script *s, const char *name,
                        const char *msg) {
  int line = cx->rc ? 0 : header_line(s->text, name);

  if (line)
    mig_fail(cx, SQLITE_ERROR, "%s:%d: %s", s->path, line, msg ? msg : "");
  else
    mig_fail(cx, SQLITE_ERROR, "%s: %s", s->path, msg ? msg : "");
}

/* The text at the top of the stack as a string of cx, or NULL with an error */
static const char *header_text(mig_cx *cx, lua_State *L, const mig_script *s,
                               const struct header_field *f) {
  size_t n;
  const char *z;

  if (lua_type(L, -1) != LUA_TSTRING) {
    header_fail(cx, s, f->name,
                mig_printf(cx, "%s must be %s, not a %s", f->name,
                           header_wants[f->type], luaL_typename(L, -1)));
    return NULL;
  }
  z = lua_tolstring(L, -1, &n);
  if (strlen(z) != n)
    header_fail(cx, s, f->name, mig_printf(cx, "%s has a NUL byte", f->name));
  return mig_strdup(cx, z);
}

/* The table at the top of the stack must be a list of strings */
static void header_items(mig_cx *cx, lua_State *L, const mig_script *s,
                         const struct header_field *f, mig_list *out) {
  lua_Unsigned i, n = lua_rawlen(L, -1), keys = 0;

  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) keys++;
  if (keys != n)
    header_fail(cx, s, f->name,
                mig_printf(cx, "%s must be %s; the table is not a list",
                           f->name, header_wants[f->type]));
  for (i = 1; i <= n && !cx->rc; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i);
    mig_list_add(cx, out, (void *)(uintptr_t)header_text(cx, L, s, f));
    lua_pop(L, 1);
  }
}

static void header_list(mig_cx *cx, lua_State *L, const mig_script *s,
                        const struct header_field *f, mig_list *out) {
  if (lua_istable(L, -1))
    header_items(cx, L, s, f, out);
  else if (!lua_isnil(L, -1))
    mig_list_add(cx, out, (void *)(uintptr_t)header_text(cx, L, s, f));
}

/* Read one field, whose value is at the top of the stack, into *out */
static void header_field_read(mig_cx *cx, lua_State *L, const mig_script *s,
                              const struct header_field *f, void *out) {
  int type = lua_type(L, -1);

  if (f->type == LIST) {
    header_list(cx, L, s, f, out);
  } else if (type == LUA_TNIL) {
    return;
  } else if (f->type == TEXT) {
    *(const char **)out = header_text(cx, L, s, f);
  } else if (type == (f->type == FLAG ? LUA_TBOOLEAN : LUA_TFUNCTION)) {
    *(int *)out = f->type == CODE || lua_toboolean(L, -1);
  } else {
    header_fail(cx, s, f->name,
                mig_printf(cx, "%s must be %s, not a %s", f->name,
                           header_wants[f->type], lua_typename(L, type)));
  }
}

/* ---- misspelt names ---- */

/* Can a value of this Lua type be meant for the field? */
static int header_fits(const struct header_field *f, int type) {
  switch (f->type) {
  case TEXT:
    return type == LUA_TSTRING;
  case LIST:
    return type == LUA_TSTRING || type == LUA_TTABLE;
  case FLAG:
    return type == LUA_TBOOLEAN;
  default:
    return type == LUA_TFUNCTION;
  }
}

/* The missing field that `name`, a value of this type, may stand for */
static const char *header_near(lua_State *L, int env, const char *name,
                               int type) {
  int i;

  for (i = 0; i < header_nfield; i++) {
    const struct header_field *f = &header_fields[i];
    if (!header_fits(f, type) ||
        mig_distance(mig_span_z(name), mig_span_z(f->name), 2) > 2)
      continue;
    lua_pushstring(L, f->name);
    if (lua_rawget(L, env) == LUA_TNIL) {
      lua_pop(L, 1);
      return f->name;
    }
    lua_pop(L, 1);
  }
  return NULL;
}

static int header_known(const char *name) {
  int i;

  for (i = 0; i < header_nfield; i++)
    if (!strcmp(name, header_fields[i].name)) return 1;
  return 0;
}

/* Fail when a global looks like a field that is missing */
static void header_spelling(mig_cx *cx, lua_State *L, const mig_script *s) {
  int env = lua_gettop(L);

  lua_pushnil(L);
  while (!cx->rc && lua_next(L, env)) {
    const char *near, *name = NULL;
    int type = lua_type(L, -1);
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) name = lua_tostring(L, -1);
    if (!name || header_known(name)) continue;
    near = header_near(L, env, name, type);
    if (near)
      header_fail(
          cx, s, name,
          mig_printf(cx, "unknown field %s; did you mean %s?", name, near));
  }
  lua_settop(L, env);
}

/* ---- the message ---- */

mig_span mig_header_comment(mig_span line) {
  while (line.n && line.p[0] == '-') line.p++, line.n--;
  if (mig_span_starts(line, "[[")) line.p += 2, line.n -= 2;
  while (line.n && (line.p[line.n - 1] == '-' || line.p[line.n - 1] == ']'))
    line.n--;
  return mig_span_trim(line);
}

/* The first comment that says anything, if it stands before the first code */
static mig_span header_message(mig_span text) {
  mig_span rest = text, line, said;
  int within = 0; /* in a long comment? */

  while (rest.n) {
    line = mig_span_trim(mig_span_line(&rest));
    if (!within && line.n && !mig_span_starts(line, "--")) break;
    if (mig_span_starts(line, "--[[")) within = 1;
    said = mig_header_comment(line);
    if (said.n) return said;
  }
  return (mig_span){0};
}

/* ---- all of it ---- */

void mig_header_read(mig_cx *cx, lua_State *L, const mig_script *s,
                     mig_header *out) {
  mig_span said = header_message(s->text);
  void *at[] = {(void *)&out->id,      &out->down,
                &out->labels,          &out->depends,
                (void *)&out->created, (void *)&out->irreversible,
                &out->transactional,   &out->has_upgrade,
                &out->has_downgrade};
  int i;

  memset(out, 0, sizeof *out);
  out->transactional = 1;
  for (i = 0; i < header_nfield && !cx->rc; i++) {
    lua_pushstring(L, header_fields[i].name);
    lua_rawget(L, -2);
    header_field_read(cx, L, s, &header_fields[i], at[i]);
    lua_pop(L, 1);
  }
  header_spelling(cx, L, s);
  if (!cx->rc && !out->id)
    mig_fail(cx, SQLITE_ERROR, "%s: no `revision = \"...\"`", s->path);
  out->message = mig_strndup(cx, said.p ? said.p : "", said.n);
}
