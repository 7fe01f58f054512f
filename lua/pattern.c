/*
** lua/pattern.c - Lua's string patterns, matched so that a stop is heard.
**
** Matching takes time without bound, and Lua's own runs no hook meanwhile.
** This one counts its steps, and looks at the clock whenever it has made so
** many.  It does not recurse: each place to go back to is a choice on a stack
** as deep as Lua's recursion may become, so that the same patterns are too
** complex (https://www.lua.org/manual/5.4/manual.html#6.4.1).
*/
#include "lua/host.h"
#include <limits.h>

#define PATTERN_CAPTURES 32 /* Lua's LUA_MAXCAPTURES */
#define PATTERN_CHOICES                                                        \
  199                       /* Lua recurses 200 deep, the first call included  \
                             */
#define PATTERN_STEPS 10000 /* between two looks at the clock: some 50 us */

/* What a capture has instead of a length */
#define PATTERN_OPEN (-1) /* not closed yet     */
#define PATTERN_AT (-2)   /* it is a position   */

typedef enum pattern_kind {
  PATTERN_GREEDY, /* give back one of what the item took         */
  PATTERN_LAZY,   /* let the item take one more                  */
  PATTERN_MAYBE,  /* do without the item                         */
  PATTERN_BEGUN,  /* nothing else is possible: forget a capture  */
  PATTERN_ENDED   /* nor here: the capture is open again         */
} pattern_kind;

/* A place to go back to when what follows does not match. */
struct pattern_choice {
  pattern_kind kind;
  int capture;      /* of ENDED: which                                   */
  const char *s;    /* where the text is to go on, or was                */
  const char *low;  /* of GREEDY: the least that s can be; of LAZY: item */
  const char *next; /* what of the pattern follows                       */
};

typedef struct pattern_text pattern_text; /* what one call looks at */
struct pattern_text {
  lua_State *L;
  const char *begin, *end; /* the text; Lua has put a NUL at its end */
  const char *pattern_end; /* ... and at the pattern's               */
  int left;                /* steps until the next look at the clock */
  int n;                   /* captures begun                         */
  struct {
    const char *s;
    ptrdiff_t n; /* bytes, or PATTERN_... */
  } capture[PATTERN_CAPTURES];
};

typedef struct pattern_try pattern_try; /* one place in the text, tried */
struct pattern_try {
  pattern_text *t;
  const char *s, *p; /* here the text and the pattern stand */
  int n;             /* choices                             */
  struct pattern_choice choice[PATTERN_CHOICES];
};

/* Jumps when the script must end. */
static void pattern_spend(pattern_text *t, ptrdiff_t steps) {
  if (steps <= t->left) {
    t->left -= (int)steps;
    return;
  }
  t->left = PATTERN_STEPS;
  mig_host_check(t->L);
}

/* ---- one item: a character, a class, a set ---- */

/* The characters of each class, of 0 to 127: ASCII's, whatever the locale */
static const uint64_t pattern_class[26][2] = {
    ['a' - 'a'] = {0, 0x07fffffe07fffffe},
    ['c' - 'a'] = {0x00000000ffffffff, 0x8000000000000000},
    ['d' - 'a'] = {0x03ff000000000000, 0},
    ['g' - 'a'] = {0xfffffffe00000000, 0x7fffffffffffffff},
    ['l' - 'a'] = {0, 0x07fffffe00000000},
    ['p' - 'a'] = {0xfc00fffe00000000, 0x78000001f8000001},
    ['s' - 'a'] = {0x0000000100003e00, 0},
    ['u' - 'a'] = {0, 0x0000000007fffffe},
    ['w' - 'a'] = {0x03ff000000000000, 0x07fffffe07fffffe},
    ['x' - 'a'] = {0x03ff000000000000, 0x0000007e0000007e},
    ['z' - 'a'] = {1, 0}, /* not in the manual any more, but in Lua */
};

/* Is c what % and this character stand for? */
static int pattern_in_class(int c, int letter) {
  int low = letter | 0x20, in;
  const uint64_t *bits;

  if (low < 'a' || low > 'z') return c == letter;
  bits = pattern_class[low - 'a'];
  if (!(bits[0] | bits[1])) return c == letter;
  in = c < 128 && (bits[c >> 6] >> (c & 63) & 1);
  return in == (letter == low);
}

