/*
** ext/run/resume.c - the ops of a revision or script with transactional =
** false: each done in a transaction of its own, and once.
**
** The journal's first row is looked at in every one of them, and so is the op's
** own: two processes that run the same script at once take turns, and each
** finds what the other has done.
*/
#include "ext/run/run.h"

#define RESUME_KEPT 200 /* bytes of what an op does that the journal shows */

/* The beginning of the text in one line. */
static char *resume_short(mig_cx *cx, const char *what) {
  char *z = mig_strdup(cx, what);
  int i, n = 0;

  if (!z) return NULL;
  for (i = 0; z[i] && n < RESUME_KEPT; i++) {
    int space = (unsigned char)z[i] <= ' ';
    if (!space || (n && z[n - 1] != ' ')) z[n++] = space ? ' ' : z[i];
  }
  if (z[i]) {
    if ((z[i] & 0xC0) == 0x80) { /* a character is not cut */
      while (n && (z[n - 1] & 0xC0) == 0x80) n--;
      if (n) n--;
    }
    return mig_printf(cx, "%.*s...", n, z);
  }
  z[n] = 0;
  return z;
}

/* Nothing may catch the error. */
static void resume_lose(const mig_cx *cx, mig_run *run) {
  if (!cx->rc) return;
  run->resume->lost = 1;
  run->spoilt = 1;
}

/* ---- an op's transaction ---- */

static void resume_open(mig_cx *cx, mig_run *run) {
  mig_resume *r = run->resume;
  mig_cx *own = &r->chunk;

  mig_txn_begin(own, run, &run->txn);
  if (run->txn.open) mig_txn_arm(own, run, &run->txn);
  mig_fk_move(own, &r->idle, run);
  mig_cx_release(&r->idle);
  mig_fk_begin(own, run);
  mig_resume_still(own, run, r);
  r->was = mig_journal_get(own, run->db, r->name, r->ordinal);
  r->later = !r->was && mig_journal_later(own, run->db, r->name, r->ordinal);
  mig_fail_move(cx, own);
  mig_notes_count(run, 1);
}

/* Commit, or roll back when cx holds an error: then all of the op's doing is
** undone, and nothing is spoilt. */
static void resume_close(mig_cx *cx, mig_run *run) {
  mig_resume *r = run->resume;

  mig_notes_count(run, 0);
  mig_txn_end(cx, run, &run->txn);
  if (cx->rc) {
    mig_fk_end(&r->chunk, run);
    run->spoilt = r->lost || run->conn->stuck;
  }
  mig_fk_move(&r->idle, &r->chunk, run);
  run->project->db.writes = NULL;
  r->was = NULL;
  mig_cx_release(&r->chunk);
}

void mig_resume_abandon(mig_run *run) {
  mig_cx own = {0};

  if (!run->resume || !run->txn.open) return;
  mig_fail(&own, SQLITE_ABORT, "abandoned");
  resume_close(&own, run);
  mig_cx_release(&own);
}

/* Write the op's row with what it has come to, and commit. */
static void resume_commit(mig_cx *cx, mig_run *run, const char *key,
                          sqlite3_int64 result) {
  mig_resume *r = run->resume;

  mig_notes_count(run, 0);
  mig_exec_alive(cx, run->db->h);
  if (!cx->rc) {
    r->row.key = key;
    r->row.result = result;
    mig_fk_check(&r->chunk, run);
    mig_journal_put(&r->chunk, run->db, &r->row);
    mig_fail_move(cx, &r->chunk);
  }
  if (r->partly) resume_lose(cx, run); /* half of it is there to stay */
  resume_close(cx, run);
  if (r->partly)
    resume_lose(cx, run); /* nor may a COMMIT that fails be caught */
}

/* ---- ops ---- */

/* Is the op that was done as the one of this number the one that is to be? */
static void resume_compare(mig_cx *cx, mig_run *run) {
  mig_resume *r = run->resume;
  const char *was = r->was ? r->was->checksum : NULL;

  if (cx->rc || !r->was || (was && !strcmp(was, r->row.checksum))) return;
  mig_fail(cx, SQLITE_ERROR,
           "op %lld was `%s` before the interruption, and is `%s` now: what "
           "this script does depends on data that it changes, or on the order "
           "of pairs(); finish by hand what is left, and then %s",
           r->ordinal, r->was->op, r->row.op,
           mig_resume_exit(cx, run, r->name, r->direction));
  r->gone = 1;
}

