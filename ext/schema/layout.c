/*
** ext/schema/layout.c - a CREATE TABLE with something more, less or other, and
** every other byte as its author wrote it.
**
** The list inside the parentheses has items: columns, then constraints.  A
** comment that follows an item on its line, behind the comma too, is that
** item's: what is put in comes behind it, and it goes when the item goes.
*/
#include "ext/schema/schema.h"

/* ---- the list ---- */

static int layout_count(const mig_create *def) {
  return def->columns.n + def->clauses.n;
}

static mig_span layout_item(const mig_create *def, int i) {
  if (i < def->columns.n) return ((mig_coldef *)def->columns.at[i])->text;
  return ((mig_clause *)def->clauses.at[i - def->columns.n])->text;
}

static const char *layout_end(mig_span s) {
  return s.p + s.n;
}

static mig_span layout_between(const char *from, const char *to) {
  return (mig_span){from, (int)(to - from)};
}

/* What lies between this item and the next one, or the parenthesis. */
static mig_span layout_gap(const mig_create *def, int i) {
  const char *from = layout_end(layout_item(def, i));

  if (i + 1 < layout_count(def))
    return layout_between(from, layout_item(def, i + 1).p);
  return layout_between(from, def->close.p);
}

/* The comma in a gap; n is 0, behind it, where there is none. */
static mig_span layout_comma(mig_span gap) {
  mig_token t;

  while ((t = mig_token_at(gap)).type != MIG_TK_END) {
    if (mig_token_is(t, ",")) return t.s;
    gap.p += t.s.n;
    gap.n -= t.s.n;
  }
  return (mig_span){gap.p, 0};
}

/* Behind the comments that stand on the line that goes on at `p`. */
static const char *layout_line(const char *p, const char *limit) {
  mig_span rest = layout_between(p, limit);
  const char *end = p;
  mig_token t;

  for (; (t = mig_token_at(rest)).type != MIG_TK_END; rest.p += t.s.n) {
    if (t.type == MIG_TK_COMMENT)
      end = t.s.p + t.s.n - (t.s.p[t.s.n - 1] == '\r');
    else if (t.type != MIG_TK_SPACE || memchr(t.s.p, '\n', (size_t)t.s.n))
      break;
    rest.n -= t.s.n;
  }
  return end;
}

/* The white space right before p, with the CR of its line break, which SQLite
** reads into a comment; `from` is where a token begins. */
static mig_span layout_space_from(const char *from, const char *p) {
  mig_span rest = layout_between(from, p), space = {p, 0};
  mig_token t;

  while ((t = mig_token_at(rest)).type != MIG_TK_END) {
    space = t.type == MIG_TK_SPACE ? t.s : (mig_span){p, 0};
    rest.p += t.s.n;
    rest.n -= t.s.n;
  }
  if (space.n && *space.p == '\n' && space.p[-1] == '\r') {
    space.p--;
    space.n++;
  }
  return space;
}

static mig_span layout_space(const mig_create *def, const char *p) {
  return layout_space_from(def->text.p, p);
}

/* Of white space, the last line break and what is behind it; n is 0 without. */
static mig_span layout_break(mig_span s) {
  int k = s.n;

  while (k > 0 && s.p[k - 1] != '\n') k--;
  if (k) k -= k > 1 && s.p[k - 2] == '\r' ? 2 : 1;
  return memchr(s.p + k, '\n', (size_t)(s.n - k)) ? (mig_span){s.p + k, s.n - k}
                                                  : (mig_span){s.p + s.n, 0};
}

/* What parts an item from the one before it: of its line break, the last, and
** the indentation; or one space. */
static char *layout_sep(mig_cx *cx, const mig_create *def, int i) {
  const char *from = i ? layout_end(layout_item(def, i - 1)) : def->text.p;
  mig_span s = layout_break(layout_space_from(from, layout_item(def, i).p));

  return s.n ? mig_strndup(cx, s.p, s.n) : mig_strdup(cx, " ");
}

/* ---- putting in ---- */

/* Put `piece` as the item behind item i. */
static char *layout_insert(mig_cx *cx, const mig_create *def, int i,
                           const char *piece) {
  mig_edit *ed = mig_edit_new(cx, def->text);
  mig_span gap = layout_gap(def, i), comma = layout_comma(gap);
  const char *sep = layout_sep(cx, def, i), *end = layout_end(gap);
  int line = sep && strchr(sep, '\n') != NULL;
  const char *at;

  if (comma.n) {
    at = line ? layout_line(layout_end(comma), end) : layout_end(comma);
    mig_edit_put(cx, ed, layout_between(at, at),
                 mig_printf(cx, "%s%s,", sep, piece));
    return mig_edit_text(cx, ed);
  }
  at = gap.p;
  mig_edit_put(cx, ed, layout_between(at, at), ",");
  if (line) at = layout_line(at, end);
  mig_edit_put(cx, ed, layout_between(at, at),
               mig_printf(cx, "%s%s", sep, piece));
  return mig_edit_text(cx, ed);
}

