/*
** ext/run/plaindraft.c - what autogenerate found, as plain SQL: as far as
*SQLite's
** own statements reach.
*/
#include "ext/run/run.h"

static void plain_drop(mig_cx *cx, mig_buf *b, const char *what,
                       const char *name) {
  mig_buf_addf(cx, b, "DROP %s %s;\n", what, mig_sql_quoted(cx, name));
}

/* Is it one of SQLite's own ALTER TABLE?  Then it is written. */
static int plain_alter(mig_cx *cx, mig_buf *b, const mig_change *c) {
  const char *table = mig_sql_quoted(cx, c->table);

  if (cx->rc) return 1;
  if (c->kind == MIG_RENAME_TABLE)
    mig_buf_addf(cx, b, "ALTER TABLE %s RENAME TO %s;\n", table,
                 mig_sql_quoted(cx, c->name));
  else if (c->kind == MIG_ADD_COLUMN && !c->after && !c->before)
    mig_buf_addf(cx, b, "ALTER TABLE %s ADD COLUMN %s;\n", table,
                 (char *)c->parts.at[0]);
  else if (c->kind == MIG_DROP_COLUMN)
    mig_buf_addf(cx, b, "ALTER TABLE %s DROP COLUMN %s;\n", table,
                 mig_sql_quoted(cx, c->name));
  else if (c->kind == MIG_ALTER_COLUMN && c->set.name)
    mig_buf_addf(cx, b, "ALTER TABLE %s RENAME COLUMN %s TO %s;\n", table,
                 mig_sql_quoted(cx, c->name), mig_sql_quoted(cx, c->set.name));
  else
    return 0;
  return 1;
}

static void plain_refuse(mig_cx *cx, const char *table) {
  mig_fail(cx, SQLITE_ERROR,
           "table %s changes in a way that plain SQL cannot do without losing "
           "something; let it be Lua: {\"format\": \"lua\"}",
           table);
}

static void plain_change(mig_cx *cx, mig_buf *b, const mig_change *c) {
  if (c->kind == MIG_DROP_TABLE)
    plain_drop(cx, b, "TABLE", c->name);
  else if (c->kind == MIG_DROP_INDEX)
    plain_drop(cx, b, "INDEX", c->name);
  else if (c->kind == MIG_DROP_VIEW)
    plain_drop(cx, b, "VIEW", c->name);
  else if (c->kind == MIG_DROP_TRIGGER)
    plain_drop(cx, b, "TRIGGER", c->name);
  else if (!plain_alter(cx, b, c))
    plain_refuse(cx, c->table);
}

static void plain_one(mig_cx *cx, mig_buf *b, const mig_draft *d) {
  mig_span rest = mig_span_z(d->note ? d->note : ""), line;
  int i;

  while (rest.n && !cx->rc) {
    line = mig_span_line(&rest);
    mig_buf_addf(cx, b, "-- %.*s\n", line.n, line.p);
  }
  if (d->table && (d->define || !d->native)) plain_refuse(cx, d->table);
  if (d->sql) mig_buf_addf(cx, b, "%s;\n", d->sql);
  for (i = 0; i < d->changes.n && !cx->rc; i++)
    plain_change(cx, b, d->changes.at[i]);
}

char *mig_plain_draft(mig_cx *cx, const mig_list *drafts) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < drafts->n && !cx->rc; i++) plain_one(cx, &b, drafts->at[i]);
  if (!b.n) mig_buf_addz(cx, &b, "\n");
  return mig_buf_take(cx, &b);
}
