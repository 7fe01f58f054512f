/*
** lua/host.h - one Lua state inside one call.  Layer 5, private to lua/.
**
** Invariants
**  - Our errors are sticky in a cx; Lua's jump and clean up nothing.  A binding
**    checks its arguments first (may jump, holds nothing), acts second (all it
**    holds is h->cx's or a userdata's), and raises last: mig_host_return() is
**    the only place where our error becomes Lua's, mig_host_protect() the only
**    one where Lua's becomes ours.
**  - h->cx belongs to the binding that runs.  A binding therefore calls no Lua
**    function (it reads tables raw).  One that must, op.batch_alter_table, has
**    nothing in h->cx meanwhile, and enters once more when it has returned.
**  - What a binding jumped away from is released by the next one, or at the
**    end of the script.
**  - Once h->stop holds an error no script code runs any more.
*/
#ifndef MIG_HOST_H
#define MIG_HOST_H
#include "ext/run/run.h"
#include "lua/api.h"

typedef struct mig_script mig_script;
struct mig_script {
  const char *path; /* for messages                                       */
  const char *id;   /* of the revision that is to blame, or NULL          */
  mig_span text;
  int guarded; /* may its top level not use op and db?             */
  int again;   /* will the text be run again, so keep it compiled? */
};

/* Memory for Lua, small blocks cut from large ones (pool.c); `= {0}` inits. */
enum { MIG_NPOOL = 16 }; /* classes of small blocks, 16 bytes apart */
typedef struct mig_pool mig_pool;
struct mig_pool {
  void *free[MIG_NPOOL];  /* blocks given back, each holds the next */
  struct mig_slab *slabs; /* all there are                          */
  char *cut;              /* the newest one's rest ...              */
  size_t left;            /* ... and how many bytes it has          */
};
/* As lua_Alloc; a block stays where it is while its class stays. */
void *mig_pool_alloc(mig_pool *p, void *block, size_t had, size_t want);
void mig_pool_release(mig_pool *p);
/* lua_Alloc for a mig_host: what mig_host_alloc() does, at once where it can.
 */
void *mig_pool_lua(void *host, void *block, size_t had, size_t want);

enum { MIG_NHUGE = 64 }; /* huge texts of which is known where they are */

typedef struct mig_host mig_host;
struct mig_host {
  lua_State *L; /* the main thread; NULL until a script runs              */
  mig_conn *conn;
  mig_run *run;                /* NULL while a script is only described       */
  sqlite3_stmt *probe;         /* by which an interrupt is heard; keep's      */
  mig_cx cx;                   /* of the binding that runs                    */
  mig_cx stop;                 /* why the script must end, uncatchably        */
  mig_cx keep;                 /* what lives as long as the host              */
  const char *env_path;        /* of env.lua, once it has run                 */
  char env_source[LUA_IDSIZE]; /* what Lua's messages call it             */
  const mig_script *on;        /* the script that runs                        */
  struct mig_stmt *stmts;      /* open statements of the script (db.c)        */
  int nstmts;                  /* ... how many                                */
  int most;                    /* ... and how many before Lua is to collect   */
  int body;                    /* is a guarded top level running?             */
  struct mig_func *funcs;      /* of the script, that SQL can call (func.c)   */
  lua_State *nested_in;        /* the thread they run in, or NULL             */
  int nested;                  /* how many of them are under way              */
  int unhooked;                /* has it no hook?  See mig_host_ends()        */
  int unheard;                 /* bytes of scripts that ran without one since */
  int line;                    /* where the script's error was raised, or 0   */
  int in_transaction;          /* was one open when the script began?         */
  int raised;                  /* code of the error a binding raised last     */
  int full;                    /* was it the limit that refused memory last? */
  mig_pool pool;               /* where Lua\'s memory comes from */
  size_t used, limit;          /* bytes Lua holds, and may hold; 0: no limit  */
  sqlite3_int64 seconds;       /* setting lua_seconds                         */
  sqlite3_int64 allowed;       /* seconds the running script may take; 0: any */
  sqlite3_int64 deadline;      /* on mig_os_clock_ms()'s clock; 0: none       */
  sqlite3_int64 polled;        /* when mig_host_poll() last looked            */
  unsigned skipped;            /* calls of next(): see library.c              */
  int depth;                   /* setting lua_depth                           */
  lua_State *at;               /* the thread that runs, or NULL: not known    */
  size_t huge;                 /* bytes of huge texts ...                     */
  void *huge_at[MIG_NHUGE];    /* ... and where these are                     */
  int nhuge;
  sqlite3_int64 now;       /* when mig_host_poll() last was called        */
  sqlite3_int64 hooked;    /* the same, when it was the hook that did     */
  char source[LUA_IDSIZE]; /* what Lua's messages call the script         */
  /* json.c's statements, keep's, prepared when first needed */
  struct {
    sqlite3_stmt *quote; /* a text as JSON          */
    sqlite3_stmt *real;  /* a number's text as REAL */
    sqlite3_stmt *tree;  /* a document's elements   */
  } json;
};

