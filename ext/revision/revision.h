/*
** ext/revision/revision.h - the graph of revisions: what stands on what, what
** a target means, which steps lead there.  Layer 2: knows no SQL and no files
** (includes base/ only), so that it is tested as text.
**
** Invariants
**  - A revision stands on its parents (down_revision) and its dependencies
**    (depends_on).  "Ancestor" without more means over both.
**  - The applied set is closed: it holds every ancestor of what it holds.
**    The version rows are its maximal elements, and nothing else.
**  - A step adds one revision, all of whose ancestors are applied, or takes
**    one away on which nothing applied stands.
**  - Every order is fixed: the same revisions and rows give the same plan.
**  - Nothing recurses, and nothing costs more than revisions + edges (times a
**    logarithm where it sorts).
*/
#ifndef MIG_REVISION_H
#define MIG_REVISION_H
#include "ext/base/base.h"

/* ---- a revision ---- */

/* What a script says of itself.  All text is in some cx's memory. */
typedef struct mig_header mig_header;
struct mig_header {
  const char *id;           /* NULL when the script does not say             */
  const char *message;      /* its first comment; may be ""                  */
  const char *created;      /* as written, or NULL                           */
  const char *irreversible; /* why it has no downgrade, or NULL              */
  mig_list down;            /* ids it revises, as written (prefixes allowed) */
  mig_list labels;          /* branch labels it carries                      */
  mig_list depends;         /* ids or labels it depends on, as written       */
  int transactional;        /* 0 when it says `transactional = false`        */
  int has_upgrade, has_downgrade;
};

typedef struct mig_revision mig_revision;
struct mig_revision {
  mig_header h;
  const char *path; /* where it came from, for messages; unique            */
  void *source;     /* of whoever added it; borrowed                       */
  /* set by mig_graph_link() */
  mig_list parents;    /* mig_revision: down_revision, in written order    */
  mig_list deps;       /* mig_revision: depends_on, in written order       */
  mig_list children;   /* those whose parents hold it, in file-name order  */
  mig_list dependents; /* those whose deps hold it, likewise               */
  mig_list covers;     /* char: labels that cover it, in order of name     */
  int order;           /* place by file name, from 0                       */
  int rank;            /* place in one topological order of all, from 0    */
  /* set by mig_graph_state() and the steps */
  int applied; /* is it, or a descendant of it, a version row?             */
  int current; /* is it a version row?                                     */
  int above;   /* edges to it from children and dependents that are applied */
  int row;     /* its place in the graph's rows while it is current        */
};

typedef struct mig_graph mig_graph;
struct mig_graph {
  mig_list revs;      /* mig_revision, by file name once linked            */
  mig_list names;     /* the same by id, for prefixes, once linked         */
  mig_map by_id;      /* id to mig_revision                                */
  mig_map by_label;   /* label to mig_revision that carries it             */
  mig_list heads;     /* without children, by file name                    */
  mig_list bases;     /* without parents, by file name                     */
  mig_list rows;      /* version rows that are known, in no order          */
  mig_list strangers; /* version rows without a script: char               */
  const char *origin; /* what last wrote those, for messages; or NULL      */
  const char *way;    /* another way out of them, for messages; or NULL    */
};

/* ---- building (graph.c) ---- */

mig_graph *mig_graph_new(mig_cx *cx);

/*
** Add a revision.  Fails, naming the path(s), on: no id; a malformed id (an
** id has letters, digits and _ . - only, begins with a letter, digit or _,
** is at most 64 bytes, and is none of head heads base current); an id that
** another path has; a malformed label (the same rule), a label that another
** revision carries.
*/
mig_revision *mig_graph_add(mig_cx *cx, mig_graph *g, const mig_header *h,
                            const char *path, void *source);

/*
** Once, after the last add (link.c): resolve parents and dependencies (an id, a
** label for dependencies, a unique prefix of at least four characters), order,
** find heads and bases.  Fails, naming the files, on: a parent or dependency
** that does not exist (with the nearest ids), is ambiguous (with the
** candidates), is the revision itself or is written twice; a label that is some
** revision's id; a cycle (all its revisions, in order).
*/
void mig_graph_link(mig_cx *cx, mig_graph *g);

int mig_rev_is_head(const mig_revision *r);         /* no children     */
int mig_rev_is_base(const mig_revision *r);         /* no parents      */
int mig_rev_is_branch_point(const mig_revision *r); /* several children */
int mig_rev_is_merge_point(const mig_revision *r);  /* several parents */

/*
** The labels that cover r, a comma list in order of name; NULL when none.  A
** label covers, as in Alembic, the revision that carries it, all that descends
** from that one over down_revision, and what it stands on down to, but without,
** the nearest merge point or point where several revisions stand on one.
*/
char *mig_rev_labels(mig_cx *cx, const mig_graph *g, const mig_revision *r);
/* Fill in every revision's `covers`; `ranked` has them in order of rank. */
void mig_graph_label(mig_cx *cx, mig_graph *g, const mig_list *ranked);

