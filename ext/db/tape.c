/*
** ext/db/tape.c - what goes through the one door, kept as the text of a script
** that does the same elsewhere.
**
** A script has no way to say "only if", and a shell goes on behind an error.
** So what has to hold is a row of a table of its own whose CHECKs it fails, and
** the last row rolls all back unless every other one is there.
*/
#include "ext/db/db.h"
#include "ext/sql/sql.h"

#define TABLE "_migrate_script"

/* A value bound to a statement that has not run yet. */
typedef struct tape_value tape_value;
struct tape_value {
  const sqlite3_stmt *st;
  int i;
  char *literal; /* of tape->bound_mem */
};

static mig_tape *tape_of(const mig_db *db) {
  return db && db->tape && !db->tape->held ? db->tape : NULL;
}

void mig_tape_hold(const mig_db *db, int on) {
  if (db->tape) db->tape->held += on ? 1 : -1;
}

mig_tape_at mig_tape_mark(const mig_db *db) {
  mig_tape_at at = {0};

  if (db->tape) {
    at = db->tape->at;
    at.n = db->tape->text.n;
  }
  return at;
}

void mig_tape_back(const mig_db *db, mig_tape_at mark) {
  if (!db->tape || db->tape->text.n < mark.n) return;
  db->tape->text.n = mark.n;
  db->tape->at = mark;
}

/* ---- statements ---- */

/* Without the comments, spaces and semicolon at its end. */
static mig_span tape_trim(const char *sql) {
  mig_span rest = mig_span_z(sql), all = {sql, 0};
  mig_token t;

  while ((t = mig_token_next(&rest)).type != MIG_TK_END)
    if (!mig_token_is(t, ";")) all.n = (int)(t.s.p + t.s.n - sql);
  return all;
}

static const char *tape_literal(const mig_tape *t, const sqlite3_stmt *st,
                                int i) {
  int k;

  for (k = 0; k < t->bound.n; k++) {
    const tape_value *v = t->bound.at[k];
    if (v->st == st && v->i == i) return v->literal;
  }
  return "NULL";
}

static int tape_is_bound(const mig_tape *t, const sqlite3_stmt *st) {
  int k, n = 0;

  for (k = 0; k < t->bound.n; k++)
    n += ((const tape_value *)t->bound.at[k])->st == st;
  return n > 0;
}

/* The values are used up. */
static void tape_unbind(mig_tape *t, const sqlite3_stmt *st) {
  int k, n = 0;

  for (k = 0; k < t->bound.n; k++)
    if (((const tape_value *)t->bound.at[k])->st != st)
      t->bound.at[n++] = t->bound.at[k];
  t->bound.n = n;
  if (n) return;
  mig_cx_release(&t->bound_mem);
  t->bound = (mig_list){0};
}

/* Which parameter a token is: ?, ?N, or a name
** (https://sqlite.org/lang_expr.html#varparam). */
static int tape_parameter(mig_cx *cx, sqlite3_stmt *st, mig_span s, int last) {
  int i, n = 0;

  if (s.n == 1) return last + 1;
  if (*s.p != '?') {
    const char *name = mig_strndup(cx, s.p, s.n);
    return name ? sqlite3_bind_parameter_index(st, name) : 0;
  }
  for (i = 1; i < s.n; i++) n = n * 10 + (s.p[i] - '0');
  return n;
}

/* The statement with its values in it.  SQLite's own expansion writes doubles
** with 15 digits. */
static void tape_expand(mig_cx *cx, mig_tape *t, sqlite3_stmt *st) {
  mig_span all = tape_trim(sqlite3_sql(st)), rest = all;
  const char *from = all.p;
  mig_cx own = {0};
  int i, last = 0;

  while (rest.n && !cx->rc) {
    mig_token k = mig_token_next(&rest);
    if (k.type == MIG_TK_END) break;
    if (k.type != MIG_TK_VARIABLE) continue;
    i = tape_parameter(&own, st, k.s, last);
    if (i > last) last = i;
    mig_buf_add(cx, &t->text, from, (int)(k.s.p - from));
    mig_buf_addz(cx, &t->text, tape_literal(t, st, i));
    from = k.s.p + k.s.n;
  }
  mig_buf_add(cx, &t->text, from, (int)(all.p + all.n - from));
  mig_fail_move(cx, &own);
  mig_cx_release(&own);
}

/* Does it change anything?  SQLite takes the end of a transaction for reading.
 */
static int tape_counts(sqlite3_stmt *st) {
  mig_span rest = mig_span_z(sqlite3_sql(st));

  return !sqlite3_stmt_readonly(st) ||
         mig_token_any(mig_token_next(&rest),
                       "COMMIT SAVEPOINT RELEASE ROLLBACK");
}

void mig_tape_note(mig_cx *cx, const mig_db *db, sqlite3_stmt *st) {
  mig_tape *t = tape_of(db);
  mig_span plain;
  char *z;

  if (cx->rc || !t || !st || !tape_counts(st)) return;
  if (tape_is_bound(t, st)) {
    tape_expand(cx, t, st);
    tape_unbind(t, st);
  } else {
    z = sqlite3_expanded_sql(st);
    if (!z) mig_fail_nomem(cx);
    plain = z ? tape_trim(z) : (mig_span){"", 0};
    mig_buf_add(cx, &t->text, plain.p, plain.n);
    sqlite3_free(z);
  }
  mig_buf_addz(cx, &t->text, ";\n");
}