/* ---- the state and its calls (host.c) ---- */

/* Lua itself is started by the first mig_host_ready(). */
mig_host *mig_host_open(mig_cx *cx, mig_conn *conn);
/* Before mig_host_protect(): Lua runs, with this pause of its collector. */
void mig_host_ready(mig_cx *cx, mig_host *h, int pause);
mig_host *mig_host_of(lua_State *L);
/* lua_Alloc within the limits, for mig_pool_lua(). */
void *mig_host_alloc(void *ud, void *p, size_t had, size_t want);
/*
** Call fn(arg), a light userdata, protected, with `s` as the script that runs
** for at most `seconds` (0: no limit).  A Lua error becomes cx's: "revision ID
** (path:line): why", or "path:line: why" without an id.
*/
void mig_host_protect(mig_cx *cx, mig_host *h, const mig_script *s,
                      sqlite3_int64 seconds, lua_CFunction fn, void *arg);
/* Run the script's body in a new environment, which is left on the stack.
** With `args` (an index, or 0), that table is its `args`. */
void mig_host_body(lua_State *L, mig_host *h, int args);
/* The same without running it: push the environment, and the script as a
** function. */
void mig_host_load(lua_State *L, mig_host *h, int args);
/* Ask, at most every 10 ms, whether the script must end: then h->stop is set */
void mig_host_poll(mig_host *h);
/* Note that Lua got no memory: the limit's error, or SQLite's. */
void mig_host_memory(mig_cx *cx, const mig_host *h);
/* Poll, and raise h->stop if it is set.  Jumps. */
void mig_host_check(lua_State *L);
/* The same, before L lets the coroutine co run; NULL: there is none. */
void mig_host_resume(lua_State *L, lua_State *co);

/*
** Does the Lua function at the top of the stack end by itself?  It does when it
** has no loop and can reach no other function in Lua, as most functions of one
** line.  Counting its instructions takes a sixth of its time, so it may run in
** h->nested_in without a hook: then the bytes of its lines, else 0.
*/
int mig_host_ends(lua_State *L, const mig_host *h);
/* Take the hook from h->nested_in while such functions run, or give it back. */
void mig_host_unhook(mig_host *h, int unhooked);

/* Begin the binding `name`.  Jumps when the script has been stopped, or is at
** its top level.  h->cx is empty afterwards. */
mig_host *mig_host_enter(lua_State *L, const char *name);
/* Leave it with n results, or raise the error that h->cx holds. */
int mig_host_return(lua_State *L, mig_host *h, int n);

/* ---- what a script sees (sandbox.c) ---- */

/* Fill the state; called once, protected. */
void mig_sandbox_open(lua_State *L);
/* Push a new environment. */
void mig_sandbox_env(lua_State *L);
/* Push the settings arg.NAME as a table, one for the whole call. */
void mig_sandbox_args(lua_State *L);
/* Give the library at the top of the stack an error for names it lacks. */
void mig_sandbox_strict(lua_State *L, const char *library);

/* ---- what would run long unheard (pattern.c, library.c) ---- */

/* Put find, match, gmatch and gsub into the table at the top of the stack: as
** Lua's, but they look at the clock. */
void mig_pattern_open(lua_State *L);
/* The same for more of what Lua has, in the library, or the table of globals,
** at the top of the stack. */
void mig_library_string(lua_State *L);
void mig_library_table(lua_State *L);
void mig_library_utf8(lua_State *L);
void mig_library_base(lua_State *L);
/* Replace t[name], t at the top, by f with the old one as its upvalue. */
void mig_library_replace(lua_State *L, const char *library, const char *name,
                         lua_CFunction f);

/* ---- values between Lua and SQLite (value.c) ---- */

/* The value at idx, whose text is Lua's, with a NUL behind it; 0 when it is
** none (a table, ...). */
int mig_cell_read(lua_State *L, int idx, mig_cell *out);
/* Push it; a NULL is nil, or with `marked` null. */
void mig_cell_push(lua_State *L, const mig_cell *c, int marked);
void mig_null_push(lua_State *L);
/* Put `blob` and `null` into the table at the top of the stack. */
void mig_values_open(lua_State *L);

