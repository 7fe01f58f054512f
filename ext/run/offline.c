/*
** ext/run/offline.c - a run written down as a script, where Alembic has its
** offline mode: made on a private connection, whose database has the schema of
** the beginning, and no row.
*/
#include "ext/run/run.h"

/* What it is about. */
typedef struct offline_state offline_state;
struct offline_state {
  mig_conn *conn, *replica;
  mig_project *live; /* the host's: the graph, and what is applied      */
  const char *from;  /* of the range; NULL: where the database is       */
  const char *to;    /* NULL: the default                               */
  mig_list rows;     /* version rows (char) at the beginning            */
  mig_direction dir;
  mig_tape tape;
};

/* ---- the range ---- */

static const char *offline_end(mig_cx *cx, const char *z, int n) {
  mig_span s = mig_span_trim((mig_span){z, n});

  return s.n ? mig_strndup(cx, s.p, s.n) : NULL;
}

static void offline_range(mig_cx *cx, offline_state *s, const char *range) {
  const char *colon = range ? strchr(range, ':') : NULL;

  if (!range) return;
  if (colon) s->from = offline_end(cx, range, (int)(colon - range));
  if (!colon) colon = range - 1;
  s->to = offline_end(cx, colon + 1, (int)strlen(colon + 1));
  if (s->from && !strcmp(s->from, "current")) s->from = NULL;
}

/* Does the range end below its beginning? */
static int offline_is_down(mig_cx *cx, offline_state *s) {
  mig_graph *g = s->live->graph;
  mig_target t = {0};
  int i, down, same;

  if (!s->to || cx->rc) return 0;
  mig_target_read(cx, g, s->to, &t);
  if (cx->rc) return 0;
  if (t.relative && !t.name) return t.steps < 0;
  mig_target_find(cx, g, &t);
  if (t.base) return 1;
  down = t.revs.n > 0 && !t.open;
  same = t.revs.n == g->rows.n;
  for (i = 0; i < t.revs.n && !cx->rc; i++) {
    down &= ((const mig_revision *)t.revs.at[i])->applied;
    same &= ((const mig_revision *)t.revs.at[i])->current;
  }
  return down && !same;
}

/* The version rows from which it begins. */
static void offline_begin(mig_cx *cx, offline_state *s) {
  mig_list begun, live;
  mig_journal_row *first;
  mig_graph *g;

  mig_project_load(cx, s->live);
  mig_project_state(cx, s->live);
  begun = mig_journal_begun(cx, &s->live->db);
  if (cx->rc) return;
  g = s->live->graph;
  first = begun.n ? begun.at[0] : NULL;
  if (first && !s->from)
    mig_fail(cx, SQLITE_ERROR,
             "%s is unfinished: migrate_upgrade() or migrate_downgrade() must "
             "end it first",
             first->revision);
  live = mig_version_rows(cx, &s->live->db);
  s->rows = live;
  if (!s->from || cx->rc) return;
  s->rows = (mig_list){0};
  mig_plan_stamp(cx, g, s->from, 1, &s->rows);
  if (!cx->rc && mig_list_same(&s->rows, &live)) s->from = NULL;
  if (!cx->rc)
    mig_graph_state(cx, g, (const char *const *)s->rows.at, s->rows.n);
}

/* ---- the schema that it begins with ---- */

/* A database of this schema without rows; the statements' functions and modules
** need not be known. */
static void offline_copy(mig_cx *cx, const mig_db *from, const mig_db *to) {
  const mig_db empty = {.h = mig_scratch_open(cx), .schema = "main"};
  sqlite3_stmt *st = mig_query(
      cx, from,
      "SELECT sql, name FROM \"%w\".sqlite_schema WHERE sql IS NOT NULL"
      " AND name NOT GLOB 'sqlite_*' AND name NOT IN"
      " (SELECT name FROM pragma_table_list WHERE schema = %Q"
      " AND type = 'shadow') ORDER BY rowid",
      from->schema, from->schema);

  while (mig_row(cx, st)) {
    const char *module = NULL, *sql = mig_column(cx, st, 0);
    if (sql && !mig_scratch_exec(cx, &empty, sql, &module) && module)
      mig_scratch_note(cx, &empty, mig_column(cx, st, 1), sql);
  }
  mig_stmt_end(cx, st);
  if (mig_query_int(cx, from, 0,
                    "SELECT 1 FROM \"%w\".sqlite_schema"
                    " WHERE name = 'sqlite_stat1'",
                    from->schema))
    mig_exec(cx, &empty, "ANALYZE sqlite_schema");
  mig_backup_copy(cx, &empty, to, NULL);
}

static void offline_schema(mig_cx *cx, offline_state *s) {
  mig_db from = {.h = s->conn->h, .schema = "main"};
  mig_db to = {.h = s->replica->h};
  const mig_list none = {0};
  mig_list names = {0};
  sqlite3_stmt *st = mig_query(cx, &from,
                               "SELECT name FROM pragma_database_list"
                               " WHERE name <> 'temp'");
  int i;

  while (mig_row(cx, st)) mig_list_add(cx, &names, mig_column(cx, st, 0));
  mig_stmt_end(cx, st);
  for (i = 0; i < names.n && !cx->rc; i++) {
    from.schema = to.schema = names.at[i];
    /* what the replay is to make, it makes */
    if (!s->from || strcmp(from.schema, s->live->db.schema))
      offline_copy(cx, &from, &to);
  }
  to.schema = s->live->db.schema;
  if (!s->from && s->rows.n) mig_version_change(cx, &to, &none, &s->rows);
}

