/*
** ext/store/store.h - what outlives a call: a connection's settings, where
** revisions come from, the version rows and the log.  Layer 3.
**
** Invariants
**  - Reading creates nothing, neither a table nor a file.
**  - os.c is the only file that touches the operating system.
**  - A project is what one call sees: read once, used, gone with its cx.
*/
#ifndef MIG_STORE_H
#define MIG_STORE_H
#include "ext/db/db.h"
#include "ext/revision/revision.h"
#include "ext/schema/schema.h"
#include "ext/sql/sql.h"

/* ---- one connection (conn.c) ---- */

typedef struct mig_registered mig_registered; /* a revision held in memory */
struct mig_registered {
  const char *id;
  const char *path; /* the name given, or "registered:<id>" */
  mig_span text;    /* followed by a NUL */
  const mig_engine *engine;
  const char *checksum; /* of the text; NULL: it is a module's */
};

typedef struct mig_value mig_value; /* a setting that was set */
struct mig_value {
  char *key, *value; /* owned: sqlite3_malloc */
  mig_value *next;
};

typedef struct mig_conn mig_conn;
struct mig_conn {
  int nref;   /* registrations holding it; the last frees */
  sqlite3 *h; /* the host's connection                    */
  const mig_engine *const *engines; /* of the door, NULL-terminated        */
  mig_value *values;   /* what migrate_config() has set            */
  mig_list registered; /* mig_registered, in order of registration */
  mig_map registered_by_id;
  /* modules (mig_registered) by their path, "lib/x.lua" */
  mig_map modules;
  mig_cx keep;                    /* memory of what is registered */
  struct mig_function *functions; /* that scripts have given to SQL */
  mig_guests guests;              /* databases that scripts have attached */
  mig_secure secure;              /* secure_delete, while it is off */
  mig_tape *tape; /* of mig_project.db: where what is done is noted, or NULL */
  mig_list given; /* of a replica: mig_source, which stand in for the scripts */
  sqlite3 *host;  /* whose interrupt is heard: h, but for a replica */
  int running;    /* is a run under way on this connection?           */
  /* of the door: register functions and tables for a conn on its connection;
  ** SQLite's result code */
  int (*equip)(sqlite3 *h, mig_conn *c);
  int stuck; /* the last one could not be rolled back (no memory) and its */
             /* transaction is open; 2: with our savepoint in it          */
};
mig_conn *mig_conn_new(sqlite3 *h, const mig_engine *const *engines);
void mig_conn_unref(void *conn);

/*
** The same project on another, private connection, on which runs can be made
** that the host's never sees (replica.c).  It has an empty database, in a
** temporary file without a name, for each one of the host's; flags, limits and
** encoding as that has; the settings of now, but for on_progress and backup;
** and the revisions registered until now.  Scalar functions and collations that
** the host has given SQLite are called there, on its connection; its aggregates
** and modules are missing.  Of ours it has its own.  An interrupt of the host's
** connection is heard.  The replica is cx's, and must be gone before `conn`.
*/
mig_conn *mig_replica_new(mig_cx *cx, mig_conn *conn);
/* Copy all databases of the host's connection into it, as that sees them. */
void mig_replica_fill(mig_cx *cx, const mig_conn *replica, const mig_backup *o);
/* A private connection to a file that knows what the host has given its own
** one, as above, but has nothing of ours and hears no interrupt; cx's. */
sqlite3 *mig_replica_open(mig_cx *cx, const mig_conn *conn, const char *file);

/* ---- functions that scripts give to SQL (function.c) ---- */

/*
** SQLite takes no function away while a statement runs
** (https://sqlite.org/c3ref/create_function.html), and one does: the one that
** called us.  So a function stays with its connection.  When its script has
** ended, to call it is an error, and another script may have its name.
*/
typedef struct mig_function mig_function;
struct mig_function {
  mig_function *next;
  mig_conn *conn;
  int nref; /* SQLite's registrations of it                     */
  int pure; /* the same arguments give the same result          */
  void (*call)(void *self, sqlite3_context *ctx, int argc,
               sqlite3_value **argv); /* NULL: its script has ended */
  void *self;
  char name[]; /* as SQL knows it */
};
/* Is there a function of this name, of SQLite's, the host's or a script's?  It
** is a bare name; a keyword, which cannot be called, is an error. */
int mig_function_exists(mig_cx *cx, mig_conn *c, const char *name);
/* Let SQL reach `call(self, ...)` under this name, with any number of
** arguments; not from views, triggers and the like (SQLITE_DIRECTONLY). */
void mig_function_set(mig_cx *cx, mig_conn *c, const char *name, int pure,
                      void (*call)(void *, sqlite3_context *, int,
                                   sqlite3_value **),
                      void *self);