/* The parameters of a script's statements: a list, or a map. */
typedef struct mig_params mig_params;
struct mig_params {
  mig_binder base;   /* must be first                                  */
  mig_cell *v;       /* in h->cx                                       */
  const char **name; /* of each value when they came as a map, or NULL */
  char *used;        /* was each used?                                 */
  int n;
  int next;         /* the first of a list that no statement has taken */
  int lasting;      /* do statements keep copies?                      */
  const mig_db *db; /* of the statements; borrowed                 */
};
/* Take all arguments from stack index `from` on; a single table is a list or
** a map.  Sticky in h->cx; may jump. */
void mig_params_read(lua_State *L, mig_host *h, int from, mig_params *p);
/* Append all of them, as a list of SQL literals; those of a map by name. */
void mig_params_text(mig_cx *cx, mig_buf *b, const mig_params *p);
/* Bind what this statement takes: it is mig_params' mig_binder.bind. */
void mig_params_bind(mig_cx *cx, mig_binder *b, sqlite3_stmt *st);
/* Fails when values are left that no statement took. */
void mig_params_end(mig_cx *cx, const mig_params *p);

/* ---- arguments of op's functions (oparg.c) ---- */

/*
** All jump when the argument is not as it must be.  `fn` is the function's
** name, `what` the argument's, for the message.  Texts are borrowed from Lua.
*/
const char *mig_arg_string(lua_State *L, int idx, const char *fn,
                           const char *what);
/* The same, not empty. */
const char *mig_arg_name(lua_State *L, int idx, const char *fn,
                         const char *what);
/* Is it nil, or null? */
int mig_arg_absent(lua_State *L, int idx);
/* A list of texts, or one text: char of h->cx. */
mig_list mig_arg_list(lua_State *L, mig_host *h, int idx, const char *fn,
                      const char *what);
/* Names of columns, at least one. */
mig_list mig_arg_columns(lua_State *L, mig_host *h, int idx, const char *fn);

/* A key that a table may have, and where in a struct its value goes. */
typedef struct mig_arg_key mig_arg_key;
struct mig_arg_key {
  char name[15]; /* "" ends the list                                      */
  char kind;     /* b: true or false; n: the opposite; s: text; i: text   */
                 /* that is not empty; -: read elsewhere                  */
  size_t at;     /* offset; an int, or a const char *                     */
};
/* Read the table at t, a positive index, into the struct at base; `what` its
** keys are.  Other keys are an error that lists the known ones. */
void mig_arg_keys(lua_State *L, int t, const char *fn, const char *what,
                  const mig_arg_key *known, void *base);
/* The same of options that may be nil; returns whether they are there. */
int mig_arg_options(lua_State *L, int idx, const char *fn,
                    const mig_arg_key *known, void *base);
int mig_arg_push(lua_State *L, int t, const char *key); /* raw; its type */
int mig_arg_has(lua_State *L, int t, const char *key);
/* Which of the words is t[key], in any case?  -1 when it is nil. */
int mig_arg_word(lua_State *L, int t, const char *key, const char *fn,
                 const char *const *words);

/* ---- columns (opcolumn.c) ---- */

/* The column at idx, SQL text or a table, as SQL text.  Sticky; may jump. */
const char *mig_opcolumn_sql(lua_State *L, mig_host *h, int idx,
                             const char *fn);
/*
** Read t.type and t.default, and return whether they are there; null leaves
** NULL.  With an enum as type *check also gets its check, after the one there
** is, for the column `name`.  Sticky; may jump.
*/
int mig_opcolumn_type(lua_State *L, mig_host *h, int t, const char *fn,
                      const char *name, const char **type, const char **check);
int mig_opcolumn_default(lua_State *L, mig_host *h, int t, const char *fn,
                         const char **dflt);
int mig_op_enum(lua_State *L);
void mig_opcolumn_open(lua_State *L);

/* ---- changes to a table, at once or in a batch (opalter.c, opbatch.c) ---- */

/* One call of a function that op and a batch share. */
typedef struct mig_opcall mig_opcall;
struct mig_opcall {
  mig_host *h;
  const char *fn;          /* what the script calls it: "t.add_column"       */
  struct mig_batch *batch; /* that gathers the change; NULL: made at once    */
  mig_change change;       /* its kind and table are set                     */
};
/*
** Begin the binding `fn`, "op.add_column".  There are n arguments afterwards,
** the table's name at `at` (0: it is none of them), also in a batch.  Jumps.
*/
void mig_opcall_begin(lua_State *L, mig_opcall *call, const char *fn,
                      mig_change_kind kind, int at, int n);
/* Make or gather the change, and leave the binding. */
int mig_opcall_end(lua_State *L, mig_opcall *call);

