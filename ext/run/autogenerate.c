/*
** ext/run/autogenerate.c - a revision out of what differs.
**
** The drafts of both directions come from two comparisons, each from the one
** schema to the other; renames stand before the first and behind the second,
** and what SQLite's renames fail on goes before them and comes again at the
** end.
*/
#include "ext/run/run.h"

#define DIFFERENCES 5 /* differences that an error lists */

static const mig_schema autogenerate_none = {0}; /* with nothing in it */

/* ---- is the database where the new revision will stand? ---- */

static void autogenerate_check_head(mig_cx *cx, mig_project *p) {
  mig_buf b = {0};
  char *names;
  int i, n = 0;

  for (i = 0; i < p->graph->revs.n && !cx->rc; i++) {
    const mig_revision *r = p->graph->revs.at[i];
    if (r->applied) continue;
    if (n++ < DIFFERENCES)
      mig_buf_addf(cx, &b, "%s%s", n > 1 ? ", " : "", r->h.id);
  }
  names = mig_buf_take(cx, &b);
  if (!n || cx->rc) return;
  mig_fail(cx, SQLITE_ERROR,
           "the database is not at head: %d revision%s not applied (%s%s); "
           "what differs is known behind SELECT migrate_upgrade()",
           n, n == 1 ? " is" : "s are", names, n > DIFFERENCES ? ", ..." : "");
}

/* ---- drafts ---- */

static void autogenerate_rename(mig_cx *cx, mig_list *out, const mig_rename *r,
                                int back) {
  mig_draft *d = mig_alloc(cx, sizeof *d);
  mig_change *c = mig_alloc(cx, sizeof *c);
  const char *from = back ? r->to : r->from, *to = back ? r->from : r->to;

  if (!d || !c) return;
  c->kind = r->table ? MIG_ALTER_COLUMN : MIG_RENAME_TABLE;
  c->table = r->table ? r->table : from;
  c->name = r->table ? from : to;
  if (r->table) c->set.name = to;
  mig_list_add(cx, &d->changes, c);
  mig_list_add(cx, out, d);
}

/* Drop what the renames fail on, or make it anew as it was. */
static void autogenerate_away(mig_cx *cx, mig_list *out, const mig_item *item,
                              int back) {
  mig_draft *d = mig_alloc(cx, sizeof *d);
  mig_change *c = mig_alloc(cx, sizeof *c);

  if (!d || !c) return;
  c->kind = item->def->type == MIG_CREATE_OF_INDEX  ? MIG_DROP_INDEX
            : item->def->type == MIG_CREATE_OF_VIEW ? MIG_DROP_VIEW
                                                    : MIG_DROP_TRIGGER;
  c->name = item->object->name;
  if (back)
    d->sql = item->object->sql;
  else
    mig_list_add(cx, &d->changes, c);
  mig_list_add(cx, out, d);
}

static void autogenerate_append(mig_cx *cx, mig_list *to, const mig_list *l) {
  int i;

  for (i = 0; i < l->n; i++) mig_list_add(cx, to, l->at[i]);
}

/* Where the rows come from is said where a person will look. */
static void autogenerate_note(mig_cx *cx, mig_list *up, const char *note) {
  mig_draft *d = note && *note ? mig_alloc(cx, sizeof *d) : NULL;

  if (!d) return;
  d->note = note;
  mig_list_add(cx, up, d);
}

/* ---- adopting ---- */

const char *mig_adopt_tool(mig_cx *cx, const mig_project *p) {
  const char *schema = p->db.schema, *tool;
  mig_list objects = mig_objects_read(cx, &p->db, schema);
  sqlite3_int64 version;
  int i;

  for (i = 0; i < objects.n && !cx->rc; i++) {
    const mig_object *o = objects.at[i];
    tool = o->name ? mig_schema_tool(o->name) : NULL;
    if (tool && strcmp(tool, "Litestream"))
      return mig_printf(cx,
                        "%s has managed this database (table %s): let it apply "
                        "what it has, then leave the schema to migrate; its "
                        "table can be dropped when nobody asks it any more",
                        tool, o->name);
  }
  version = mig_query_int(cx, &p->db, 0, "PRAGMA \"%w\".user_version", schema);
  if (!version) return NULL;
  return mig_printf(cx,
                    "PRAGMA user_version is %lld: the program that counts its "
                    "schema there should stop changing it, and may go on "
                    "reading the number, which migrate does not touch",
                    version);
}

