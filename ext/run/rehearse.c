/*
** ext/run/rehearse.c - an upgrade tried on a copy, taken back and made again;
** and what came of it, as text.
**
** The copy is a replica's: what runs there can touch nothing of the host's.
*/
#include "ext/run/run.h"

/* One rehearsal. */
typedef struct rehearsal {
  mig_run run; /* on the host's connection; takes no step       */
  mig_conn *replica;
  mig_db db;          /* the replica's copy of what is migrated        */
  const char *target; /* or NULL                                       */
  const char *schema; /* the setting                                   */
  int wal;            /* is the host's database in WAL mode?           */
  mig_list ids, back; /* char: the steps; the same from the last on    */
  mig_notes up, down, again;
  mig_list findings;         /* char                                          */
  mig_list remarks;          /* char: of what is no fault                     */
  sqlite3_int64 page, bytes; /* of the database before: a page, all      */
  sqlite3_int64 bad, bad_now; /* violated foreign keys before and behind; */
                              /* -1: not known                            */
  sqlite3_int64 began; /* on mig_os_clock_ms()'s clock                  */
} rehearsal;

/* ---- the copy ---- */

static void rehearse_watch(mig_cx *cx, void *arg, int done, int pages) {
  mig_run *run = arg;

  mig_progress_total(run, pages);
  mig_progress_rows(cx, run, done);
  mig_stopped(cx, run->probe);
}

/* The host's function is told how far the replica's runs are, and may cancel
** them: there it is one more function of the host's. */
static void rehearse_progress(mig_cx *cx, const rehearsal *r,
                              mig_conn *replica) {
  const char *function = mig_config_get(r->run.conn, "on_progress");

  if (!cx->rc && function && *function)
    mig_config_set(cx, replica, "on_progress", function);
}

/* A replica with a copy of what the host's connection sees. */
static mig_conn *rehearse_copy(mig_cx *cx, rehearsal *r) {
  const mig_backup o = {rehearse_watch, mig_backup_wait, &r->run, 0};
  mig_conn *replica = mig_replica_new(cx, r->run.conn);

  if (cx->rc) return NULL;
  rehearse_progress(cx, r, replica);
  mig_progress_work(&r->run, "backup", NULL);
  mig_replica_fill(cx, replica, &o);
  mig_progress_work(&r->run, NULL, NULL);
  return replica;
}

static void rehearse_open(mig_cx *cx, rehearsal *r) {
  const char *mode;

  if (cx->rc) return;
  r->schema = mig_strdup(cx, r->run.db->schema);
  mig_txn_retry(cx, &r->run,
                mig_printf(cx, "PRAGMA \"%w\".schema_version", r->schema));
  mode = mig_exec_journal(cx, r->run.db, r->schema);
  r->wal = mode && !sqlite3_stricmp(mode, "wal");
  r->replica = rehearse_copy(cx, r);
  if (cx->rc) return;
  r->db = (mig_db){.h = r->replica->h, .schema = r->schema};
  r->page = mig_query_int(cx, &r->db, 0, "PRAGMA \"%w\".page_size", r->schema);
  r->bytes = r->page * mig_query_int(cx, &r->db, 0, "PRAGMA \"%w\".page_count",
                                     r->schema);
}

/* ---- the runs ---- */

/* Rows that violate a foreign key; -1 where SQLite cannot tell. */
static sqlite3_int64 rehearse_violations(mig_cx *cx, const rehearsal *r) {
  mig_cx own = {0};
  sqlite3_int64 n = 0;
  sqlite3_stmt *st;
  int rc;

  if (cx->rc) return 0;
  st = mig_query(&own, &r->db, "PRAGMA \"%w\".foreign_key_check", r->schema);
  while (mig_row(&own, st)) n++;
  rc = own.rc & 0xff;
  if (rc == SQLITE_NOMEM || rc == SQLITE_INTERRUPT) mig_fail_move(cx, &own);
  mig_cx_release(&own);
  return rc ? -1 : n;
}

/* Of the findings on a stage each says so. */
static void rehearse_find(mig_cx *cx, mig_list *out, const char *stage,
                          const mig_list *found) {
  int i;

  for (i = 0; i < found->n && !cx->rc; i++)
    mig_list_add(cx, out,
                 mig_printf(cx, "%s: %s", stage, (char *)found->at[i]));
}

/* Take just these steps.  Why it failed, or NULL. */
static char *rehearse_steps(mig_cx *cx, mig_conn *replica, const mig_list *ids,
                            mig_direction dir, mig_notes *notes) {
  mig_cx own = {0};
  char *why = NULL;
  int rc;

  if (cx->rc) return NULL;
  notes->take = ids;
  mig_run_noted(&own, replica, NULL, dir, notes);
  notes->steps = (mig_list){0}; /* they go with own */
  rc = own.rc & 0xff;
  if (rc == SQLITE_NOMEM || rc == SQLITE_INTERRUPT || (rc && notes->cancelled))
    mig_fail_move(cx, &own);
  else if (rc)
    why = mig_strdup(cx, mig_cx_message(&own));
  mig_cx_release(&own);
  return why;
}