/* Is c in the set from its [ at p to behind its ]? */
static int pattern_in_set(int c, const char *p, const char *behind) {
  const unsigned char *q = (const unsigned char *)p + 1,
                      *end = (const unsigned char *)behind - 1;
  int in = *q != '^';

  for (q += !in; q < end;) {
    if (*q == '%') {
      if (pattern_in_class(c, q[1])) return in;
      q += 2;
    } else if (q[1] == '-' && q + 2 < end) {
      if (q[0] <= c && c <= q[2]) return in;
      q += 3;
    } else if (*q++ == c) {
      return in;
    }
  }
  return !in;
}

/* Where the set ends that begins before p */
static const char *pattern_set_end(pattern_text *t, const char *p) {
  const char *begin = p;

  if (*p == '^') p++;
  do { /* its first character may be a ] */
    if (p >= t->pattern_end)
      luaL_error(t->L, "malformed pattern (missing ']')");
    if (*p++ == '%' && p < t->pattern_end) p++;
  } while (*p != ']');
  pattern_spend(t, (p - begin) >> 2);
  return p + 1;
}

static const char *pattern_item_end(pattern_text *t, const char *p) {
  if (*p == '[') return pattern_set_end(t, p + 1);
  if (*p != '%') return p + 1;
  if (p + 1 >= t->pattern_end)
    luaL_error(t->L, "malformed pattern (ends with '%%')");
  return p + 2;
}

static int pattern_is(int c, const char *item, const char *behind) {
  switch (*item) {
  case '.':
    return 1;
  case '%':
    return pattern_in_class(c, (unsigned char)item[1]);
  case '[':
    return pattern_in_set(c, item, behind);
  default:
    return c == (unsigned char)*item;
  }
}

/* Where the text ends, from s to stop, that is all of this item */
static const char *pattern_run(const char *s, const char *stop,
                               const char *item, const char *behind) {
  switch (*item) {
  case '.':
    return stop;
  case '%':
    while (s < stop &&
           pattern_in_class((unsigned char)*s, (unsigned char)item[1]))
      s++;
    return s;
  case '[':
    while (s < stop && pattern_in_set((unsigned char)*s, item, behind)) s++;
    return s;
  default:
    while (s < stop && *s == *item) s++;
    return s;
  }
}

/* The same to the text's end, with looks at the clock: a set costs its length
** for each character */
static const char *pattern_most(pattern_text *t, const char *s,
                                const char *item, const char *behind) {
  ptrdiff_t cost = (behind - item + 3) >> 2, most = cost < 16 ? 256 : 1, n;
  const char *stop;

  if (*item == '.') return t->end;
  do {
    stop = t->end - s > most ? s + most : t->end;
    n = stop - s;
    s = pattern_run(s, stop, item, behind);
    pattern_spend(t, (n - (stop - s)) * cost);
  } while (s == stop && s < t->end);
  return s;
}

/* ---- one piece of the pattern: does it match here? ---- */

static struct pattern_choice *pattern_choose(pattern_try *y, pattern_kind kind,
                                             const char *next) {
  struct pattern_choice *c = &y->choice[y->n];

  if (y->n == PATTERN_CHOICES) luaL_error(y->t->L, "pattern too complex");
  y->n++;
  c->kind = kind;
  c->s = y->s;
  c->next = y->p = next;
  return c;
}

static int pattern_begin(pattern_try *y) {
  pattern_text *t = y->t;
  int at = y->p[1] == ')';

  if (t->n == PATTERN_CAPTURES) luaL_error(t->L, "too many captures");
  t->capture[t->n].s = y->s;
  t->capture[t->n++].n = at ? PATTERN_AT : PATTERN_OPEN;
  pattern_choose(y, PATTERN_BEGUN, y->p + 1 + at);
  return 1;
}

static int pattern_end(pattern_try *y) {
  pattern_text *t = y->t;
  int i = t->n - 1;

  while (i >= 0 && t->capture[i].n != PATTERN_OPEN) i--;
  if (i < 0) luaL_error(t->L, "invalid pattern capture");
  t->capture[i].n = y->s - t->capture[i].s;
  pattern_choose(y, PATTERN_ENDED, y->p + 1)->capture = i;
  return 1;
}