void mig_adopt_offer(mig_cx *cx, mig_conn *conn) {
  const char *progress = mig_config_get(conn, "progress"), *tool;
  mig_project *p = mig_project_new(cx, conn);
  mig_schema *live;
  char *text;

  if (cx->rc || !strcmp(progress, "off") ||
      (strcmp(progress, "on") && !mig_os_columns()))
    return;
  live = mig_schema_read(cx, &p->db, p->db.schema, &autogenerate_none);
  if (cx->rc || !live->items.n || mig_version_rows(cx, &p->db).n) return;
  tool = mig_adopt_tool(cx, p);
  text = mig_printf(
      cx,
      "migrate: this database has tables and no revisions: SELECT "
      "migrate_autogenerate('base') writes their first one, and SELECT "
      "migrate_stamp() marks it as applied\n%s%s%s",
      tool ? "migrate: " : "", tool ? tool : "", tool ? "\n" : "");
  if (text) mig_os_note(text, (int)strlen(text));
}

/* The base revision of what exists. */
static const char *autogenerate_adopt(mig_cx *cx, mig_project *p,
                                      const char *message,
                                      const mig_author_options *o,
                                      const mig_schema *live) {
  mig_list up = {0};
  const mig_diff *u = mig_diff_of(cx, &autogenerate_none, live);
  const mig_diff *d = mig_diff_of(cx, live, &autogenerate_none);
  const char *tool = mig_adopt_tool(cx, p);

  if (cx->rc) return NULL;
  autogenerate_note(cx, &up,
                    "what the database has already: mark it as applied with "
                    "SELECT migrate_stamp()");
  autogenerate_note(cx, &up, tool);
  autogenerate_append(cx, &up, &u->drafts);
  return mig_author_write(cx, p, message, o,
                          &(mig_bodies){.up = &up, .down = &d->drafts});
}

/* ---- the functions ---- */

static const char *autogenerate_write(mig_cx *cx, mig_project *p,
                                      const char *message,
                                      const mig_author_options *o,
                                      const mig_comparison *t) {
  mig_list up = {0}, down = {0};
  const mig_diff *back;
  int i;

  back = mig_diff_of(cx, t->should, t->renamed);
  if (cx->rc) return NULL;
  for (i = 0; i < t->away.n; i++) autogenerate_away(cx, &up, t->away.at[i], 0);
  for (i = 0; i < t->renames.n; i++)
    autogenerate_rename(cx, &up, t->renames.at[i], 0);
  autogenerate_append(cx, &up, &t->up->drafts);
  autogenerate_append(cx, &down, &back->drafts);
  for (i = t->renames.n - 1; i >= 0; i--)
    autogenerate_rename(cx, &down, t->renames.at[i], 1);
  for (i = t->away.n - 1; i >= 0; i--)
    autogenerate_away(cx, &down, t->away.at[i], 1);
  return mig_author_write(cx, p, message, o,
                          &(mig_bodies){.up = &up, .down = &down});
}

const char *mig_autogenerate(mig_cx *cx, mig_conn *conn, const char *message,
                             const mig_author_options *o) {
  mig_project *p = mig_project_new(cx, conn);
  mig_comparison *t;
  mig_schema *live;

  if (!cx->rc) mig_project_directory(cx, p);
  mig_project_load(cx, p);
  if (!cx->rc) mig_project_state(cx, p);
  if (cx->rc) return NULL;
  if (!p->graph->revs.n) {
    live = mig_schema_read(cx, &p->db, p->db.schema, &autogenerate_none);
    if (cx->rc) return NULL;
    if (live->items.n) return autogenerate_adopt(cx, p, message, o, live);
  }
  autogenerate_check_head(cx, p);
  t = cx->rc ? NULL : mig_comparison_make(cx, p);
  if (!t || (!t->up->rows.n && !t->renames.n)) return NULL;
  return autogenerate_write(cx, p, message, o, t);
}

void mig_check(mig_cx *cx, mig_conn *conn) {
  mig_project *p = mig_project_new(cx, conn);
  mig_comparison *t = mig_comparison_make(cx, p);
  mig_list rows = {0};
  mig_buf b = {0};
  char *list;
  int i;

  if (t) rows = mig_comparison_rows(cx, t);
  for (i = 0; i < rows.n && i < DIFFERENCES && !cx->rc; i++) {
    const mig_difference *d = rows.at[i];
    mig_buf_addf(cx, &b, "%s%s %s %s", i ? ", " : "", d->kind, d->object,
                 d->name);
  }
  list = mig_buf_take(cx, &b);
  if (rows.n && !cx->rc)
    mig_fail(cx, SQLITE_ERROR,
             "the database differs from the target: %s%s; see migrate_diff, "
             "and SELECT migrate_autogenerate('...') writes the revision",
             list, rows.n > DIFFERENCES ? ", ..." : "");
}

char *mig_dump(mig_cx *cx, mig_conn *conn) {
  mig_project *p = mig_project_new(cx, conn);
  mig_schema *live;

  mig_project_schema(cx, p);
  live = cx->rc ? NULL
                : mig_schema_read(cx, &p->db, p->db.schema, &autogenerate_none);
  return live ? mig_schema_dump(cx, live) : NULL;
}
