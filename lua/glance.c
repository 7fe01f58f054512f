/*
** lua/glance.c - a header read without Lua, where there can be no doubt.
**
** Nearly every script begins with comments and plain assignments, and goes on
** with functions.  Such a header is read here, for a tenth of what compiling
** the script costs.  Whatever is not exactly that - an escape in a string, a
** name that is not a field's, a field's name anywhere else as if it were
** assigned, _ENV - is left to Lua.  A script that is to run is compiled and
** compared before anything runs (engine_check), so what a glance cannot see, a
** syntax error or a function that stands in a comment, is seen then.
*/
#include "lua/host.h"

#define SHORTEST_FIELD 7 /* bytes: created */

struct glance {
  mig_cx *cx;
  mig_header *h;
  unsigned seen; /* bit i: fields[i] was assigned */
};

enum glance_type { TEXT_VALUE, LIST_VALUE, FLAG_VALUE };

static const struct {
  char name[16];
  enum glance_type type;
  size_t at;
} glance_fields[] = {
    {"revision", TEXT_VALUE, offsetof(mig_header, id)},
    {"down_revision", LIST_VALUE, offsetof(mig_header, down)},
    {"branch_labels", LIST_VALUE, offsetof(mig_header, labels)},
    {"depends_on", LIST_VALUE, offsetof(mig_header, depends)},
    {"created", TEXT_VALUE, offsetof(mig_header, created)},
    {"irreversible", TEXT_VALUE, offsetof(mig_header, irreversible)},
    {"transactional", FLAG_VALUE, offsetof(mig_header, transactional)},
};
enum { GLANCE_NFIELD = sizeof glance_fields / sizeof *glance_fields };

