/*
** ext/sql/quote.c - names and literals as SQL writes them.
**
** A name is bare when it is plain ASCII and no keyword of the SQLite that
** runs: what is bare today is bare in every version.
*/
#include "ext/sql/sql.h"

static int quote_is_plain(const char *name) {
  mig_span s = mig_span_z(name);
  int i;

  for (i = 0; i < s.n; i++)
    if ((s.p[i] & 0x80) || s.p[i] == '$') return 0;
  return mig_token_at(s).type == MIG_TK_ID && mig_token_at(s).s.n == s.n &&
         !sqlite3_keyword_check(s.p, s.n);
}

void mig_sql_name(mig_cx *cx, mig_buf *b, const char *name) {
  if (cx->rc) return;
  if (quote_is_plain(name))
    mig_buf_addz(cx, b, name);
  else
    mig_buf_addf(cx, b, "\"%w\"", name);
}

void mig_sql_text(mig_cx *cx, mig_buf *b, const char *z) {
  mig_buf_addf(cx, b, "%Q", z);
}

char *mig_sql_quoted(mig_cx *cx, const char *name) {
  mig_buf b = {0};

  mig_sql_name(cx, &b, name);
  return mig_buf_take(cx, &b);
}

char *mig_sql_path(mig_cx *cx, const char *schema, const char *name) {
  mig_buf b = {0};

  mig_sql_name(cx, &b, schema);
  mig_buf_addz(cx, &b, ".");
  mig_sql_name(cx, &b, name);
  return mig_buf_take(cx, &b);
}

/* The text in the token's quotes, and the quote that is doubled in there; 0 for
** none. */
static char quote_inside(mig_span *token) {
  char q = token->n > 1 ? *token->p : 0;

  if (q != '"' && q != '`' && q != '\'' && q != '[') return 0;
  token->p++;
  token->n -= 2;
  return q == '[' ? 0 : q;
}

char *mig_sql_unquote(mig_cx *cx, mig_span token) {
  char q = quote_inside(&token), *z = mig_strndup(cx, token.p, token.n);
  int i, n = 0;

  for (i = 0; z && i < token.n; i++) {
    z[n++] = token.p[i];
    if (q && token.p[i] == q) i++;
  }
  if (z) z[n] = 0;
  return z;
}

int mig_sql_same(mig_span token, const char *name) {
  char q = quote_inside(&token);
  int i;

  for (i = 0; i < token.n; i++, name++) {
    if (!*name || sqlite3_strnicmp(token.p + i, name, 1)) return 0;
    if (q && token.p[i] == q) i++;
  }
  return !*name;
}
