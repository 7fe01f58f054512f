/*
** lua/render.c - the text of a new revision: a template whose placeholders are
** replaced by Lua literals, so that no value can end its line or its string.
*/
#include "lua/host.h"

#define FIELDS                                                                 \
  "revision      = ${revision}\n"                                              \
  "down_revision = ${down_revision}\n"                                         \
  "branch_labels = ${branch_labels}\n"                                         \
  "depends_on    = ${depends_on}\n"                                            \
  "created       = ${created}\n"

const char mig_render_template[] = "-- ${message}\n" FIELDS "\n"
                                   "function upgrade()\n"
                                   "${upgrade}end\n"
                                   "\n"
                                   "function downgrade()\n"
                                   "${downgrade}end\n";

/* What stands in the functions of a revision that does nothing yet */
static const char render_up[] =
    "  -- op.create_table(\"users\", \"id INTEGER PRIMARY KEY\", \"name TEXT "
    "NOT NULL\")\n";
static const char render_down[] = "  -- op.drop_table(\"users\")\n";

/* The value on one line, as a comment can hold it */
static void render_line(mig_cx *cx, mig_buf *b, const char *z) {
  for (; z && *z && !cx->rc; z++)
    mig_buf_add(cx, b, (unsigned char)*z < ' ' || *z == 127 ? " " : z, 1);
}

void mig_render_string(mig_cx *cx, mig_buf *b, const char *z) {
  if (!z) {
    mig_buf_addz(cx, b, "nil");
    return;
  }
  mig_buf_addz(cx, b, "\"");
  for (; *z && !cx->rc; z++) {
    if ((unsigned char)*z < ' ' || *z == 127)
      mig_buf_addf(cx, b, "\\%03d", *z);
    else if (*z == '"' || *z == '\\')
      mig_buf_addf(cx, b, "\\%c", *z);
    else
      mig_buf_add(cx, b, z, 1);
  }
  mig_buf_addz(cx, b, "\"");
}

/* nil, one string, or a list */
static void render_list(mig_cx *cx, mig_buf *b, const mig_list *l) {
  int i;

  if (l->n < 2) {
    mig_render_string(cx, b, l->n ? l->at[0] : NULL);
    return;
  }
  for (i = 0; i < l->n && !cx->rc; i++) {
    mig_buf_addz(cx, b, i ? ", " : "{");
    mig_render_string(cx, b, l->at[i]);
  }
  mig_buf_addz(cx, b, "}");
}

char *mig_render_relink(mig_cx *cx, const char *path, mig_span text,
                        const mig_list *down) {
  mig_buf b = {0};
  char *parents;

  render_list(cx, &b, down);
  parents = mig_buf_take(cx, &b);
  return mig_glance_relink(cx, path, text, parents);
}

static void render_value(mig_cx *cx, mig_buf *b, const mig_header *h,
                         const mig_bodies *bodies, mig_span name) {
  if (mig_span_is(name, "message"))
    render_line(cx, b, h->message);
  else if (mig_span_is(name, "revision"))
    mig_render_string(cx, b, h->id);
  else if (mig_span_is(name, "down_revision"))
    render_list(cx, b, &h->down);
  else if (mig_span_is(name, "branch_labels"))
    render_list(cx, b, &h->labels);
  else if (mig_span_is(name, "depends_on"))
    render_list(cx, b, &h->depends);
  else if (mig_span_is(name, "created"))
    mig_render_string(cx, b, h->created);
  else if (mig_span_is(name, "upgrade"))
    mig_buf_addz(cx, b, bodies ? mig_draft_lua(cx, bodies->up) : render_up);
  else if (mig_span_is(name, "downgrade"))
    mig_buf_addz(cx, b, bodies ? mig_draft_lua(cx, bodies->down) : render_down);
  else
    mig_fail(cx, SQLITE_ERROR,
             "the template has an unknown placeholder ${%.*s}; known are "
             "message, revision, down_revision, branch_labels, depends_on, "
             "created, upgrade, downgrade",
             name.n, name.p);
}

/* A template of before says nothing of the bodies: then it is ours. */
static const char *render_choose(const char *tmpl, const mig_bodies *bodies) {
  return tmpl && (!bodies || strstr(tmpl, "${upgrade}")) ? tmpl
                                                         : mig_render_template;
}

char *mig_render(mig_cx *cx, const mig_header *h, const char *tmpl,
                 const mig_bodies *bodies) {
  const char *p = render_choose(tmpl, bodies), *at, *end;
  mig_buf b = {0};

  while (!cx->rc && (at = strstr(p, "${"))) {
    mig_buf_add(cx, &b, p, (int)(at - p));
    end = strchr(at, '}');
    if (!end) {
      mig_fail(cx, SQLITE_ERROR, "the template has a ${ without its }");
      break;
    }
    render_value(cx, &b, h, bodies, (mig_span){at + 2, (int)(end - at - 2)});
    p = end + 1;
  }
  mig_buf_addz(cx, &b, p);
  return mig_buf_take(cx, &b);
}
