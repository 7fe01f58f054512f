/*
** ext/sql/section.c - the parts of a plain-SQL revision.
**
** Headers and markers are comments, and SQLite would read over one that is
** misspelt: a wrong `revises` makes a second base, a wrong `migrate:down` runs
** the way back on the way up.  So what comes near to one is an error.
*/
#include "ext/sql/sql.h"

#define NEAR 2        /* typing errors until a word is another word */
#define WORD_LIMIT 24 /* longer words are no misspelt keys          */

const char *const mig_section_keys[] = {
    "revision", "revises",      "branch_labels", "depends_on",
    "created",  "irreversible", "transactional", NULL};

/* What other tools, or the Lua form, call a key. */
static const struct {
  char other[16];
  int key;
} section_aliases[] = {
    {"down_revision", MIG_HEAD_REVISES}, {"revision_id", MIG_HEAD_REVISION},
    {"create_date", MIG_HEAD_CREATED},   {"created_at", MIG_HEAD_CREATED},
    {"labels", MIG_HEAD_LABELS},         {"depends", MIG_HEAD_DEPENDS},
    {"dependencies", MIG_HEAD_DEPENDS},
};

/* Comments that are a marker in other tools. */
static const char section_foreign[][13] = {
    "up",         "down",         "upgrade",  "downgrade",
    "migrate_up", "migrate_down", "goose_up", "goose_down",
};

enum section_place {
  SECTION_HEAD, /* before the first marker                */
  SECTION_TOP,  /* behind `up`, before its first statement */
  SECTION_BODY
};

struct section {
  mig_cx *cx;
  const char *path;
  mig_span text;
  mig_section *out;
  enum section_place place;
  unsigned seen;     /* bit k: key k was given                            */
  const char *stray; /* the first statement before any marker, or NULL    */
  mig_span doubt;    /* a first comment that may be a misspelt header, or */
  int doubt_key;     /* ... n is 0; and the key it would be               */
};

int mig_line_of(mig_span text, int at) {
  int line = 1, i;

  for (i = 0; i < at && i < text.n; i++) line += text.p[i] == '\n';
  return line;
}

/* Fail with "path:line: " and the message made from fmt, about the text at p.
 */
static void section_fail(struct section *s, const char *p, const char *fmt,
                         ...) {
  va_list ap;
  char *msg;

  va_start(ap, fmt);
  msg = sqlite3_vmprintf(fmt, ap);
  va_end(ap);
  if (msg)
    mig_fail(s->cx, SQLITE_ERROR, "%s:%d: %s", s->path,
             mig_line_of(s->text, (int)(p - s->text.p)), msg);
  else
    mig_fail_nomem(s->cx);
  sqlite3_free(msg);
}

/* ---- words ---- */

static char section_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static int section_distance(const char *a, const char *b) {
  return mig_distance(mig_span_z(a), mig_span_z(b), WORD_LIMIT);
}

/* The word in lower case, space and - as _; 0 when it is too long. */
static int section_word(mig_span w, char *out) {
  int i;

  if (w.n < 1 || w.n > WORD_LIMIT) return 0;
  for (i = 0; i < w.n; i++)
    out[i] = w.p[i] == ' ' || w.p[i] == '-' ? '_' : section_lower(w.p[i]);
  out[w.n] = 0;
  return 1;
}

static int section_is_lower(mig_span w) {
  int i;

  for (i = 0; i < w.n; i++)
    if (section_lower(w.p[i]) != w.p[i]) return 0;
  return 1;
}

/* ---- headers ---- */

/* The key that this is, byte for byte; -1 for none. */
static int section_key(mig_span name) {
  int k;

  for (k = 0; mig_section_keys[k]; k++)
    if (mig_span_is(name, mig_section_keys[k])) return k;
  return -1;
}

