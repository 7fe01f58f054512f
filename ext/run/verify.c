/*
** ext/run/verify.c - is all well?  Version rows, log, schema, foreign keys,
** pages: each looked at by itself, so that one that is broken hides no other.
*/
#include "ext/run/run.h"

typedef struct verify verify;
struct verify {
  mig_cx *cx;       /* the call's: the report                        */
  mig_conn *conn;   /* ... and the connection                        */
  mig_cx keep;      /* of the project                                */
  mig_project *p;   /* its graph is NULL where it could not be read  */
  mig_list found;   /* char: findings                                */
  mig_list notes;   /* char: what is no finding                      */
  mig_map logs;     /* mig_log_last()'s                              */
  mig_list stamped; /* mig_revision: applied, and by a stamp         */
  mig_list given;   /* mig_source: what ran in place of the scripts  */
  int edited;       /* how many run anew otherwise than they did     */
};

/* ---- lines ---- */

/* One line of the report, whatever the text holds. */
static void verify_line(verify *v, mig_list *to, char *z) {
  int i, n = 0;

  for (i = 0; z && z[i]; i++) {
    char c = (unsigned char)z[i] < ' ' ? ' ' : z[i];
    if (c != ' ' || !n || z[n - 1] != ' ') z[n++] = c;
  }
  if (z) z[n] = 0;
  mig_list_add(v->cx, to, z);
}

static void verify_say(verify *v, mig_list *to, const char *fmt, ...) {
  va_list ap;
  char *z;

  va_start(ap, fmt);
  z = mig_vformat(v->cx, fmt, ap);
  va_end(ap);
  if (z) verify_line(v, to, mig_strdup(v->cx, z));
  sqlite3_free(z);
}

/* Is this an error of the looking, and not of what was looked at? */
static int verify_is_fatal(int rc) {
  static const int codes[] = {SQLITE_NOMEM,  SQLITE_INTERRUPT, SQLITE_BUSY,
                              SQLITE_LOCKED, SQLITE_AUTH,      SQLITE_ABORT};
  size_t i;

  for (i = 0; i < sizeof codes / sizeof *codes; i++)
    if ((rc & 0xff) == codes[i]) return 1;
  return 0;
}

/* A part of the work ends, whose errors are in `own`, which is released.  Which
** statement of ours it was is nobody's business. */
static void verify_end(verify *v, mig_cx *own, const char *what) {
  const char *msg = mig_cx_message(own), *in = strstr(msg, "; in: ");

  if (verify_is_fatal(own->rc))
    mig_fail_move(v->cx, own);
  else if (own->rc && !own->msg) /* there was no memory to say why */
    mig_fail_nomem(v->cx);
  else if (own->rc)
    verify_say(v, &v->found, "%s: %.*s", what,
               in ? (int)(in - msg) : (int)strlen(msg), msg);
  mig_cx_release(own);
}

/* ---- the scripts, and the version rows ---- */

static void verify_load(verify *v) {
  const mig_engine *const *e;
  mig_cx own = {0};

  for (e = v->conn->engines; *e; e++) /* they live as long as the project */
    (void)mig_project_engine(&v->keep, v->p, *e);
  mig_project_load(&v->keep, v->p);
  if (!v->keep.rc) mig_project_state(&v->keep, v->p);
  if (!v->keep.rc) v->logs = mig_log_last(&v->keep, &v->p->db);
  if (v->keep.rc) v->p->graph = NULL;
  mig_fail_move(&own, &v->keep);
  verify_end(v, &own, "revisions");
}

static void verify_missing(verify *v, const mig_stored *t) {
  const mig_log_row *log = mig_log_applied(&v->logs, t->id);

  verify_say(v, &v->found,
             "missing: revision %s%s%s%s is applied and has no script; %s%s",
             t->id, log && log->message ? ", \"" : "",
             log && log->message ? log->message : "",
             log && log->message ? "\"," : "",
             t->why      ? t->why
             : t->source ? "its text is used, from "
                         : "its text is in _migrate_log, and the setting "
                           "stored_scripts lets it be used",
             t->source ? t->source->path : "");
}