/* %b() */
static int pattern_balance(pattern_try *y) {
  pattern_text *t = y->t;
  const char *s = y->s, *pair = y->p + 2;
  int depth = 1;

  if (pair + 1 >= t->pattern_end)
    luaL_error(t->L, "malformed pattern (missing arguments to '%%b')");
  if (s == t->end || *s != pair[0]) return 0;
  while (++s < t->end && depth) {
    depth += *s == pair[1] ? -1 : *s == pair[0];
    if (--t->left < 0) pattern_spend(t, 1);
  }
  y->s = s;
  y->p += 4;
  return !depth;
}

/* %f[set] */
static int pattern_frontier(pattern_try *y) {
  pattern_text *t = y->t;
  const char *set = y->p + 2, *behind;
  int before = y->s == t->begin ? 0 : (unsigned char)y->s[-1];

  if (*set != '[') luaL_error(t->L, "missing '[' after '%%f' in pattern");
  behind = pattern_item_end(t, set);
  y->p = behind;
  return !pattern_in_set(before, set, behind) &&
         pattern_in_set((unsigned char)*y->s, set, behind);
}

/* %1 */
static int pattern_again(pattern_try *y) {
  pattern_text *t = y->t;
  int i = y->p[1] - '1';
  ptrdiff_t n;

  if (i < 0 || i >= t->n || t->capture[i].n == PATTERN_OPEN) {
    luaL_error(t->L, "invalid capture index %%%d", i + 1);
    return 0;
  }
  n = t->capture[i].n;
  if (n == PATTERN_AT || n > t->end - y->s) return 0;
  pattern_spend(t, n >> 4);
  if (memcmp(t->capture[i].s, y->s, (size_t)n)) return 0;
  y->s += n;
  y->p += 2;
  return 1;
}

/* An item that matches here, and its suffix */
static int pattern_item_is(pattern_try *y, const char *item,
                           const char *behind) {
  const char *s = y->s++;

  switch (*behind) {
  case '*':
  case '+':
    y->s = pattern_most(y->t, y->s, item, behind);
    pattern_choose(y, PATTERN_GREEDY, behind + 1)->low = s + (*behind == '+');
    return 1;
  case '-':
    y->s = s;
    pattern_choose(y, PATTERN_LAZY, behind + 1)->low = item;
    return 1;
  case '?':
    pattern_choose(y, PATTERN_MAYBE, behind + 1)->s = s;
    return 1;
  default:
    y->p = behind;
    return 1;
  }
}

/* An item, with or without * + - ? */
static int pattern_item(pattern_try *y) {
  const char *item = y->p, *behind = pattern_item_end(y->t, item);

  if (y->s < y->t->end && pattern_is((unsigned char)*y->s, item, behind))
    return pattern_item_is(y, item, behind);
  y->p = behind + 1;
  return *behind == '*' || *behind == '?' || *behind == '-';
}

static int pattern_piece(pattern_try *y) {
  const char *p = y->p;

  switch (*p) {
  case '(':
    return pattern_begin(y);
  case ')':
    return pattern_end(y);
  case '$':
    if (p + 1 != y->t->pattern_end) break;
    y->p++;
    return y->s == y->t->end;
  case '%':
    if (p[1] == 'b') return pattern_balance(y);
    if (p[1] == 'f') return pattern_frontier(y);
    if (p[1] >= '0' && p[1] <= '9') return pattern_again(y);
    break;
  default:
    break;
  }
  return pattern_item(y);
}

/* ---- one place in the text ---- */

static int pattern_one_more(pattern_try *y, const struct pattern_choice *c) {
  const char *behind = c->next - 1; /* the item's suffix */

  pattern_spend(y->t, (behind - c->low) >> 2);
  return c->s < y->t->end && pattern_is((unsigned char)*c->s, c->low, behind);
}

