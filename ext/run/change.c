/* ext/run/change.c - one change to the schema, done. */
#include "ext/run/run.h"

/* SQLite renames a table's row in sqlite_sequence, and leaves the statistics
** under the old name. */
static void change_stats(mig_cx *cx, mig_run *run, const mig_change *c,
                         const char *table) {
  const char *schema = run->db->schema;
  int n = (int)strlen("sqlite_autoindex_") + (int)strlen(c->table) + 1;

  if (!mig_query_int(cx, run->db, 0,
                     "SELECT 1 FROM \"%w\".sqlite_schema WHERE name = %Q",
                     schema, table))
    return;
  mig_exec(cx, run->db,
           "UPDATE \"%w\".%s SET tbl = %Q, idx = CASE WHEN"
           " idx LIKE 'sqlite|_autoindex|_%%' ESCAPE '|'"
           " THEN 'sqlite_autoindex_' || %Q || substr(idx, %d)"
           " ELSE idx END WHERE tbl = %Q COLLATE NOCASE",
           schema, table, c->name, c->name, n, c->table);
}

/* An index that goes may be one that a trigger's ON CONFLICT needs, or that a
** view names by INDEXED BY. */
static void change_drop_index(mig_cx *cx, mig_run *run, const mig_change *c,
                              const char *sql) {
  const char *table = mig_query_text(
      cx, run->db,
      "SELECT tbl_name FROM \"%w\".sqlite_schema WHERE type = 'index'"
      " AND name = %Q COLLATE NOCASE",
      run->db->schema, c->name);
  const mig_alter none = {0};
  mig_list was = {0}, now = {0};

  if (table) was = mig_broken_read(cx, run->db, table);
  if (sql && !cx->rc) mig_exec(cx, run->db, "%s", sql);
  if (table) now = mig_broken_read(cx, run->db, table);
  mig_broken_compare(cx, &none, table, &was, &now);
}

static void change_native(mig_cx *cx, mig_run *run, const mig_change *c) {
  char *sql = mig_change_sql(cx, run->db->schema, c);

  mig_exec_alive(cx, run->db->h);
  if (!cx->rc) mig_fk_note_change(cx, run, c);
  if (c->kind == MIG_DROP_INDEX)
    change_drop_index(cx, run, c, sql);
  else if (sql)
    mig_exec(cx, run->db, "%s", sql);
  if (c->kind != MIG_RENAME_TABLE || cx->rc) return;
  change_stats(cx, run, c, "sqlite_stat1");
  change_stats(cx, run, c, "sqlite_stat4");
}

/* ---- as an op that is journaled ---- */

#define AT(field) offsetof(mig_change, field)

static void change_add_list(mig_cx *cx, mig_buf *b, const char *name,
                            const mig_list *l) {
  int i;

  for (i = 0; i < l->n; i++)
    mig_buf_addf(cx, b, "%s%Q", i ? ", " : name, l->at[i]);
}

/* All that the change says. */
static void change_add_text(mig_cx *cx, mig_buf *b, const mig_change *c) {
  static const struct {
    char name[8];
    size_t at;
  } texts[] = {{"table", AT(table)},      {"name", AT(name)},
               {"body", AT(body)},        {"where", AT(where)},
               {"after", AT(after)},      {"before", AT(before)},
               {"using", AT(using)},      {"ref", AT(ref)},
               {"actions", AT(actions)},  {"defer", AT(defer)},
               {"to", AT(set.name)},      {"type", AT(set.type)},
               {"default", AT(set.dflt)}, {"collate", AT(set.collate)},
               {"check", AT(set.check)}};
  const mig_column_set *s = &c->set;
  const char *z;
  size_t i;

  mig_buf_addz(cx, b, mig_change_title(cx, c));
  change_add_list(cx, b, ": ", &c->parts);
  change_add_list(cx, b, "; to: ", &c->refparts);
  change_add_list(cx, b, "; values: ", &c->values);
  for (i = 0; i < sizeof texts / sizeof *texts; i++) {
    memcpy(&z, (const char *)c + texts[i].at, sizeof z);
    if (z) mig_buf_addf(cx, b, "; %s %Q", texts[i].name, z);
  }
  mig_buf_addf(cx, b, " [%d %d %d%d%d%d %d%d%d%d%d]", (int)c->kind,
               (int)c->clause, c->unique, c->strict, c->without_rowid,
               c->if_exists, s->not_null, s->has_type, s->has_default,
               s->has_collate, s->has_null);
}
#undef AT

char *mig_change_text(mig_cx *cx, const char *table, const mig_list *changes) {
  mig_buf b = {0};
  int i;

  if (table) mig_buf_addf(cx, &b, "table %s: ", table);
  for (i = 0; i < changes->n && !cx->rc; i++) {
    if (i) mig_buf_addz(cx, &b, "; and ");
    change_add_text(cx, &b, changes->at[i]);
  }
  return mig_buf_take(cx, &b);
}

static void change_op(mig_cx *cx, mig_run *run, const mig_change *c) {
  mig_list one = {0};
  sqlite3_int64 n = 0;
  char *what = NULL;

  if (run->resume) {
    mig_list_add(cx, &one, (void *)(uintptr_t)c);
    what = mig_change_text(cx, NULL, &one);
  }
  if (mig_resume_op(cx, run, what, &n)) {
    mig_notes_begin(run);
    change_native(cx, run, c);
    if (run->notes && !cx->rc)
      mig_notes_change(run, mig_change_title(cx, c),
                       mig_way_names[MIG_WAY_NATIVE], NULL);
  }
  mig_resume_done(cx, run, 0);
}

void mig_run_change(mig_cx *cx, mig_run *run, const mig_change *c) {
  mig_list one = {0};

  switch (c->kind) {
  case MIG_ADD_COLUMN:
  case MIG_DROP_COLUMN:
  case MIG_ALTER_COLUMN:
  case MIG_ADD_CONSTRAINT:
  case MIG_DROP_CONSTRAINT:
  case MIG_REDEFINE_TABLE:
    mig_list_add(cx, &one, (void *)(uintptr_t)c);
    mig_run_changes(cx, run, c->table, &one, MIG_RECREATE_AUTO);
    break;
  default:
    change_op(cx, run, c);
  }
}
