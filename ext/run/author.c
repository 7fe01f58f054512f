/* ext/run/author.c - the files of a project: its directory, a new revision. */
#include "ext/run/run.h"

#define SLUG 40 /* bytes of a message that a file name shows */

static const char env_text[] =
    "-- Runs before the first revision of every upgrade and downgrade.\n"
    "--\n"
    "-- args.tenant = args.tenant or \"main\"    -- a default for arg.tenant\n"
    "-- function before(step) end             -- step.revision, .message,\n"
    "-- function after(step) end              -- .direction, .path\n"
    "--\n"
    "-- What autogenerate looks at, and what only has another name now:\n"
    "-- function include(kind, name) return name ~= \"scratch\" end\n"
    "-- function rename(kind, from, to)\n"
    "--   return kind == \"column\" and from == \"users.mail\" and to == "
    "\"users.email\"\n"
    "-- end\n";

/* Write a file unless it is there. */
static void author_put(mig_cx *cx, const char *dir, const char *name,
                       const char *text) {
  char *path = mig_os_join(cx, dir, name);

  if (path && !mig_os_exists(path)) mig_os_write_new(cx, path, text);
}

const char *mig_author_init(mig_cx *cx, mig_conn *conn, const char *directory) {
  const mig_engine *const *e;
  const char *dir =
      mig_strdup(cx, directory ? directory : mig_config_get(conn, "directory"));
  char *versions;

  if (dir && !*dir) mig_fail(cx, SQLITE_ERROR, "the directory has no name");
  versions = dir ? mig_os_join(cx, dir, "versions") : NULL;
  if (versions) mig_os_mkdir(cx, versions);
  if (!cx->rc) author_put(cx, dir, "env.lua", env_text);
  for (e = conn->engines; *e && !cx->rc; e++)
    if ((*e)->tmpl)
      author_put(cx, dir, mig_printf(cx, "revision%s.tmpl", (*e)->suffix),
                 (*e)->tmpl);
  if (directory && !cx->rc) mig_config_set(cx, conn, "directory", dir);
  return cx->rc ? NULL : dir;
}

/* ---- a new revision ---- */

/* The message on one line: control characters become spaces. */
static char *author_line(mig_cx *cx, const char *message) {
  char *z = mig_strdup(cx, message), *p;
  mig_span line;

  for (p = z; p && *p; p++)
    if ((unsigned char)*p < ' ' || *p == 127) *p = ' ';
  if (!z) return NULL;
  line = mig_span_trim(mig_span_z(z));
  if (!line.n)
    mig_fail(cx, SQLITE_ERROR,
             "a revision needs a message: migrate_revision('add invoices')");
  return mig_strndup(cx, line.p, line.n);
}

/* What a file name shows of the message: a-z, 0-9 and single underscores. */
static char *author_slug(mig_cx *cx, const char *message) {
  mig_buf b = {0};
  char c;

  for (; *message && b.n < SLUG; message++) {
    c = *message >= 'A' && *message <= 'Z' ? (char)(*message + 32) : *message;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      mig_buf_add(cx, &b, &c, 1);
    else if (b.n && b.p[b.n - 1] != '_')
      mig_buf_add(cx, &b, "_", 1);
  }
  if (b.n && b.p[b.n - 1] == '_') b.n--;
  return mig_buf_take(cx, &b);
}

static char *author_id(mig_cx *cx) {
  unsigned char r[6];

  sqlite3_randomness((int)sizeof r, r);
  return mig_printf(cx, "%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3],
                    r[4], r[5]);
}

/* Those that the targets of a comma list name, each once.  To join, `heads` is
** all of them; as a target it leaves out those that others depend on. */
static mig_list author_join(mig_cx *cx, mig_graph *g, const char *targets) {
  mig_list names = mig_list_split(cx, mig_span_z(targets)), out = {0};
  unsigned char *seen = mig_set_new(cx, g);
  mig_target t;
  int i, k;

  for (i = 0; !cx->rc && i < names.n; i++) {
    mig_target_read(cx, g, names.at[i], &t);
    mig_target_find(cx, g, &t);
    if (!strcmp(names.at[i], "heads")) t.revs = g->heads;
    for (k = 0; !cx->rc && k < t.revs.n; k++) {
      mig_revision *r = t.revs.at[k];
      if (!seen[r->order]++) mig_list_add(cx, &out, r);
    }
  }
  if (!cx->rc && out.n < 2)
    mig_fail(cx, SQLITE_ERROR, "there is nothing to join: '%s' is %s", targets,
             out.n ? ((mig_revision *)out.at[0])->h.id : "no revision");
  return out;
}

/* The revisions that the new one stands on; none for a base. */
static mig_list author_parents(mig_cx *cx, mig_graph *g,
                               const mig_author_options *o) {
  mig_list none = {0};

  if (cx->rc || (o->head && !strcmp(o->head, "base"))) return none;
  if (o->join) return author_join(cx, g, o->join);
  if (o->head) {
    mig_list_add(cx, &none, mig_graph_find(cx, g, o->head));
    return none;
  }
  if (g->heads.n > 1)
    mig_fail(cx, SQLITE_ERROR,
             "there are several heads: %s; name the one to stand on, "
             "migrate_revision(message, '{\"head\": \"...\"}'), or join them "
             "with migrate_merge(message)",
             mig_name_list(cx, &g->heads));
  return g->heads;
}