/* Go back to the last choice that is left; 0 when there is none */
static int pattern_back(pattern_try *y) {
  for (; y->n; y->n--) {
    struct pattern_choice *c = &y->choice[y->n - 1];

    y->p = c->next;
    switch (c->kind) {
    case PATTERN_GREEDY:
      if (c->s == c->low) break;
      y->s = --c->s;
      return 1;
    case PATTERN_LAZY:
      if (!pattern_one_more(y, c)) break;
      y->s = ++c->s;
      return 1;
    case PATTERN_MAYBE:
      y->s = c->s;
      y->n--;
      return 1;
    case PATTERN_BEGUN:
      y->t->n--;
      break;
    case PATTERN_ENDED:
      y->t->capture[c->capture].n = PATTERN_OPEN;
      break;
    }
  }
  return 0;
}

/* Where the match of p that begins at s ends, or NULL.  Sets the captures. */
static const char *pattern_match_at(pattern_text *t, const char *s,
                                    const char *p) {
  pattern_try y;

  y.t = t;
  y.s = s;
  y.p = p;
  y.n = t->n = 0;
  for (pattern_spend(t, 1); y.p != t->pattern_end; pattern_spend(t, 1))
    if (!pattern_piece(&y) && !pattern_back(&y)) return NULL;
  return y.s;
}

/* ---- arguments and results ---- */

/* Read text and pattern, arguments 1 and 2; returns where the pattern begins.
 */
static const char *pattern_read(lua_State *L, pattern_text *t) {
  size_t n, np;
  const char *pattern;

  t->L = L;
  t->begin = luaL_checklstring(L, 1, &n);
  pattern = luaL_checklstring(L, 2, &np);
  t->end = t->begin + n;
  t->pattern_end = pattern + np;
  t->left = PATTERN_STEPS;
  t->n = 0;
  return pattern;
}

/* How many bytes lie before the place that argument 3 names; more than n when
** that is behind the text */
static size_t pattern_start(lua_State *L, const pattern_text *t) {
  lua_Integer at = luaL_optinteger(L, 3, 1), n = t->end - t->begin;

  if (at > INT_MAX) return INT_MAX; /* behind any text */
  if (at > 0) return (size_t)at - 1;
  return at == 0 || at < -n ? 0 : (size_t)(n + at);
}

/* Capture i, of which 0 may also be the match from s to e: its text, or NULL
** for a position, which is pushed */
static const char *pattern_capture(pattern_text *t, int i, const char *s,
                                   const char *e, size_t *n) {
  *n = (size_t)(e - s);
  if (i >= t->n) {
    if (i) luaL_error(t->L, "invalid capture index %%%d", i + 1);
    return s;
  }
  if (t->capture[i].n == PATTERN_OPEN) luaL_error(t->L, "unfinished capture");
  *n = (size_t)t->capture[i].n;
  if (t->capture[i].n != PATTERN_AT) return t->capture[i].s;
  lua_pushinteger(t->L, t->capture[i].s - t->begin + 1);
  return NULL;
}

static void pattern_push(pattern_text *t, int i, const char *s, const char *e) {
  size_t n;
  const char *z = pattern_capture(t, i, s, e, &n);

  if (!z) return;
  pattern_spend(t, (ptrdiff_t)(n >> 5));
  lua_pushlstring(t->L, z, n);
}

/* Push all captures; without any, the match, if s is one */
static int pattern_push_all(pattern_text *t, const char *s, const char *e) {
  int i, n = t->n ? t->n : s != NULL;

  luaL_checkstack(t->L, n, "too many captures");
  for (i = 0; i < n; i++) pattern_push(t, i, s, e);
  return n;
}

/* ---- find, match ---- */

#define PATTERN_BIT(c) (UINT64_C(1) << ((c)&63))

/* Has the pattern nothing in it that begins an item other than itself? */
static int pattern_is_plain(pattern_text *t, const char *p) {
  static const uint64_t special[4] = {PATTERN_BIT('$') | PATTERN_BIT('%') |
                                          PATTERN_BIT('(') | PATTERN_BIT('*') |
                                          PATTERN_BIT('+') | PATTERN_BIT('-') |
                                          PATTERN_BIT('.') | PATTERN_BIT('?'),
                                      PATTERN_BIT('[') | PATTERN_BIT('^')};
  const char *begin = p;

  for (; p < t->pattern_end; p++)
    if (special[(unsigned char)*p >> 6] & PATTERN_BIT(*p)) return 0;
  pattern_spend(t, (p - begin) >> 2);
  return 1;
}