/* Those with this self have ended. */
void mig_function_end(mig_conn *c, const void *self);

/* ---- settings (settings.c) ---- */

typedef struct mig_setting mig_setting;
struct mig_setting {
  const char *key;
  const char *dflt; /* NULL: the environment or none decides */
  const char *description;
  /* Why `value` is wrong, with what would be right; NULL when it is right. */
  const char *(*check)(const char *value);
};
extern const mig_setting mig_settings[]; /* ends with key == NULL */

/* The value in force: set, else the environment's, else the default. */
const char *mig_config_get(const mig_conn *c, const char *key);
sqlite3_int64 mig_config_int(const mig_conn *c, const char *key);
/* Set; NULL goes back to the default.  Fails on an unknown key (naming the
** nearest, or all) and on a wrong value.  `arg.NAME` takes any NAME. */
void mig_config_set(mig_cx *cx, mig_conn *c, const char *key,
                    const char *value);
void mig_config_clear(mig_conn *c); /* all back to their defaults */
/* Fails when no such setting exists. */
void mig_config_known(mig_cx *cx, const char *key);

/* ---- the operating system (os.c) ---- */

/* All of a file, with a NUL behind it that n does not count.  Fails on what is
** not a regular file, cannot be read, or is larger than `limit` bytes. */
mig_span mig_os_read(mig_cx *cx, const char *path, sqlite3_int64 limit);
/* Call `each` with the names in a directory that end in one of `suffixes`
** (NULL-terminated), in any order; hidden ones are left out.  Fails when it
** cannot be read; with `optional`, a directory that does not exist is empty. */
void mig_os_each(mig_cx *cx, const char *dir, const char *const *suffixes,
                 int optional,
                 void (*each)(mig_cx *cx, void *arg, const char *name),
                 void *arg);
/* All of them, sorted by bytes. */
mig_list mig_os_list(mig_cx *cx, const char *dir, const char *const *suffixes,
                     int optional);
/* Make a new file with this text, durably.  Fails when it exists. */
void mig_os_write_new(mig_cx *cx, const char *path, const char *text);
/* Give a file another text, durably and at once; its mode stays. */
void mig_os_replace(mig_cx *cx, const char *path, const char *text);
/* Make a directory and its parents; one that exists is fine. */
void mig_os_mkdir(mig_cx *cx, const char *path);
int mig_os_exists(const char *path);
/*
** A file that appears whole, or not at all: begun under another name in the
** same directory, empty, as readable as the file `like` (NULL: no matter); and
** given its own name, durably, when it is complete and closed, which fails when
** that one is taken.  Fails when it is taken already, be it by a broken link,
** or could not be made.
*/
void mig_os_fresh(mig_cx *cx, const char *path);
void mig_os_begin(mig_cx *cx, const char *path, const char *like);
void mig_os_publish(mig_cx *cx, const char *from, const char *to);
void mig_os_remove(const char *path); /* a file, if it is there */
/* Bytes that may still be written where this file is; -1: not known. */
sqlite3_int64 mig_os_space(const char *path);
const char *mig_os_env(const char *name); /* NULL when unset or empty */
sqlite3_int64 mig_os_clock_ms(void);      /* monotonic, of no fixed origin */
/*
** Let this thread write numbers with a point, whatever the host's locale;
** returns what to give back soon, for it to be as before.  NULL, if it cannot.
*/
void *mig_os_locale(void *back);
/* The width of the terminal that standard error is, 80 when it does not say; 0
** when it is none. */
int mig_os_columns(void);
/* Write n bytes to standard error; 0 when nobody will ever read it.  Raises no
** SIGPIPE. */
int mig_os_note(const char *p, int n);
/* "dir/name", with one slash between. */
char *mig_os_join(mig_cx *cx, const char *dir, const char *name);

