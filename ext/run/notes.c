/*
** ext/run/notes.c - what a rehearsal notes of its runs: each step and each
** alteration, how long they take, what they write, and what disk they need.
**
** Of a run that is none this costs the test of one field.
*/
#include "ext/run/run.h"

#define NOTES_SHOWN 48 /* bytes of a user's statement */

static sqlite3_int64 notes_changes(const mig_run *run) {
  return sqlite3_total_changes64(run->db->h);
}

static mig_note *notes_add(mig_notes *n, const char *title) {
  mig_note *one = mig_alloc(&n->mem, sizeof *one);

  if (!one) return NULL;
  one->title = mig_strdup(&n->mem, title);
  one->ms = one->rows = -1;
  mig_list_add(&n->mem, &n->lines, one);
  return one;
}

/* ---- steps ---- */

void mig_notes_step(mig_run *run, const mig_revision *rev) {
  mig_notes *n = run->notes;
  mig_note *one;

  if (!n) return;
  one = notes_add(n, rev->h.id);
  if (!one) return;
  one->step = 1;
  one->reason = mig_strdup(&n->mem, rev->h.message);
  n->step = one;
  n->rows = n->altered = 0;
}

void mig_notes_end(mig_run *run, sqlite3_int64 ms) {
  mig_notes *n = run->notes;

  if (!n || !n->step) return;
  n->step->ms = ms;
  n->step->rows = n->rows;
  n->step = NULL;
}

/* What an alteration writes is not the script's. */
void mig_notes_count(mig_run *run, int on) {
  mig_notes *n = run->notes;

  if (!n || n->counting == on) return;
  if (on) {
    n->mark = notes_changes(run);
    n->altered = 0;
  } else {
    n->rows += notes_changes(run) - n->mark - n->altered;
  }
  n->counting = on;
}

/* ---- alterations ---- */

void mig_notes_begin(mig_run *run) {
  mig_notes *n = run->notes;

  if (!n) return;
  n->began = mig_os_clock_ms();
  n->before = notes_changes(run);
  n->copied = -1;
}

void mig_notes_copied(mig_run *run, sqlite3_int64 rows) {
  if (run->notes) run->notes->copied = rows;
}

void mig_notes_change(mig_run *run, const char *title, const char *way,
                      const char *reason) {
  mig_notes *n = run->notes;
  mig_note *one = n && title ? notes_add(n, title) : NULL;

  if (!one) return;
  one->way = way;
  one->reason = mig_strdup(&n->mem, reason);
  one->ms = mig_os_clock_ms() - n->began;
  one->rows = n->copied;
  n->altered += notes_changes(run) - n->before;
}

void mig_notes_remark(mig_run *run, const char *title, const char *what) {
  mig_note *one = run->notes ? notes_add(run->notes, title) : NULL;

  if (one) one->reason = mig_strdup(&run->notes->mem, what);
}

/* The beginning of a statement of a user's, in one line. */
static char *notes_short(mig_cx *cx, mig_span sql) {
  char *z;
  int i, n = 0;

  sql = mig_span_trim(sql);
  while (sql.n && sql.p[sql.n - 1] == ';')
    sql = mig_span_trim((mig_span){sql.p, sql.n - 1});
  z = mig_strndup(cx, sql.p, sql.n);
  for (i = 0; z && z[i] && n < NOTES_SHOWN; i++) {
    int space = (unsigned char)z[i] <= ' ';
    if (!space || (n && z[n - 1] != ' ')) z[n++] = space ? ' ' : z[i];
  }
  if (z && (z[i] & 0xC0) == 0x80) { /* in the midst of a character */
    while (n && (z[n - 1] & 0xC0) == 0x80) n--;
    if (n) n--;
  }
  return z ? mig_printf(cx, "%.*s%s", n, z, z[i] ? "..." : "") : NULL;
}

static void notes_heard(void *arg, mig_span sql) {
  mig_run *run = arg;

  if (!sql.p)
    mig_notes_begin(run);
  else
    mig_notes_change(run, notes_short(&run->notes->mem, sql), "sql", NULL);
}

void mig_notes_open(mig_run *run) {
  if (!run->notes || !run->project) return;
  run->project->db.heard = notes_heard;
  run->project->db.heard_arg = run;
}

/* ---- disk ---- */

/* Bytes of the rollback journal of now. */
static sqlite3_int64 notes_journal(const mig_run *run) {
  sqlite3_file *f = NULL;
  sqlite3_int64 bytes = 0;

  sqlite3_file_control(run->db->h, run->db->schema,
                       SQLITE_FCNTL_JOURNAL_POINTER, (void *)&f);
  if (!f || !f->pMethods || f->pMethods->xFileSize(f, &bytes)) return 0;
  return bytes;
}

static sqlite3_int64 notes_file(mig_cx *cx, const mig_run *run) {
  const char *schema = run->db->schema;

  return mig_query_int(cx, run->db, 0, "PRAGMA \"%w\".page_size", schema) *
         mig_query_int(cx, run->db, 0, "PRAGMA \"%w\".page_count", schema);
}

static void notes_most(mig_notes *n, sqlite3_int64 file,
                       sqlite3_int64 journal) {
  if (file > n->file) n->file = file;
  if (journal > n->journal) n->journal = journal;
  if (file + journal > n->both) n->both = file + journal;
}

void mig_notes_space(mig_cx *cx, mig_run *run) {
  if (!run->notes || cx->rc) return;
  notes_most(run->notes, notes_file(cx, run), notes_journal(run));
}

/* It writes every page, and so the journal has them all. */
void mig_notes_vacuum(mig_cx *cx, mig_run *run) {
  mig_notes *n = run->notes;
  mig_note *one = n && !cx->rc ? notes_add(n, "VACUUM") : NULL;
  sqlite3_int64 file;
  char *why;

  if (!one) return;
  file = notes_file(cx, run);
  notes_most(n, file, file);
  why = mig_printf(&n->mem,
                   "needs up to %lld bytes in SQLite's temporary directory, "
                   "too",
                   file);
  one->reason = why;
}
