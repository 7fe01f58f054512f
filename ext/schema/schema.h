/*
** ext/schema/schema.h - a schema as data, and what changes it.  Layer 2.
**
** Invariants
**  - A change is data (mig_change), whoever made it.  Nothing here steps a
**    statement.
**  - Every name in a statement made here is qualified with its schema, so that
**    a TEMP table of the same name is never met.
*/
#ifndef MIG_SCHEMA_H
#define MIG_SCHEMA_H
#include "ext/db/db.h"
#include "ext/sql/sql.h"

typedef enum mig_change_kind {
  MIG_CREATE_TABLE,   /* name, parts, strict, without_rowid, if_exists     */
  MIG_DROP_TABLE,     /* name, if_exists                                   */
  MIG_RENAME_TABLE,   /* table, name (the new one)                         */
  MIG_ADD_COLUMN,     /* table, parts[0], after, before, using             */
  MIG_DROP_COLUMN,    /* table, name                                       */
  MIG_CREATE_INDEX,   /* name, table, parts, unique, where, if_exists      */
  MIG_DROP_INDEX,     /* name, if_exists                                   */
  MIG_CREATE_VIEW,    /* name, parts (column names, may be none), body     */
  MIG_DROP_VIEW,      /* name, if_exists                                   */
  MIG_CREATE_TRIGGER, /* name, body: all behind CREATE TRIGGER name        */
  MIG_DROP_TRIGGER,   /* name, if_exists                                   */
  MIG_ALTER_COLUMN,   /* table, name, set, using                           */
  MIG_REDEFINE_TABLE, /* table, body (a whole CREATE TABLE), parts (columns */
                      /* with a value of their own), values                */
  MIG_ADD_CONSTRAINT, /* table, name (may be NULL), clause, and by its type: */
                      /* parts (column names), body (CHECK's expression),  */
                      /* ref, refparts, actions, defer                     */
  MIG_DROP_CONSTRAINT /* table, and name; or clause and parts (the columns */
                      /* it is about; none: whichever it is about)         */
} mig_change_kind;

/* What of a column is to be another; a NULL with its has_ set takes it away. */
typedef struct mig_column_set mig_column_set;
struct mig_column_set {
  const char *name;    /* the new name, or NULL                      */
  const char *type;    /* as it shall be written                     */
  const char *dflt;    /* SQL text: a literal, or an expression      */
  const char *collate; /* a collation's name                         */
  const char *check;   /* a CHECK more (op.enum), or NULL            */
  int not_null;        /* 1: NOT NULL; 0: nullable                   */
  int has_type, has_default, has_collate, has_null;
};

typedef struct mig_change mig_change;
struct mig_change {
  mig_change_kind kind;
  const char *table; /* the table it is about                              */
  const char *name;  /* the object it makes, drops, or the new name        */
  const char *body;  /* SQL text: a SELECT, the rest of a CREATE TRIGGER   */
  const char *where; /* SQL text: a partial index's predicate, or NULL     */
  mig_list parts;    /* SQL text (char): columns and constraints, or what  */
                     /* an index covers                                    */
  int unique, strict, without_rowid;
  int if_exists; /* IF EXISTS, or IF NOT EXISTS where it makes something  */
  const char *after, *before; /* the column's new neighbour, or NULL       */
  const char *using;          /* SQL: the value for the rows there are     */
  mig_list values;            /* char: the same, for each of `parts`       */
  mig_column_set set;
  mig_clause_type clause;
  const char *ref;     /* the parent table                                 */
  mig_list refparts;   /* the parent's columns (char); none: its key       */
  const char *actions; /* SQL: "ON DELETE CASCADE ON UPDATE ..." or NULL   */
  const char *defer;   /* SQL: "DEFERRABLE INITIALLY DEFERRED" or NULL     */
};

/* A column given by its properties instead of as SQL text. */
typedef struct mig_column_spec mig_column_spec;
struct mig_column_spec {
  const char *name;       /* a name, not quoted                       */
  const char *type;       /* as it shall be written, or NULL          */
  const char *dflt;       /* SQL text: a literal, or an expression    */
  const char *check;      /* SQL text of the expression               */
  const char *references; /* SQL text behind REFERENCES: "t(id) ON DELETE..." */
  const char *collate;    /* a collation's name                       */
  const char *generated;  /* SQL text of the expression               */
  int stored;             /* a generated column that is STORED        */
  int not_null, primary_key, autoincrement, unique;
};