/* A row that another one stands on says nothing, and the next run drops it. */
static void verify_rows(verify *v) {
  mig_cx own = {0};
  mig_list rows = mig_version_rows(&own, &v->p->db);
  int i, pending = 0;

  for (i = 0; i < v->p->stored.n; i++) verify_missing(v, v->p->stored.at[i]);
  for (i = 0; i < rows.n && !own.rc; i++) {
    const mig_revision *r = mig_map_get(&v->p->graph->by_id, rows.at[i]);
    if (r && !r->current)
      verify_say(v, &v->found,
                 "version: the row %s says nothing: another row stands on it",
                 r->h.id);
  }
  for (i = 0; i < v->p->graph->revs.n; i++)
    pending += !((const mig_revision *)v->p->graph->revs.at[i])->applied;
  if (pending && !v->p->graph->strangers.n)
    verify_say(v, &v->notes, "%d revision%s not applied", pending,
               pending > 1 ? "s are" : " is");
  verify_end(v, &own, "version");
}

/* ---- the log ---- */

/* A script that was edited into another revision's is not seen where names are
** enough. */
static void verify_known(verify *v) {
  const mig_graph *g = v->p->graph;
  const mig_revision *head = NULL;
  int i;

  for (i = 0; i < g->heads.n && !head; i++) {
    const mig_revision *r = g->heads.at[i];
    if (!r->applied) head = r;
  }
  if (!head || g->strangers.n || !mig_known_holds(v->p, "heads")) return;
  verify_say(v, &v->found,
             "log: by the names of the scripts it says that nothing is left to "
             "do, and revision %s (%s) is not applied; apply it with "
             "migrate_upgrade('%s')",
             head->h.id, head->path, head->h.id);
}

/* Its script is another one than was applied. */
static void verify_edited(verify *v, const mig_revision *r,
                          const mig_log_row *log) {
  const mig_stored *t;

  verify_say(v, &v->found,
             "edited: revision %s (%s) was applied with another text (_migrate"
             "_log, id %lld); put that back, or accept the new one with "
             "migrate_bless('%s')",
             r->h.id, r->path, log->id, r->h.id);
  t = mig_stored_run(v->conn)
          ? mig_stored_find(&v->keep, v->p, &v->logs, r->h.id)
          : NULL;
  if (t && t->source)
    mig_list_add(&v->keep, &v->given, (void *)(uintptr_t)t->source);
  else
    v->edited++;
}

/* A script's row in the log; what stands below a stamp needs none. */
static void verify_logged(verify *v, mig_revision *r,
                          const unsigned char *below) {
  const mig_source *s = r->source;
  const mig_log_row *log = mig_log_applied(&v->logs, r->h.id);
  const char *now;

  if (s->row) { /* it has no script */
    mig_list_add(&v->keep, &v->given, (void *)(uintptr_t)s);
    return;
  }
  now = log && log->checksum ? mig_checksum(&v->keep, s->text) : NULL;
  if (now && strcmp(now, log->checksum)) verify_edited(v, r, log);
  if (!log && !below[r->order])
    verify_say(v, &v->found,
               "log: revision %s (%s) is applied, and _migrate_log does not "
               "say how; migrate_bless('%s') notes its text",
               r->h.id, r->path, r->h.id);
}

static void verify_log(verify *v) {
  mig_cx own = {0};
  mig_graph *g = v->p->graph;
  unsigned char *below = mig_set_new(&v->keep, g);
  int i;

  for (i = 0; i < g->revs.n && !v->keep.rc; i++) {
    mig_revision *r = g->revs.at[i];
    const mig_log_row *log = mig_log_applied(&v->logs, r->h.id);
    if (r->applied && log && !strcmp(log->direction, "stamp"))
      mig_list_add(&v->keep, &v->stamped, r);
  }
  mig_set_reach(&v->keep, below, &v->stamped, MIG_BELOW);
  for (i = 0; i < g->revs.n && !v->keep.rc; i++) {
    mig_revision *r = g->revs.at[i];
    if (r->applied) verify_logged(v, r, below);
  }
  mig_fail_move(&own, &v->keep);
  verify_end(v, &own, "log");
}

