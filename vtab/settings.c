/*
** vtab/settings.c - migrate_settings: this connection's settings, then the
** arguments for scripts that were set.
**
**     SELECT key, value FROM migrate_settings WHERE value IS NOT "default";
*/
#include "vtab/table.h"

static void settings_row(mig_cx *cx, mig_rows *out, const char *key,
                         const char *value, const char *dflt,
                         const char *description) {
  mig_row_text(cx, out, mig_strdup(cx, key));
  mig_row_text(cx, out, mig_strdup(cx, value));
  mig_row_text(cx, out, dflt);
  mig_row_text(cx, out, description);
}

static void settings_fill(mig_cx *cx, mig_conn *conn, sqlite3_value **arg,
                          mig_rows *out) {
  const mig_setting *s;
  const mig_value *v;

  (void)arg;
  for (s = mig_settings; s->key && !cx->rc; s++)
    settings_row(cx, out, s->key, mig_config_get(conn, s->key), s->dflt,
                 s->description);
  for (v = conn->values; v && !cx->rc; v = v->next)
    if (!strncmp(v->key, "arg.", 4))
      settings_row(cx, out, v->key, v->value, NULL,
                   "an argument: scripts read it as args.NAME");
}

const mig_vtable mig_table_settings = {
    .name = "migrate_settings",
    .decl = "CREATE TABLE x(key TEXT, value TEXT, \"default\" TEXT,"
            " description TEXT)",
    .ncol = 4,
    .fill = settings_fill,
};
