/*
** tests/alembic/graph.c - the graph as a program, for oracle.py to ask.
**
** Reads lines, one command each:
**   graph TEXT                      revisions, as tests/unit/revisions.h has it
**   rows [ID...]                    what is current
**   up|down|stamp|purge TARGET      the last two set the rows
** The last four answer by a line, "ok STEPS | ROWS" or "error MESSAGE", and the
** rows that they leave are current for the next.  Each reads the graph anew: a
** call of the extension does, too.
*/
#include <stdlib.h>
#include "tests/unit/revisions.h"

#define MOST_ROWS 64

struct session {
  char *graph; /* text, owned    */
  char *rows;  /* ids, owned     */
  mig_graph *g;
  mig_list steps; /* of mig_revision */
  mig_list left;  /* char: the rows  */
};

static void session_set(char **to, const char *z) {
  char *copy = sqlite3_mprintf("%s", z);

  sqlite3_free(*to);
  *to = copy;
}

static void session_state(mig_cx *cx, struct session *s) {
  const char *ids[MOST_ROWS];
  char *z = mig_strdup(cx, s->rows ? s->rows : ""), *id;
  int n = 0;

  for (id = z ? strtok(z, " ") : NULL; id && n < MOST_ROWS;
       id = strtok(NULL, " "))
    ids[n++] = id;
  mig_graph_state(cx, s->g, ids, n);
}

/* Take the steps one by one; what is left is what the graph says then. */
static void session_walk(mig_cx *cx, struct session *s, int up) {
  mig_list gone = {0}, come = {0};
  int i;

  for (i = 0; !cx->rc && i < s->steps.n; i++)
    mig_graph_step(cx, s->g, s->steps.at[i], up, &gone, &come);
  for (i = 0; !cx->rc && i < s->g->rows.n; i++)
    mig_list_add(cx, &s->left,
                 (char *)((mig_revision *)s->g->rows.at[i])->h.id);
}

static void session_do(mig_cx *cx, struct session *s, const char *verb,
                       const char *target) {
  int up = !strcmp(verb, "up"), purge = !strcmp(verb, "purge");

  s->g = revs_read(cx, s->graph ? s->graph : "");
  mig_graph_link(cx, s->g);
  session_state(cx, s);
  if (purge || !strcmp(verb, "stamp")) {
    mig_plan_stamp(cx, s->g, target, purge, &s->left);
    return;
  }
  if (up)
    mig_plan_upgrade(cx, s->g, target, &s->steps);
  else if (!strcmp(verb, "down"))
    mig_plan_downgrade(cx, s->g, target, &s->steps);
  else
    mig_fail(cx, SQLITE_ERROR, "no command '%s'", verb);
  session_walk(cx, s, up);
}

static void session_answer(mig_cx *cx, struct session *s) {
  mig_list ids = {0};
  const char *steps, *rows;
  int i;

  for (i = 0; !cx->rc && i < s->steps.n; i++)
    mig_list_add(cx, &ids, (char *)((mig_revision *)s->steps.at[i])->h.id);
  steps = mig_list_join(cx, &ids, " ");
  rows = mig_list_join(cx, &s->left, " ");
  if (cx->rc) {
    printf("error %s\n", mig_cx_message(cx));
    return;
  }
  printf("ok %s | %s\n", steps, rows);
  session_set(&s->rows, rows);
}

static void session_line(struct session *s, char *line) {
  char *rest = strchr(line, ' ');
  mig_cx cx = {0};

  if (rest) *rest++ = 0;
  if (!strcmp(line, "graph")) {
    session_set(&s->graph, rest ? rest : "");
    session_set(&s->rows, "");
  } else if (!strcmp(line, "rows")) {
    session_set(&s->rows, rest ? rest : "");
  } else {
    session_do(&cx, s, line, rest ? rest : "");
    session_answer(&cx, s);
    fflush(stdout);
  }
  s->steps = s->left = (mig_list){0};
  mig_cx_release(&cx);
}

int main(void) {
  struct session s = {0};
  char *line = NULL;
  size_t cap = 0;

  while (getline(&line, &cap, stdin) > 0) {
    line[strcspn(line, "\n")] = 0;
    if (*line) session_line(&s, line);
  }
  free(line);
  sqlite3_free(s.graph);
  sqlite3_free(s.rows);
  return 0;
}