/* What failed and was caught may not be tried again: ops that were done behind
** it may be what lets it succeed now, and do harm. */
static void resume_failed(mig_cx *cx, mig_run *run) {
  const mig_resume *r = run->resume;

  if (cx->rc || !r->later) return;
  mig_fail(cx, SQLITE_ERROR,
           "op %lld failed before the interruption, and is not tried again: %s",
           r->ordinal, r->row.op);
  resume_close(cx, run);
}

/* The op's row as it is to be. */
static void resume_name(mig_cx *cx, mig_resume *r, const char *what) {
  mig_cx_release(&r->op);
  r->row = (mig_journal_row){.revision = r->name, .ordinal = r->ordinal};
  r->row.op = resume_short(&r->op, what);
  r->row.checksum = mig_checksum(&r->op, mig_span_z(what));
  mig_fail_move(cx, &r->op);
}

int mig_resume_op(mig_cx *cx, mig_run *run, const char *what,
                  sqlite3_int64 *result) {
  mig_resume *r = run->resume;

  if (!r) return 1;
  mig_resume_abandon(run);
  r->ordinal++; /* also of an op that fails */
  if ((cx->rc & 0xff) == SQLITE_NOMEM) resume_lose(cx, run);
  if (cx->rc) return 1; /* the arguments are wrong */
  resume_name(cx, r, what);
  if (!cx->rc) {
    resume_open(cx, run);
    resume_compare(cx, run);
  }
  resume_lose(cx, run);
  resume_failed(cx, run); /* that may be caught */
  r->partly = r->was && r->was->key;
  if (run->txn.open && !cx->rc && (!r->was || r->partly)) return 1;
  if (!cx->rc) *result = r->was->result;
  if (!run->txn.open) return 1;
  resume_close(cx, run);
  resume_lose(cx, run);
  return cx->rc != SQLITE_OK;
}

void mig_resume_done(mig_cx *cx, mig_run *run, sqlite3_int64 result) {
  if (!run->resume || !run->txn.open) return;
  resume_commit(cx, run, NULL, result);
  if (!cx->rc) run->resume->done++;
}

const char *mig_resume_key(mig_cx *cx, mig_run *run, sqlite3_int64 *rows) {
  const mig_resume *r = run->resume;

  *rows = 0;
  if (cx->rc || !r || !r->was) return NULL;
  *rows = r->was->result;
  return r->was->key;
}

void mig_resume_chunk(mig_cx *cx, mig_run *run, const char *key,
                      sqlite3_int64 rows) {
  mig_resume *r = run->resume;

  if (cx->rc || !r || !run->txn.open) return;
  resume_commit(cx, run, key, rows);
  if (cx->rc) return;
  r->started = r->partly = 1;
  resume_open(cx, run);
  if (!cx->rc && (!r->was || !r->was->key)) {
    mig_fail(cx, SQLITE_BUSY,
             "another connection has finished it meanwhile; call again");
    r->gone = 1;
  }
  resume_lose(cx, run);
}

void mig_resume_aside(mig_cx *cx, mig_run *run) {
  resume_close(cx, run);
}

void mig_resume_again(mig_cx *cx, mig_run *run) {
  if (!cx->rc) resume_open(cx, run);
}

/* ---- around the script ---- */

void mig_resume_enter(mig_cx *cx, mig_run *run, mig_resume *r) {
  mig_fk_move(&r->idle, cx, run);
  run->project->db.writes = NULL;
  run->project->db.guests = NULL; /* an op that is skipped attaches nothing */
  run->resume = r;
}

void mig_resume_leave(mig_cx *cx, mig_run *run) {
  mig_resume *r = run->resume;

  if (!r) return;
  mig_resume_abandon(run);
  run->resume = NULL;
  mig_fk_move(cx, &r->idle, run);
  mig_cx_release(&r->op);
  mig_cx_release(&r->chunk);
  mig_cx_release(&r->idle);
}