/* ---- names (name.c) ---- */

/*
** The revision with this id or label, or the one whose id begins so (four
** characters or more; among those in the set `within`, unless that is NULL or
** has none).
** Fails when nothing bears the name (with the nearest), or several do.
*/
mig_revision *mig_name_find(mig_cx *cx, const mig_graph *g, const char *name,
                            const unsigned char *within);
/* Does some id begin with this?  Counts from four characters on. */
int mig_name_begins(const mig_graph *g, const char *prefix);
/* Their ids: a list of char, borrowed from the revisions. */
mig_list mig_rev_ids(mig_cx *cx, const mig_list *revs);
/* Their ids for a message: "a, b and 7 more", by file name. */
char *mig_name_list(mig_cx *cx, const mig_list *revs);
/* The graph's strangers likewise. */
char *mig_name_strangers(mig_cx *cx, const mig_graph *g);

/* ---- sets and orders (set.c, order.c) ---- */

/* A set of revisions is a byte for each, 1 or 0, at its `order`. */
unsigned char *mig_set_new(mig_cx *cx, const mig_graph *g);

#define MIG_PARENTS 1
#define MIG_DEPS 2
#define MIG_BELOW (MIG_PARENTS | MIG_DEPS)
#define MIG_CHILDREN 4
#define MIG_DEPENDENTS 8
#define MIG_ABOVE (MIG_CHILDREN | MIG_DEPENDENTS)

/* Put `from` into the set, and all it leads to over these kinds of edge.  What
** is in the set already is not walked again. */
void mig_set_reach(mig_cx *cx, unsigned char *set, const mig_list *from,
                   int edges);
/* All that `from` leads to down, and all it leads to up, itself included. */
unsigned char *mig_set_lineage(mig_cx *cx, const mig_graph *g,
                               const mig_list *from, int edges);
/* Append those in the set, each after what it stands on; among free choices
** the branch begun goes on, then by file name.  What is on a cycle, or above
** one, is left out. */
void mig_set_order(mig_cx *cx, const mig_graph *g, const unsigned char *set,
                   mig_list *out);

/* ---- what is applied (state.c) ---- */

/*
** Say what the version rows are (n ids).  Ids without a revision go to
** g->strangers.  A row that is an ancestor of another row is harmless: it is
** left out of g->rows.
*/
void mig_graph_state(mig_cx *cx, mig_graph *g, const char *const *ids, int n);

/*
** Take one step: change r->applied and g->rows by the one rule.  The ids whose
** rows go and come are appended to `gone` and `come` (of char).  Cost: r's own
** edges.  SQLITE_INTERNAL when the step breaks an invariant.
*/
void mig_graph_step(mig_cx *cx, mig_graph *g, mig_revision *r, int up,
                    mig_list *gone, mig_list *come);

/* ---- targets (target.c) ---- */

/* What a target's text says, and what that means in a graph. */
typedef struct mig_target mig_target;
struct mig_target {
  /* set by mig_target_read() */
  const char *text; /* as given, trimmed                                 */
  const char *on;   /* what stands before the "@", or NULL               */
  const char *name; /* NULL when it is relative to what is current       */
  int relative;     /* does it end in +N or -N?                          */
  int steps;        /* ... which; negative is down                       */
  /* set by mig_target_find() */
  mig_revision *branch; /* whose lineage it keeps to, or NULL            */
  mig_list revs;        /* those it names                                */
  mig_list back;        /* for -N: those to take back, with all above    */
  int base;             /* it names what lies below every revision       */
  int open; /* named by head, heads, current: what is behind is no mistake */
};
void mig_target_read(mig_cx *cx, const mig_graph *g, const char *text,
                     mig_target *t);
void mig_target_find(mig_cx *cx, const mig_graph *g, mig_target *t);

/* ---- plans (plan.c, stamp.c) ---- */

typedef enum mig_direction { MIG_DOWN, MIG_UP } mig_direction;

/*
** Fill `steps` (of mig_revision) with what leads to the target, in order.
** The graph's state is not changed.  Targets are DESIGN 6's, and label@heads
** and label@id; NULL is the function's default.  The errors are DESIGN 6's:
** each says why and lists the candidates.  Strangers among the rows are an
** error here, and a step on the way that its script has no function for.  A
** downgrade is in the reverse of the order in which an upgrade would be.
*/
void mig_plan_upgrade(mig_cx *cx, mig_graph *g, const char *target,
                      mig_list *steps);
void mig_plan_downgrade(mig_cx *cx, mig_graph *g, const char *target,
                        mig_list *steps);