/* A branch is begun on purpose only. */
static void author_check_heads(mig_cx *cx, const mig_list *parents,
                               const mig_author_options *o) {
  int i;

  for (i = 0; !cx->rc && i < parents->n; i++) {
    const mig_revision *r = parents->at[i];
    if (r->children.n && o->join)
      mig_fail(cx, SQLITE_ERROR,
               "revision %s is not a head, what stands on it is %s; join heads",
               r->h.id, mig_name_list(cx, &r->children));
    else if (r->children.n && !o->splice)
      mig_fail(cx, SQLITE_ERROR,
               "revision %s is not a head, what stands on it is %s; to begin a "
               "branch there, say so: {\"head\": \"%s\", \"splice\": true}",
               r->h.id, mig_name_list(cx, &r->children), r->h.id);
  }
}

/* What it depends on must exist. */
static mig_list author_depends(mig_cx *cx, const mig_graph *g,
                               const char *names) {
  mig_list out = mig_list_split(cx, mig_span_z(names ? names : ""));
  int i;

  for (i = 0; !cx->rc && i < out.n; i++) mig_name_find(cx, g, out.at[i], NULL);
  return out;
}

static const mig_engine *author_engine(mig_cx *cx, const mig_conn *conn,
                                       const char *format) {
  const mig_engine *const *e;

  for (e = conn->engines; *e; e++)
    if (!strcmp((*e)->suffix + 1, format ? format : "lua")) return *e;
  mig_fail(cx, SQLITE_ERROR, "format '%s': it is 'lua' or 'sql'", format);
  return NULL;
}

/* The project's own template, or NULL for the engine's. */
static const char *author_template(mig_cx *cx, const mig_project *p,
                                   const mig_engine *e) {
  char *name, *path;

  if (cx->rc || !e->tmpl) return NULL;
  name = mig_printf(cx, "revision%s.tmpl", e->suffix);
  path = name ? mig_os_join(cx, p->dir, name) : NULL;
  if (!path || !mig_os_exists(path)) return NULL;
  return mig_source_check(cx, name, mig_os_read(cx, path, 1 << 20)).p;
}

/* What was rendered must read as what was meant. */
static void author_check(mig_cx *cx, mig_project *p, const mig_engine *e,
                         const char *path, const char *text,
                         const mig_header *meant) {
  mig_source s = {.path = path, .engine = e};
  mig_header h = {0};

  if (cx->rc) return;
  s.text = mig_span_z(text);
  mig_project_describe(cx, p, &s, &h);
  if (!cx->rc && (strcmp(h.id, meant->id) || !h.message ||
                  strcmp(h.message, meant->message) ||
                  !mig_list_same(&h.down, &meant->down) ||
                  !mig_list_same(&h.labels, &meant->labels) ||
                  !mig_list_same(&h.depends, &meant->depends)))
    mig_fail(cx, SQLITE_ERROR,
             "%s: would not say what was meant (id, message, down_revision, "
             "branch_labels, depends_on); mend the template revision%s.tmpl, "
             "or the message",
             path, e->suffix);
  mig_graph_with(cx, p->graph, NULL, &h, path);
}

/* Fill in what the new revision says of itself. */
static void author_header(mig_cx *cx, mig_project *p,
                          const mig_author_options *o, mig_header *h) {
  mig_list parents;

  if (!o->join) mig_policy_one_head(cx, p);
  parents = author_parents(cx, p->graph, o);
  author_check_heads(cx, &parents, o);
  mig_policy_new_head(cx, p, &parents);
  h->down = mig_rev_ids(cx, &parents);
  h->labels =
      mig_list_split(cx, mig_span_z(o->branch_label ? o->branch_label : ""));
  h->depends = author_depends(cx, p->graph, o->depends_on);
  h->transactional = 1;
  h->id = o->rev_id ? o->rev_id : author_id(cx);
  h->created = mig_now(cx, &p->db);
}

/* migrations/versions/YYYYMMDDHHMMSS_<id>_<slug>.lua */
static char *author_path(mig_cx *cx, mig_project *p, const mig_engine *e,
                         const mig_header *h) {
  char *slug = cx->rc ? NULL : author_slug(cx, h->message);
  char *when = mig_query_text(
      cx, &p->db, "SELECT strftime('%%Y%%m%%d%%H%%M%%S', %Q)", h->created);
  char *name = mig_printf(cx, "versions/%s_%s_%s%s", when, h->id, slug,
                          cx->rc ? "" : e->suffix);

  return name ? mig_os_join(cx, p->dir, name) : NULL;
}

const char *mig_author_write(mig_cx *cx, mig_project *p, const char *message,
                             const mig_author_options *o,
                             const mig_bodies *bodies) {
  const mig_engine *e = author_engine(cx, p->conn, o->format);
  mig_header h = {0};
  char *text, *path;

  h.message = author_line(cx, message);
  if (cx->rc) return NULL;
  author_header(cx, p, o, &h);
  path = author_path(cx, p, e, &h);
  text = cx->rc ? NULL : e->render(cx, &h, author_template(cx, p, e), bodies);
  if (text) author_check(cx, p, e, path, text, &h);
  if (!cx->rc) mig_os_write_new(cx, path, text);
  return cx->rc ? NULL : path;
}

const char *mig_author_revision(mig_cx *cx, mig_conn *conn, const char *message,
                                const mig_author_options *o) {
  mig_project *p = mig_project_new(cx, conn);

  author_engine(cx, conn, o->format);
  author_line(cx, message);
  if (!cx->rc) mig_project_directory(cx, p);
  mig_project_load(cx, p);
  return cx->rc ? NULL : mig_author_write(cx, p, message, o, NULL);
}
