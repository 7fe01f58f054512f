/*
** ext/run/fk.c - which tables' foreign keys a transaction has to check.
**
** A table with a foreign key to one that changes is always found when that one
** is noted: who comes to have a foreign key later is noted then.  So the commit
** looks at the noted tables only, without asking again whose children they are.
*/
#include "ext/run/run.h"

struct mig_fk {
  mig_fk_table *tables;       /* what is known, and what op renamed        */
  int all_known;              /* a table that is not there has none        */
  int all_touched;            /* the commit is to look at every table      */
  int waits_known;            /* the tables' `waits` have been filled in    */
  sqlite3_int64 data_version; /* PRAGMA data_version when this was begun   */
};

/* ---- its life ---- */

static void fk_free(void *p) {
  mig_fk *fk = p;

  while (fk->tables) mig_fk_table_free(&fk->tables);
  sqlite3_free(fk);
}

static mig_fk *fk_new(mig_cx *cx, sqlite3_int64 data_version) {
  mig_fk *fk = cx->rc ? NULL : sqlite3_malloc64(sizeof *fk);

  if (!fk) {
    mig_fail_nomem(cx);
    return NULL;
  }
  memset(fk, 0, sizeof *fk);
  fk->data_version = data_version;
  return mig_own(cx, fk, fk_free);
}

static void fk_drop(mig_cx *cx, mig_fk *fk) {
  if (!fk) return;
  mig_disown(cx, fk);
  fk_free(fk);
}

void mig_fk_end(mig_cx *cx, mig_run *run) {
  run->project->db.writes = NULL;
  fk_drop(cx, run->fk);
  run->fk = NULL;
}

void mig_fk_move(mig_cx *to, mig_cx *from, mig_run *run) {
  if (!run->fk) return;
  mig_disown(from, run->fk);
  run->fk = mig_own(to, run->fk, fk_free);
}

static void fk_on_write(mig_cx *cx, void *run) {
  mig_fk_note_all(cx, run);
}

void mig_fk_begin(mig_cx *cx, mig_run *run) {
  sqlite3_int64 now = mig_query_int(
      cx, run->db, 0, "PRAGMA \"%w\".data_version", run->db->schema);
  mig_fk_table *t;

  if (run->fk && run->fk->data_version != now) mig_fk_end(cx, run);
  if (!run->fk) run->fk = fk_new(cx, now);
  if (cx->rc) return;
  for (t = run->fk->tables; t; t = t->next) {
    t->origin = NULL;
    t->probed = 0;
    t->renumbered = 0;
    t->waits = (mig_list){0};
  }
  run->fk->waits_known = 0;
  run->project->db.writes = fk_on_write;
  run->project->db.writes_arg = run;
}

/* ---- noting ---- */

/* Read a table's violations.  What probing found before, stays: a mismatch of
** now may be a new one. */
static void fk_read(mig_cx *cx, mig_run *run, mig_fk_table *t) {
  int blind = t->blind;

  mig_fk_table_read(cx, run->db, t);
  if (t->probed && t->blind && !blind) t->rows.n = t->blind = 0;
}

static void fk_touch(mig_cx *cx, mig_run *run, mig_fk_table *t) {
  if (!t) return;
  if (!t->known && t->child && !run->fk->all_known) fk_read(cx, run, t);
  if (cx->rc) return;
  t->known = 1;
  t->touched = 1;
}

/* The entry of this name, made if it is not there. */
static mig_fk_table *fk_entry(mig_cx *cx, mig_fk *fk, const char *name) {
  mig_fk_table *t = name ? mig_fk_table_find(fk->tables, name) : NULL;

  return t ? t : mig_fk_table_new(cx, &fk->tables, name);
}

/* The entry of this row. */
static mig_fk_table *fk_found(mig_cx *cx, mig_fk *fk, sqlite3_stmt *st) {
  const char *name = (const char *)sqlite3_column_text(st, 0);
  mig_fk_table *t = fk_entry(cx, fk, name);

  if (!t) return t;
  t->root = sqlite3_column_int64(st, 1); /* auto_vacuum moves them */
  if (t->known) return t;
  t->child = mig_fk_has_keys(st);
  return t;
}

/* Nothing is left to note? */
static int fk_is_done(const mig_cx *cx, const mig_run *run) {
  return cx->rc || !run->fk || run->fk->all_touched;
}

void mig_fk_note_children(mig_cx *cx, mig_run *run, const char *table) {
  sqlite3_stmt *st;

  if (fk_is_done(cx, run) || !table) return;
  st = mig_fk_tables(cx, run->db, NULL);
  while (mig_row(cx, st))
    if (mig_fk_is_child(cx, run->db, st, table))
      fk_touch(cx, run, fk_found(cx, run->fk, st));
  mig_stmt_end(cx, st);
}

