/*
** ext/store/known.c - that nothing is left to do, known without reading a
** script.
**
** What decides is which scripts there are and which rows the database has.  Of
** a script the name stands for it; so a text that is edited in its place is not
** seen here, nor are texts of another byte order's machine known.
*/
#include "ext/store/store.h"

/* The digest's meaning: one of another format is not known. */
#define KNOWN_FORMAT "migrate known 1\n"

/* ---- names ---- */

/* Each step can be undone, so that two texts of one length which differ in one
** place only never meet. */
static uint64_t names_mix(uint64_t h, uint64_t k) {
  h = (h ^ h >> 32) * k;
  return h ^ h >> 29;
}

/*
** A sum needs no order, so that nothing is sorted or kept.  The multipliers are
** 2^64 over the golden ratio, and the fraction of the root of 3; any odd ones
** without a pattern would do.
*/
void mig_names_add(mig_names *s, const char *name) {
  static const uint64_t by[2] = {UINT64_C(0x9e3779b97f4a7c15),
                                 UINT64_C(0xbb67ae8584caa73b)};
  size_t n = strlen(name), left;
  uint64_t h[2] = {n, ~(uint64_t)n}, w;
  int i;

  for (left = n; left; left -= left < 8 ? left : 8) {
    if (left < 8) { /* the last, with zeros behind it */
      w = 0;
      memcpy(&w, name + n - left, left);
    } else {
      memcpy(&w, name + n - left, 8);
    }
    for (i = 0; i < 2; i++) h[i] = names_mix(h[i] ^ w, by[i]);
  }
  for (i = 0; i < 2; i++)
    s->sum[i] += names_mix(names_mix(h[i], by[1 - i]), by[i]);
  s->n++;
}

/* ---- the digest ---- */

/* Of a project with these files and these version rows. */
static char *known_digest(mig_cx *cx, const mig_project *p,
                          const mig_names *names, const mig_list *rows) {
  const mig_list *registered = &p->conn->registered;
  mig_buf b = {0};
  char *text;
  int i;

  mig_buf_addf(cx, &b, KNOWN_FORMAT "%d %016llx %016llx\n", names->n,
               names->sum[0], names->sum[1]);
  for (i = 0; i < registered->n; i++) {
    const mig_registered *r = registered->at[i];
    mig_buf_addf(cx, &b, "%s %s\n", r->id, r->checksum);
  }
  mig_buf_addz(cx, &b, "at\n");
  for (i = 0; i < rows->n; i++) mig_buf_addf(cx, &b, "%s\n", rows->at[i]);
  text = mig_buf_take(cx, &b);
  return text ? mig_checksum(cx, mig_span_z(text)) : NULL;
}

/* "head DIGEST", or "heads DIGEST" where there are several. */
static int known_is(const char *said, const char *heads, const char *digest) {
  size_t n = strlen(heads);

  return !strncmp(said, heads, n) && said[n] == ' ' &&
         !strcmp(said + n + 1, digest);
}

/* ---- noting it ---- */

static int known_has(const mig_list *rows, const char *id) {
  int i;

  for (i = 0; i < rows->n && strcmp(rows->at[i], id);) i++;
  return i < rows->n;
}

/* Are these the rows of a database to which all of the graph is applied: those
** that nothing stands on?  The last files tell soonest. */
static int known_complete(const mig_graph *g, const mig_list *rows) {
  int i, n = 0;

  for (i = g->revs.n - 1; i >= 0; i--) {
    const mig_revision *r = g->revs.at[i];
    if (r->children.n || r->dependents.n) continue;
    if (!known_has(rows, r->h.id)) return 0;
    n++;
  }
  return n > 0 && n == rows->n;
}

void mig_known_note(mig_cx *cx, const mig_project *p, const mig_list *rows) {
  const mig_graph *g = p->graph;
  const char *digest;

  if (cx->rc || p->db.tape || p->conn->given.n || mig_stored_run(p->conn) ||
      !known_complete(g, rows))
    return;
  digest = known_digest(cx, p, &p->names, rows);
  mig_log_know(
      cx, &p->db,
      mig_printf(cx, "%s %s", g->heads.n == 1 ? "head" : "heads", digest));
}

/* ---- asking ---- */

static int known_asks(const mig_project *p, const char *target) {
  if (p->db.tape || p->conn->given.n || mig_stored_run(p->conn)) return 0;
  return !target || !strcmp(target, "head") || !strcmp(target, "heads");
}

/* Is it what was said?  Several heads are enough only for who asks for them,
** and does not want one. */
static int known_fits(const mig_project *p, const char *target,
                      const char *said, const char *digest) {
  int several = target && !strcmp(target, "heads") &&
                strcmp(mig_config_get(p->conn, "linear"), "on") != 0;

  return known_is(said, "head", digest) ||
         (several && known_is(said, "heads", digest));
}

/* What the log says, if only the rows and names are wanting: no step is
** unfinished, and the tables are ours. */
static char *known_said(mig_cx *cx, const mig_db *db) {
  const int need = MIG_HAS_VERSION | MIG_HAS_LOG;
  int there = mig_store_tables(cx, db);

  if ((there & need) != need) return NULL;
  if (there & MIG_HAS_JOURNAL && mig_journal_begun(cx, db).n) return NULL;
  return mig_log_known(cx, db);
}

int mig_known_holds(const mig_project *p, const char *target) {
  mig_cx own = {0};
  sqlite3_stmt *hold; /* one snapshot for all that is read behind it */
  const char *said = NULL, *digest = NULL;
  mig_list rows;
  mig_names names;
  int holds;

  if (!known_asks(p, target)) return 0;
  hold = mig_query(&own, &p->db, "SELECT 1 FROM \"%w\".sqlite_schema",
                   p->db.schema);
  if (mig_row(&own, hold)) said = known_said(&own, &p->db);
  if (said) {
    rows = mig_version_read(&own, &p->db);
    names = mig_project_names(&own, p);
    digest = known_digest(&own, p, &names, &rows);
  }
  holds = digest && known_fits(p, target, said, digest);
  mig_cx_release(&own);
  return holds;
}