/* Where n bytes of `what` are in the text, from s on */
static const char *pattern_seek(pattern_text *t, const char *s,
                                const char *what, size_t n) {
  const char *hit;

  if (!n) return s;
  while ((size_t)(t->end - s) >= n) {
    hit = memchr(s, *what, (size_t)(t->end - s) - n + 1);
    if (!hit || !memcmp(hit, what, n)) return hit;
    pattern_spend(t, 1 + ((hit - s) >> 5) + (ptrdiff_t)(n >> 5));
    s = hit + 1;
  }
  return NULL;
}

/* The first match from s on; *s is where it begins */
static const char *pattern_first(pattern_text *t, const char **s,
                                 const char *p) {
  int anchored = *p == '^' && p < t->pattern_end;
  const char *e = pattern_match_at(t, *s, p + anchored);

  while (!e && !anchored && *s < t->end) e = pattern_match_at(t, ++*s, p);
  return e;
}

/* Push where text from s to e is */
static int pattern_push_place(const pattern_text *t, const char *s,
                              const char *e) {
  lua_pushinteger(t->L, s - t->begin + 1);
  lua_pushinteger(t->L, e - t->begin);
  return 2;
}

/* string.find(s, pattern, init, plain) */
static int pattern_find(lua_State *L) {
  pattern_text t;
  const char *p = pattern_read(L, &t), *s, *e;
  size_t start = pattern_start(L, &t), n = (size_t)(t.pattern_end - p);

  if (start <= (size_t)(t.end - t.begin)) {
    s = t.begin + start;
    if (lua_toboolean(L, 4) || pattern_is_plain(&t, p)) {
      s = pattern_seek(&t, s, p, n);
      if (s) return pattern_push_place(&t, s, s + n);
    } else if ((e = pattern_first(&t, &s, p)) != NULL) {
      return pattern_push_place(&t, s, e) + pattern_push_all(&t, NULL, NULL);
    }
  }
  lua_pushnil(L);
  return 1;
}

/* string.match(s, pattern, init) */
static int pattern_match(lua_State *L) {
  pattern_text t;
  const char *p = pattern_read(L, &t), *s, *e;
  size_t start = pattern_start(L, &t);

  if (start <= (size_t)(t.end - t.begin)) {
    s = t.begin + start;
    e = pattern_first(&t, &s, p);
    if (e) return pattern_push_all(&t, s, e);
  }
  lua_pushnil(L);
  return 1;
}

/* ---- gmatch ---- */

/* A loop: upvalue 3 of its iterator, 1 and 2 being the texts it points into */
struct pattern_loop {
  pattern_text t;
  const char *p, *s; /* the pattern; where the text goes on   */
  const char *last;  /* where the last match ended, or NULL   */
};

static int pattern_gmatch_next(lua_State *L) {
  struct pattern_loop *g = lua_touserdata(L, lua_upvalueindex(3));
  const char *s, *e;

  g->t.L = L;
  for (s = g->s; s <= g->t.end; s++) {
    e = pattern_match_at(&g->t, s, g->p);
    if (!e || e == g->last) continue;
    g->s = g->last = e;
    return pattern_push_all(&g->t, s, e);
  }
  return 0; /* and again, should it be asked again */
}

/* string.gmatch(s, pattern, init) */
static int pattern_gmatch(lua_State *L) {
  pattern_text t;
  const char *p = pattern_read(L, &t);
  size_t start = pattern_start(L, &t), n = (size_t)(t.end - t.begin);
  struct pattern_loop *g;

  lua_settop(L, 2);
  g = lua_newuserdatauv(L, sizeof *g, 0);
  g->t = t;
  g->p = p;
  g->s = t.begin + (start > n ? n + 1 : start);
  g->last = NULL;
  lua_pushcclosure(L, pattern_gmatch_next, 3);
  return 1;
}

/* ---- gsub ---- */

