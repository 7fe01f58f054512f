/*
** ext/sql/token.c - where SQL's tokens begin and end, as SQLite sees it.
**
** A NUL ends SQLite's text; here it is an illegal token of one byte, so that
** tokens side by side are still the text.  Reading a byte behind the end gives
** 0, which lets the rules be the same for both.
*/
#include "ext/sql/sql.h"

static unsigned char token_byte(mig_span s, int i) {
  return i < s.n ? (unsigned char)s.p[i] : 0;
}

static int token_is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}

static int token_is_hex(unsigned char c) {
  return token_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

int mig_token_is_word(char byte) {
  unsigned char c = (unsigned char)byte;

  return token_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
         c == '_' || c == '$' || c >= 0x80;
}

static int token_is_space(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Behind the name characters that follow byte i. */
static int token_id_end(mig_span s, int i) {
  while (mig_token_is_word((char)token_byte(s, i))) i++;
  return i;
}

/* Behind digits and underscores; *good is cleared at a stray underscore. */
static int token_digits_end(mig_span s, int i, int (*is)(unsigned char),
                            int *good) {
  for (; is(token_byte(s, i)) || token_byte(s, i) == '_'; i++) {
    if (token_byte(s, i) != '_') continue;
    if (!i || !is(token_byte(s, i - 1)) || !is(token_byte(s, i + 1))) *good = 0;
  }
  return i;
}

/* Is there an exponent at byte i?  Then the place of its first digit. */
static int token_exponent(mig_span s, int i) {
  unsigned char sign = token_byte(s, i + 1);

  if ((token_byte(s, i) | 32) != 'e') return 0;
  i += sign == '+' || sign == '-' ? 2 : 1;
  return token_is_digit(token_byte(s, i)) ? i : 0;
}

static int token_hex(mig_span s, mig_token_type *type) {
  int good = 1, i = 2, end;

  *type = MIG_TK_INTEGER;
  if (!mig_sqlite_has(sqlite3_libversion_number(), MIG_SINCE_HEX_RUN)) {
    while (token_is_hex(token_byte(s, i))) i++;
    return i;
  }
  i = token_digits_end(s, i, token_is_hex, &good);
  end = token_id_end(s, i);
  if (end > i || !good) *type = MIG_TK_ILLEGAL;
  return end;
}

static int token_number(mig_span s, mig_token_type *type) {
  int good = 1, i, e, end;

  if (token_byte(s, 0) == '0' && (token_byte(s, 1) | 32) == 'x' &&
      token_is_hex(token_byte(s, 2)))
    return token_hex(s, type);
  *type = MIG_TK_INTEGER;
  i = token_digits_end(s, 0, token_is_digit, &good);
  if (token_byte(s, i) == '.') {
    *type = MIG_TK_FLOAT;
    i = token_digits_end(s, i + 1, token_is_digit, &good);
  }
  if ((e = token_exponent(s, i)) != 0) {
    *type = MIG_TK_FLOAT;
    i = token_digits_end(s, e, token_is_digit, &good);
  }
  end = token_id_end(s, i);
  if (end > i || !good) *type = MIG_TK_ILLEGAL;
  return end;
}

/* A string or name whose quote is doubled inside. */
static int token_quoted(mig_span s, mig_token_type *type) {
  unsigned char quote = token_byte(s, 0), c;
  int i = 1;

  for (; (c = token_byte(s, i)) != 0; i++) {
    if (c != quote) continue;
    if (token_byte(s, i + 1) != quote) break;
    i++;
  }
  *type = quote == '\'' ? MIG_TK_STRING : MIG_TK_QUOTED;
  if (!c) *type = MIG_TK_ILLEGAL;
  return c ? i + 1 : i;
}

static int token_bracket(mig_span s, mig_token_type *type) {
  int i = 1;

  while (token_byte(s, i) && token_byte(s, i) != ']') i++;
  *type = token_byte(s, i) ? MIG_TK_QUOTED : MIG_TK_ILLEGAL;
  return token_byte(s, i) ? i + 1 : i;
}

static int token_blob(mig_span s, mig_token_type *type) {
  int i = 2;

  while (token_is_hex(token_byte(s, i))) i++;
  *type = MIG_TK_BLOB;
  if (token_byte(s, i) != '\'' || i % 2) {
    *type = MIG_TK_ILLEGAL;
    while (token_byte(s, i) && token_byte(s, i) != '\'') i++;
  }
  return token_byte(s, i) ? i + 1 : i;
}

/* `:a`, `@a`, `$a::b(c)`; what is in the parentheses has no space. */
static int token_variable(mig_span s, mig_token_type *type) {
  int i = 1, n = 0;
  unsigned char c;

  *type = MIG_TK_VARIABLE;
  for (; (c = token_byte(s, i)) != 0; i++) {
    if (mig_token_is_word((char)c)) {
      n++;
    } else if (c == '(' && n) {
      do c = token_byte(s, ++i);
      while (c && !token_is_space(c) && c != ')');
      if (c != ')') *type = MIG_TK_ILLEGAL;
      i += c == ')';
      break;
    } else if (c == ':' && token_byte(s, i + 1) == ':') {
      i++;
    } else {
      break;
    }
  }
  if (!n) *type = MIG_TK_ILLEGAL;
  return i;
}

static int token_numbered(mig_span s, mig_token_type *type) {
  int i = 1;

  *type = MIG_TK_VARIABLE;
  while (token_is_digit(token_byte(s, i))) i++;
  return i;
}

/* The end of the comment that begins here, or 0.  A C comment needs one byte
** behind its two. */
static int token_comment(mig_span s) {
  unsigned char a = token_byte(s, 0), b = token_byte(s, 1);
  int i = 2;

  if (a == '-' && b == '-') {
    while (token_byte(s, i) && token_byte(s, i) != '\n') i++;
    return i;
  }
  if (a != '/' || b != '*' || !token_byte(s, 2)) return 0;
  for (i = 3; token_byte(s, i); i++)
    if (token_byte(s, i - 1) == '*' && token_byte(s, i) == '/') return i + 1;
  return i;
}

/* The length of an operator; 0 where none begins. */
static int token_operator(mig_span s) {
  static const char pairs[][3] = {
      "->", "<=", "<>", "<<", ">=", ">>", "==", "!=", "||"};
  size_t i;

  if (mig_span_starts(s, "->>")) return 3;
  for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (mig_span_starts(s, pairs[i])) return 2;
  return s.p[0] && strchr("-()*+,.;/%&<=>|~", s.p[0]) ? 1 : 0;
}

/* SQLite begins no white space with a vertical tab, but goes on with one; and
** a byte order mark is white space. */
static int token_space(mig_span s) {
  unsigned char c = token_byte(s, 0);
  int i = 1;

  if (c == 0xef && token_byte(s, 1) == 0xbb && token_byte(s, 2) == 0xbf)
    return 3;
  if (!token_is_space(c) || c == '\v') return 0;
  while (token_is_space(token_byte(s, i))) i++;
  return i;
}

/* What begins with a byte that has one meaning; 0 where it does not. */
static int token_by_first(mig_span s, mig_token_type *type) {
  unsigned char c = token_byte(s, 0), next = token_byte(s, 1);

  if (token_is_digit(c) || (c == '.' && token_is_digit(next)))
    return token_number(s, type);
  if ((c | 32) == 'x' && next == '\'') return token_blob(s, type);
  if (c == '\'' || c == '"' || c == '`') return token_quoted(s, type);
  if (c == '[') return token_bracket(s, type);
  if (c == '?') return token_numbered(s, type);
  if (c == '$' || c == '@' || c == ':' || c == '#')
    return token_variable(s, type);
  if (!mig_token_is_word((char)c)) return 0;
  *type = MIG_TK_ID;
  return token_id_end(s, 1);
}

mig_token mig_token_at(mig_span text) {
  mig_token t = {MIG_TK_END, {text.p, 0}};

  if (text.n <= 0) return t;
  t.type = MIG_TK_SPACE;
  if ((t.s.n = token_space(text)) != 0) return t;
  t.type = MIG_TK_COMMENT;
  if ((t.s.n = token_comment(text)) != 0) return t;
  if ((t.s.n = token_by_first(text, &t.type)) != 0) return t;
  t.type = MIG_TK_OP;
  if ((t.s.n = token_operator(text)) != 0) return t;
  t.type = MIG_TK_ILLEGAL;
  t.s.n = 1;
  return t;
}

mig_token mig_token_next(mig_span *rest) {
  mig_token t;

  do {
    t = mig_token_at(*rest);
    rest->p += t.s.n;
    rest->n -= t.s.n;
  } while (t.type == MIG_TK_SPACE || t.type == MIG_TK_COMMENT);
  return t;
}

int mig_token_is(mig_token t, const char *word) {
  if (t.type == MIG_TK_OP) return mig_span_is(t.s, word);
  return t.type == MIG_TK_ID && (size_t)t.s.n == strlen(word) &&
         !sqlite3_strnicmp(t.s.p, word, t.s.n);
}

int mig_token_any(mig_token t, const char *words) {
  size_t n;

  if (t.type != MIG_TK_OP && t.type != MIG_TK_ID) return 0;
  for (; *words; words += n + (words[n] == ' ')) {
    n = strcspn(words, " ");
    if (n == (size_t)t.s.n && !sqlite3_strnicmp(t.s.p, words, t.s.n)) return 1;
  }
  return 0;
}
