/*
** ext/run/plain.c - revisions in plain SQL: the second engine.
*/
#include "ext/run/run.h"

static const int plain_self; /* it keeps nothing, but must be somebody */

static void *plain_open(mig_cx *cx, mig_conn *conn) {
  (void)conn;
  return cx->rc ? NULL : (void *)(uintptr_t)&plain_self;
}

/* A comma list, or "none". */
static mig_list plain_list(mig_cx *cx, mig_span text) {
  if (mig_span_is(text, "none")) text.n = 0;
  return mig_list_split(cx, text);
}

static const char *plain_value(mig_cx *cx, mig_span s) {
  return s.n ? mig_strndup(cx, s.p, s.n) : NULL;
}

static void plain_describe(mig_cx *cx, void *self, const char *path,
                           mig_span text, mig_header *out) {
  mig_section s = {0};

  (void)self;
  mig_section_parse(cx, path, text, &s);
  out->id = plain_value(cx, s.head[MIG_HEAD_REVISION]);
  out->message = mig_strndup(cx, s.message.p, s.message.n);
  out->created = plain_value(cx, s.head[MIG_HEAD_CREATED]);
  out->irreversible = plain_value(cx, s.head[MIG_HEAD_IRREVERSIBLE]);
  out->down = plain_list(cx, s.head[MIG_HEAD_REVISES]);
  out->labels = plain_list(cx, s.head[MIG_HEAD_LABELS]);
  out->depends = plain_list(cx, s.head[MIG_HEAD_DEPENDS]);
  out->transactional = !mig_span_is(s.head[MIG_HEAD_TRANSACTIONAL], "false");
  out->has_upgrade = s.has_up;
  out->has_downgrade = s.has_down;
}

static int plain_glance(mig_cx *cx, mig_span text, mig_header *out) {
  mig_cx tried = {0};
  int clear;

  plain_describe(&tried, NULL, "", text, out);
  clear = !tried.rc;
  memset(out, 0, sizeof *out);
  mig_cx_release(&tried);
  if (clear) plain_describe(cx, NULL, "", text, out);
  return clear && !cx->rc;
}

/* One statement as an op; on error *at is its offset in the statement. */
static void plain_op(mig_cx *cx, mig_run *run, mig_span one, int *at) {
  char *what = mig_strndup(cx, one.p, one.n);
  sqlite3_int64 n = 0;

  if (mig_resume_op(cx, run, what, &n) && !mig_aside_run(cx, run, one))
    mig_exec_script(cx, run->db, one, NULL, at);
  mig_resume_done(cx, run, 0);
}

/* Statement by statement.  On error *at is the offset of one in `part`. */
static void plain_resume(mig_cx *cx, mig_run *run, mig_span part, int *at) {
  mig_span rest = part, one;

  while (!cx->rc && (one = mig_sql_cut(&rest)).n) {
    mig_cx own = {0};
    int in = 0;
    plain_op(&own, run, one, &in);
    *at = (int)(one.p - part.p) + in;
    mig_fail_move(cx, &own);
    mig_cx_release(&own);
  }
}

static void plain_apply(mig_cx *cx, void *self, struct mig_run *run,
                        const mig_revision *rev, mig_span text,
                        mig_direction dir) {
  mig_section s = {0};
  mig_span part;
  int at = 0;

  (void)self;
  mig_section_parse(cx, rev->path, text, &s);
  part = dir == MIG_UP ? s.up : s.down;
  if (run->resume)
    plain_resume(cx, run, part, &at);
  else
    mig_exec_script(cx, run->db, part, NULL, &at);
  if (cx->rc)
    mig_fail_in(cx, "revision %s (%s:%d)", rev->h.id, rev->path,
                mig_line_of(text, (int)(part.p - text.p) + at));
}

static char *plain_render(mig_cx *cx, const mig_header *h, const char *tmpl,
                          const mig_bodies *bodies) {
  mig_buf b = {0};

  (void)tmpl;
  mig_buf_addf(cx, &b, "-- %s\n-- revision: %s\n-- revises: %s\n", h->message,
               h->id, h->down.n ? mig_list_join(cx, &h->down, ", ") : "none");
  if (h->labels.n)
    mig_buf_addf(cx, &b, "-- branch_labels: %s\n",
                 mig_list_join(cx, &h->labels, ", "));
  if (h->depends.n)
    mig_buf_addf(cx, &b, "-- depends_on: %s\n",
                 mig_list_join(cx, &h->depends, ", "));
  mig_buf_addf(cx, &b, "-- created: %s\n-- migrate:up\n", h->created);
  mig_buf_addz(cx, &b, bodies ? mig_plain_draft(cx, bodies->up) : "\n");
  mig_buf_addz(cx, &b, "-- migrate:down\n");
  if (bodies) mig_buf_addz(cx, &b, mig_plain_draft(cx, bodies->down));
  return mig_buf_take(cx, &b);
}

/* Is the line a comment `-- key: ...`?  *value is what follows the colon. */
static int plain_is_head(mig_span line, const char *key, mig_span *value) {
  mig_span s = line;

  if (!mig_span_starts(s, "--")) return 0;
  s = mig_span_trim((mig_span){s.p + 2, s.n - 2});
  if (!mig_span_starts(s, key)) return 0;
  s.p += strlen(key);
  s.n -= (int)strlen(key);
  while (s.n && (*s.p == ' ' || *s.p == '\t')) s.p++, s.n--;
  if (!s.n || *s.p != ':') return 0;
  *value = (mig_span){s.p + 1, s.n - 1};
  return 1;
}

/* Put the parents into `-- revises:`, or into a line behind `-- revision:`. */
static char *plain_relink(mig_cx *cx, const char *path, mig_span text,
                          const mig_list *down) {
  const char *list = down->n ? mig_list_join(cx, down, ", ") : "none";
  const char *end = text.p + text.n, *after = NULL;
  mig_span rest = text, line, v;

  while (rest.n && !cx->rc) {
    line = mig_span_line(&rest);
    if (plain_is_head(line, "migrate", &v)) break; /* the headers end here */
    if (plain_is_head(line, "revises", &v))
      return mig_printf(cx, "%.*s %s%.*s", (int)(v.p - text.p), text.p, list,
                        (int)(end - v.p - v.n), v.p + v.n);
    if (plain_is_head(line, "revision", &v) && !after) after = rest.p;
  }
  if (!after)
    mig_fail(cx, SQLITE_ERROR, "%s: has no line `-- revision:`", path);
  if (cx->rc) return NULL;
  return mig_printf(cx, "%.*s-- revises: %s%s%.*s", (int)(after - text.p),
                    text.p, list, mig_span_end(text, after), (int)(end - after),
                    after);
}

const mig_engine mig_engine_sql = {
    .suffix = ".sql",
    .open = plain_open,
    .describe = plain_describe,
    .glance = plain_glance,
    .apply = plain_apply,
    .render = plain_render,
    .relink = plain_relink,
};
