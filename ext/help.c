/*
** ext/help.c - what migrate_help() says: the README's table of functions, and
** the settings.  A test compares it with the README.
*/
#include "ext/door.h"

static const struct {
  const char *usage, *result, *text;
} help[] = {
    {"migrate_init([directory])", "path",
     "makes the directory with env.lua, revision.lua.tmpl and versions/; "
     "keeps what is there; a directory given becomes this connection's "
     "setting"},
    {"migrate_revision(message [, options])", "path",
     "writes a new revision on the current head; options is a JSON object "
     "with Alembic's flags: head (what it stands on; base for a new base),"
     " splice (true: that need not be a head, so a branch begins), "
     "branch_label, depends_on (text, or arrays of text), rev_id, format "
     "(lua, sql)"},
    {"migrate_autogenerate(message [, options])", "path, or NULL",
     "writes the revision that makes the database what the setting target "
     "says, with its downgrade; NULL, and nothing is written, when nothing"
     " differs. options as above"},
    {"migrate_check()", "0",
     "an error that names the first differences, when there are any: for "
     "CI, or behind an upgrade"},
    {"migrate_dump()", "SQL text",
     "the database's schema as CREATE statements, in an order of their "
     "own: what to commit as schema.sql"},
    {"migrate_merge(message [, revisions])", "path",
     "writes a revision that joins several heads: a comma list, default "
     "heads"},
    {"migrate_rebase(revision, onto)", "path",
     "puts a revision that is not applied onto others (a comma list, or "
     "base): rewrites that one line of its file and keeps every other byte"},
    {"migrate_upgrade([target])", "revisions applied", "default head"},
    {"migrate_downgrade([target])", "revisions reverted", "default -1"},
    {"migrate_sql([range])", "SQL text",
     "what the run from one end of range to the other would do, as a "
     "script for a shell or a service without the library"},
    {"migrate_rehearse([target])", "report text",
     "what migrate_upgrade(target) would do, tried on a copy, taken back "
     "and done again"},
    {"migrate_backup(path)", "bytes",
     "writes the database in the setting schema into a new file"},
    {"migrate_bless(revision)", "revision id",
     "accepts the text that the script of an applied revision has now, and"
     " notes it in the log"},
    {"migrate_verify()", "ok, or the findings",
     "looks at all of the state, and changes nothing"},
    {"migrate_stamp([target] [, 'purge'])", "version rows",
     "sets the version without running anything; default head, or a comma "
     "list of targets; other branches' rows stay; 'purge' first forgets "
     "the rows there are"},
    {"migrate_run(path [, arguments...])", "what the script returns",
     "runs one Lua script outside of the graph, in one transaction"},
    {"migrate_register(source [, name])", "revision id, or name",
     "adds a revision held in memory, for this connection; the language is"
     " told by the name's ending, else by a -- migrate:up line. A name "
     "that begins with lib/ adds a module for require instead"},
    {"migrate_config([key [, value]])", "value",
     "without arguments the names of the settings; a NULL value goes back "
     "to the default"},
    {"migrate_help([name])", "text",
     "what there is, or what one function or setting is for"},
    {"migrate_version()", "text",
     "versions of the extension, of Lua, of SQLite"},
};
enum { NHELP = sizeof help / sizeof *help };

static int help_is(const char *usage, const char *name) {
  int n = (int)strlen(name);

  return !sqlite3_strnicmp(usage, name, n) && usage[n] == '(';
}

/* All functions, a line each, then where else to look. */
static char *help_all(mig_cx *cx) {
  mig_buf b = {0};
  int i;

  for (i = 0; i < NHELP; i++) mig_buf_addf(cx, &b, "%s\n", help[i].usage);
  mig_buf_addz(cx, &b,
               "\nSELECT migrate_help('migrate_upgrade') tells of one; SELECT "
               "* FROM migrate_settings shows the settings");
  return mig_buf_take(cx, &b);
}

char *mig_help(mig_cx *cx, const char *name) {
  const mig_setting *s;
  int i;

  if (!name) return help_all(cx);
  for (i = 0; i < NHELP; i++)
    if (help_is(help[i].usage, name))
      return mig_printf(cx, "%s: %s\n%s", help[i].usage, help[i].result,
                        help[i].text);
  for (s = mig_settings; s->key; s++)
    if (!sqlite3_stricmp(s->key, name))
      return mig_printf(cx, "setting %s, default '%s'\n%s", s->key,
                        s->dflt ? s->dflt : "", s->description);
  mig_fail(cx, SQLITE_ERROR,
           "no function or setting is called %s; SELECT migrate_help() lists "
           "the functions, SELECT migrate_config() the settings",
           name);
  return NULL;
}