/* ---- whose downgrade does not restore ---- */

/* Take the one step and take it back, in a transaction that is rolled back.
** What is then otherwise is added to `out`. */
static void blame_step(mig_cx *cx, mig_conn *replica, const mig_db *db,
                       const char *id, mig_list *out) {
  const mig_snapshot *was = mig_snapshot_take(cx, db);
  mig_notes up = {0}, down = {0};
  mig_list one = {0}, found = {0};
  char *why;

  mig_list_add(cx, &one, (void *)(uintptr_t)id);
  mig_exec(cx, db, "BEGIN");
  why = rehearse_steps(cx, replica, &one, MIG_UP, &up);
  if (!why) why = rehearse_steps(cx, replica, &one, MIG_DOWN, &down);
  if (!why) found = mig_snapshot_compare(cx, was, mig_snapshot_take(cx, db));
  if (!cx->rc && !sqlite3_get_autocommit(db->h)) mig_exec(cx, db, "ROLLBACK");
  rehearse_find(cx, out,
                mig_printf(cx, "the downgrade of %s does not restore", id),
                &found);
  mig_cx_release(&up.mem);
  mig_cx_release(&down.mem);
}

/* One step after the other on another copy, to tell whose fault it is.  What
** cannot be taken in a transaction is not told. */
static mig_list rehearse_blame(mig_cx *cx, rehearsal *r) {
  mig_conn *replica = rehearse_copy(cx, r);
  mig_list out = {0}, one = {0};
  mig_notes up = {0};
  mig_db db;
  int i;

  if (cx->rc) return out;
  db = (mig_db){.h = replica->h, .schema = r->schema};
  for (i = 0; i < r->ids.n && !cx->rc; i++) {
    blame_step(cx, replica, &db, r->ids.at[i], &out);
    one.n = 0;
    mig_list_add(cx, &one, r->ids.at[i]);
    if (rehearse_steps(cx, replica, &one, MIG_UP, &up)) break;
  }
  mig_cx_release(&up.mem);
  return out;
}

/* ---- there, back, and there again ---- */

static void rehearse_up(mig_cx *cx, rehearsal *r) {
  int i;

  if (cx->rc) return;
  r->bad = rehearse_violations(cx, r);
  mig_run_noted(cx, r->replica, r->target, MIG_UP, &r->up);
  if (!r->up.cancelled)
    mig_fail_in(cx, "this was a rehearsal, and nothing has changed; the "
                    "upgrade fails");
  r->bad_now = rehearse_violations(cx, r);
  r->ids = mig_rev_ids(cx, &r->up.steps);
  for (i = r->ids.n - 1; i >= 0 && !cx->rc; i--)
    mig_list_add(cx, &r->back, r->ids.at[i]);
}

/* The first step that cannot be taken back, or NULL. */
static const mig_revision *rehearse_stays(const rehearsal *r) {
  int i;

  for (i = 0; i < r->up.steps.n; i++) {
    const mig_revision *rev = r->up.steps.at[i];
    if (rev->h.irreversible || !rev->h.has_downgrade) return rev;
  }
  return NULL;
}

static void rehearse_down(mig_cx *cx, rehearsal *r, const mig_snapshot *was) {
  mig_list found, blamed = {0};

  found = mig_snapshot_compare(cx, was, mig_snapshot_take(cx, &r->db));
  if (found.n && r->ids.n > 1) blamed = rehearse_blame(cx, r);
  if (blamed.n)
    r->findings = blamed;
  else
    rehearse_find(cx, &r->findings, "the downgrade does not restore", &found);
}

/* Down to where it was, and up again. */
static void rehearse_back(mig_cx *cx, rehearsal *r, const mig_snapshot *was,
                          const mig_snapshot *is) {
  const char *why, *failed = NULL;
  mig_list found;

  why = rehearse_steps(cx, r->replica, &r->back, MIG_DOWN, &r->down);
  if (why) {
    failed = "the downgrade fails";
  } else {
    rehearse_down(cx, r, was);
    why = rehearse_steps(cx, r->replica, &r->ids, MIG_UP, &r->again);
    if (why) failed = "the second upgrade fails";
  }
  if (failed) {
    mig_list_add(cx, &r->findings, mig_printf(cx, "%s: %s", failed, why));
    return;
  }
  found = mig_snapshot_compare(cx, is, mig_snapshot_take(cx, &r->db));
  rehearse_find(cx, &r->findings, "the second upgrade comes to something else",
                &found);
}