/*
** Append an author's text as one piece of a statement (piece.c); `what` names
** it in errors.  SQLITE_ERROR when it is empty, has a `;`, or leaves a quote,
** a comment or a parenthesis open.  What is appended next is never part of a
** comment in it.
*/
void mig_piece_add(mig_cx *cx, mig_buf *b, const char *what, const char *text);

/* "(text)": an author's expression as one; "DEFAULT text" (column.c). */
char *mig_piece_group(mig_cx *cx, const char *what, const char *text);
char *mig_default_sql(mig_cx *cx, const char *text);
/* SQL text of a column (column.c), and of a constraint (constraint.c). */
char *mig_column_sql(mig_cx *cx, const mig_column_spec *c);
char *mig_constraint_sql(mig_cx *cx, const mig_change *c);

/* The statement that makes the change natively, in `schema` (change.c). */
char *mig_change_sql(mig_cx *cx, const char *schema, const mig_change *c);
/* A copy, texts and all, in cx's memory (copy.c). */
mig_change *mig_change_copy(mig_cx *cx, const mig_change *c);
/* What it does, in words: "create table users"; for messages and progress. */
char *mig_change_title(mig_cx *cx, const mig_change *c);
/* ---- a table as it is (table.c) ---- */

/* A row of sqlite_schema. */
typedef struct mig_object mig_object;
struct mig_object {
  const char *type, *name, *table; /* table: sqlite_schema.tbl_name      */
  const char *sql;                 /* NULL: SQLite made it               */
  sqlite3_int64 root, rowid;       /* its b-tree; its row's own id       */
};
/* All of them, in order (mig_object). */
mig_list mig_objects_read(mig_cx *cx, const mig_db *db, const char *schema);
/* Those of one table, and what has no b-tree: views, triggers, virtual tables.
 */
mig_list mig_objects_about(mig_cx *cx, const mig_db *db, const char *schema,
                           const char *table);
/* The one of this name and one of these types ("table", "index"), or NULL. */
mig_object *mig_object_find(const mig_list *objects, const char *type,
                            const char *name);

/* The user's table whose name is nearest to this one, or NULL. */
const char *mig_object_nearest(const mig_list *objects, const char *name);

typedef struct mig_table mig_table;
struct mig_table {
  const char *schema, *name; /* as the database spells them               */
  mig_object *object;        /* its own row                               */
  mig_create *def;           /* its statement, read                       */
  mig_list objects;          /* mig_object: all of its database           */
  int alone; /* ... but for other tables and their indexes: to add columns */
  int has_rows;
  int copies;  /* is a swap ruled out?  (the setting rebuild)             */
  int merge;   /* may several columns be added by one edit of the text?    */
  int version; /* of the SQLite that runs: 3040001 */
};
/*
** Read a table that is to be altered.  Fails when there is none (naming the
** nearest), or when it is a view, virtual, a shadow table, SQLite's or ours.
*/
mig_table *mig_table_read(mig_cx *cx, const mig_db *db, const char *name,
                          int alone);

/* Is the name among the keys (mig_key)?  (alter.c) */
int mig_keys_have(mig_cx *cx, const mig_list *keys, const char *name);

/* ---- types (type.c) ---- */

