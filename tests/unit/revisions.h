/*
** tests/unit/revisions.h - graphs of revisions as text, and at random.
**
** A text is revisions with ";" between:
**
**     a; b <- a [lab]; c <- a,b : dep,lab !why; d <- c ^
**
**  <- parents   : dependencies   [labels]   ! no downgrade   !why  irreversible
**  ^ no upgrade
**
** The file of the n-th is v/NN_ID.lua, so they sort as they are written.
*/
#ifndef MIG_TEST_REVISIONS_H
#define MIG_TEST_REVISIONS_H
#include "ext/revision/revision.h"
#include "tests/unit/test.h"

mig_graph *revs_read(mig_cx *cx, const char *text); /* added, not linked */

/*
** What comes of a verb, in a graph with these version rows (with spaces
** between): up, down (steps), stamp, purge (rows), find (an id), labels (of the
** revision `target`), heads, bases, all (by rank).  Ids with spaces between, or
** "error: " with the message.
*/
const char *revs_do(mig_cx *cx, const char *text, const char *rows,
                    const char *verb, const char *target);

/* ---- at random, always the same for one seed ---- */

#define REVS_MOST 12
typedef struct revs_random revs_random;
struct revs_random {
  unsigned seed;
  mig_graph *g; /* linked                                                  */
  int n;
  mig_revision *r[REVS_MOST];       /* each stands on earlier ones only */
  char below[REVS_MOST][REVS_MOST]; /* does r[i] stand on r[j], anyhow?  */
};
int revs_pick(revs_random *x, int n); /* 0 to n-1 */
/* A new graph in x; `deps`: with dependencies too. */
void revs_make(mig_cx *cx, revs_random *x, int deps);
/* Apply a random closed set. */
void revs_make_state(mig_cx *cx, revs_random *x);
/* Are the rows the maximal elements of what is applied, by brute force? */
int revs_rows_are_maximal(const revs_random *x);
#endif
