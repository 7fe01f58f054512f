/*
** ext/run/alter.c - a table altered, as the plan says, and the result compared
** with what was meant.
*/
#include "ext/run/run.h"

#define TRIAL "_migrate_trial"
#define CHANGE "_migrate_change"

/* ---- what it comes to ---- */

void mig_exec_still(mig_cx *cx, mig_run *run, const char *sql) {
  sqlite3_int64 rows = sqlite3_total_changes64(run->db->h);

  if (sql) mig_exec(cx, run->db, "%s", sql);
  rows = sqlite3_total_changes64(run->db->h) - rows;
  if (!cx->rc && rows)
    mig_fail(cx, SQLITE_ERROR,
             "%lld rows have changed, of which none should; in: %s", rows, sql);
}

static void alter_exec(mig_cx *cx, mig_run *run, const mig_list *statements) {
  int i;

  for (i = 0; i < statements->n && !cx->rc; i++)
    mig_exec_still(cx, run, statements->at[i]);
}

/* The statements that are SQLite's own; the last ones are only compiled. */
static void alter_own(mig_cx *cx, mig_run *run, const mig_alter *a) {
  mig_list first = a->native;
  int i;

  first.n -= a->adds;
  alter_exec(cx, run, &first);
  for (i = first.n; i < a->native.n && !cx->rc; i++)
    mig_stmt_end(cx, mig_prepare(cx, run->db, a->native.at[i], NULL));
}

/* SQLite's own ALTER TABLE, which touches the quotes of others when it renames
** or drops a column. */
static void alter_native(mig_cx *cx, mig_run *run, const mig_table *t,
                         const mig_list *statements) {
  int temp = !sqlite3_stricmp(t->schema, "temp");
  mig_list was, others = {0}, columns = {0};
  sqlite3_stmt *st;

  if (!statements->n) return;
  was = mig_objects_read(cx, run->db, t->schema);
  if (!temp) others = mig_objects_read(cx, run->db, "temp");
  alter_exec(cx, run, statements);
  st = mig_query(cx, run->db, "SELECT name FROM pragma_table_xinfo(%Q, %Q)",
                 t->name, t->schema);
  while (mig_row(cx, st)) mig_list_add(cx, &columns, mig_column(cx, st, 0));
  mig_stmt_end(cx, st);
  mig_requote(cx, run, t->schema, &was, &columns);
  if (others.n) mig_requote(cx, run, "temp", &others, &columns);
}

/* ---- comparing ---- */