/* The key that was meant by a name that is none; -1 when none was. */
static int section_key_meant(mig_span name) {
  char word[WORD_LIMIT + 1];
  int k, best = -1, far = NEAR + 1;
  size_t i;

  if (!section_word(name, word)) return -1;
  for (i = 0; i < sizeof section_aliases / sizeof *section_aliases; i++)
    if (!strcmp(word, section_aliases[i].other)) return section_aliases[i].key;
  for (k = 0; mig_section_keys[k]; k++) {
    int d = section_distance(word, mig_section_keys[k]);
    if (d && !section_is_lower(name)) continue;
    if (d >= far) continue;
    far = d;
    best = k;
  }
  return best;
}

/* Cut "name: value" in two; is there a colon? */
static int section_cut(mig_span line, mig_span *name, mig_span *value) {
  const char *colon = line.n ? memchr(line.p, ':', (size_t)line.n) : NULL;

  if (!colon) return 0;
  *name = mig_span_trim((mig_span){line.p, (int)(colon - line.p)});
  *value = mig_span_trim(
      (mig_span){colon + 1, (int)(line.p + line.n - (colon + 1))});
  return 1;
}

/* Words next to each other without a comma: nothing a header would hold. */
static int section_is_prose(mig_span value) {
  int i;

  for (i = 1; i < value.n; i++)
    if (value.p[i] == ' ' && value.p[i - 1] != ' ' && value.p[i - 1] != ',')
      return value.p[0] < '0' || value.p[0] > '9';
  return 0;
}

static int section_is_none(mig_span value) {
  return value.n == 4 && !sqlite3_strnicmp(value.p, "none", 4);
}

/* Take a header's value. */
static void section_value(struct section *s, int key, mig_span at,
                          mig_span value) {
  const char *name = mig_section_keys[key];

  if (s->seen & 1u << key) section_fail(s, at.p, "%s is given twice", name);
  if (section_is_none(value)) value.n = 0;
  if (key == MIG_HEAD_TRANSACTIONAL && !mig_span_is(value, "true") &&
      !mig_span_is(value, "false"))
    section_fail(s, at.p, "%s: %.*s: write true or false", name, value.n,
                 value.p);
  if (!value.n && key == MIG_HEAD_REVISION)
    section_fail(s, at.p, "%s has no value: write the revision's id", name);
  s->seen |= 1u << key;
  s->out->head[key] = value;
}

static void section_fail_near(struct section *s, mig_span line, int key) {
  mig_span name, value;

  if (section_cut(line, &name, &value))
    section_fail(s, line.p, "%.*s: did you mean `-- %s: `?", name.n, name.p,
                 mig_section_keys[key]);
}

/* Is there a letter or a digit? */
static int section_has_word(mig_span line) {
  int i;

  for (i = 0; i < line.n; i++) {
    char c = section_lower(line.p[i]);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c & 0x80) return 1;
  }
  return 0;
}

/* Could this be meant as prose?  `irreversible` holds prose itself. */
static int section_may_be_prose(mig_span value, int key) {
  return key != MIG_HEAD_IRREVERSIBLE && section_is_prose(value);
}

/* A line that comes near to the header `key`.  The first line may be the
** message; what is decided at the end. */
static void section_near(struct section *s, mig_span line, mig_span name,
                         mig_span value, int key) {
  if (!s->out->message.n && !s->seen && !s->doubt.n) {
    s->doubt = line;
    s->doubt_key = key;
  } else if (!section_may_be_prose(value, key) || section_is_lower(name)) {
    section_fail_near(s, line, key);
  }
}

/* The first line was near to a header.  It is the message when nothing else
** is, and it reads like one or its key is given elsewhere. */
static void section_settle(struct section *s) {
  mig_span name, value;

  if (!section_cut(s->doubt, &name, &value)) return;
  if (!s->out->message.n && (section_may_be_prose(value, s->doubt_key) ||
                             s->seen & 1u << s->doubt_key))
    s->out->message = s->doubt;
  else
    section_fail_near(s, s->doubt, s->doubt_key);
}