/* Find the tables with a foreign key to one that is not there. */
static void fk_find_waits(mig_cx *cx, mig_run *run) {
  sqlite3_stmt *st =
      mig_query(cx, run->db,
                "SELECT m.name, m.rootpage, m.sql, f.\"table\""
                " FROM \"%w\".sqlite_schema AS m, "
                "pragma_foreign_key_list(m.name, %Q) AS f"
                " WHERE m.type = 'table' AND instr(upper(m.sql), 'REFERENCES')",
                run->db->schema, run->db->schema);
  mig_fk_table *t;

  while (mig_row(cx, st)) {
    char *parent = mig_column(cx, st, 3);
    if (!parent || mig_fk_exists(cx, run->db, parent)) continue;
    t = fk_found(cx, run->fk, st);
    if (!t) break;
    mig_list_add(&t->mem, &t->waits, mig_strdup(&t->mem, parent));
    mig_fail_move(cx, &t->mem);
  }
  mig_stmt_end(cx, st);
  run->fk->waits_known = !cx->rc;
}

void mig_fk_note_waiting(mig_cx *cx, mig_run *run, const char *table) {
  mig_fk_table *t;
  int i;

  if (fk_is_done(cx, run) || !table) return;
  if (!run->fk->waits_known) fk_find_waits(cx, run);
  for (t = run->fk->tables; t && !cx->rc; t = t->next)
    for (i = 0; i < t->waits.n; i++)
      if (!sqlite3_stricmp(t->waits.at[i], table)) fk_touch(cx, run, t);
}

void mig_fk_note_own(mig_cx *cx, mig_run *run, const char *table) {
  sqlite3_stmt *st;

  if (fk_is_done(cx, run) || !table) return;
  st = mig_fk_exists(cx, run->db, table) ? mig_fk_tables(cx, run->db, table)
                                         : NULL;
  if (mig_row(cx, st)) fk_found(cx, run->fk, st);
  mig_stmt_end(cx, st);
  if (!cx->rc) fk_touch(cx, run, fk_entry(cx, run->fk, table));
}

void mig_fk_note_new(mig_cx *cx, mig_run *run, const char *table) {
  sqlite3_stmt *st;
  mig_fk_table *t;

  if (fk_is_done(cx, run) || !table) return;
  st = mig_fk_tables(cx, run->db, table);
  if (mig_row(cx, st) && (t = fk_found(cx, run->fk, st)) != NULL &&
      !t->probed) {
    if (!t->known && t->child && !run->fk->all_known)
      mig_fk_table_probe(cx, run->db, t);
    t->probed = !cx->rc;
  }
  mig_stmt_end(cx, st);
}

void mig_fk_note(mig_cx *cx, mig_run *run, const char *table) {
  mig_fk_note_own(cx, run, table);
  mig_fk_note_children(cx, run, table);
}

void mig_fk_note_all(mig_cx *cx, mig_run *run) {
  sqlite3_stmt *st;
  mig_fk_table *t;

  if (fk_is_done(cx, run)) return;
  st = run->fk->all_known ? NULL : mig_fk_tables(cx, run->db, NULL);
  while (mig_row(cx, st))
    if (mig_fk_has_keys(st)) fk_touch(cx, run, fk_found(cx, run->fk, st));
  mig_stmt_end(cx, st);
  if (cx->rc) return;
  for (t = run->fk->tables; t; t = t->next) t->touched = t->known;
  run->fk->all_known = 1;
  run->fk->all_touched = 1;
  run->project->db.writes = NULL;
}

void mig_fk_note_record(mig_cx *cx, mig_run *run) {
  if (fk_is_done(cx, run)) return;
  if (mig_query_int(cx, run->db, 0,
                    "SELECT count(*) FROM"
                    " (SELECT type, tbl_name FROM \"%w\".sqlite_schema UNION"
                    " ALL SELECT type, tbl_name FROM sqlite_temp_schema)"
                    " WHERE type = 'trigger' AND lower(tbl_name)"
                    " IN ('_migrate_version', '_migrate_log')",
                    run->db->schema))
    mig_fk_note_all(cx, run);
}

/* The table's root page, for itself and for those of whom it is the parent. */
static void fk_set_root(mig_fk *fk, const char *table, sqlite3_int64 root) {
  mig_fk_table *t;
  int i;

  for (t = fk->tables; t; t = t->next) {
    if (!sqlite3_stricmp(t->name, table)) t->root = root;
    for (i = 0; i < t->rows.n; i++) {
      mig_fk_key *key = ((mig_fk_row *)t->rows.at[i])->key;
      if (!sqlite3_stricmp(key->parent, table)) key->root = root;
    }
  }
}