static void rehearse_go(mig_cx *cx, rehearsal *r) {
  const mig_snapshot *was = mig_snapshot_take(cx, &r->db), *is;
  int unfinished = cx->rc ? 0 : mig_resume_goes_on(cx, &r->run);
  const mig_revision *stays;

  rehearse_up(cx, r);
  if (cx->rc || !r->up.steps.n) return;
  is = mig_snapshot_take(cx, &r->db);
  stays = rehearse_stays(r);
  if (stays)
    mig_list_add(
        cx, &r->remarks,
        mig_printf(cx,
                   "revision %s (%s) is irreversible%s%s; so only the upgrade "
                   "was rehearsed",
                   stays->h.id, stays->path, stays->h.irreversible ? ": " : "",
                   stays->h.irreversible ? stays->h.irreversible : ""));
  else if (unfinished)
    mig_list_add(cx, &r->remarks,
                 mig_strdup(cx,
                            "it goes on with a revision that is unfinished, "
                            "and there is no way back to that; so only the "
                            "upgrade was rehearsed"));
  else
    rehearse_back(cx, r, was, is);
}

/* ---- the report ---- */

/* Columns that a text takes, without those of what is wide. */
static int report_width(const char *z) {
  int n = 0;

  for (; *z; z++) n += (*z & 0xC0) != 0x80;
  return n;
}

enum { REPORT_CELLS = 4, REPORT_MOST = 56 };

/* The cells of a note's line before its text. */
static void report_cells(mig_cx *cx, const mig_note *n,
                         const char *cell[REPORT_CELLS]) {
  cell[0] = mig_printf(cx, "%s%s", n->step ? "  " : "    ", n->title);
  cell[1] = n->ms < 0 ? "" : mig_printf(cx, "%lld ms", n->ms);
  cell[2] = n->rows < 0 ? ""
                        : mig_printf(cx, "%lld row%s", n->rows,
                                     n->rows == 1 ? "" : "s");
  cell[3] = n->way ? n->way : "";
}

static void report_measure(mig_cx *cx, const mig_notes *notes,
                           int width[REPORT_CELLS]) {
  const char *cell[REPORT_CELLS];
  int i, k, n;

  for (i = 0; i < notes->lines.n && !cx->rc; i++) {
    report_cells(cx, notes->lines.at[i], cell);
    for (k = 0; k < REPORT_CELLS && !cx->rc; k++) {
      n = report_width(cell[k]);
      if (n > REPORT_MOST) n = REPORT_MOST;
      if (n > width[k]) width[k] = n;
    }
  }
}

/* One line, whatever is in the text, without space at its end. */
static void report_line(mig_cx *cx, mig_buf *b, char *line) {
  int n = line ? (int)strlen(line) : 0, i;

  for (i = 0; i < n; i++)
    if ((unsigned char)line[i] < ' ') line[i] = ' ';
  while (n > 0 && line[n - 1] == ' ') n--;
  mig_buf_add(cx, b, line ? line : "", n);
  mig_buf_addz(cx, b, "\n");
}

static void report_note(mig_cx *cx, mig_buf *b, const mig_note *n,
                        const int width[REPORT_CELLS]) {
  const char *cell[REPORT_CELLS];
  mig_buf line = {0};
  int i, pad;

  report_cells(cx, n, cell);
  for (i = 0; i < REPORT_CELLS && !cx->rc; i++) {
    pad = width[i] - report_width(cell[i]);
    if (pad < 0) pad = 0;
    if (i == 1 || i == 2) /* numbers: to the right */
      mig_buf_addf(cx, &line, "%*s%s  ", pad, "", cell[i]);
    else
      mig_buf_addf(cx, &line, "%s%*s  ", cell[i], pad, "");
  }
  mig_buf_addz(cx, &line, n->reason ? n->reason : "");
  report_line(cx, b, mig_buf_take(cx, &line));
}

static sqlite3_int64 report_time(const mig_notes *notes) {
  sqlite3_int64 ms = 0;
  int i;

  for (i = 0; i < notes->lines.n; i++) {
    const mig_note *n = notes->lines.at[i];
    if (n->step && n->ms > 0) ms += n->ms;
  }
  return ms;
}

static void report_runs(mig_cx *cx, mig_buf *b, const rehearsal *r) {
  const mig_notes *both[] = {&r->up, &r->down};
  static const char *const title[] = {"upgrade", "downgrade"};
  int width[REPORT_CELLS] = {0}, i, k;

  for (i = 0; i < 2; i++) report_measure(cx, both[i], width);
  for (i = 0; i < 2; i++) {
    if (both[i]->lines.n) mig_buf_addf(cx, b, "\n%s\n", title[i]);
    for (k = 0; k < both[i]->lines.n && !cx->rc; k++)
      report_note(cx, b, both[i]->lines.at[k], width);
  }
}