/* ---- where revisions come from (source.c) ---- */

typedef struct mig_source mig_source;
struct mig_source {
  const char *path; /* as messages show it: "versions/x.lua", or a name given */
  const char *file; /* with its directory: "migrations/versions/x.lua"; NULL  */
                    /* when it is held in memory                              */
  mig_span text;    /* checked: valid UTF-8, no NUL; without its BOM          */
  const mig_engine *engine;
  sqlite3_int64
      row; /* of _migrate_log, which the text is from; 0: a script's */
};

/* A set of file names as a number, whatever their order (known.c).  `= {0}` */
typedef struct mig_names mig_names;
struct mig_names {
  uint64_t sum[2];
  int n;
};
void mig_names_add(mig_names *s, const char *name);

/* What one call sees. */
typedef struct mig_project mig_project;
struct mig_project {
  mig_conn *conn;
  mig_db db;         /* the host's connection and the schema of the history */
  const char *dir;   /* the directory setting                               */
  mig_graph *graph;  /* linked; its state is that of the version rows read  */
  mig_names names;   /* of the files that were read                         */
  mig_list stored;   /* mig_stored: what is applied and has no script; as   */
                     /* far as known, and only looked for when there is one */
  void *instance[4]; /* of conn->engines, opened when first needed          */
};

/* Settings only; no file is read. */
mig_project *mig_project_new(mig_cx *cx, mig_conn *conn);
/* Read every revision, describe it, link the graph.  A directory that does not
** exist is an error, unless revisions are registered and `directory` is not
** set.  With the setting stored_scripts it reads the version rows and the log,
** too: what is applied then does not change any more if the lock is held. */
void mig_project_load(mig_cx *cx, mig_project *p);
/* The names that the files have which it would read, and nothing of them. */
mig_names mig_project_names(mig_cx *cx, const mig_project *p);
/* Fails when no database has the name in the setting `schema`. */
void mig_project_schema(mig_cx *cx, const mig_project *p);
/* Fails, pointing to migrate_init(), when there is no such directory. */
void mig_project_directory(mig_cx *cx, const mig_project *p);
/* Read the version rows into the graph's state. */
void mig_project_state(mig_cx *cx, mig_project *p);
/* The engine's instance for this call. */
void *mig_project_engine(mig_cx *cx, mig_project *p, const mig_engine *e);
/* The engine for a file name or a text without one; NULL with an error. */
const mig_engine *mig_engine_for(mig_cx *cx, const mig_conn *c,
                                 const char *name, mig_span text);
/* Check and trim a text as scripts must be: UTF-8, not empty, no NUL, no BOM.
 */
mig_span mig_source_check(mig_cx *cx, const char *path, mig_span text);
/* Is the name made of words of letters, digits, _ and -, with `sep` between
** them?  Then it is a module's, and safe as a path. */
int mig_module_named(mig_span name, char sep);
/* Describe a text that is new, and look at it as a whole. */
void mig_project_describe(mig_cx *cx, mig_project *p, const mig_source *s,
                          mig_header *out);
/*
** Hold a revision in memory for as long as the connection lives.  Returns its
** id.  The same text again is fine; another text for the id is an error.  A
** name that begins with "lib/" makes it a module, and is what is returned.
*/
const char *mig_register(mig_cx *cx, mig_conn *c, mig_span text,
                         const char *name);

/* ---- the version rows (version.c) and the log (log.c) ---- */

/* Ids (char) in _migrate_version, sorted; empty without the table.  Fails when
** what bears that name is not the table we make, or a row can be no id. */
mig_list mig_version_rows(mig_cx *cx, const mig_db *db);
/* The same of the table, which is there and is ours. */
mig_list mig_version_read(mig_cx *cx, const mig_db *db);
/* Is this table of ours there?  Fails when something else bears its name, or a
** table that computes: more columns are fine, but no CHECK, DEFAULT,
*REFERENCES,
** COLLATE, generated column or ON CONFLICT. */
int mig_store_table(mig_cx *cx, const mig_db *db, const char *name);
/* The same of all three: bits. */
enum { MIG_HAS_JOURNAL = 1, MIG_HAS_LOG = 2, MIG_HAS_VERSION = 4 };
int mig_store_tables(mig_cx *cx, const mig_db *db);
/* The same before it is written: fails when a trigger is on it, or an index
 *that
 ** computes.  What is TEMP is the host's own, and may be there. */