void mig_fk_moved(mig_cx *cx, mig_run *run, const char *table, int renumbered) {
  mig_fk_table *t;

  if (cx->rc || !run->fk) return;
  fk_set_root(run->fk, table, mig_fk_root(cx, run->db, table));
  t = mig_fk_table_find(run->fk->tables, table);
  if (t) t->renumbered |= renumbered;
}

/* Its foreign keys to the parent follow it. */
static void fk_rename_parent(mig_cx *cx, mig_fk_table *t, const char *from,
                             const char *to) {
  int i;

  for (i = 0; i < t->rows.n; i++) {
    mig_fk_key *key = ((mig_fk_row *)t->rows.at[i])->key;
    char *name =
        sqlite3_stricmp(key->parent, from) ? NULL : mig_strdup(&t->mem, to);
    if (name) key->parent = name;
  }
  mig_fail_move(cx, &t->mem);
}

void mig_fk_renamed(mig_cx *cx, mig_run *run, const char *from,
                    const char *to) {
  mig_fk_table *t;
  char *name;

  if (cx->rc || !run->fk || !from || !to) return;
  t = fk_entry(cx, run->fk, from);
  name = t ? mig_strdup(&t->mem, to) : NULL;
  if (t) mig_fail_move(cx, &t->mem);
  if (!name) return;
  if (!t->origin) t->origin = t->name;
  t->name = name;
  for (t = run->fk->tables; t; t = t->next)
    if (!t->blind) fk_rename_parent(cx, t, from, to);
}

void mig_fk_dropped(mig_run *run, const char *table) {
  mig_fk_table *t =
      run->fk && table ? mig_fk_table_find(run->fk->tables, table) : NULL;

  if (run->fk && table)
    fk_set_root(run->fk, table, 0); /* a free page, for any table to take */
  if (t) t->child = 0;
}

/* ---- the commit ---- */

/* All tables there are, in their order. */
static void fk_list_tables(mig_cx *cx, const mig_db *db, mig_fk *now) {
  sqlite3_stmt *st = mig_fk_tables(cx, db, NULL);
  mig_fk_table *t;

  while (mig_row(cx, st)) {
    t = mig_fk_table_new(cx, &now->tables,
                         (const char *)sqlite3_column_text(st, 0));
    if (!t) break;
    t->root = sqlite3_column_int64(st, 1);
    t->child = mig_fk_has_keys(st);
  }
  mig_stmt_end(cx, st);
}

/* Read those that may be otherwise than before. */
static void fk_read_touched(mig_cx *cx, const mig_db *db, const mig_fk *was,
                            mig_fk *now) {
  mig_fk_table *t, *same;

  for (t = now->tables; t; t = t->next) t->touched = was->all_touched;
  for (t = was->tables; t; t = t->next) {
    same = t->touched || t->probed ? mig_fk_follow(now->tables, t) : NULL;
    if (!same) continue;
    same->touched |= t->touched;
    same->probed |= t->probed;
  }
  for (t = now->tables; t && !cx->rc; t = t->next) {
    if (t->touched && t->child)
      mig_fk_table_read(cx, db, t);
    else if (t->probed)
      mig_fk_table_probe(cx, db, t);
    t->known = t->touched;
    t->touched = 0;
  }
}

/* What is known of the other tables is still so. */
static void fk_keep(mig_fk *was, mig_fk *now) {
  mig_fk_table *t, *old, swap;

  for (t = now->tables; t; t = t->next) {
    old = t->known ? NULL : mig_fk_table_find(was->tables, t->name);
    if (!old || !old->known || old->touched) continue;
    swap = *t;
    *t = *old;
    *old = swap;
    old->next = t->next;
    t->next = swap.next;
    t->root = old->root;
  }
  now->all_known = was->all_known;
}

static int fk_is_touched(const mig_fk *fk) {
  const mig_fk_table *t;

  for (t = fk->tables; t; t = t->next)
    if (t->touched || t->probed) return 1;
  return fk->all_touched;
}

void mig_fk_check(mig_cx *cx, mig_run *run) {
  mig_fk *was = run->fk, *now;

  run->project->db.writes = NULL;
  if (cx->rc || !was || !fk_is_touched(was)) return;
  now = fk_new(cx, was->data_version);
  if (!now) return;
  fk_list_tables(cx, run->db, now);
  fk_read_touched(cx, run->db, was, now);
  mig_fk_compare(cx, run->db, was->tables, now->tables);
  fk_keep(was, now);
  fk_drop(cx, was);
  run->fk = now;
}
