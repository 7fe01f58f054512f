/*
** ext/store/source.c - where revisions come from: files of the project's
** versions/ directory, and texts registered on the connection.
*/
#include "ext/store/store.h"

#define SCRIPT_LIMIT (16 * 1024 * 1024) /* bytes of one script */
#define MOST_TOLD 10                    /* rows that a message tells of */

mig_project *mig_project_new(mig_cx *cx, mig_conn *conn) {
  mig_project *p = mig_alloc(cx, sizeof *p);

  if (!p) return NULL;
  p->conn = conn;
  p->db.h = conn->h;
  p->db.tape = conn->tape;
  p->db.schema = mig_strdup(cx, mig_config_get(conn, "schema"));
  p->dir = mig_strdup(cx, mig_config_get(conn, "directory"));
  return p;
}

void *mig_project_engine(mig_cx *cx, mig_project *p, const mig_engine *e) {
  int i;

  if (cx->rc) return NULL;
  for (i = 0; p->conn->engines[i] != e; i++) continue;
  if (!p->instance[i]) p->instance[i] = e->open(cx, p->conn);
  return p->instance[i];
}

/* Does a comment of the text say migrate:up?  Then it is plain SQL. */
static int is_plain(mig_span text) {
  while (text.n) {
    mig_span line = mig_span_line(&text);
    if (!mig_span_starts(line, "--")) continue;
    line = mig_span_trim((mig_span){line.p + 2, line.n - 2});
    if (mig_span_starts(line, "migrate:up")) return 1;
  }
  return 0;
}

const mig_engine *mig_engine_for(mig_cx *cx, const mig_conn *c,
                                 const char *name, mig_span text) {
  const char *dot = name ? strrchr(name, '.') : NULL;
  const char *want = is_plain(text) ? ".sql" : ".lua";
  int i;

  if (cx->rc) return NULL;
  for (i = 0; dot && c->engines[i]; i++)
    if (!strcmp(c->engines[i]->suffix, dot)) want = dot;
  for (i = 0; c->engines[i]; i++)
    if (!strcmp(c->engines[i]->suffix, want)) return c->engines[i];
  mig_fail(cx, SQLITE_ERROR, "%s: no engine for %s", name, want);
  return NULL;
}

/* Bytes at p, up to n, that are ASCII and not NUL; looks at eight at a time. */
static int ascii_run(const char *p, int n) {
  const uint64_t high = UINT64_C(0x8080808080808080), low = high >> 7;
  uint64_t w;
  int i = 0;

  for (; i + 8 <= n; i += 8) {
    memcpy(&w, p + i, sizeof w);
    if ((w | (w - low)) & high) break; /* a high bit, or a byte of zero */
  }
  while (i < n && p[i] > 0 && p[i] < 127) i++;
  return i;
}

/* The offset of the first byte that is not UTF-8, or is NUL; else n. */
static int text_valid(mig_span s) {
  int i = 0, k;

  while ((i += ascii_run(s.p + i, s.n - i)) < s.n) {
    k = s.p[i] ? mig_utf8_length(s.p + i, s.n - i) : 0;
    if (!k) break;
    i += k;
  }
  return i;
}

mig_span mig_source_check(mig_cx *cx, const char *path, mig_span text) {
  int bad;

  if (cx->rc) return text;
  if (mig_span_starts(text, "\xEF\xBB\xBF")) text.p += 3, text.n -= 3;
  bad = text_valid(text);
  if (bad < text.n)
    mig_fail(cx, SQLITE_ERROR,
             "%s:%d: is not UTF-8 text (byte 0x%02x); save it as UTF-8", path,
             mig_line_of(text, bad), (unsigned char)text.p[bad]);
  else if (!mig_span_trim(text).n)
    mig_fail(cx, SQLITE_ERROR, "%s: is empty; write a script or delete it",
             path);
  return text;
}

int mig_module_named(mig_span name, char sep) {
  int i, word = 0;

  for (i = 0; i < name.n; i++) {
    char c = name.p[i];
    if (c == sep && word)
      word = 0;
    else if ((unsigned)(c | 32) - 'a' < 26 || (unsigned)c - '0' < 10 ||
             c == '_' || c == '-')
      word = 1;
    else
      return 0;
  }
  return word;
}

/* Is it there already, by a text that is given and not the script's? */
static int project_given(const mig_project *p, const char *id) {
  const mig_revision *r = id ? mig_map_get(&p->graph->by_id, id) : NULL;

  return r && ((const mig_source *)r->source)->row;
}