/*
** What a stamp leaves as rows (of char, ids): the targets (a comma list), and
** the rows of branches that the targets neither descend from nor stand under.
** With `purge` the rows there were, strangers too, count for nothing; without,
** strangers are an error.
*/
void mig_plan_stamp(mig_cx *cx, mig_graph *g, const char *targets, int purge,
                    mig_list *rows);

/*
** One revision by id, unique prefix, label, `head`, `label@head` or
** `current`; for functions that name a single revision.  NULL with an error
** (plan.c).
*/
mig_revision *mig_graph_find(mig_cx *cx, mig_graph *g, const char *name);

/*
** The revisions (a set) on the way to `b` from `a` on, for "a:b": what b stands
** on and b, less what a stands on.  Either end is a target and may be left out:
** the base, the heads.  "a" is "a:a" (range.c).
*/
unsigned char *mig_graph_range(mig_cx *cx, const mig_graph *g,
                               const char *text);
/* Fail if the graph would be wrong with a revision more, or with another header
** for `instead`, unless that is NULL. */
void mig_graph_with(mig_cx *cx, const mig_graph *g, const mig_revision *instead,
                    const mig_header *h, const char *path);

/* ---- engines: what can read a script and run it ---- */

struct mig_conn; /* store/ */
struct mig_run;  /* run/   */

/* A script called by itself (migrate_run). */
typedef struct mig_call mig_call;
struct mig_call {
  const char *path; /* as given */
  mig_span text;
  int argc; /* its arguments */
  sqlite3_value **argv;
  sqlite3_context *result; /* where its value goes */
};

/* What the two directions of a new revision do: lists of schema/'s mig_draft.
 */
typedef struct mig_bodies mig_bodies;
struct mig_bodies {
  const mig_list *up, *down;
};

/*
** One language of revisions.  A call opens an engine when it meets the first
** text of its kind, and closes it when it ends.
*/
typedef struct mig_engine mig_engine;
struct mig_engine {
  const char *suffix; /* ".lua" */
  /* One instance for one call, registered with mig_own(); NULL on error. */
  void *(*open)(mig_cx *cx, struct mig_conn *conn);
  /*
  ** What `text` says of itself; runs nothing of upgrade or downgrade.  `path`
  ** is for messages.  Fails with "path:line: why" on a text that is wrong.
  */
  void (*describe)(mig_cx *cx, void *self, const char *path, mig_span text,
                   mig_header *out);
  /*
  ** The same as far as it shows without running anything of the text; 0 in
  ** doubt.
  */
  int (*glance)(mig_cx *cx, mig_span text, mig_header *out);
  /*
  ** Optional.  Look at a text that is to run, as a whole: it must be right, and
  ** say what `rev` says.  Called for every step before the first one.
  */
  void (*check)(mig_cx *cx, void *self, const mig_revision *rev, mig_span text);
  /*
  ** Run one direction of `text`.  Errors begin with "revision ID (path:line): "
  */
  void (*apply)(mig_cx *cx, void *self, struct mig_run *run,
                const mig_revision *rev, mig_span text, mig_direction dir);
  /*
  ** The text of a new revision.  `tmpl` is the project's template, or NULL for
  ** the engine's own.  `bodies`: what it does; NULL: nothing yet.
  */
  char *(*render)(mig_cx *cx, const mig_header *h, const char *tmpl,
                  const mig_bodies *bodies);
  /*
  ** The text with other parents (ids, char; none is a base) and otherwise as it
  ** was, byte for byte.
  */
  char *(*relink)(mig_cx *cx, const char *path, mig_span text,
                  const mig_list *down);
  /*
  ** Optional.  `env` runs env.lua before the first step; `hook` calls what it
  ** defined: "before" or "after" a step.  No hook defined: nothing.
  */
  void (*env)(mig_cx *cx, void *self, struct mig_run *run, const char *path,
              mig_span text);
  void (*hook)(mig_cx *cx, void *self, struct mig_run *run, const char *name,
               const mig_revision *rev, mig_direction dir);
  /*
  ** Optional, behind `env`: what its function of this name says to the texts
  ** (argv ends with NULL); `none`: there is none, or it says nothing.
  */
  int (*ask)(mig_cx *cx, void *self, const char *name, const char *const *argv,
             int none);
  /*
  ** Optional.  What a text outside of the graph says of itself (message,
  ** transactional; compiles it); and run it, with its result.  Errors begin
  ** with "path:line: ".
  */
  void (*sketch)(mig_cx *cx, void *self, const mig_call *call, mig_header *out);
  void (*script)(mig_cx *cx, void *self, struct mig_run *run,
                 const mig_call *call);
  /*
  ** Optional.  Look at a text that scripts may load as a module: fails with
  ** "path:line: why" when it is wrong.  Runs nothing of it.
  */
  void (*module)(mig_cx *cx, void *self, const char *path, mig_span text);
  const char *tmpl; /* its own template, what migrate_init writes; or NULL */
};
#endif