extern const luaL_Reg mig_op_alter[]; /* what op and a batch have */
int mig_op_batch(lua_State *L);
void mig_opbatch_open(lua_State *L);

/* ---- the libraries ---- */

void mig_op_open(lua_State *L); /* push `op`'s functions (op.c) */
int mig_op_bulk_insert(lua_State *L);
void mig_luadb_open(lua_State *L); /* push `db`'s functions (db.c)      */
/* Close what the script has left open. */
void mig_luadb_end(mig_host *h);
/* Before anything is written: open loops keep what they have to read, as it is
** now.  Fails inside a function that SQL calls.  Sticky in h->cx. */
void mig_luadb_settle(mig_host *h);
/* A function that SQL called has ended, and the statement that called it may
** write: so do the loops that it has left open.  Sticky in h->cx. */
void mig_luadb_leave(mig_host *h);

/* ---- functions that SQL calls (func.c) ---- */

int mig_luadb_func(lua_State *L);
/*
** The script's SQL, with calls of functions that db.func has replaced edited
** (cx's, or `sql` itself).  Fails when it defines a view, trigger or index that
** calls one of the script's; `in` says so of all of it: "a view".  Sticky in
** h->cx.
*/
mig_span mig_func_sql(mig_host *h, mig_span sql, const char *in);
/* The same for what a change says in SQL. */
void mig_func_change(mig_host *h, mig_change *c);
/* A function of the script's that SQL calls. */
typedef struct mig_callee mig_callee;
struct mig_callee {
  int ref;  /* registry: the Lua function           */
  int ends; /* mig_host_ends() */
  int keep; /* does what is returned stay on the stack of its thread? */
};
/* Fill it with the function at the top of the stack, which is popped. */
void mig_callee_take(lua_State *L, mig_host *h, mig_callee *c);
/* Called by SQL: fn(arg, f), a light userdata and the callee's function,
** protected, in a thread of its own, with another h->cx.  An error becomes
** the SQL function's.  0 after an error. */
int mig_func_protect(mig_host *h, sqlite3_context *ctx, lua_CFunction fn,
                     void *arg, const mig_callee *callee);
/* Make sure that there is that thread, h->nested_in. */
void mig_func_thread(lua_State *L, mig_host *h);
/* Push a function's arguments; how many.  Jumps. */
int mig_func_push(lua_State *L, mig_cx *cx, int argc, sqlite3_value **argv);
/* Take the script's functions away. */
void mig_func_end(mig_host *h);

int mig_op_backfill(lua_State *L); /* backfill.c */

/* ---- scripts outside of the graph (script.c) ---- */

void mig_script_sketch(mig_cx *cx, void *self, const mig_call *call,
                       mig_header *out);
void mig_script_run(mig_cx *cx, void *self, mig_run *run, const mig_call *call);

/* ---- helpers: JSON (json.c) and modules (module.c) ---- */

int mig_json_encode(lua_State *L); /* db.json   */
int mig_json_decode(lua_State *L); /* db.unjson */

/* What `require` is in the sandbox's base: pushes one for a new script, with no
** module loaded yet. */
int mig_module_open(lua_State *L);
/* Would the text compile?  It is mig_engine.module. */
void mig_module_check(mig_cx *cx, void *host, const char *path, mig_span text);

/* ---- describing (header.c) ---- */

/* Read the header from the environment at the top of the stack.  Sticky. */
void mig_header_read(mig_cx *cx, lua_State *L, const mig_script *s,
                     mig_header *out);

/* The text of a comment's line, without its dashes; may be empty. */
mig_span mig_header_comment(mig_span line);
/*
** Read a header without Lua, where there can be no doubt what it says
** (glance.c); 0 in doubt.  Sticky.
*/
int mig_glance(mig_cx *cx, mig_span text, mig_header *out);
/* Does a line before the first code say `transactional = false`?  *message is
** the first comment there. */
int mig_glance_resumable(mig_span text, mig_span *message);
/* The text with `parents`, a Lua value, as its down_revision. */
char *mig_glance_relink(mig_cx *cx, const char *path, mig_span text,
                        const char *parents);

/* ---- a new revision's text (render.c) ---- */

extern const char mig_render_template[];
char *mig_render(mig_cx *cx, const mig_header *h, const char *tmpl,
                 const mig_bodies *bodies);
/* A Lua string; NULL is nil. */
void mig_render_string(mig_cx *cx, mig_buf *b, const char *z);
/* The lines of a function that does what the drafts say (draft.c). */
char *mig_draft_lua(mig_cx *cx, const mig_list *drafts);
char *mig_render_relink(mig_cx *cx, const char *path, mig_span text,
                        const mig_list *down);
#endif