int mig_store_writable(mig_cx *cx, const mig_db *db, const char *name);
/* Has the table, which is there, such a column? */
int mig_store_column(mig_cx *cx, const mig_db *db, const char *table,
                     const char *column);
/* Make both tables unless they are there; and the log's column `known`, but in
** a script, which is for databases that may have it. */
void mig_store_create(mig_cx *cx, const mig_db *db);
/* Take rows away and put rows there (of char). */
void mig_version_change(mig_cx *cx, const mig_db *db, const mig_list *gone,
                        const mig_list *come);

typedef struct mig_log_row mig_log_row;
struct mig_log_row {
  sqlite3_int64 id; /* of a row that was read: the one with the text */
  const char *revision, *direction, *message, *started_at;
  sqlite3_int64 duration_ms;
  const char *checksum, *source, *extension;
};
/* The statement that adds rows, and one row; what it says of `extension` and
** `started_at` does not count: this version's, and `age_ms` ago.  A row of the
** direction `run` says in `known` what the row before does. */
sqlite3_stmt *mig_log_open(mig_cx *cx, const mig_db *db);
void mig_log_add(mig_cx *cx, const mig_db *db, sqlite3_stmt *st,
                 const mig_log_row *row, sqlite3_int64 age_ms);
/* Add a row of duration 0 now; its id. */
sqlite3_int64 mig_log_begin(mig_cx *cx, const mig_db *db,
                            const mig_log_row *row);
void mig_log_end(mig_cx *cx, const mig_db *db, sqlite3_int64 id,
                 sqlite3_int64 duration_ms);
/* Another text was run after all. */
void mig_log_text(mig_cx *cx, const mig_db *db, sqlite3_int64 id,
                  const mig_log_row *row);
/* The last row of each revision, by id: a map of mig_log_row without source.
** Empty without the table.  Where that one blesses a text, it is the row before
** with the id, the checksum and the message of the last.  mig_log_applied()
** gives the row of a revision unless the row took it back; else NULL. */
const mig_log_row *mig_log_applied(const mig_map *last, const char *id);
mig_map mig_log_last(mig_cx *cx, const mig_db *db);
/* The last row that has applied the revision, or blessed its text, with its
** source; NULL without one.  `last`: mig_log_last()'s, so that the log is not
** searched. */
mig_log_row *mig_log_find(mig_cx *cx, const mig_db *db, const mig_map *last,
                          const char *id);
/* The one revision in the log whose id begins so; else NULL. */
char *mig_log_named(mig_cx *cx, const mig_db *db, const char *prefix);

/* What the last row of the table, which is ours, says in `known`; NULL:
 * nothing.
 */
char *mig_log_known(mig_cx *cx, const mig_db *db);
void mig_log_know(mig_cx *cx, const mig_db *db, const char *known);

/* ---- that nothing is left to do (known.c) ---- */

/*
** Where a run leaves no revision of its graph pending, it says so in the last
** row of the log: `known` is a digest of the scripts' names, the texts that are
** registered and the version rows, and tells one head from several.  As long as
** the digest is the same, nothing is pending, and no script need be read for
** that.  What a script says now is not looked at.
*/

/* Note it, if it is so.  `rows`: the version rows (char, sorted) that are in
** the database.  Nothing in a script, nor where texts stand in for scripts. */
void mig_known_note(mig_cx *cx, const mig_project *p, const mig_list *rows);
/* Has an upgrade to the target nothing to do?  Asks the database in one
** snapshot, and for the files' names.  0 in doubt, and after any error, which
** is then met again where the scripts are read. */
int mig_known_holds(const mig_project *p, const char *target);

/* ---- texts of the log (stored.c) ---- */