void mig_tape_add(mig_cx *cx, const mig_db *db, const char *fmt, ...) {
  mig_tape *t = tape_of(db);
  va_list ap;
  char *z;

  if (cx->rc || !t) return;
  va_start(ap, fmt);
  z = mig_vformat(cx, fmt, ap);
  va_end(ap);
  mig_buf_addz(cx, &t->text, z ? z : "");
  mig_buf_addz(cx, &t->text, "\n");
  sqlite3_free(z);
}

/* ---- values ---- */

void mig_exec_bind(mig_cx *cx, const mig_db *db, sqlite3_stmt *st, int i,
                   const mig_cell *c, int lasting) {
  mig_tape *t = tape_of(db);
  mig_buf b = {0};
  tape_value *v;
  char *literal;

  mig_cell_bind(cx, st, i, c, lasting);
  if (cx->rc || !t) return;
  mig_cell_literal(&t->bound_mem, &b, c);
  literal = mig_buf_take(&t->bound_mem, &b);
  v = mig_alloc(&t->bound_mem, sizeof *v);
  if (v) *v = (tape_value){st, i, literal};
  mig_list_add(&t->bound_mem, &t->bound, v);
  mig_fail_move(cx, &t->bound_mem);
}

/* ---- what has to hold ---- */

void mig_tape_begin(mig_cx *cx, const mig_db *db) {
  mig_tape *t = tape_of(db);

  if (!t) return;
  t->at = (mig_tape_at){0};
  mig_tape_add(
      cx, db,
      "CREATE TABLE \"%w\"." TABLE "(\n"
      "  \"begin\" CONSTRAINT \"the database is not at the version from which"
      " this script begins\" CHECK (\"begin\"),\n"
      "  \"rows\" CONSTRAINT \"rows do not hold what the statement below asks"
      " of them\" CHECK (\"rows\"),\n"
      "  \"writes\" CONSTRAINT \"a connection in defensive mode cannot do this;"
      " in the shell: .dbconfig defensive off\" CHECK (\"writes\"),\n"
      "  \"keys\" CONSTRAINT \"foreign keys would be violated\" CHECK"
      " (\"keys\"),\n"
      "  \"done\" CONSTRAINT \"a statement above has failed\" CHECK"
      " (\"done\"),\n"
      "  violations\n);\n"
      "INSERT INTO \"%w\"." TABLE "(violations)"
      " SELECT count(*) FROM pragma_foreign_key_check;",
      db->schema, db->schema);
}

void mig_tape_prove(mig_cx *cx, const mig_db *db, const char *column,
                    const char *expr) {
  if (!tape_of(db) || !expr) return;
  db->tape->at.proofs++;
  mig_tape_add(cx, db, "INSERT INTO \"%w\"." TABLE "(\"%w\") SELECT %s;",
               db->schema, column, expr);
}

/* The first time, the script's table gets a space behind its text. */
void mig_tape_rewrite(mig_cx *cx, const mig_db *db, const char *sql) {
  mig_tape *t = tape_of(db);

  if (!t) return;
  if (!t->at.writes) {
    t->at.writes = 1;
    mig_tape_add(cx, db, "-- in a shell that refuses: .dbconfig defensive off");
    mig_tape_rewrite(
        cx, db,
        mig_printf(cx,
                   "UPDATE \"%w\".sqlite_schema SET sql = sql || ' '"
                   " WHERE name = '" TABLE "'",
                   db->schema));
    mig_tape_prove(cx, db, "writes",
                   mig_printf(cx,
                              "sql LIKE '%% ' FROM \"%w\".sqlite_schema"
                              " WHERE name = '" TABLE "'",
                              db->schema));
  }
  mig_tape_add(cx, db,
               "PRAGMA writable_schema = ON;\n%s;\n"
               "PRAGMA writable_schema = RESET;",
               sql);
}

void mig_tape_end(mig_cx *cx, const mig_db *db) {
  mig_tape *t = tape_of(db);

  if (!t) return;
  mig_tape_prove(cx, db, "keys",
                 mig_printf(cx,
                            "(SELECT count(*) FROM pragma_foreign_key_check)"
                            " <= max(violations) FROM \"%w\"." TABLE,
                            db->schema));
  mig_tape_add(cx, db,
               "INSERT OR ROLLBACK INTO \"%w\"." TABLE
               "(\"done\") SELECT count(*) = %d FROM \"%w\"." TABLE ";\n"
               "DROP TABLE \"%w\"." TABLE ";",
               db->schema, t->at.proofs + 1, db->schema, db->schema);
}

/* ---- what cannot be written down ---- */

void mig_tape_watch(mig_tape *t) {
  t->reads[0] = t->calls[0] = 0;
}

void mig_tape_refuse(mig_cx *cx, const mig_db *db, sqlite3_stmt *st) {
  const mig_tape *t = db->tape;
  int gives = st && sqlite3_column_count(st) > 0;

  if (cx->rc || !t) return;
  if (t->calls[0])
    mig_fail(cx, SQLITE_ERROR,
             "%s() is a function in Lua, which a script has not: run this with "
             "migrate_upgrade()",
             t->calls);
  else if (gives && (t->reads[0] || !sqlite3_stmt_readonly(st)))
    mig_fail(cx, SQLITE_ERROR,
             "it reads rows of %s, and a script has none to read: run this "
             "with migrate_upgrade()",
             t->reads[0] ? t->reads : "what it writes");
}