/* Describe one source and put it into the graph. */
static void project_add(mig_cx *cx, mig_project *p, const mig_source *s) {
  void *self = mig_project_engine(cx, p, s->engine);
  mig_header h = {0};

  if (!cx->rc) s->engine->describe(cx, self, s->path, s->text, &h);
  if (cx->rc || project_given(p, h.id)) return;
  mig_graph_add(cx, p->graph, &h, s->path, (void *)(uintptr_t)s);
}

void mig_project_describe(mig_cx *cx, mig_project *p, const mig_source *s,
                          mig_header *out) {
  void *self = mig_project_engine(cx, p, s->engine);
  mig_revision rev = {.path = s->path};

  if (!cx->rc) s->engine->describe(cx, self, s->path, s->text, out);
  if (!cx->rc && !out->id)
    mig_fail(cx, SQLITE_ERROR, "%s: has no revision id", s->path);
  rev.h = *out;
  if (!cx->rc && s->engine->check) s->engine->check(cx, self, &rev, s->text);
}

static void project_add_file(mig_cx *cx, mig_project *p, const char *dir,
                             const char *name) {
  mig_source *s = mig_alloc(cx, sizeof *s);

  if (!s) return;
  s->file = mig_os_join(cx, dir, name);
  s->path = mig_os_join(cx, "versions", name);
  s->engine = mig_engine_for(cx, p->conn, name, (mig_span){name, 0});
  s->text = mig_os_read(cx, s->file, SCRIPT_LIMIT);
  s->text = mig_source_check(cx, s->path, s->text);
  project_add(cx, p, s);
}

static void project_add_registered(mig_cx *cx, mig_project *p,
                                   const mig_registered *r) {
  mig_source *s = mig_alloc(cx, sizeof *s);

  if (!s) return;
  *s = (mig_source){r->path, NULL, r->text, r->engine, 0};
  project_add(cx, p, s);
}

/* May the directory be absent?  When revisions came from the program. */
static int project_optional(const mig_conn *c) {
  const mig_value *v;

  for (v = c->values; v; v = v->next)
    if (!strcmp(v->key, "directory")) return 0;
  return c->registered.n > 0 && !mig_os_env("MIGRATE_DIRECTORY");
}

void mig_project_schema(mig_cx *cx, const mig_project *p) {
  if (!cx->rc && sqlite3_stricmp(p->db.schema, "temp") &&
      sqlite3_db_readonly(p->db.h, p->db.schema) < 0)
    mig_fail(cx, SQLITE_ERROR,
             "setting schema: no database is attached as %s; attach it first",
             p->db.schema);
}

void mig_project_directory(mig_cx *cx, const mig_project *p) {
  if (cx->rc || mig_os_exists(p->dir)) return;
  mig_fail(cx, SQLITE_CANTOPEN,
           "%s: no such directory; make it with SELECT migrate_init(), or name "
           "another with SELECT migrate_config('directory', ...)",
           p->dir);
}

enum { SUFFIXES = 8 }; /* with the NULL that ends them */

static void project_suffixes(const mig_project *p, const char **suffix) {
  int i;

  for (i = 0; i < SUFFIXES - 1 && p->conn->engines[i]; i++)
    suffix[i] = p->conn->engines[i]->suffix;
}

static void project_add_files(mig_cx *cx, mig_project *p, int optional) {
  const char *suffix[SUFFIXES] = {NULL};
  const char *dir = mig_os_join(cx, p->dir, "versions");
  mig_list names;
  int i;

  project_suffixes(p, suffix);
  names = mig_os_list(cx, dir, suffix, optional);
  for (i = 0; !cx->rc && i < names.n; i++) {
    mig_names_add(&p->names, names.at[i]);
    project_add_file(cx, p, dir, names.at[i]);
  }
}

static void project_add_name(mig_cx *cx, void *names, const char *name) {
  if (!cx->rc) mig_names_add(names, name);
}

mig_names mig_project_names(mig_cx *cx, const mig_project *p) {
  const char *suffix[SUFFIXES] = {NULL};
  mig_names names = {0};

  project_suffixes(p, suffix);
  mig_os_each(cx, mig_os_join(cx, p->dir, "versions"), suffix,
              project_optional(p->conn), project_add_name, &names);
  return names;
}

/* What is applied and has no script, if the setting says so. */
static void project_add_stored(mig_cx *cx, mig_project *p) {
  int i;

  if (cx->rc || !mig_stored_run(p->conn)) return;
  p->stored = mig_stored_list(cx, p);
  for (i = 0; !cx->rc && i < p->stored.n; i++) {
    const mig_stored *t = p->stored.at[i];
    if (t->source)
      mig_graph_add(cx, p->graph, t->h, t->source->path,
                    (void *)(uintptr_t)t->source);
  }
}