/* What SQLite converts a column's values to: 'B'lob (nothing), 'T'ext,
** 'N'umeric, 'I'nteger, 'R'eal (https://sqlite.org/datatype3.html, 3.1). */
char mig_affinity(mig_span type, int strict);
/* The type as SQLite reads it: without the quotes around it. */
mig_span mig_type_plain(mig_span type);
/* Is this column the rowid, by another name?
** (https://sqlite.org/lang_createtable.html, "ROWIDs and the INTEGER PRIMARY
** KEY") */
int mig_is_rowid(mig_cx *cx, const mig_create *def, const mig_coldef *col);
/* The column that is the rowid, or NULL. */
mig_coldef *mig_rowid_column(mig_cx *cx, const mig_create *def);
/* The table's PRIMARY KEY, its own or a column's, or NULL; and is the column in
** it? */
const mig_clause *mig_primary_key(const mig_create *def);
int mig_is_key(mig_cx *cx, const mig_create *def, const mig_coldef *col);
/* Does the definition keep NULL out of the column?  A key does where the table
** is STRICT or WITHOUT ROWID. */
int mig_takes_no_null(mig_cx *cx, const mig_create *def, const mig_coldef *col);
/* Is this one of the names that SQLite has for the rowid? */
int mig_is_rowid_word(const char *name);
/* A name by which SQL reaches the rowid, or NULL: none, or all are taken. */
const char *mig_rowid_name(mig_cx *cx, const mig_create *def);

/* ---- the text of a CREATE TABLE, changed (layout.c) ---- */

/*
** Each gives the statement's new text; all else stays, byte for byte.  `at` is
** the place of a column.  A piece begins a line of its own where the one before
** it does.
*/
char *mig_layout_add(mig_cx *cx, const mig_create *def, int at,
                     const char *piece); /* before column `at`, or last */
/* Some pieces (char), last, as one after the other would be put in. */
char *mig_layout_add_all(mig_cx *cx, const mig_create *def,
                         const mig_list *pieces);
char *mig_layout_drop(mig_cx *cx, const mig_create *def, int at);
/* A constraint of the table itself, last; and one taken away. */
char *mig_layout_add_clause(mig_cx *cx, const mig_create *def,
                            const char *piece);
char *mig_layout_drop_clause(mig_cx *cx, const mig_create *def,
                             const mig_clause *clause);
/* A part (a span of the text) replaced; NULL takes it and the space before. */
char *mig_layout_set(mig_cx *cx, const mig_create *def, mig_span part,
                     const char *piece);
/* " piece" put behind a part. */
char *mig_layout_append(mig_cx *cx, const mig_create *def, mig_span part,
                        const char *piece);
/* ---- deciding how to alter a table (alter.c): it steps nothing ---- */

typedef enum mig_way {
  MIG_WAY_NONE,   /* it is so already                                    */
  MIG_WAY_NATIVE, /* SQLite's own ALTER TABLE                            */
  MIG_WAY_EDIT,   /* its text in sqlite_schema; no row is touched        */
  MIG_WAY_SWAP,   /* a new b-tree is filled and takes the old one's place; */
                  /* indexes of what does not change are kept             */
  MIG_WAY_REBUILD /* the same, and every index is built anew              */
} mig_way;
extern const char *const mig_way_names[];

/* A condition that no row may meet. */
typedef struct mig_proof mig_proof;
struct mig_proof {
  const char *bad;    /* SQL: true for a bad row                            */
  const char *column; /* whose value the message shows, or NULL             */
  const char *why;    /* "cannot become INTEGER"                            */
  const char *remedy; /* "give using=, or change them first"                */
  int old;            /* asked of the old rows, also when they are converted */
};

/* A column of the table as it will be. */
typedef struct mig_alter_column mig_alter_column;
struct mig_alter_column {
  const char *name;  /* in the table as it will be, before renames       */
  const char *old;   /* in the table as it is; NULL: it is added         */
  const char *value; /* SQL over the old row; NULL: generated            */
  int same; /* in a new b-tree: is it the old column, stored and compared  */
            /* as it was?                                                  */
  int raw;  /* ... and copied without its type, so that no value changes   */
};

