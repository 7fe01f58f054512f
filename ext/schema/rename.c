/*
** ext/schema/rename.c - what of the target has another name in the database.
**
** Only a person knows that: by `-- renamed from: old` on the line of the table
** or the column in the target, or by what env.lua says.  A hint whose old name
** is not there, or whose new one is there already, has been followed before.
*/
#include "ext/schema/compare.h"

typedef struct rename_run rename_run;
struct rename_run {
  mig_cx *cx;
  const mig_schema *live, *target;
  const mig_hints *hints;
  mig_list *out;
};

/* What stands behind "renamed from:" in a comment, or n 0. */
static mig_span rename_said(mig_span comment) {
  static const char words[] = "renamed from:";
  const int n = (int)sizeof words - 1;
  mig_span none = {"", 0}, rest;
  int i;

  for (i = 0; i + n <= comment.n; i++) {
    if (sqlite3_strnicmp(comment.p + i, words, n)) continue;
    rest = (mig_span){comment.p + i + n, comment.n - i - n};
    return mig_token_next(&rest).s;
  }
  return none;
}

/* The hint in the text from `p` on, before the line ends, or another word. */
static mig_span rename_hint(mig_span text, const char *p, const char *skip) {
  mig_span rest = {p, (int)(text.p + text.n - p)}, none = {"", 0};
  mig_token t;

  while ((t = mig_token_at(rest)).type != MIG_TK_END) {
    if (t.type == MIG_TK_COMMENT) return rename_said(t.s);
    if (t.type == MIG_TK_SPACE ? memchr(t.s.p, '\n', (size_t)t.s.n) != NULL
                               : !(t.s.n == 1 && strchr(skip, *t.s.p)))
      return none;
    rest.p += t.s.n;
    rest.n -= t.s.n;
  }
  return none;
}

static void rename_add(rename_run *r, const char *table, const char *from,
                       const char *to) {
  mig_rename *n = mig_alloc(r->cx, sizeof *n);

  if (!n) return;
  *n = (mig_rename){table, from, to};
  mig_list_add(r->cx, r->out, n);
}

static int rename_ask(rename_run *r, const char *kind, const char *from,
                      const char *to) {
  if (r->cx->rc || !r->hints || !r->hints->renamed) return 0;
  return r->hints->renamed(r->cx, r->hints->arg, kind, from, to);
}

static const mig_item *rename_get(rename_run *r, const mig_schema *s,
                                  const char *name) {
  const char *key = mig_fold(r->cx, name);

  return key ? mig_map_get(&s->by_key, key) : NULL;
}

static int rename_is_table(const mig_item *item) {
  return item && (item->def->type == MIG_CREATE_OF_TABLE);
}

/* ---- tables ---- */

/* The table that the new one was: hinted at, or what env.lua agrees to. */
static const mig_item *rename_table_old(rename_run *r, const mig_item *item) {
  const mig_create *def = item->def;
  mig_span said = rename_hint(def->text, def->name.p + def->name.n, "(");
  const mig_item *old;
  int i;

  if (said.n) {
    old = rename_get(r, r->live, mig_sql_unquote(r->cx, said));
    return rename_is_table(old) ? old : NULL;
  }
  for (i = 0; i < r->live->items.n && !r->cx->rc; i++) {
    old = r->live->items.at[i];
    if (rename_is_table(old) && !mig_map_get(&r->target->by_key, old->key) &&
        rename_ask(r, "table", old->object->name, item->object->name))
      return old;
  }
  return NULL;
}

/* ---- columns ---- */

static int rename_lacks(rename_run *r, const mig_create *def, mig_span name) {
  const char *z = r->cx->rc ? NULL : mig_sql_unquote(r->cx, name);

  return z && !mig_create_column(def, z, NULL);
}

static const mig_coldef *rename_column_old(rename_run *r, const char *table,
                                           const mig_create *was,
                                           const mig_create *is,
                                           const mig_coldef *col) {
  mig_span said = rename_hint(is->text, col->text.p + col->text.n, ",)");
  const mig_coldef *old;
  const char *to;
  int i;

  if (said.n) return mig_create_column(was, mig_sql_unquote(r->cx, said), NULL);
  to = mig_printf(r->cx, "%s.%s", table, mig_sql_unquote(r->cx, col->name));
  for (i = 0; i < was->columns.n && !r->cx->rc; i++) {
    old = was->columns.at[i];
    if (rename_lacks(r, is, old->name) &&
        rename_ask(r, "column",
                   mig_printf(r->cx, "%s.%s", table,
                              mig_sql_unquote(r->cx, old->name)),
                   to))
      return old;
  }
  return NULL;
}

static void rename_columns(rename_run *r, const mig_item *old,
                           const mig_item *item) {
  const char *table = item->object->name;
  int i;

  for (i = 0; i < item->def->columns.n && !r->cx->rc; i++) {
    const mig_coldef *col = item->def->columns.at[i], *was;
    if (!rename_lacks(r, old->def, col->name)) continue;
    was = rename_column_old(r, table, old->def, item->def, col);
    if (was && rename_lacks(r, item->def, was->name))
      rename_add(r, table, mig_sql_unquote(r->cx, was->name),
                 mig_sql_unquote(r->cx, col->name));
  }
}

mig_list mig_renames_find(mig_cx *cx, const mig_schema *live,
                          const mig_schema *target, const mig_hints *hints) {
  mig_list tables = {0}, columns = {0};
  rename_run r = {cx, live, target, hints, NULL};
  int i;

  for (i = 0; i < target->items.n && !cx->rc; i++) {
    const mig_item *item = target->items.at[i], *old;
    if (!rename_is_table(item)) continue;
    old = mig_map_get(&live->by_key, item->key);
    r.out = &tables;
    if (!old) {
      old = rename_table_old(&r, item);
      if (old && mig_map_get(&target->by_key, old->key)) old = NULL;
      if (old) rename_add(&r, NULL, old->object->name, item->object->name);
    }
    r.out = &columns;
    if (rename_is_table(old)) rename_columns(&r, old, item);
  }
  for (i = 0; i < columns.n; i++) mig_list_add(cx, &tables, columns.at[i]);
  return tables;
}