/* ---- what no script explains, in messages ---- */

/* What else there is to do, as far as the log has the texts; of all, or of
** those that an error names. */
static char *project_way(mig_cx *cx, const mig_list *stored,
                         const char *error) {
  mig_buf b = {0};
  int i, n = 0, wrong = 0;

  for (i = 0; i < stored->n; i++) {
    const mig_stored *t = stored->at[i];
    if (error && !strstr(error, t->id)) continue;
    if (t->why && wrong++ < MOST_TOLD)
      mig_buf_addf(cx, &b, "; of %s, %s", t->id, t->why);
    else if (!t->why && !t->source)
      n++;
  }
  if (wrong > MOST_TOLD)
    mig_buf_addf(cx, &b, "; and so of %d more", wrong - MOST_TOLD);
  if (n)
    mig_buf_addf(cx, &b,
                 "; or let the text be used that _migrate_log has of it: "
                 "migrate_config('stored_scripts', 'run')");
  return mig_buf_take(cx, &b);
}

/* The link has failed: because of a revision that the log knows?  (Engines live
** as long as cx; without the setting none is opened here.) */
static void project_fail_link(mig_cx *cx, mig_project *p) {
  mig_list stored = p->stored;
  mig_cx own = {0};
  char *way, *msg;

  if ((cx->rc & 0xff) != SQLITE_ERROR || !cx->msg) return;
  if (!mig_stored_run(p->conn)) stored = mig_stored_list(&own, p);
  way = own.rc ? NULL : project_way(&own, &stored, cx->msg);
  msg = way && *way ? sqlite3_mprintf("%s%s", cx->msg, way) : NULL;
  if (msg) {
    sqlite3_free(cx->msg);
    cx->msg = msg;
  }
  mig_cx_release(&own);
}

void mig_project_load(mig_cx *cx, mig_project *p) {
  int i, optional;

  if (cx->rc) return;
  optional = project_optional(p->conn);
  mig_project_schema(cx, p);
  if (!optional) mig_project_directory(cx, p);
  p->graph = mig_graph_new(cx);
  for (i = 0; !cx->rc && i < p->conn->given.n; i++)
    project_add(cx, p, p->conn->given.at[i]);
  if (!cx->rc) project_add_files(cx, p, optional);
  for (i = 0; !cx->rc && i < p->conn->registered.n; i++)
    project_add_registered(cx, p, p->conn->registered.at[i]);
  project_add_stored(cx, p);
  if (cx->rc) return;
  mig_graph_link(cx, p->graph);
  if (cx->rc) project_fail_link(cx, p);
}

/* Are these the rows that the graph's state was made of? */
static int project_same(const mig_graph *g, const mig_list *rows) {
  const mig_revision *r;
  int i;

  if (rows->n != g->rows.n || g->strangers.n) return 0;
  for (i = 0; i < rows->n; i++) {
    r = mig_map_get(&g->by_id, rows->at[i]);
    if (!r || !r->current) return 0;
  }
  return rows->n > 0;
}

/* What the log says of the rows that no script explains. */
static const char *project_origin(mig_cx *cx, const mig_project *p) {
  const mig_list *ids = &p->graph->strangers;
  mig_map log = mig_log_last(cx, &p->db);
  mig_buf b = {0};
  int i;

  for (i = 0; !cx->rc && i < ids->n && i < MOST_TOLD; i++) {
    const mig_log_row *r = mig_map_get(&log, ids->at[i]);
    if (r)
      mig_buf_addf(cx, &b,
                   "; %s, \"%!.100s\", was last written by %!.20s of migrate"
                   " %!.20s at %!.20s",
                   r->revision, mig_one_line(cx, r->message ? r->message : ""),
                   mig_one_line(cx, r->direction),
                   mig_one_line(cx, r->extension),
                   mig_one_line(cx, r->started_at));
  }
  return mig_buf_take(cx, &b);
}

void mig_project_state(mig_cx *cx, mig_project *p) {
  mig_list rows = mig_version_rows(cx, &p->db);

  if (cx->rc || project_same(p->graph, &rows)) return;
  mig_graph_state(cx, p->graph, (const char *const *)rows.at, rows.n);
  if (cx->rc || !p->graph->strangers.n) return;
  p->graph->origin = project_origin(cx, p);
  if (!cx->rc && !mig_stored_run(p->conn)) p->stored = mig_stored_list(cx, p);
  p->graph->way = project_way(cx, &p->stored, NULL);
}
