/*
** ext/db/attach.c - databases that a user's statements attach, and that go when
** the run does.
**
** What was attached must be known without asking SQLite, which runs nothing any
** more once it was interrupted.  So the statement must say the name plainly,
** and the name is noted before the statement runs.
*/
#include "ext/db/db.h"
#include "ext/sql/sql.h"

struct attach_guest {
  const char *name;
  const char *file; /* of one that could not be detached; else NULL */
};

static struct attach_guest *attach_find(const mig_guests *g, const char *name) {
  int i;

  for (i = 0; i < g->list.n; i++) {
    struct attach_guest *one = g->list.at[i];
    if (!sqlite3_stricmp(one->name, name)) return one;
  }
  return NULL;
}

/* ---- before a statement runs ---- */

/* The name at the beginning of `rest`, if nothing comes behind it. */
static const char *attach_name(mig_cx *cx, mig_span rest, const char *word) {
  mig_token name = mig_token_next(&rest), end = mig_token_next(&rest);
  int plain = name.type == MIG_TK_ID || name.type == MIG_TK_QUOTED ||
              name.type == MIG_TK_STRING;

  if (plain && (end.type == MIG_TK_END || mig_token_is(end, ";")))
    return mig_sql_unquote(cx, name.s);
  mig_fail(cx, SQLITE_ERROR,
           "%s: the database's name must stand there as it is, and at the end "
           "of the statement",
           word);
  return NULL;
}

/* What stands behind the last AS of a statement. */
static mig_span attach_behind_as(mig_span rest) {
  mig_span behind = {rest.p + rest.n, 0};
  mig_token t;

  do {
    t = mig_token_next(&rest);
    if (mig_token_is(t, "AS")) behind = rest;
  } while (t.type != MIG_TK_END && !mig_token_is(t, ";"));
  return behind;
}

static void attach_note(mig_cx *cx, const mig_db *db, const char *name) {
  mig_guests *g = db->guests;
  struct attach_guest *one;

  if (!cx->rc && !attach_find(g, name) &&
      (sqlite3_db_filename(db->h, name) || !sqlite3_stricmp(name, "temp")))
    mig_fail(cx, SQLITE_ERROR, "ATTACH: there is a database %s already", name);
  if (cx->rc || attach_find(g, name)) return;
  one = mig_alloc(&g->mem, sizeof *one);
  if (one) one->name = mig_strdup(&g->mem, name);
  mig_list_add(&g->mem, &g->list, one);
  mig_fail_move(cx, &g->mem);
}

static void attach_check_detach(mig_cx *cx, const mig_db *db,
                                const char *name) {
  if (cx->rc) return;
  if (!attach_find(db->guests, name))
    mig_fail(cx, SQLITE_ERROR,
             "DETACH: database %s was not attached by this migration, so it "
             "stays",
             name);
  else if (sqlite3_txn_state(db->h, name) > SQLITE_TXN_NONE)
    mig_fail(cx, SQLITE_ERROR,
             "DETACH: database %s was read or written in this transaction, "
             "which holds it to its end; leave it out, it is detached then",
             name);
}

static void attach_close(void *h) {
  sqlite3_close(h);
}

/* Let the name be a copy of the file that it is.  Neither was read yet in the
** transaction. */
static void attach_copy(mig_cx *cx, const mig_db *db, const char *name,
                        const char *file) {
  const mig_db to = {.h = db->h, .schema = name};
  mig_db from = {.schema = "main"};
  mig_cx own = {0};

  file = mig_strdup(&own, file);
  if (!own.rc && sqlite3_open_v2(file, &from.h, SQLITE_OPEN_READONLY, NULL))
    mig_fail(&own, SQLITE_CANTOPEN, "%s: cannot be read", file);
  mig_own(&own, from.h, attach_close);
  mig_exec(&own, db, "DETACH \"%w\"; ATTACH '' AS \"%w\"", name, name);
  if (mig_query_int(&own, &from, 0, "PRAGMA page_count"))
    mig_backup_copy(&own, &from, &to, NULL);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

static void attach_copy_all(mig_cx *cx, const mig_db *db) {
  const mig_guests *g = db->guests;
  int i;

  for (i = 0; i < g->list.n && g->copied && !cx->rc; i++) {
    const struct attach_guest *one = g->list.at[i];
    const char *file = sqlite3_db_filename(db->h, one->name);
    if (file && *file) attach_copy(cx, db, one->name, file);
  }
}

void mig_attach_check(mig_cx *cx, const mig_db *db, mig_span sql) {
  mig_span rest = sql, ahead;
  mig_token t = mig_token_next(&rest);

  if (cx->rc || !db->guests) return;
  attach_copy_all(cx, db); /* what the statement before has attached */
  if (mig_token_is(t, "ATTACH")) {
    attach_note(cx, db, attach_name(cx, attach_behind_as(rest), "ATTACH"));
  } else if (mig_token_is(t, "DETACH")) {
    ahead = rest;
    if (mig_token_is(mig_token_next(&ahead), "DATABASE")) rest = ahead;
    attach_check_detach(cx, db, attach_name(cx, rest, "DETACH"));
  }
}

/* ---- when the run has ended ---- */

static void attach_detach(const mig_db *db, const char *name) {
  mig_cx own = {0};

  mig_exec(&own, db, "DETACH \"%w\"", name);
  mig_cx_release(&own);
}

/* Is it still the one that was attached? */
static int attach_stays(const mig_db *db, const struct attach_guest *one) {
  const char *file = sqlite3_db_filename(db->h, one->name);

  return file && (!one->file || !strcmp(file, one->file));
}

void mig_attach_end(mig_cx *cx, const mig_db *db, mig_guests *g) {
  int i, n = 0;

  for (i = 0; i < g->list.n; i++) {
    struct attach_guest *one = g->list.at[i];
    if (attach_stays(db, one)) attach_detach(db, one->name);
    if (!attach_stays(db, one)) continue;
    if (!one->file)
      mig_fail_in(cx, "database %s stays attached until the next migration",
                  one->name);
    one->file = mig_strdup(&g->mem, sqlite3_db_filename(db->h, one->name));
    g->list.at[n++] = one;
  }
  g->list.n = n;
  if (n) return;
  mig_cx_release(&g->mem);
  g->list = (mig_list){0};
}