/* One pass over a table: some changes, done in one way. */
typedef struct mig_alter mig_alter;
struct mig_alter {
  mig_way way;
  const char *reason;  /* why none cheaper: of the change that needs it most */
  int taken;           /* how many changes it takes                         */
  mig_list before;     /* char: statements that come first: DROP INDEX      */
  mig_list native;     /* char: with MIG_WAY_NATIVE, the statements         */
  int adds;            /* the last so many of them are only to be compiled: */
                       /* the columns that they add come with the text      */
  const char *bare;    /* ... the text without their CHECKs, of which the   */
                       /* proofs are asked; NULL: there are none            */
  mig_list after;      /* char: CREATE INDEX, RENAME COLUMN                 */
  mig_list proofs;     /* mig_proof                                         */
  mig_list unstored;   /* char: columns of which every row must store its   */
                       /* value, else the edit would change it: see DESIGN 4 */
  const char *sql;     /* the new statement                                 */
  mig_create *def;     /* ... read                                          */
  mig_list columns;    /* mig_alter_column: of the new table, in order      */
  mig_list gone, come; /* char: columns that are dropped, and added         */
  mig_list kept;       /* char: of a swap: indexes with a statement that    */
                       /* are right for the new b-tree                      */
  const char *odd;     /* SQL over the old row, or NULL: are there values   */
                       /* that the copy may convert?  Then no index is kept */
  int same;   /* of a new b-tree: are all old columns in it, as they were?   */
  int held;   /* ... or but for what their types make of their values?       */
  int breaks; /* may a view or a trigger be broken by it?         */
  int keys;   /* may foreign keys be violated otherwise than before? */
};

/*
** Make the plan of the first pass over the changes (mig_change) from `from` on:
** as many as one pass can take.  `rebuild`: not in a cheaper way.
*/
mig_alter *mig_alter_plan(mig_cx *cx, const mig_table *t,
                          const mig_list *changes, int from, int rebuild);

/* ---- rebuilding (rebuild.c): statements only ---- */

/* The names of what is made for the time of a rebuild; free in the database. */
typedef struct mig_rebuild mig_rebuild;
struct mig_rebuild {
  const char *fill;  /* the table that is filled                           */
  const char *shape; /* an empty one, by which SQLite says what it makes of */
                     /* the new statement                                  */
  int transfer;      /* does SQLite's transfer of rows fill it?            */
};
void mig_rebuild_names(mig_cx *cx, const mig_table *t, mig_rebuild *out);
/* CREATE TABLE fill: what is stored of the new table, without constraints.
** `key`: SQL, what SQLite orders it by when it is WITHOUT ROWID; NULL: as its
** PRIMARY KEY says. */
char *mig_rebuild_fill(mig_cx *cx, const mig_table *t, const mig_alter *a,
                       const mig_rebuild *names, const char *key);
/* CREATE TABLE shape: the new statement, without the CHECKs that name it. */
char *mig_rebuild_shape(mig_cx *cx, const mig_table *t, const mig_alter *a,
                        const char *name);
/* INSERT INTO fill ... SELECT: rows and rowids. */
char *mig_rebuild_copy(mig_cx *cx, const mig_table *t, const mig_alter *a,
                       const mig_rebuild *names);
/* May SQLite's transfer of rows fill it: "INSERT INTO fill SELECT * FROM t",
** where SQLite takes the stored rows as they are?  */
int mig_alter_transfers(mig_cx *cx, const mig_table *t, const mig_alter *a);
/* May that be done some rows at a time?  Not when a value is a window's. */
int mig_rebuild_in_pieces(const mig_alter *a);
/* Does each new row have the rowid of its old one? */
int mig_rebuild_keeps_rowid(mig_cx *cx, const mig_table *t, const mig_alter *a);
/* ---- views and triggers that do not compile (compile.c) ---- */

/*
** Prepares, and never steps, a statement for each view, and for each trigger
** one that fires it: of the schema and of TEMP, of those that a change of the
** table could reach (NULL: of all).  What cannot be prepared is listed
** (mig_broken).
*/
typedef struct mig_broken mig_broken;
struct mig_broken {
  const mig_object *object;
  int temp;        /* it is one of the TEMP database                       */
  int quotes;      /* ... when double quotes are names only                */
  const char *why; /* SQLite's message                                     */
};
mig_list mig_broken_read(mig_cx *cx, const mig_db *db, const char *table);
/* The same, where TEMP's objects are known, and of the schema's those without a
** b-tree. */
mig_list mig_broken_among(mig_cx *cx, const mig_db *db, const mig_list *here,
                          const mig_list *temp, const char *table);
/* Is it among these (mig_broken), broken in the same way? */
int mig_broken_was(const mig_list *was, const mig_broken *b);
/* Fail, naming the object and its text, when `now` has what `was` has not, or
** when double quotes around a column's name, that comes or goes, would mean a
** column where they meant a text, or the reverse. */
void mig_broken_compare(mig_cx *cx, const mig_alter *a, const char *table,
                        const mig_list *was, const mig_list *now);