static void report_findings(mig_cx *cx, mig_buf *b, const rehearsal *r) {
  int i;

  mig_buf_addz(cx, b, "\n");
  for (i = 0; i < r->remarks.n && !cx->rc; i++)
    report_line(cx, b, mig_strdup(cx, r->remarks.at[i]));
  for (i = 0; i < r->findings.n && !cx->rc; i++)
    report_line(cx, b, mig_printf(cx, "! %s", (char *)r->findings.at[i]));
  if (!r->findings.n && !r->remarks.n)
    mig_buf_addz(cx, b,
                 "the downgrade restores schema and rows, and the second "
                 "upgrade comes to the same as the first\n");
}

static void report_keys(mig_cx *cx, mig_buf *b, const rehearsal *r) {
  if (r->bad < 0 || r->bad_now < 0)
    mig_buf_addz(cx, b,
                 "foreign keys: no new violations; not all can be checked "
                 "(foreign key mismatch)\n");
  else if (r->bad || r->bad_now)
    mig_buf_addf(cx, b,
                 "foreign keys: no new violations; %lld before, %lld behind "
                 "the upgrade\n",
                 r->bad, r->bad_now);
  else
    mig_buf_addz(cx, b, "foreign keys: no violations\n");
}

/*
** What the upgrade took on the copy, at its largest.  A WAL has a frame for
** each page that is new, or that a rollback journal would have.
*/
static void report_space(mig_cx *cx, mig_buf *b, const rehearsal *r) {
  const char *backup = mig_config_get(r->run.conn, "backup");
  sqlite3_int64 size = r->up.file > r->bytes ? r->up.file : r->bytes;
  sqlite3_int64 page = r->page ? r->page : 1;
  sqlite3_int64 beside = r->up.journal, need = r->up.both - r->bytes;

  if (r->wal) {
    beside =
        (r->up.journal / (page + 8) + (size - r->bytes) / page) * (page + 24);
    need = size - r->bytes + beside;
  }
  if (backup && *backup) need += r->bytes;
  mig_buf_addf(cx, b,
               "disk: %lld bytes more than now; the database has %lld bytes, "
               "and at most %lld while it runs, the %s %lld%s\n",
               need, r->bytes, size, r->wal ? "WAL" : "rollback journal",
               beside, backup && *backup ? ", and the backup its copy" : "");
}

static char *rehearse_report(mig_cx *cx, const rehearsal *r) {
  const char *target = r->target ? r->target : "head";
  mig_buf b = {0};

  if (!r->up.steps.n) {
    mig_buf_addf(cx, &b, "upgrade to %s: nothing to do\n", target);
    return mig_buf_take(cx, &b);
  }
  mig_buf_addf(cx, &b,
               "upgrade to %s: %d step%s, rehearsed on a copy of database %s\n",
               target, r->ids.n, r->ids.n == 1 ? "" : "s", r->schema);
  report_runs(cx, &b, r);
  report_findings(cx, &b, r);
  report_keys(cx, &b, r);
  report_space(cx, &b, r);
  mig_buf_addf(cx, &b, "time: upgrade %lld ms, ", report_time(&r->up));
  if (r->down.lines.n)
    mig_buf_addf(cx, &b, "downgrade %lld ms, ", report_time(&r->down));
  if (r->again.lines.n)
    mig_buf_addf(cx, &b, "upgrade again %lld ms, ", report_time(&r->again));
  mig_buf_addf(cx, &b, "the rehearsal %lld ms\n", mig_os_clock_ms() - r->began);
  return mig_buf_take(cx, &b);
}

/* ---- all of it ---- */

static void rehearse_close(mig_cx *cx, rehearsal *r) {
  mig_notes *all[] = {&r->up, &r->down, &r->again};
  int i;

  for (i = 0; i < 3; i++) {
    mig_fail_move(cx, &all[i]->mem);
    mig_cx_release(&all[i]->mem);
  }
}

char *mig_run_rehearsal(mig_cx *cx, mig_conn *conn, const char *target) {
  rehearsal r = {.run = {.dir = MIG_UP}, .target = target};
  mig_cx own = {0}; /* of the replica: gone before the host's run ends */
  char *text = NULL;

  r.began = mig_os_clock_ms();
  mig_work_open(cx, &r.run, conn);
  if (!cx->rc) {
    rehearse_open(&own, &r);
    rehearse_go(&own, &r);
    text = mig_strdup(cx, rehearse_report(&own, &r));
    rehearse_close(&own, &r);
    mig_fail_private(cx, &own);
    mig_cx_release(&own);
  }
  mig_work_close(cx, &r.run);
  return cx->rc ? NULL : text;
}