/* The schema of another version than the database's is what the scripts make.
 */
static void offline_replay(mig_cx *cx, offline_state *s) {
  if (cx->rc || !s->from || !s->rows.n) return;
  mig_run_upgrade(cx, s->replica, mig_list_join(cx, &s->rows, ","));
  mig_fail_in(cx,
              "the schema of version %s, by running its scripts without a "
              "row",
              s->from);
}

/* ---- what the script cannot do ---- */

static void offline_note(char *to, size_t n, const char *name) {
  if (!to[0]) sqlite3_snprintf((int)n, to, "%s", name);
}

/* Is what it gives the same without a row: the schema, PRAGMAs, JSON? */
static int offline_is_known(const char *table) {
  static const char *const names[] = {"sqlite_schema", "sqlite_master",
                                      "sqlite_temp_schema",
                                      "sqlite_temp_master"};
  size_t i;

  for (i = 0; i < sizeof names / sizeof *names; i++)
    if (!sqlite3_stricmp(table, names[i])) return 1;
  return !sqlite3_strnicmp(table, "pragma_", 7) ||
         !sqlite3_strnicmp(table, "json_", 5);
}

static int offline_authorize(void *arg, int action, const char *a,
                             const char *b, const char *c, const char *d) {
  offline_state *s = arg;
  const mig_function *f = s->replica->functions;

  (void)c;
  (void)d;
  if (action == SQLITE_READ && a && !offline_is_known(a))
    offline_note(s->tape.reads, sizeof s->tape.reads, a);
  while (action == SQLITE_FUNCTION && f && sqlite3_stricmp(f->name, b))
    f = f->next;
  if (action == SQLITE_FUNCTION && f)
    offline_note(s->tape.calls, sizeof s->tape.calls, b);
  return SQLITE_OK;
}

/* ---- the script ---- */

static void offline_open(mig_cx *cx, offline_state *s) {
  const mig_db db = {.h = s->replica->h, .schema = s->live->db.schema};
  sqlite3_stmt *st = mig_query(cx, &db,
                               "SELECT name FROM \"%w\".sqlite_schema"
                               " WHERE type = 'table'",
                               db.schema);

  while (mig_row(cx, st)) {
    const char *name = mig_column(cx, st, 0);
    if (name) mig_map_put(cx, &s->tape.old, name, s);
  }
  mig_stmt_end(cx, st);
  s->replica->tape = &s->tape;
  sqlite3_set_authorizer(s->replica->h, offline_authorize, s);
}

static char *offline_head(mig_cx *cx, const offline_state *s) {
  const char *rows = s->rows.n ? mig_list_join(cx, &s->rows, ", ") : "base";

  return mig_printf(
      cx,
      "-- %s of database %s from version %s to %s\n"
      "-- Written by migrate %s with SQLite %s.  It is for a connection of "
      "its\n"
      "-- own that stops at the first error, as sqlite3 -bail does; PRAGMA\n"
      "-- foreign_keys stays off there.\n"
      "PRAGMA foreign_keys = OFF;\n",
      s->dir == MIG_UP ? "upgrade" : "downgrade", s->live->db.schema, rows,
      s->to ? s->to : "head", MIG_VERSION, sqlite3_libversion());
}

static char *offline_run(mig_cx *cx, offline_state *s) {
  char *text;
  int n;

  offline_open(cx, s);
  if (s->dir == MIG_UP)
    n = mig_run_upgrade(cx, s->replica, s->to);
  else
    n = mig_run_downgrade(cx, s->replica, s->to);
  sqlite3_set_authorizer(s->replica->h, NULL, NULL);
  s->replica->tape = NULL;
  mig_cx_release(&s->tape.bound_mem);
  text = mig_buf_take(cx, &s->tape.text);
  if (cx->rc || !text) return NULL;
  if (!n) return mig_strdup(cx, "");
  return mig_printf(cx, "%s%s", offline_head(cx, s), text);
}

char *mig_offline(mig_cx *cx, mig_conn *conn, const char *range) {
  offline_state s = {.conn = conn, .live = mig_project_new(cx, conn)};

  if (cx->rc) return NULL;
  mig_project_schema(cx, s.live);
  offline_range(cx, &s, range);
  if (!cx->rc) offline_begin(cx, &s);
  s.dir = offline_is_down(cx, &s) ? MIG_DOWN : MIG_UP;
  if (!cx->rc && s.dir == MIG_DOWN && !strchr(range, ':'))
    mig_fail(cx, SQLITE_ERROR,
             "'%s' is behind the database's version; write 'current:%s' for "
             "the script of a downgrade",
             s.to, s.to);
  s.replica = mig_replica_new(cx, conn);
  if (cx->rc) return NULL;
  mig_config_set(cx, s.replica, "progress", "off");
  offline_schema(cx, &s);
  offline_replay(cx, &s);
  return cx->rc ? NULL : offline_run(cx, &s);
}