/* ---- a schema as data (model.c) ---- */

/* A table, index, view, trigger or virtual table of the user's. */
typedef struct mig_item mig_item;
struct mig_item {
  const char *kind; /* "table", "virtual table", "index", ...             */
  const mig_object *object;
  mig_create *def;
  const char *key;  /* its name in lower case; "trigger name" of a trigger  */
  const char *form; /* its text in one spelling; NULL for a table          */
  int away; /* who runs what makes one schema of another sees to it that it */
            /* is not there meanwhile                                       */
};
typedef struct mig_schema mig_schema;
struct mig_schema {
  mig_list items; /* mig_item, in the order they were made             */
  mig_map by_key; /* the same by their keys                            */
  mig_map names;  /* names of objects and columns, in lower case       */
};
/*
** Read one.  Left alone are SQLite's tables and ours, shadow tables, and those
** of other tools that keep a history or a copy, unless `target` has them; NULL:
** it is the target that is read.
*/
mig_schema *mig_schema_read(mig_cx *cx, const mig_db *db, const char *schema,
                            const mig_schema *target);
/* Which tool keeps a table of this name in the user's database?  Or NULL. */
const char *mig_schema_tool(const char *table);
/* The key of an object's item. */
char *mig_schema_key(mig_cx *cx, const mig_object *o);
/* Take an item out of it, and all that is on it when it is a table. */
void mig_schema_leave(mig_cx *cx, mig_schema *s, const char *key);
/* Add another schema's item, as one that is away. */
void mig_schema_away(mig_cx *cx, mig_schema *s, const mig_item *item);

/* Its statements, ordered; what the order says of two equal schemas is equal
** (dump.c). */
char *mig_schema_dump(mig_cx *cx, const mig_schema *s);

/* ---- the difference between two (diff.c) ---- */

typedef struct mig_difference mig_difference;
struct mig_difference {
  const char *kind;   /* add, drop, change, rename                        */
  const char *object; /* table, column, constraint, index, view, ...      */
  const char *name;   /* of the object; "users.email" of a column         */
  const char *detail; /* what of it, or NULL                              */
  int destructive;    /* does it lose what rows hold?                     */
};

/* Add a difference.  The detail is made from fmt. */
void mig_difference_add(mig_cx *cx, mig_list *rows, const char *kind,
                        const char *object, const char *name, int destructive,
                        const char *fmt, ...);

/* A table, or a column, that has another name. */
typedef struct mig_rename mig_rename;
struct mig_rename {
  const char *table;     /* of a column: its table's new name; NULL: a table */
  const char *from, *to; /* as they are spelled                             */
};

/* One thing that a revision does. */
typedef struct mig_draft mig_draft;
struct mig_draft {
  const char *table;  /* a batch on this table: changes, or define        */
  mig_list changes;   /* mig_change; one, unless it is a batch            */
  int native;         /* are they SQLite's own ALTER TABLE, as they stand? */
  const char *define; /* the table's new statement                        */
  const char *sql;    /* or a CREATE statement to be executed             */
  const char *note;   /* what a person must know, or NULL                 */
  mig_list guesses;   /* mig_rename: what it might be instead             */
};

typedef struct mig_diff mig_diff;
struct mig_diff {
  mig_list rows;   /* mig_difference */
  mig_list drafts; /* mig_draft, in the order they can run */
};
/* What makes `to` of `from`. */
mig_diff *mig_diff_of(mig_cx *cx, const mig_schema *from, const mig_schema *to);

/* ---- names that changed (rename.c) ---- */

/* The user's own word on two names: is the second what the first was? */
typedef struct mig_hints mig_hints;
struct mig_hints {
  int (*renamed)(mig_cx *cx, void *arg, const char *kind, const char *from,
                 const char *to); /* or NULL */
  void *arg;
};
/* mig_rename, tables first: what `-- renamed from: x` in the target says, and
** what the hints say. */
mig_list mig_renames_find(mig_cx *cx, const mig_schema *live,
                          const mig_schema *target, const mig_hints *hints);
#endif
