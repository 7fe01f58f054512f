/*
** ext/schema/copy.c - a change that outlives the texts it was made of.
**
** A new field of mig_change that points to something must be copied here too.
*/
#include "ext/schema/schema.h"

#define AT(field) offsetof(mig_change, field)

static mig_list copy_list(mig_cx *cx, const mig_list *l) {
  mig_list out = {0};
  int i;

  for (i = 0; i < l->n && !cx->rc; i++)
    mig_list_add(cx, &out, mig_strdup(cx, l->at[i]));
  return out;
}

mig_change *mig_change_copy(mig_cx *cx, const mig_change *c) {
  static const size_t texts[] = {
      AT(table),    AT(name),     AT(body),     AT(where),       AT(after),
      AT(before),   AT(using),    AT(ref),      AT(actions),     AT(defer),
      AT(set.name), AT(set.type), AT(set.dflt), AT(set.collate), AT(set.check)};
  mig_change *out = mig_alloc(cx, sizeof *out);
  size_t i;

  if (!out) return NULL;
  *out = *c;
  for (i = 0; i < sizeof texts / sizeof *texts; i++) {
    const char **text = (const char **)(void *)((char *)out + texts[i]);
    *text = mig_strdup(cx, *text);
  }
  out->parts = copy_list(cx, &c->parts);
  out->values = copy_list(cx, &c->values);
  out->refparts = copy_list(cx, &c->refparts);
  return cx->rc ? NULL : out;
}
#undef AT
