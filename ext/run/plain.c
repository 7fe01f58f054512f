/*
** ext/run/plain.c - revisions in plain SQL: the second engine.
*/
#include "ext/run/run.h"

static int plain_self; /* it keeps nothing, but must be somebody */

static void *plain_open(mig_cx *cx, mig_conn *conn) {
  (void)conn;
  return cx->rc ? NULL : &plain_self;
}

/* A comma list, or "none", as a list of words. */
static void plain_list(mig_cx *cx, mig_span text, mig_list *out) {
  mig_span word;
  int i;

  if (mig_span_is(text, "none")) return;
  while (text.n > 0) {
    for (i = 0; i < text.n && text.p[i] != ',';) i++;
    word = mig_span_trim((mig_span){text.p, i});
    if (word.n) mig_list_add(cx, out, mig_strndup(cx, word.p, word.n));
    i += i < text.n;
    text = (mig_span){text.p + i, text.n - i};
  }
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
  plain_list(cx, s.head[MIG_HEAD_REVISES], &out->down);
  plain_list(cx, s.head[MIG_HEAD_LABELS], &out->labels);
  plain_list(cx, s.head[MIG_HEAD_DEPENDS], &out->depends);
  out->transactional = !mig_span_is(s.head[MIG_HEAD_TRANSACTIONAL], "false");
  out->has_upgrade = s.has_up;
  out->has_downgrade = s.has_down;
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
  mig_exec_script(cx, run->db, part, NULL, &at);
  if (cx->rc)
    mig_fail_in(cx, "revision %s (%s:%d)", rev->h.id, rev->path,
                mig_line_of(text, (int)(part.p - text.p) + at));
}

static char *plain_render(mig_cx *cx, const mig_header *h, const char *tmpl) {
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
  mig_buf_addf(cx, &b, "-- created: %s\n-- migrate:up\n\n-- migrate:down\n",
               h->created);
  return mig_buf_take(cx, &b);
}

const mig_engine mig_engine_sql = {
    .suffix = ".sql",
    .open = plain_open,
    .describe = plain_describe,
    .apply = plain_apply,
    .render = plain_render,
};