/* One trimmed line of a comment before the first marker. */
static void section_header(struct section *s, mig_span line, int in_block) {
  mig_span name, value;
  int colon = section_cut(line, &name, &value);
  int key = colon ? section_key(name) : -1;
  int meant = colon && key < 0 ? section_key_meant(name) : -1;

  if (key >= 0 && in_block)
    section_fail(s, line.p, "a header is a line of its own: `-- %s: `",
                 mig_section_keys[key]);
  else if (key >= 0)
    section_value(s, key, line, value);
  else if (meant >= 0)
    section_near(s, line, name, value, meant);
  else if (!s->out->message.n && section_has_word(line))
    s->out->message = line;
}

static void section_block(struct section *s, mig_span comment) {
  mig_span rest = {comment.p + 2, comment.n - 4};

  while (rest.n && !s->cx->rc) {
    mig_span line = mig_span_trim(mig_span_line(&rest));
    while (line.n && *line.p == '*') line.p++, line.n--;
    section_header(s, mig_span_trim(line), 1);
  }
}

/* ---- markers ---- */

/* Cut the first word off. */
static mig_span section_cut_word(mig_span *rest) {
  mig_span w;

  *rest = mig_span_trim(*rest);
  w = (mig_span){rest->p, 0};
  while (w.n < rest->n && (unsigned char)rest->p[w.n] > ' ') w.n++;
  rest->p += w.n;
  rest->n -= w.n;
  return w;
}

/* 1 for up, 2 for down, 0 for a comment that is no marker. */
static int section_marker(mig_span body) {
  mig_span w = section_cut_word(&body);

  return mig_span_is(w, "migrate:up") ? 1 : mig_span_is(w, "migrate:down") * 2;
}

/* Does `migrate` and a colon, or nearly, begin the comment? */
static int section_nearly_colon(mig_span name, mig_span value, int tight) {
  char word[WORD_LIMIT + 1], way[WORD_LIMIT + 1];
  int far;

  if (!section_word(name, word)) return 0;
  far = section_distance(word, "migrate");
  if (far == 0 && tight) return 1;
  if (far > NEAR && strncmp(word, "migrat", 6) != 0) return 0;
  if (!section_word(section_cut_word(&value), way)) return 0;
  return section_distance(way, "up") < NEAR ||
         section_distance(way, "down") <= NEAR;
}

/* Was a marker meant?  `first` where the comment begins its line. */
static int section_nearly_marker(mig_span body, int first) {
  char word[WORD_LIMIT + 1];
  mig_span name, value;
  size_t i;

  if (body.n && *body.p == '+') body.p++, body.n--;
  if (section_cut(body, &name, &value))
    return section_nearly_colon(name, value, value.n && value.p[-1] == ':');
  if (!first || !section_word(body, word)) return 0;
  for (i = 0; i < sizeof section_foreign / sizeof *section_foreign; i++)
    if (!strcmp(word, section_foreign[i])) return 1;
  return 0;
}

/* dbmate's `transaction:false` behind a marker. */
static void section_option(struct section *s, mig_span option) {
  mig_span *now = &s->out->head[MIG_HEAD_TRANSACTIONAL], name, value;

  if (!section_cut(option, &name, &value) ||
      !mig_span_is(name, "transaction") ||
      !(mig_span_is(value, "true") || mig_span_is(value, "false"))) {
    section_fail(s, option.p,
                 "%.*s: unknown option; transaction:false is the only one",
                 option.n, option.p);
    return;
  }
  if (s->seen & 1u << MIG_HEAD_TRANSACTIONAL && now->n != value.n)
    section_fail(s, option.p, "%.*s: %.*s was said before; say it once",
                 option.n, option.p, now->n, now->p);
  s->seen |= 1u << MIG_HEAD_TRANSACTIONAL;
  *now = value;
}