/* Texts that somebody has changed in the log. */
static void verify_texts(verify *v) {
  mig_cx own = {0};
  mig_db *db = &v->p->db;
  sqlite3_stmt *st = NULL;

  if (mig_store_table(&own, db, "_migrate_log"))
    st = mig_query(&own, db,
                   "SELECT id, revision, checksum, source FROM"
                   " \"%w\"._migrate_log WHERE source IS NOT NULL ORDER BY 1",
                   db->schema);
  while (mig_row(&own, st)) {
    mig_cx row = {0};
    const char *was = mig_column(&row, st, 2), *text = mig_column(&row, st, 3);
    const char *now = text ? mig_checksum(&row, mig_span_z(text)) : NULL;
    if (now && (!was || strcmp(was, now)))
      verify_say(v, &v->found,
                 "log: the text of %s (_migrate_log, id %lld) is not what the "
                 "checksum beside it says",
                 sqlite3_column_text(st, 1), sqlite3_column_int64(st, 0));
    mig_fail_move(&own, &row);
    mig_cx_release(&row);
  }
  verify_end(v, &own, "log");
}

static void verify_unfinished(verify *v) {
  mig_cx own = {0};
  mig_list begun = mig_journal_begun(&own, &v->p->db);
  int i;

  for (i = 0; i < begun.n && !own.rc; i++) {
    const mig_journal_row *row = begun.at[i];
    verify_say(v, &v->found,
               "unfinished: the %s of %s was interrupted; the next one goes on "
               "from there",
               row->op, row->revision);
  }
  verify_end(v, &own, "unfinished");
}

/* ---- the schema ---- */

/* Nobody knows where it is from: revisions that make nothing were stamped. */
static int verify_is_unknown(const mig_difference *d, const mig_replay *made) {
  return !made->from_nothing && !strcmp(d->kind, "drop") &&
         strcmp(d->object, "column") && strcmp(d->object, "constraint");
}

static void verify_difference(verify *v, const mig_difference *d) {
  const char *word = !strcmp(d->kind, "add")    ? "is missing"
                     : !strcmp(d->kind, "drop") ? "is no revision's"
                                                : "differs";

  verify_say(v, &v->found, "drift: %s %s%s %s%s%s", d->object,
             strcmp(d->object, "constraint") ? "" : "of ", d->name, word,
             d->detail ? ": " : "", d->detail ? d->detail : "");
}

static void verify_drift(verify *v, mig_cx *own, const mig_replay *made) {
  mig_project *p = v->p;
  mig_schema *is = mig_schema_read(own, &p->db, p->db.schema, made->schema);
  const mig_diff *d;
  mig_buf b = {0};
  char *unknown;
  int i;

  if (is) mig_project_include(own, p, is);
  if (!own->rc) mig_project_include(own, p, made->schema);
  d = own->rc ? NULL : mig_diff_of(own, is, made->schema);
  for (i = 0; d && i < d->rows.n; i++) {
    const mig_difference *row = d->rows.at[i];
    if (verify_is_unknown(row, made))
      mig_buf_addf(own, &b, "%s%s %s", b.n ? ", " : "", row->object, row->name);
    else
      verify_difference(v, row);
  }
  unknown = mig_buf_take(own, &b);
  if (unknown && *unknown)
    verify_say(v, &v->notes,
               "the database was stamped with revisions that make nothing, so "
               "nothing is known of %s",
               unknown);
  if (d && d->rows.n && v->edited)
    verify_say(v, &v->notes,
               "the schema was compared with what the scripts make now; with "
               "the setting stored_scripts it is with the texts that ran");
}

static void verify_schema(verify *v) {
  mig_replay made = {0};
  mig_cx own = {0};

  if (v->p->graph->strangers.n) {
    verify_say(v, &v->notes,
               "the schema was not compared: scripts are missing");
    return;
  }
  if (!v->p->graph->rows.n) return;
  mig_project_env(&own, v->p, NULL);
  if (own.rc && !verify_is_fatal(own.rc)) {
    verify_say(v, &v->notes, "the schema was not compared: %s",
               mig_cx_message(&own));
    mig_cx_release(&own);
    return;
  }
  mig_replay_run(&own, v->p, &v->given, &v->stamped, &made);
  if (made.schema)
    verify_drift(v, &own, &made);
  else if (!own.rc && made.why)
    verify_say(v, &v->notes,
               "the schema was not compared: the revisions do not run in an "
               "empty database: %s",
               made.why);
  verify_end(v, &own, "drift");
}

