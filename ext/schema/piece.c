/*
** ext/schema/piece.c - an author's text as a part of our statement.
**
** Every piece is checked by itself before it is put together with others: a
** piece with a `)` too many could otherwise close what it stands in.
*/
#include "ext/schema/schema.h"

/* Why the text is no piece, or NULL. */
static const char *piece_fault(const char *text) {
  mig_span rest = mig_span_z(text);
  int depth = 0, n = 0;
  mig_token t;

  for (; (t = mig_token_next(&rest)).type != MIG_TK_END; n++) {
    if (t.type == MIG_TK_ILLEGAL)
      return "a quote that does not end, or a stray character";
    if (t.type == MIG_TK_VARIABLE)
      return "a parameter, which has no value here";
    if (mig_token_is(t, ";")) return "a `;` outside quotes";
    depth += mig_token_is(t, "(") - mig_token_is(t, ")");
    if (depth < 0) return "a `)` without its `(`";
  }
  if (depth) return "a `(` without its `)`";
  return n ? NULL : "it is empty";
}

/* Does the text end inside a comment?  0, '-' for one that the next line end
** closes, '*' for one that would swallow whatever follows. */
static int piece_open_comment(const char *text) {
  mig_span rest = mig_span_z(text);
  mig_token last = {MIG_TK_END, {0}};

  while (rest.n) {
    last = mig_token_at(rest);
    rest.p += last.s.n;
    rest.n -= last.s.n;
  }
  /* a slash and a star at the very end become a comment with more behind */
  if (mig_token_is(last, "*") && last.s.p > text && last.s.p[-1] == '/')
    return '*';
  if (last.type != MIG_TK_COMMENT) return 0;
  if (*last.s.p == '-') return '-';
  return last.s.n >= 4 && !memcmp(last.s.p + last.s.n - 2, "*/", 2) ? 0 : '*';
}

void mig_piece_add(mig_cx *cx, mig_buf *b, const char *what, const char *text) {
  const char *fault = NULL;
  int open = 0;

  if (cx->rc) return;
  fault = piece_fault(text);
  if (!fault) open = piece_open_comment(text);
  if (open == '*') fault = "a comment that does not end";
  if (fault)
    mig_fail(cx, SQLITE_ERROR, "%s \"%!.100s\": %s", what, text, fault);
  mig_buf_addz(cx, b, text);
  if (open == '-') mig_buf_addz(cx, b, "\n");
}