/* Every byte of every script is looked up here, some of them twice. */
static const unsigned char glance_letters[256] = {
    ['0'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,          /* to 9 */
    ['A'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* ... */
    1,         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* to Z */
    ['a'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* ... */
    1,         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* to z */
    ['_'] = 1};

static int glance_letter(char c) {
  return glance_letters[(unsigned char)c];
}

static void glance_skip(mig_span *s, int n) {
  s->p += n;
  s->n -= n;
}

static void glance_space(mig_span *s) {
  while (s->n && (*s->p == ' ' || *s->p == '\t')) glance_skip(s, 1);
}

/* Cut off the word that s begins with; n is 0 when it begins with none. */
static mig_span glance_word(mig_span *s) {
  mig_span w = {s->p, 0};

  while (w.n < s->n && glance_letter(s->p[w.n])) w.n++;
  glance_skip(s, w.n);
  return w;
}

static int glance_field(mig_span word) {
  int i;

  if (word.n < SHORTEST_FIELD) return -1; /* most words of a script */
  for (i = 0; i < GLANCE_NFIELD; i++)
    if (*word.p == *glance_fields[i].name &&
        mig_span_is(word, glance_fields[i].name))
      return i;
  return -1;
}

/* Is the next thing one character c?  It is cut off, with space around. */
static int glance_char(mig_span *s, char c) {
  glance_space(s);
  if (!s->n || *s->p != c) return 0;
  glance_skip(s, 1);
  glance_space(s);
  return 1;
}

/* A quoted text without escapes; NULL when it is anything else. */
static char *glance_text(struct glance *g, mig_span *s) {
  char quote = s->n ? *s->p : 0;
  int n = 1;

  if (quote != '"' && quote != '\'') return NULL;
  while (n < s->n && s->p[n] != quote && s->p[n] != '\\') n++;
  if (n >= s->n || s->p[n] != quote) return NULL;
  glance_skip(s, n + 1);
  return mig_strndup(g->cx, s->p - n, n - 1);
}

/* "a", or {"a", "b"} */
static int glance_list(struct glance *g, mig_span *s, mig_list *out) {
  int many = glance_char(s, '{');
  char *z;

  if (many && glance_char(s, '}')) return 1;
  do {
    if (out->n && glance_char(s, '}')) return 1; /* a comma at the end */
    z = glance_text(g, s);
    if (!z) return 0;
    mig_list_add(g->cx, out, z);
  } while (many && glance_char(s, ','));
  return !many || glance_char(s, '}');
}

/* The value of field i; 0 in doubt. */
static int glance_value(struct glance *g, int i, mig_span *s) {
  char *to = (char *)g->h + glance_fields[i].at;
  mig_span ahead = *s, word = glance_word(&ahead);
  char *z;

  if (mig_span_is(word, "nil")) {
    *s = ahead;
    return 1;
  }
  switch (glance_fields[i].type) {
  case TEXT_VALUE:
    z = glance_text(g, s);
    memcpy(to, &z, sizeof z);
    return z != NULL;
  case LIST_VALUE:
    return glance_list(g, s, (mig_list *)(void *)to);
  default:
    *s = ahead;
    g->h->transactional = mig_span_is(word, "true");
    return g->h->transactional || mig_span_is(word, "false");
  }
}

static int glance_is_comment(mig_span line) {
  return mig_span_starts(line, "--") && !mig_span_starts(line, "--[");
}

/* A line that assigns a field, and does nothing else; 0 in doubt. */
static int glance_assignment(struct glance *g, mig_span line) {
  int i = glance_field(glance_word(&line));

  if (i < 0 || g->seen & 1u << i || !glance_char(&line, '=')) return 0;
  g->seen |= 1u << i;
  if (!glance_value(g, i, &line)) return 0;
  glance_space(&line);
  return !line.n || glance_is_comment(line);
}

/* ---- what follows the header ---- */

/* Is something assigned behind the word?  `rest` begins after it. */
static int glance_assigned(mig_span rest) {
  glance_space(&rest);
  if (!rest.n) return 0;
  return *rest.p == ',' ||
         (*rest.p == '=' && !(rest.n > 1 && rest.p[1] == '='));
}

/* Has the word a say in the graph, or is it nearly one that has? */
static int glance_matters(mig_span word, int assigned) {
  int i = glance_field(word), k;

  if (mig_span_is(word, "_ENV") || mig_span_is(word, "upgrade") ||
      mig_span_is(word, "downgrade"))
    return 1;
  if (i >= 0) return assigned || strcmp(glance_fields[i].name, "created");
  for (k = 0; assigned && k < GLANCE_NFIELD; k++)
    if (mig_distance(word, mig_span_z(glance_fields[k].name), 2) <= 2) return 1;
  return 0;
}

/* May a line behind the header change what the header says?  `line` is without
** a `function name` at its beginning. */
static int glance_line_doubt(mig_span line, int whole) {
  const char *p = line.p, *end = p + line.n;
  mig_span word;
  int assigned;

  while (p < end) {
    if (!glance_letter(*p) && ++p) continue;
    word.p = p;
    while (p < end && glance_letter(*p)) p++;
    word.n = (int)(p - word.p);
    assigned = glance_assigned((mig_span){p, (int)(end - p)});
    if (whole && assigned && word.p == line.p) return 1;
    if ((assigned || (word.n >= 4 && strchr("_udrbit", *word.p))) &&
        glance_matters(word, assigned))
      return 1;
  }
  return 0;
}

/* A line that begins `function name(`: note what it defines, and cut it off.
** 0 in doubt. */
static int glance_function(mig_header *h, mig_span *line, int *others) {
  mig_span rest = *line, word = glance_word(&rest), name;

  if (!mig_span_is(word, "function")) return 1;
  glance_space(&rest);
  name = glance_word(&rest);
  glance_space(&rest);
  if (!rest.n || *rest.p != '(') return 0;
  if (mig_span_is(name, "upgrade"))
    h->has_upgrade = 1;
  else if (mig_span_is(name, "downgrade"))
    h->has_downgrade = 1;
  else
    ++*others;
  *line = rest;
  return 1;
}

/* Does the line begin a statement of its own, not go on with the one before? */
static int glance_begins(mig_span line) {
  mig_span word = glance_word(&line);

  return mig_span_is(word, "function") || mig_span_is(word, "local");
}

static int glance_rest(struct glance *g, mig_span rest) {
  int others = 0, first = 1, whole;
  mig_span line, all;

  while (rest.n) {
    all = line = mig_span_line(&rest);
    if (first && !glance_begins(line)) return 0;
    first = 0;
    if (!glance_function(g->h, &line, &others)) return 0;
    whole = line.p == all.p;
    if (glance_line_doubt(line, whole)) return 0;
  }
  /* another function may be one of ours, misspelt */
  return g->h->has_upgrade && (g->h->has_downgrade || !others);
}

/* A CR by itself ends a line for Lua, and not for us. */
static int glance_lone_cr(mig_span text) {
  const char *end = text.p + text.n, *p = text.p;

  while ((p = memchr(p, '\r', (size_t)(end - p))) != NULL)
    if (++p == end || *p != '\n') return 1;
  return 0;
}

int mig_glance(mig_cx *cx, mig_span text, mig_header *out) {
  struct glance g = {cx, out, 0};
  mig_span rest = text, line, before, said = {"", 0};

  memset(out, 0, sizeof *out);
  out->transactional = 1;
  if (glance_lone_cr(text)) return 0;
  while (rest.n) {
    before = rest;
    line = mig_span_line(&rest);
    if (!mig_span_trim(line).n) continue;
    if (glance_is_comment(line)) {
      if (!said.n && !g.seen) said = mig_header_comment(line);
    } else if (!glance_assignment(&g, line)) {
      rest = before;
      break;
    }
  }
  if (cx->rc || !out->id || !glance_rest(&g, rest)) return 0;
  out->message = mig_strndup(cx, said.p, said.n);
  return !cx->rc;
}

int mig_glance_resumable(mig_span text, mig_span *message) {
  mig_header h = {.transactional = 1};
  mig_cx cx = {0}; /* of a flag's value, which needs no memory */
  struct glance g = {&cx, &h, 0};
  mig_span line, word, rest;

  while (text.n) {
    rest = line = mig_span_line(&text);
    if (!mig_span_trim(line).n) continue;
    if (glance_is_comment(line)) {
      if (!message->n) *message = mig_header_comment(line);
      continue;
    }
    word = glance_word(&rest);
    if (!mig_span_is(word, "transactional") || !glance_assignment(&g, line))
      break;
  }
  return !h.transactional;
}

/* Where the line assigns down_revision: its value; n < 0 when it does not. */
static mig_span glance_down(mig_cx *cx, mig_span line) {
  mig_span word = glance_word(&line), none = {NULL, -1}, value;
  mig_header h = {0};
  struct glance g = {cx, &h, 0};
  int i = glance_field(word);

  if (!mig_span_is(word, "down_revision") || !glance_char(&line, '='))
    return none;
  value.p = line.p;
  if (!glance_value(&g, i, &line)) return none;
  value.n = (int)(line.p - value.p);
  while (value.n && strchr(" \t", value.p[value.n - 1])) value.n--;
  return value;
}

char *mig_glance_relink(mig_cx *cx, const char *path, mig_span text,
                        const char *parents) {
  const char *end = text.p + text.n, *after = NULL;
  mig_span rest = text, line, v;
  mig_header h = {0};

  if (cx->rc) return NULL;
  if (!mig_glance(cx, text, &h)) {
    mig_fail(cx, SQLITE_ERROR,
             "%s: its header is not made of plain assignments at the top; "
             "change its down_revision by hand",
             path);
    return NULL;
  }
  while (rest.n && !cx->rc) {
    line = mig_span_line(&rest);
    v = glance_down(cx, line);
    if (v.n >= 0)
      return mig_printf(cx, "%.*s%s%.*s", (int)(v.p - text.p), text.p, parents,
                        (int)(end - v.p - v.n), v.p + v.n);
    if (!after && mig_span_is(glance_word(&line), "revision")) after = rest.p;
  }
  return mig_printf(cx, "%.*sdown_revision = %s%s%.*s", (int)(after - text.p),
                    text.p, parents, mig_span_end(text, after),
                    (int)(end - after), after);
}
