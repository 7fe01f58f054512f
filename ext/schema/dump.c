/*
** ext/schema/dump.c - a schema as statements, in an order of their own: tables
** behind those they refer to, each with its indexes; then views, each behind
** those it reads; then triggers.  Among equals the names decide, so the text of
** two databases with one schema is the same.
*/
#include "ext/schema/compare.h"

typedef struct dump dump;
struct dump {
  mig_cx *cx;
  mig_buf b;
  const mig_schema *s;
  mig_list items; /* mig_item, by name */
  mig_map done;   /* keys              */
};

static int dump_by_key(const void *a, const void *b) {
  return strcmp(((const mig_item *)a)->key, ((const mig_item *)b)->key);
}

static void dump_one(dump *d, const mig_item *item) {
  mig_buf_addf(d->cx, &d->b, "%s;\n", item->object->sql);
}

static int dump_is(const mig_item *item, mig_create_type type) {
  return item->def->type == type;
}

static void dump_indexes(dump *d, const mig_item *table) {
  int i;

  for (i = 0; i < d->items.n && !d->cx->rc; i++) {
    const mig_item *item = d->items.at[i];
    if (dump_is(item, MIG_CREATE_OF_INDEX) &&
        !sqlite3_stricmp(item->object->table, table->object->name))
      dump_one(d, item);
  }
}

static void dump_table(dump *d, const mig_item *item, int depth);

/* The tables that this one refers to. */
static void dump_parents(dump *d, const mig_item *item, int depth) {
  mig_list all = mig_clauses_all(d->cx, item->def);
  int i;

  for (i = 0; i < all.n && !d->cx->rc; i++) {
    const mig_clause *k = ((mig_clause_of *)all.at[i])->clause;
    const char *key;
    mig_item *parent;
    if (k->type != MIG_CLAUSE_FOREIGN_KEY) continue;
    key = mig_fold_token(d->cx, k->table);
    parent = key ? mig_map_get(&d->s->by_key, key) : NULL;
    if (parent && dump_is(parent, MIG_CREATE_OF_TABLE))
      dump_table(d, parent, depth - 1);
  }
}

/* The views that this one reads. */
static void dump_sources(dump *d, const mig_item *item, int depth) {
  int i;

  for (i = 0; i < d->items.n && !d->cx->rc; i++) {
    const mig_item *other = d->items.at[i];
    if (other != item && dump_is(other, MIG_CREATE_OF_VIEW) &&
        !mig_map_get(&d->done, other->key) &&
        mig_sql_mentions(item->def->body, other->object->name))
      dump_table(d, other, depth - 1);
  }
}

static void dump_table(dump *d, const mig_item *item, int depth) {
  if (d->cx->rc || depth < 0 || mig_map_get(&d->done, item->key)) return;
  mig_map_put(d->cx, &d->done, item->key, (void *)(uintptr_t)item);
  if (dump_is(item, MIG_CREATE_OF_TABLE)) dump_parents(d, item, depth);
  if (dump_is(item, MIG_CREATE_OF_VIEW)) dump_sources(d, item, depth);
  dump_one(d, item);
  if (dump_is(item, MIG_CREATE_OF_TABLE)) dump_indexes(d, item);
}

static void dump_all(dump *d, mig_create_type type) {
  int i;

  for (i = 0; i < d->items.n && !d->cx->rc; i++)
    if (dump_is(d->items.at[i], type)) dump_table(d, d->items.at[i], 200);
}

char *mig_schema_dump(mig_cx *cx, const mig_schema *s) {
  dump d = {.cx = cx, .s = s};
  int i;

  for (i = 0; i < s->items.n; i++) mig_list_add(cx, &d.items, s->items.at[i]);
  if (!cx->rc) mig_list_sort(cx, &d.items, dump_by_key);
  dump_all(&d, MIG_CREATE_OF_TABLE);
  dump_all(&d, MIG_CREATE_OF_VIRTUAL);
  dump_all(&d, MIG_CREATE_OF_VIEW);
  dump_all(&d, MIG_CREATE_OF_TRIGGER);
  if (!d.b.n) mig_buf_addz(cx, &d.b, "");
  return mig_buf_take(cx, &d.b);
}