/* A section begins behind the line of this marker. */
static void section_begin(struct section *s, mig_span mark, int down) {
  mig_section *o = s->out;
  mig_span rest = {mark.p, (int)(s->text.p + s->text.n - mark.p)};
  const char *name = down ? "down" : "up";

  if (down ? o->has_down : o->has_up)
    section_fail(s, mark.p, "`-- migrate:%s` is given twice", name);
  else if (s->stray)
    section_fail(s, s->stray, "a statement before `-- migrate:%s`", name);
  else if (down && !o->has_up)
    section_fail(s, mark.p, "`-- migrate:down` before `-- migrate:up`");
  mig_span_line(&rest);
  if (down) o->up.n = (int)(mark.p - o->up.p);
  *(down ? &o->down : &o->up) = rest;
  *(down ? &o->has_down : &o->has_up) = 1;
  s->place = down ? SECTION_BODY : SECTION_TOP;
}

/* ---- the whole ---- */

/* A comment to the line's end; `body` is what follows the dashes. */
static void section_line(struct section *s, mig_span comment, mig_span body) {
  int first = comment.p == s->text.p || comment.p[-1] == '\n';
  int marker = section_marker(body);
  mig_span name, value;

  if (marker && first) {
    section_begin(s, comment, marker == 2);
    section_cut_word(&body);
    while (!s->cx->rc && mig_span_trim(body).n)
      section_option(s, section_cut_word(&body));
  } else if (marker) {
    section_fail(s, comment.p, "`-- %.*s` must begin its line", body.n, body.p);
  } else if (section_nearly_marker(body, first)) {
    section_fail(s, comment.p,
                 "-- %.*s: did you mean `-- migrate:up` or `-- migrate:down`?",
                 body.n, body.p);
  } else if (s->place == SECTION_HEAD && !s->stray) {
    section_header(s, body, 0);
  } else if (s->place == SECTION_TOP && section_cut(body, &name, &value) &&
             section_key(name) >= 0) {
    section_fail(s, comment.p, "%.*s: headers stand before `-- migrate:up`",
                 name.n, name.p);
  }
}

static void section_comment(struct section *s, mig_span c) {
  mig_span body = c;

  if (*c.p == '-') {
    while (body.n && *body.p == '-') body.p++, body.n--;
    section_line(s, c, mig_span_trim(body));
  } else if (c.n < 4 || memcmp(c.p + c.n - 2, "*/", 2)) {
    section_fail(s, c.p, "the comment that begins here does not end: `*/`");
  } else if (s->place == SECTION_HEAD && !s->stray) {
    section_block(s, c);
  }
}

/* Fail when this illegal token is a quote that swallows the rest. */
static void section_unended(struct section *s, mig_span t) {
  if (t.p + t.n != s->text.p + s->text.n) return;
  if (*t.p == '\'')
    section_fail(s, t.p, "the string that begins here does not end");
  else if (strchr("\"`[", *t.p))
    section_fail(s, t.p, "the quoted name that begins here does not end");
  else if ((*t.p | 32) == 'x' && (t.n < 3 || t.p[t.n - 1] != '\''))
    section_fail(s, t.p, "the blob that begins here does not end");
}

static void section_token(struct section *s, mig_token t) {
  if (t.type == MIG_TK_SPACE) return;
  if (t.type == MIG_TK_COMMENT) {
    section_comment(s, t.s);
    return;
  }
  if (t.type == MIG_TK_ILLEGAL) section_unended(s, t.s);
  if (s->place == SECTION_TOP) s->place = SECTION_BODY;
  if (s->place == SECTION_HEAD && !s->stray) s->stray = t.s.p;
}

void mig_section_parse(mig_cx *cx, const char *path, mig_span text,
                       mig_section *out) {
  struct section s = {.cx = cx, .path = path, .text = text, .out = out};
  mig_span rest = text;

  memset(out, 0, sizeof *out);
  while (rest.n && !cx->rc) {
    mig_token t = mig_token_at(rest);
    section_token(&s, t);
    rest.p += t.s.n;
    rest.n -= t.s.n;
  }
  if (!out->has_up)
    mig_fail(cx, SQLITE_ERROR,
             "%s: there is no line `-- migrate:up`: write it before the "
             "statements of the upgrade",
             path);
  section_settle(&s);
}