/* Add argument 3, a text, with its % sequences filled in */
static void pattern_fill(pattern_text *t, luaL_Buffer *b, const char *s,
                         const char *e) {
  size_t n;
  const char *r = lua_tolstring(t->L, 3, &n), *end = r + n, *sign, *z;

  while ((sign = memchr(r, '%', (size_t)(end - r))) != NULL) {
    luaL_addlstring(b, r, (size_t)(sign - r));
    r = sign + 2;
    if (sign[1] == '%') {
      luaL_addchar(b, '%');
      continue;
    }
    if (sign[1] < '0' || sign[1] > '9')
      luaL_error(t->L, "invalid use of '%%' in replacement string");
    z = s;
    n = (size_t)(e - s);
    if (sign[1] != '0') z = pattern_capture(t, sign[1] - '1', s, e, &n);
    if (z)
      luaL_addlstring(b, z, n);
    else
      luaL_addvalue(b);
    pattern_spend(t, 1 + (ptrdiff_t)(n >> 6));
  }
  luaL_addlstring(b, r, (size_t)(end - r));
}

/* Push what argument 3, a table or a function, has for the match */
static void pattern_ask(pattern_text *t, int type, const char *s,
                        const char *e) {
  pattern_spend(t, 16);
  if (type == LUA_TTABLE) {
    pattern_push(t, 0, s, e);
    lua_gettable(t->L, 3);
    return;
  }
  lua_pushvalue(t->L, 3);
  lua_call(t->L, pattern_push_all(t, s, e), 1);
}

/* Add what stands for the match from s to e; 0 when the match is to stay */
static int pattern_replace(pattern_text *t, luaL_Buffer *b, int type,
                           const char *s, const char *e) {
  if (type != LUA_TTABLE && type != LUA_TFUNCTION) {
    pattern_fill(t, b, s, e);
    return 1;
  }
  pattern_ask(t, type, s, e);
  if (!lua_toboolean(t->L, -1)) {
    lua_pop(t->L, 1);
    return 0;
  }
  if (!lua_isstring(t->L, -1))
    luaL_error(t->L, "invalid replacement value (a %s)",
               luaL_typename(t->L, -1));
  luaL_addvalue(b);
  return 1;
}

/* Replace up to `most` matches of p; what is left of the text is from *kept on.
** Returns how many matches there were. */
static lua_Integer pattern_sub(pattern_text *t, luaL_Buffer *b, const char *p,
                               lua_Integer most, const char **kept) {
  int type = lua_type(t->L, 3), anchored = *p == '^' && p < t->pattern_end;
  const char *s = t->begin, *last = NULL, *e;
  lua_Integer n = 0;

  while (n < most) {
    e = pattern_match_at(t, s, p + anchored);
    if (e && e != last) {
      n++;
      luaL_addlstring(b, *kept, (size_t)(s - *kept));
      *kept = pattern_replace(t, b, type, s, e) ? e : s;
      s = last = e;
    } else if (s++ == t->end) {
      break;
    }
    if (anchored) break;
  }
  return n;
}

/* string.gsub(s, pattern, replacement, max) */
static int pattern_gsub(lua_State *L) {
  pattern_text t;
  const char *p = pattern_read(L, &t), *kept = t.begin;
  int type = lua_type(L, 3);
  lua_Integer most = luaL_optinteger(L, 4, t.end - t.begin + 1), n;
  luaL_Buffer b;

  luaL_argexpected(L,
                   type == LUA_TNUMBER || type == LUA_TSTRING ||
                       type == LUA_TTABLE || type == LUA_TFUNCTION,
                   3, "string/function/table");
  luaL_buffinit(L, &b);
  n = pattern_sub(&t, &b, p, most, &kept);
  if (kept == t.begin && !luaL_bufflen(&b)) {
    lua_pushvalue(L, 1); /* all as it was */
  } else {
    luaL_addlstring(&b, kept, (size_t)(t.end - kept));
    luaL_pushresult(&b);
  }
  lua_pushinteger(L, n);
  return 2;
}

void mig_pattern_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"find", pattern_find},
                                       {"match", pattern_match},
                                       {"gmatch", pattern_gmatch},
                                       {"gsub", pattern_gsub},
                                       {NULL, NULL}};

  luaL_setfuncs(L, functions, 0);
}