/* ---- rows, and pages ---- */

static void verify_keys_of(verify *v, const char *table) {
  mig_db *db = &v->p->db;
  mig_cx own = {0};
  sqlite3_stmt *st =
      mig_query(&own, db,
                "SELECT parent, count(*) FROM"
                " pragma_foreign_key_check(%Q, %Q) GROUP BY fkid, parent",
                table, db->schema);

  while (mig_row(&own, st))
    verify_say(v, &v->found,
               "foreign keys: %lld row%s of %s refer%s to no row of %s",
               sqlite3_column_int64(st, 1),
               sqlite3_column_int64(st, 1) == 1 ? "" : "s", table,
               sqlite3_column_int64(st, 1) == 1 ? "s" : "",
               sqlite3_column_text(st, 0));
  verify_end(v, &own, "foreign keys");
}

static void verify_keys(verify *v) {
  mig_cx own = {0};
  sqlite3_stmt *st = mig_fk_tables(&own, &v->p->db, NULL);
  mig_list tables = {0};
  int i;

  while (mig_row(&own, st))
    if (mig_fk_has_keys(st))
      mig_list_add(&own, &tables, mig_column(&own, st, 0));
  mig_stmt_end(&own, st);
  for (i = tables.n - 1; i >= 0 && !own.rc && !v->cx->rc; i--)
    verify_keys_of(v, tables.at[i]);
  verify_end(v, &own, "foreign keys");
}

static void verify_pages(verify *v) {
  mig_list said = {0};
  mig_cx own = {0};
  int i;

  mig_pages_check(&own, &v->p->db, &said);
  for (i = 0; i < said.n; i++)
    verify_say(v, &v->found, "quick_check: %s", (char *)said.at[i]);
  verify_end(v, &own, "quick_check");
}

/* ---- all of it ---- */

static char *verify_report(verify *v) {
  mig_buf b = {0};
  int i;

  if (!v->found.n) mig_buf_addz(v->cx, &b, "ok\n");
  for (i = 0; i < v->found.n; i++)
    mig_buf_addf(v->cx, &b, "%s\n", (char *)v->found.at[i]);
  for (i = 0; i < v->notes.n; i++)
    mig_buf_addf(v->cx, &b, "note: %s\n", (char *)v->notes.at[i]);
  if (b.n) b.p[--b.n] = 0;
  return mig_buf_take(v->cx, &b);
}

/* All statements see the database as this one does, which stays open until cx
** is released: others may write meanwhile. */
static void verify_hold(mig_cx *cx, const mig_db *db) {
  sqlite3_stmt *st = mig_query(cx, db,
                               "SELECT count(*) FROM \"%w\".sqlite_schema"
                               " UNION ALL SELECT 1",
                               db->schema);

  (void)mig_row(cx, st);
}

char *mig_verify(mig_cx *cx, mig_conn *conn) {
  verify v = {.cx = cx, .conn = conn};
  mig_cx hold = {0};

  v.p = mig_project_new(cx, conn);
  mig_project_schema(cx, v.p);
  if (cx->rc) return NULL;
  verify_hold(&hold, &v.p->db);
  if (verify_is_fatal(hold.rc)) mig_fail_move(cx, &hold);
  if (!cx->rc) verify_load(&v);
  if (!cx->rc && v.p->graph) verify_rows(&v);
  if (!cx->rc && v.p->graph) verify_known(&v);
  if (!cx->rc && v.p->graph) verify_log(&v);
  if (!cx->rc) verify_texts(&v);
  if (!cx->rc) verify_unfinished(&v);
  if (!cx->rc && v.p->graph) verify_schema(&v);
  if (!cx->rc) verify_keys(&v);
  if (!cx->rc) verify_pages(&v);
  mig_cx_release(&hold);
  mig_cx_release(&v.keep);
  return cx->rc ? NULL : verify_report(&v);
}
