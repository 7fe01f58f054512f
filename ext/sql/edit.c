/*
** ext/sql/edit.c - change parts of a SQL statement and keep every other byte.
*/
#include "ext/sql/sql.h"

struct splice {
  int at, n;           /* bytes [at, at+n) of the source are replaced ... */
  const char *text;    /* ... by this, NUL-terminated, cx's               */
  struct splice *next; /* the next one to the right                       */
};

struct mig_edit {
  mig_span src;        /* borrowed: must outlive the edit   */
  struct splice *head; /* sorted by `at`, never overlapping */
};

mig_edit *mig_edit_new(mig_cx *cx, mig_span src) {
  mig_edit *ed = mig_alloc(cx, sizeof *ed);

  if (ed) ed->src = src;
  return ed;
}

/* The offset of `part` in the source; -1 when it is not in there. */
static int edit_offset(const mig_edit *ed, mig_span part) {
  uintptr_t from = (uintptr_t)ed->src.p, p = (uintptr_t)part.p;

  if (part.n < 0 || p < from || p - from > (uintptr_t)ed->src.n) return -1;
  return part.n > ed->src.n - (int)(p - from) ? -1 : (int)(p - from);
}

void mig_edit_put(mig_cx *cx, mig_edit *ed, mig_span part, const char *text) {
  struct splice *s, **p;
  int at;

  if (cx->rc) return;
  if ((at = edit_offset(ed, part)) < 0) {
    mig_fail(cx, SQLITE_RANGE, "an edit outside of the statement");
    return;
  }
  for (p = &ed->head; *p && (*p)->at + (*p)->n <= at;) p = &(*p)->next;
  if (*p && (*p)->at < at + part.n) {
    mig_fail(cx, SQLITE_MISUSE, "edit %d+%d meets %d+%d", at, part.n, (*p)->at,
             (*p)->n);
    return;
  }
  s = mig_alloc(cx, sizeof *s);
  text = mig_strdup(cx, text);
  if (cx->rc) return;
  *s = (struct splice){.at = at, .n = part.n, .text = text, .next = *p};
  *p = s;
}

char *mig_edit_text(mig_cx *cx, const mig_edit *ed) {
  const struct splice *s;
  mig_buf out = {0};
  int from = 0;

  if (cx->rc) return NULL;
  for (s = ed->head; s; s = s->next) {
    mig_buf_add(cx, &out, ed->src.p + from, s->at - from);
    mig_buf_addz(cx, &out, s->text);
    from = s->at + s->n;
  }
  mig_buf_add(cx, &out, ed->src.p + from, ed->src.n - from);
  return mig_buf_take(cx, &out);
}
