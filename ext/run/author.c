/* ext/run/author.c - the files of a project: its directory, a new revision. */
#include "ext/run/run.h"

#define SLUG 40 /* bytes of a message that a file name shows */

static const char env_text[] =
    "-- Runs before the first revision of every upgrade and downgrade.\n"
    "--\n"
    "-- args.tenant = args.tenant or \"main\"    -- a default for arg.tenant\n"
    "-- function before(step) end             -- step.revision, .message,\n"
    "-- function after(step) end              -- .direction, .path\n";

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

/* The revision that the new one stands on; NULL for a base. */
static mig_revision *author_parent(mig_cx *cx, mig_graph *g, const char *head) {
  mig_list ids = {0};
  int i;

  if (cx->rc) return NULL;
  if (head && !strcmp(head, "base")) return NULL;
  if (head) return mig_graph_find(cx, g, head);
  if (g->heads.n < 2) return g->heads.n ? g->heads.at[0] : NULL;
  for (i = 0; i < g->heads.n; i++)
    mig_list_add(cx, &ids,
                 (void *)(uintptr_t)((mig_revision *)g->heads.at[i])->h.id);
  mig_fail(cx, SQLITE_ERROR,
           "there are several heads: %s; name the one to stand on: "
           "migrate_revision(message, '{\"head\": \"...\"}')",
           mig_list_join(cx, &ids, ", "));
  return NULL;
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
                  strcmp(h.message, meant->message)))
    mig_fail(cx, SQLITE_ERROR,
             "%s: does not give back its id and message; mend the template "
             "revision%s.tmpl, or the message",
             path, e->suffix);
  mig_graph_add(cx, p->graph, &h, path, NULL);
}

/* Fill in what the new revision says of itself. */
static void author_header(mig_cx *cx, mig_project *p,
                          const mig_author_options *o, mig_header *h) {
  mig_revision *parent = author_parent(cx, p->graph, o->head);

  if (parent) mig_list_add(cx, &h->down, (void *)(uintptr_t)parent->h.id);
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

const char *mig_author_revision(mig_cx *cx, mig_conn *conn, const char *message,
                                const mig_author_options *o) {
  mig_project *p = mig_project_new(cx, conn);
  const mig_engine *e = author_engine(cx, conn, o->format);
  mig_header h = {0};
  char *text, *path;

  h.message = author_line(cx, message);
  if (!cx->rc) mig_project_directory(cx, p);
  mig_project_load(cx, p);
  if (cx->rc) return NULL;
  author_header(cx, p, o, &h);
  path = author_path(cx, p, e, &h);
  text = cx->rc ? NULL : e->render(cx, &h, author_template(cx, p, e));
  if (text) author_check(cx, p, e, path, text, &h);
  if (!cx->rc) mig_os_write_new(cx, path, text);
  return cx->rc ? NULL : path;
}