char *mig_layout_add_all(mig_cx *cx, const mig_create *def,
                         const mig_list *pieces) {
  int i = def->columns.n - 1;
  const char *sep = cx->rc ? NULL : layout_sep(cx, def, i);
  char *all = mig_list_join(cx, pieces, mig_printf(cx, ",%s", sep));

  return cx->rc ? NULL : layout_insert(cx, def, i, all);
}

char *mig_layout_add(mig_cx *cx, const mig_create *def, int at,
                     const char *piece) {
  mig_edit *ed;
  mig_span next;

  if (cx->rc) return NULL;
  if (at > 0) return layout_insert(cx, def, at - 1, piece);
  next = layout_item(def, 0);
  ed = mig_edit_new(cx, def->text);
  mig_edit_put(cx, ed, layout_between(next.p, next.p),
               mig_printf(cx, "%s,%s", piece, layout_sep(cx, def, 0)));
  return mig_edit_text(cx, ed);
}

char *mig_layout_add_clause(mig_cx *cx, const mig_create *def,
                            const char *piece) {
  return cx->rc ? NULL : layout_insert(cx, def, layout_count(def) - 1, piece);
}

/* ---- taking out ---- */

/* Does the white space from p on have a line break? */
static int layout_breaks(const char *p, const char *limit) {
  for (; p < limit && strchr(" \t\n\v\f\r", *p); p++)
    if (*p == '\n') return 1;
  return 0;
}

/* Does a comment to the line's end stand right before p? */
static int layout_comment_before(const mig_create *def, const char *p) {
  mig_span rest = layout_between(def->text.p, p);
  mig_token t, last = {MIG_TK_END, {0}};

  while ((t = mig_token_at(rest)).type != MIG_TK_END) {
    last = t;
    rest.p += t.s.n;
    rest.n -= t.s.n;
  }
  return last.type == MIG_TK_COMMENT && *last.s.p == '-';
}

/*
** What goes with item i: the space before it, the comma behind it, and the
** comments of a line that it has to itself.  The first of a line takes the
** space behind.
*/
static mig_span layout_cut(const mig_create *def, int i) {
  mig_span item = layout_item(def, i), gap = layout_gap(def, i);
  mig_span comma = layout_comma(gap), space = layout_space(def, item.p);
  mig_span own = layout_break(space);
  const char *to = comma.n ? layout_end(comma) : layout_end(item);

  if (own.n) to = layout_line(to, layout_end(gap));
  if (i) return layout_between(own.n ? own.p : space.p, to);
  while (to < layout_end(gap) && strchr(" \t\n\v\f\r", *to)) to++;
  return layout_between(item.p, to);
}

static char *layout_remove(mig_cx *cx, const mig_create *def, int i) {
  mig_edit *ed = cx->rc ? NULL : mig_edit_new(cx, def->text);
  mig_span cut = layout_cut(def, i), comma = {0};
  int keep;

  if (i && i + 1 == layout_count(def))
    comma = layout_comma(layout_gap(def, i - 1));
  if (comma.n) mig_edit_put(cx, ed, comma, "");
  keep = layout_comment_before(def, cut.p) &&
         !layout_breaks(layout_end(cut), layout_end(def->text));
  mig_edit_put(cx, ed, cut, keep ? "\n" : "");
  return mig_edit_text(cx, ed);
}

char *mig_layout_drop(mig_cx *cx, const mig_create *def, int at) {
  return layout_remove(cx, def, at);
}

char *mig_layout_drop_clause(mig_cx *cx, const mig_create *def,
                             const mig_clause *clause) {
  int i;

  for (i = 0; i < def->clauses.n; i++)
    if (def->clauses.at[i] == clause)
      return layout_remove(cx, def, def->columns.n + i);
  return mig_layout_set(cx, def, clause->text, NULL);
}

/* ---- parts ---- */

/* Would what ends in `a` and what begins with `b` be read as one token? */
static int layout_glues(char a, char b) {
  int quote = b == '\'' || b == '"' || b == '`';

  return (quote && a == b) ||
         (mig_token_is_word(a) && (quote || b == '[' || mig_token_is_word(b)));
}

char *mig_layout_set(mig_cx *cx, const mig_create *def, mig_span part,
                     const char *piece) {
  mig_edit *ed = cx->rc ? NULL : mig_edit_new(cx, def->text);
  mig_span space = layout_space(def, part.p);
  int n = piece ? (int)strlen(piece) : 0, lead = 0, trail = 0;

  if (!ed) return NULL;
  if (!piece) {
    if (layout_comment_before(def, space.p)) space.n = 0;
    part.p -= space.n;
    part.n += space.n;
    lead = layout_glues(part.p[-1], *layout_end(part));
  } else if (n) {
    lead = layout_glues(part.p[-1], *piece);
    trail = layout_glues(piece[n - 1], *layout_end(part));
  }
  mig_edit_put(cx, ed, part,
               mig_printf(cx, "%s%s%s", lead ? " " : "", piece ? piece : "",
                          trail ? " " : ""));
  return mig_edit_text(cx, ed);
}

char *mig_layout_append(mig_cx *cx, const mig_create *def, mig_span part,
                        const char *piece) {
  const char *at = layout_end(part);

  return mig_layout_set(cx, def, layout_between(at, at),
                        mig_printf(cx, " %s", piece));
}
