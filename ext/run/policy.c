/*
** ext/run/policy.c - the linear policy: one head, for those who want that.
*/
#include "ext/run/run.h"

static int policy_is_linear(const mig_project *p) {
  return !strcmp(mig_config_get(p->conn, "linear"), "on");
}

/* "a (versions/a.lua) and b (versions/b.lua)" */
static char *policy_list(mig_cx *cx, const mig_list *revs) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < revs->n; i++) {
    const mig_revision *r = revs->at[i];
    mig_buf_addf(cx, &b, "%s%s (%s)",
                 !i                ? ""
                 : i + 1 < revs->n ? ", "
                                   : " and ",
                 r->h.id, r->path);
  }
  return mig_buf_take(cx, &b);
}

void mig_policy_one_head(mig_cx *cx, const mig_project *p) {
  const mig_list *heads;

  if (cx->rc || !policy_is_linear(p)) return;
  heads = &p->graph->heads;
  if (heads->n > 1)
    mig_fail(cx, SQLITE_ERROR,
             "setting linear is on, and there are %d heads: %s; join them with "
             "SELECT migrate_merge('merge'), or put one on the other with "
             "SELECT migrate_rebase(one, other)",
             heads->n, policy_list(cx, heads));
}

void mig_policy_new_head(mig_cx *cx, const mig_project *p,
                         const mig_list *parents) {
  mig_list others = {0};
  int i, k;

  if (cx->rc || !policy_is_linear(p)) return;
  for (i = 0; i < p->graph->heads.n; i++) {
    for (k = 0; k < parents->n; k++)
      if (parents->at[k] == p->graph->heads.at[i]) break;
    if (k == parents->n) mig_list_add(cx, &others, p->graph->heads.at[i]);
  }
  if (others.n)
    mig_fail(
        cx, SQLITE_ERROR,
        "setting linear is on, and the new revision would be a head beside "
        "%s; let it stand on that, or join heads with SELECT "
        "migrate_merge('merge')",
        policy_list(cx, &others));
}