/*
** A revision that is applied and has no script.  The text came with the
** database, which anybody may have written: unless the setting stored_scripts
** is `run`, nothing of it runs, not even to be described.
*/
typedef struct mig_stored mig_stored;
struct mig_stored {
  const char *id;
  const mig_log_row *log;   /* mig_log_find()'s                             */
  const mig_header *h;      /* what the text says; NULL: unknown            */
  const mig_source *source; /* the text, to be run; NULL: it is not         */
  const char *why;          /* ... because of this; NULL: of the setting    */
};
int mig_stored_run(const mig_conn *c); /* is the setting `run`? */
/* Of one id, whether or not it has a script; `last` as of mig_log_find(). */
mig_stored *mig_stored_find(mig_cx *cx, mig_project *p, const mig_map *last,
                            const char *id);
/* All of them: the version rows, then what they stand on.  Of the graph only
** what mig_graph_add() knows need be there. */
mig_list mig_stored_list(mig_cx *cx, mig_project *p);

/* ---- the journal of what is unfinished (journal.c) ---- */

/*
** _migrate_journal is there only while a revision or a script with
** transactional = false is: a row for each op done, and one of ordinal 0 for
** itself.
*/
typedef struct mig_journal_row mig_journal_row;
struct mig_journal_row {
  const char *revision;  /* its id; a script's path                        */
  sqlite3_int64 ordinal; /* of the op, from 1; 0: all of it                */
  const char *op;        /* what was done, shortened; of ordinal 0:        */
                         /* upgrade, downgrade, run                        */
  const char *checksum;  /* of that in full; of ordinal 0: of the script   */
  sqlite3_int64 result;  /* what the op gave; of ordinal 0: the log's id   */
  const char *key;       /* where an op that is under way stands; else NULL */
};
/* Those of ordinal 0: mig_journal_row.  Empty without the table. */
mig_list mig_journal_begun(mig_cx *cx, const mig_db *db);
/* The row, or NULL. */
mig_journal_row *mig_journal_get(mig_cx *cx, const mig_db *db,
                                 const char *revision, sqlite3_int64 ordinal);
/* Ops done; with `started` those under way count, too. */
sqlite3_int64 mig_journal_count(mig_cx *cx, const mig_db *db,
                                const char *revision, int started);
/* Is there a row behind this one? */
int mig_journal_later(mig_cx *cx, const mig_db *db, const char *revision,
                      sqlite3_int64 ordinal);
/* Write a row, or over it; makes the table. */
void mig_journal_put(mig_cx *cx, const mig_db *db, const mig_journal_row *row);
/* Take the rows of one away; NULL: of all revisions.  An empty table goes. */
void mig_journal_drop(mig_cx *cx, const mig_db *db, const char *revision);

/* ---- the schema that should be (target.c) ---- */

typedef struct mig_comparison mig_comparison;
struct mig_comparison {
  mig_schema *is, *should; /* the database's, and the target's              */
  mig_list renames;        /* mig_rename: first, tables before columns      */
  mig_list away;       /* mig_item of `is`: what SQLite's renames fail on, */
                       /* in an order in which it can be dropped        */
  mig_schema *renamed; /* what is, behind them; what is away is as it was */
  mig_diff *up;        /* from there to what should be                  */
};
/*
** Compare the database with the setting `target`: an attached database, or
** files (a comma list) of CREATE statements, of the project's directory or
** else of the current one.  Runs env.lua, for its include() and rename().
*/
mig_comparison *mig_comparison_make(mig_cx *cx, mig_project *p);
/* All differences (mig_difference), the renames first. */
mig_list mig_comparison_rows(mig_cx *cx, const mig_comparison *t);
/* Take out of a schema what env.lua's include() leaves alone. */
void mig_project_include(mig_cx *cx, mig_project *p, mig_schema *s);
/* Run env.lua, if there is one; without a run it only defines. */
void mig_project_env(mig_cx *cx, mig_project *p, struct mig_run *run);

/* SQLite's time now, "YYYY-MM-DD HH:MM:SS" in UTC. */
char *mig_now(mig_cx *cx, const mig_db *db);
#endif
