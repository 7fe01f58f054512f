/*
** ext/run/replay.c - the schema that the applied revisions make, run anew where
** nothing is.
**
** To look must not be to do: what a script reaches outside of its database, a
** function of the host's that has effects or another file, it does not reach
** here.
*/
#include "ext/run/run.h"

/* ---- functions that may have effects ---- */

static void replay_refuse(sqlite3_context *ctx, int argc,
                          sqlite3_value **argv) {
  mig_cx cx = {0};

  (void)argc, (void)argv;
  mig_fail(&cx, SQLITE_ERROR,
           "%s() is not called in a replay, for it may have effects",
           (const char *)sqlite3_user_data(ctx));
  sqlite3_result_error(ctx, mig_cx_message(&cx), -1);
  mig_cx_release(&cx);
}

static void replay_quiet(mig_cx *cx, const mig_db *host, sqlite3 *h) {
  sqlite3_stmt *st = mig_query(cx, host,
                               "SELECT name, narg FROM pragma_function_list"
                               " WHERE NOT builtin AND type = 's'"
                               " AND name NOT LIKE 'migrate!_%%' ESCAPE '!'"
                               " GROUP BY 1, 2 HAVING max(flags & %d) = 0",
                               SQLITE_DETERMINISTIC);

  while (mig_row(cx, st)) {
    char *name = sqlite3_mprintf("%s", sqlite3_column_text(st, 0));
    if (!name || sqlite3_create_function_v2(h, name, sqlite3_column_int(st, 1),
                                            SQLITE_UTF8, name, replay_refuse,
                                            NULL, NULL, sqlite3_free))
      mig_fail_nomem(cx);
  }
  mig_stmt_end(cx, st);
}

static mig_conn *replay_open(mig_cx *cx, const mig_project *p) {
  static const char *const set[][2] = {{"progress", "off"},
                                       {"allow_attach", "off"},
                                       {"linear", "off"},
                                       {"transaction", "all"},
                                       {"stored_scripts", "refuse"}};
  mig_conn *c = mig_replica_new(cx, p->conn);
  size_t i;

  for (i = 0; c && i < sizeof set / sizeof *set; i++)
    mig_config_set(cx, c, set[i][0], set[i][1]);
  if (c) replay_quiet(cx, &p->db, c->h);
  return cx->rc ? NULL : c;
}

/* ---- running ---- */

static int replay_lowest(const void *a, const void *b) {
  const mig_revision *x = a, *y = b;

  return x->rank - y->rank;
}

/* Go to each of them, the newest first: it brings those that it stands on. */
static void replay_to(mig_cx *cx, mig_conn *c, const mig_list *revs,
                      unsigned char *done) {
  mig_list sorted = {0}, one = {0};
  int i;

  for (i = 0; i < revs->n; i++) mig_list_add(cx, &sorted, revs->at[i]);
  mig_list_sort(cx, &sorted, replay_lowest);
  for (i = sorted.n - 1; i >= 0 && !cx->rc; i--) {
    const mig_revision *r = sorted.at[i];
    if (done[r->order]) continue;
    one.n = 0;
    mig_list_add(cx, &one, sorted.at[i]);
    mig_run_upgrade(cx, c, r->h.id);
    if (!cx->rc) mig_set_reach(cx, done, &one, MIG_BELOW);
  }
}

/* Is there a table of somebody's? */
static int replay_has_made(mig_cx *cx, const mig_conn *c, const char *schema) {
  const mig_db db = {.h = c->h, .schema = schema};

  return mig_query_int(cx, &db, 0,
                       "SELECT count(*) FROM \"%w\".sqlite_schema WHERE name"
                       " NOT LIKE 'sqlite!_%%' ESCAPE '!' AND tbl_name NOT LIKE"
                       " '!_migrate!_%%' ESCAPE '!'",
                       schema) > 0;
}

static void replay_go(mig_cx *cx, mig_project *p, mig_conn *c,
                      const mig_list *stamped, mig_replay *out) {
  unsigned char *done = mig_set_new(cx, p->graph);

  replay_to(cx, c, stamped, done);
  out->from_nothing = !stamped->n || replay_has_made(cx, c, p->db.schema);
  if (!cx->rc) replay_to(cx, c, &p->graph->rows, done);
}

void mig_replay_run(mig_cx *cx, mig_project *p, const mig_list *given,
                    const mig_list *stamped, mig_replay *out) {
  mig_cx own = {0}, tried = {0};
  mig_conn *c = cx->rc ? NULL : replay_open(&own, p);
  mig_db db = {.schema = p->db.schema};

  if (c) {
    c->given = *given;
    db.h = c->h;
    replay_go(&tried, p, c, stamped, out);
  }
  if ((tried.rc & 0xff) == SQLITE_NOMEM ||
      (tried.rc & 0xff) == SQLITE_INTERRUPT)
    mig_fail_move(&own, &tried);
  if (tried.rc && !own.rc) out->why = mig_strdup(cx, mig_cx_message(&tried));
  if (c && !tried.rc && !own.rc)
    out->schema = mig_schema_read(cx, &db, db.schema, NULL);
  mig_cx_release(&tried);
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
}