static int alter_same(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

/* Is this object one of the table's own: itself, or an index of a constraint?
 */
static int alter_is_own(const mig_table *t, const mig_object *o) {
  return o->rowid == t->object->rowid ||
         (!o->sql && !strcmp(o->type, "index") &&
          !sqlite3_stricmp(o->table, t->name));
}

/* The next object that is not the table's own, nor AUTOINCREMENT's. */
static const mig_object *alter_other(const mig_table *t, const mig_list *l,
                                     int *i) {
  const mig_object *o;

  while (*i < l->n) {
    o = l->at[(*i)++];
    if (!alter_is_own(t, o) && sqlite3_stricmp(o->name, "sqlite_sequence"))
      return o;
  }
  return NULL;
}

/* Every other object is as it was, in the order in which it was. */
static void alter_compare(mig_cx *cx, const mig_table *t, const mig_list *was,
                          const mig_list *now) {
  const mig_object *a, *b;
  int i = 0, k = 0;

  do {
    a = alter_other(t, was, &i);
    b = alter_other(t, now, &k);
    if ((!a != !b) ||
        (a && (strcmp(a->type, b->type) || strcmp(a->name, b->name) ||
               strcmp(a->table, b->table) || !alter_same(a->sql, b->sql))))
      mig_fail(cx, SQLITE_ERROR,
               "table %s: the schema is not what was meant: %s %s; nothing is "
               "changed",
               t->name, a ? a->type : b->type, a ? a->name : b->name);
  } while (a && b && !cx->rc);
}

/* The table has the columns that were meant, to SQLite too. */
static void alter_compare_columns(mig_cx *cx, mig_run *run, const mig_table *t,
                                  const mig_alter *a, const char *sql) {
  sqlite3_stmt *st;
  const char *name;
  int i = 0, same = alter_same(sql, a->sql);

  st = mig_query(cx, run->db, "PRAGMA \"%w\".table_xinfo(\"%w\")", t->schema,
                 t->name);
  for (; mig_row(cx, st); i++) {
    name = mig_column(cx, st, 1);
    same &= i < a->columns.n && name &&
            !strcmp(name, ((mig_alter_column *)a->columns.at[i])->name);
  }
  mig_stmt_end(cx, st);
  if (!cx->rc && (!same || i != a->columns.n))
    mig_fail(cx, SQLITE_ERROR,
             "table %s is not what was meant, but: %s; nothing is changed",
             t->name, sql ? sql : "gone");
}

/* SQLite has added the columns itself, and its text is the one that was meant.
 */
static void alter_compare_added(mig_cx *cx, mig_run *run, const mig_table *t,
                                const mig_alter *a) {
  mig_db db = *run->db;
  int i;

  db.schema = t->schema;
  for (i = 0; i < a->come.n && !cx->rc; i++)
    if (!mig_store_column(cx, &db, t->name, a->come.at[i]))
      mig_fail(cx, SQLITE_ERROR,
               "table %s has no column %s, but: %s; nothing is changed",
               t->name, (char *)a->come.at[i], a->sql);
}

/* ---- taking back what failed ---- */

/*
** A script may catch an error and go on: so a change that fails is taken back.
** Not from where the old rows are given up: a savepoint would have to keep them
** all a second time.  What fails then spoils the run (mig_run.spoilt).
*/
static void alter_save(mig_cx *cx, mig_run *run, int *saved) {
  mig_tape_hold(run->db, 1);
  mig_exec(cx, run->db, "SAVEPOINT " CHANGE);
  mig_tape_hold(run->db, 0);
  *saved = !cx->rc;
}

static void alter_release(mig_cx *cx, mig_run *run, int *saved) {
  mig_tape_hold(run->db, 1);
  if (*saved) mig_exec(cx, run->db, "RELEASE " CHANGE);
  mig_tape_hold(run->db, 0);
  if (!cx->rc) *saved = 0;
}

static sqlite3_int64 alter_version(mig_cx *cx, mig_run *run) {
  return mig_query_int(cx, run->db, -1, "PRAGMA \"%w\".schema_version",
                       run->db->schema);
}

/* Behind an error: is all as it was at this version of the schema? */
static int alter_undone(mig_run *run, int saved, sqlite3_int64 version) {
  mig_cx own = {0};
  int same;

  mig_tape_hold(run->db, 1);
  if (saved) mig_exec(&own, run->db, "ROLLBACK TO " CHANGE ";RELEASE " CHANGE);
  mig_tape_hold(run->db, 0);
  same = alter_version(&own, run) == version && !own.rc;
  mig_cx_release(&own);
  return same;
}

/* ---- native and edit ---- */

/* SQLite's own statements, then the text: what they cannot do of it, and the
** author's spacing.  Was nothing left to be done? */
static int alter_edit(mig_cx *cx, mig_run *run, const mig_table *t,
                      const mig_alter *a, mig_swap *s, int *saved) {
  const char *from = mig_sql_path(cx, t->schema, t->name), *sql;

  if (a->way == MIG_WAY_EDIT && !a->adds) mig_swap_check(cx, run, s);
  if (a->gone.n) {
    alter_release(cx, run, saved);
    alter_native(cx, run, t, &a->native);
  } else {
    alter_own(cx, run, a);
  }
  if (a->bare) mig_rewrite_table(cx, run, t, a->bare);
  mig_proof_run(cx, run, t, a, from, 0);
  sql = mig_query_text(
      cx, run->db, "SELECT sql FROM \"%w\".sqlite_schema WHERE rowid = %lld",
      t->schema, t->object->rowid);
  if (sql && !strcmp(sql, a->sql)) return 1;
  if (sql) mig_rewrite_table(cx, run, t, a->sql);
  return 0;
}

/* ---- trying the new schema before a row is touched ---- */

static void alter_try(mig_cx *cx, mig_run *run, const mig_table *t,
                      const mig_alter *a, mig_swap *s, const mig_list *was) {
  mig_list now;

  mig_tape_hold(run->db, 1);
  mig_exec(cx, run->db, "SAVEPOINT " TRIAL);
  if (a->way >= MIG_WAY_SWAP)
    mig_swap_exchange(cx, run, s);
  else
    mig_rewrite_table(cx, run, t, a->sql);
  now = mig_broken_read(cx, run->db, t->name);
  mig_broken_compare(cx, a, t->name, was, &now);
  mig_exec(cx, run->db, "ROLLBACK TO " TRIAL ";RELEASE " TRIAL);
  mig_tape_hold(run->db, 0);
}

/* Was it SQLite alone that changed the schema? */
static int alter_rows(mig_cx *cx, mig_run *run, const mig_table *t,
                      const mig_alter *a, const mig_list *was, int *saved) {
  int rebuild = a->way >= MIG_WAY_SWAP;
  mig_swap s = {.t = t, .a = a};

  if (rebuild) mig_swap_begin(cx, run, &s);
  if (a->breaks && (rebuild || a->gone.n)) alter_try(cx, run, t, a, &s, was);
  if (!rebuild) return alter_edit(cx, run, t, a, &s, saved);
  mig_swap_fill(cx, run, &s);
  mig_notes_copied(run, s.rows);
  mig_swap_exchange(cx, run, &s);
  mig_swap_index(cx, run, &s, 1);
  alter_release(cx, run, saved);
  mig_swap_end(cx, run, &s);
  return 0;
}

/* A statement that still reads would keep SQLite from dropping what is made on
** the way; the one that called us is not counted. */
static void alter_check_open(mig_cx *cx, mig_run *run, const mig_alter *a) {
  sqlite3_stmt *st = NULL;
  int n = 0;

  if (cx->rc || a->way == MIG_WAY_NONE ||
      (a->way == MIG_WAY_NATIVE && !a->gone.n) || a->adds)
    return;
  while ((st = sqlite3_next_stmt(run->db->h, st)) != NULL)
    n += sqlite3_stmt_busy(st) != 0;
  if (n > (run->db->h == run->conn->host)) /* nothing calls on a replica */
    mig_fail(cx, SQLITE_ERROR,
             "a loop over db.rows or db.values is still open; end it, or read "
             "its rows into a table, before this change");
}

/* As many as are known of before. */
static mig_list alter_objects(mig_cx *cx, mig_run *run, const mig_table *t) {
  return t->alone ? mig_objects_about(cx, run->db, t->schema, t->name)
                  : mig_objects_read(cx, run->db, t->schema);
}

/* Nothing but the table is otherwise than it was. */
static void alter_check(mig_cx *cx, mig_run *run, const mig_table *t,
                        const mig_alter *a, const mig_list *was,
                        const mig_list *temp, const mig_list *broken) {
  mig_list now = alter_objects(cx, run, t), others, come;
  const mig_object *o = mig_object_find(&now, "table", t->name);

  if (!cx->rc) alter_compare(cx, t, was, &now);
  if (!cx->rc) alter_compare_columns(cx, run, t, a, o ? o->sql : NULL);
  others = mig_objects_read(cx, run->db, "temp");
  if (!cx->rc && sqlite3_stricmp(t->schema, "temp"))
    alter_compare(cx, t, temp, &others);
  if (cx->rc || !a->breaks) return;
  come = mig_broken_among(cx, run->db, &now, &others, t->name);
  mig_broken_compare(cx, a, t->name, broken, &come);
}

/* May the table's columns be in the text of a view or a trigger? */
static int alter_is_used(const mig_table *t, const mig_list *temp) {
  int i;

  for (i = 0; i < t->objects.n; i++)
    if (((mig_object *)t->objects.at[i])->root <= 0) return 1;
  return temp->n > 0;
}

static void alter_do(mig_cx *cx, mig_run *run, mig_table *t, const mig_alter *a,
                     int *saved) {
  mig_list broken = {0}, was, temp;
  int own = 0;

  alter_check_open(cx, run, a);
  temp = mig_objects_read(cx, run->db, "temp");
  if (a->breaks)
    broken = mig_broken_among(cx, run->db, &t->objects, &temp, t->name);
  alter_exec(cx, run, &a->before);
  was = a->before.n ? alter_objects(cx, run, t) : t->objects;
  if (a->way != MIG_WAY_NONE) own = alter_rows(cx, run, t, a, &broken, saved);
  /* SQLite's ADD COLUMN changes the text of this table, and nothing else */
  if (own && t->alone && !alter_is_used(t, &temp))
    alter_compare_added(cx, run, t, a);
  else
    alter_check(cx, run, t, a, &was, &temp, &broken);
  alter_native(cx, run, t, &a->after);
  alter_release(cx, run, saved);
}

/* ---- planning ---- */

static int alter_has_broken(mig_cx *cx, mig_run *run) {
  mig_list broken = mig_broken_read(cx, run->db, NULL);
  int i;

  for (i = 0; i < broken.n; i++)
    if (!((mig_broken *)broken.at[i])->quotes) return 1;
  return 0;
}

/* The plan, which is another one when rows do not store what it counts on. */
static mig_alter *alter_plan(mig_cx *cx, mig_run *run, const mig_table *t,
                             const mig_list *changes, int from,
                             mig_recreate recreate) {
  int always = recreate == MIG_RECREATE_ALWAYS && !from;
  mig_alter *a = t ? mig_alter_plan(cx, t, changes, from, always) : NULL;

  if (a && a->way < MIG_WAY_SWAP &&
      !mig_rewrite_stores(cx, run, t, &a->unstored) && !cx->rc) {
    a = mig_alter_plan(cx, t, changes, from, 1);
    if (a)
      a->reason = "rows that were written before a column was added read its "
                  "default out of the schema";
  }
  if (a && a->way < MIG_WAY_SWAP && a->gone.n && !always &&
      recreate != MIG_RECREATE_NEVER && alter_has_broken(cx, run)) {
    a = mig_alter_plan(cx, t, changes, from, 1);
    if (a)
      a->reason = "SQLite's DROP COLUMN refuses while a view or trigger cannot "
                  "be compiled, whatever it is about";
  }
  if (a && recreate == MIG_RECREATE_NEVER && a->way >= MIG_WAY_SWAP)
    mig_fail(cx, SQLITE_ERROR,
             "table %s: recreate = \"never\", but only a rebuild is right: %s",
             t->name, a->reason);
  return cx->rc ? NULL : a;
}

/* Before they may change: the foreign keys of the table, and to it.  What only
** adds columns may know better. */
static void alter_note(mig_cx *cx, mig_run *run, const mig_table *t,
                       const mig_alter *a, const mig_list *changes, int from) {
  int i;

  if (a->way > MIG_WAY_EDIT || a->native.n < a->taken) {
    mig_fk_note(cx, run, t->name);
    return;
  }
  for (i = 0; i < a->taken; i++) {
    mig_change c = *(const mig_change *)changes->at[from + i];
    c.table = t->name;
    mig_fk_note_change(cx, run, &c);
  }
}

/* For a rehearsal: what was done, in which way and why. */
static void alter_tell(mig_cx *cx, mig_run *run, const mig_table *t,
                       const mig_alter *a, const mig_list *changes, int from) {
  mig_buf b = {0};
  char *title;
  int i;

  if (!run->notes || cx->rc) return;
  for (i = 0; i < a->taken; i++) {
    mig_change c = *(const mig_change *)changes->at[from + i];
    c.table = t->name;
    mig_buf_addf(cx, &b, "%s%s", i ? ", " : "", mig_change_title(cx, &c));
  }
  title = mig_buf_take(cx, &b);
  mig_notes_change(run, title, mig_way_names[a->way], a->reason);
}

static mig_table *alter_table(mig_cx *cx, mig_run *run, const char *table,
                              int alone) {
  mig_table *t = mig_table_read(cx, run->db, table, alone);

  if (!t) return NULL;
  t->copies = !strcmp(mig_config_get(run->conn, "rebuild"), "copy");
  t->merge = !run->db->tape;
  return t;
}

/* The table, as much as the changes need, and their plan. */
static mig_table *alter_read(mig_cx *cx, mig_run *run, const char *table,
                             const mig_list *changes, int from,
                             mig_recreate recreate, mig_alter **a) {
  mig_table *t;
  int i = from;

  while (i < changes->n &&
         ((mig_change *)changes->at[i])->kind == MIG_ADD_COLUMN)
    i++;
  t = alter_table(cx, run, table, i == changes->n);
  *a = alter_plan(cx, run, t, changes, from, recreate);
  if (!*a || !t->alone || (*a)->way < MIG_WAY_SWAP) return t;
  t = alter_table(cx, run, table, 0);
  *a = alter_plan(cx, run, t, changes, from, recreate);
  return t;
}

/* One pass; how many changes it took. */
static int alter_pass(mig_cx *cx, mig_run *run, const char *table,
                      const mig_list *changes, int from,
                      mig_recreate recreate) {
  sqlite3_int64 version = alter_version(cx, run);
  mig_table *t;
  mig_alter *a;
  mig_tape_at mark = mig_tape_mark(run->db);
  int saved = 0;

  if (cx->rc) return 0;
  mig_notes_begin(run);
  alter_save(cx, run, &saved);
  t = alter_read(cx, run, table, changes, from, recreate, &a);
  if (a) {
    if (a->keys) alter_note(cx, run, t, a, changes, from);
    alter_do(cx, run, t, a, &saved);
    if (a->way >= MIG_WAY_SWAP)
      mig_fk_moved(cx, run, t->name, !mig_rebuild_keeps_rowid(cx, t, a));
    mig_fail_in(cx, "table %s", t->name);
    alter_tell(cx, run, t, a, changes, from);
  }
  if (cx->rc && !alter_undone(run, saved, version)) run->spoilt = 1;
  if (cx->rc) mig_tape_back(run->db, mark);
  return a && !cx->rc ? a->taken : 0;
}

static void alter_all(mig_cx *cx, mig_run *run, const char *table,
                      const mig_list *changes, mig_recreate recreate) {
  int from = 0;

  mig_exec_alive(cx, run->db->h);
  do {
    mig_cx own = {0};
    if (!cx->rc) from += alter_pass(&own, run, table, changes, from, recreate);
    if (own.rc && from) run->spoilt = 1;
    /* an ALTER TABLE that is interrupted may say "SQL logic error" */
    if (own.rc) mig_stopped(cx, run->probe);
    mig_fail_move(cx, &own);
    mig_cx_release(&own);
  } while (!cx->rc && from < changes->n);
  mig_progress_work(run, NULL, NULL);
}

void mig_run_changes(mig_cx *cx, mig_run *run, const char *table,
                     const mig_list *changes, mig_recreate recreate) {
  char *what = run->resume ? mig_change_text(cx, table, changes) : NULL;
  sqlite3_int64 n = 0;

  if (what) what = mig_printf(cx, "%s [%d]", what, (int)recreate);
  if (mig_resume_op(cx, run, what, &n))
    alter_all(cx, run, table, changes, recreate);
  mig_resume_done(cx, run, 0);
}
