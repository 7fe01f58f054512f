/*
** tests/fuzz/fuzz_database.c - a database that somebody has been at: whatever
*is
** asked or done ends with an answer or an error, and then the file is what it
** was; what was sound stays sound.
**
** An input is lines: what is changed (see database_change), a digit or letter
** that says where, the new value's type (t, b, i, n) and the value.
*/
#include "tests/fuzz/fuzz.h"

#define DATABASE_OPS 2000000 /* of SQLite's machine that one call may take */

static const char *const database_revisions[][2] = {
    {"a.lua", "revision = 'aaaa'\n"
              "function upgrade()\n"
              "  op.create_table('users', 'id INTEGER PRIMARY KEY',\n"
              "    \"name TEXT NOT NULL CHECK (name <> '')\", 'mail TEXT')\n"
              "  op.bulk_insert('users', {{name = 'Ada'}, {name = 'Bob'}})\n"
              "end\n"
              "function downgrade() op.drop_table('users') end\n"},
    {"b.sql",
     "-- revision: bbbb\n"
     "-- revises: aaaa\n"
     "-- migrate:up\n"
     "CREATE TABLE posts(id INTEGER PRIMARY KEY, user_id INT\n"
     "  REFERENCES users ON DELETE CASCADE, title, n AS (length(title)"
     "));\n"
     "INSERT INTO posts(user_id, title) VALUES (1, 'x'), (2, 'y');\n"
     "CREATE INDEX posts_title ON posts(title COLLATE NOCASE)\n"
     "  WHERE title NOT NULL;\n"
     "CREATE VIEW names AS SELECT name, title FROM users JOIN posts\n"
     "  ON posts.user_id = users.id;\n"
     "CREATE TRIGGER posts_ai AFTER INSERT ON posts BEGIN\n"
     "  UPDATE users SET mail = new.title WHERE id = new.user_id; END;\n"
     "-- migrate:down\n"
     "DROP TRIGGER posts_ai;\n"
     "DROP VIEW names;\n"
     "DROP TABLE posts;\n"},
    {"c.lua", "revision = 'cccc'\n"
              "down_revision = 'bbbb'\n"
              "function upgrade()\n"
              "  op.batch_alter_table('users', function(t)\n"
              "    t.add_column(\"state TEXT NOT NULL DEFAULT 'new'\")\n"
              "    t.alter_column('mail', {name = 'email'})\n"
              "    t.create_unique_constraint('u', {'name'})\n"
              "  end)\n"
              "  op.alter_column('posts', 'title', {type = 'TEXT'})\n"
              "  op.create_index('users_state', 'users', {'state'})\n"
              "end\n"
              "function downgrade()\n"
              "  op.drop_index('users_state')\n"
              "  op.alter_column('posts', 'title', {type = null})\n"
              "  op.batch_alter_table('users', function(t)\n"
              "    t.drop_constraint('u')\n"
              "    t.alter_column('email', {name = 'mail'})\n"
              "    t.drop_column('state')\n"
              "  end)\n"
              "end\n"},
    {"d.lua", "revision = 'dddd'\n"
              "down_revision = 'cccc'\n"
              "transactional = false\n"
              "function upgrade()\n"
              "  op.add_column('users', 'length INT')\n"
              "  op.backfill{table = 'users', columns = {'length'},\n"
              "    from = {'name'}, chunk = 1, with = function(s)\n"
              "      return #tostring(s) end}\n"
              "end\n"
              "function downgrade() op.drop_column('users', 'length') end\n"},
    {NULL, NULL}};

/* ---- databases as bytes ---- */

typedef struct database_image database_image;
struct database_image {
  unsigned char *p; /* sqlite3_free()'s */
  sqlite3_int64 n;
};

static database_image database_save(sqlite3 *h) {
  database_image m;

  m.p = sqlite3_serialize(h, "main", &m.n, 0);
  FUZZ_REQUIRE(m.p || !m.n);
  return m;
}

static void database_load(sqlite3 *h, const database_image *m) {
  unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)m->n + 1);

  FUZZ_REQUIRE(copy);
  memcpy(copy, m->p, (size_t)m->n);
  sqlite3_deserialize(h, "main", copy, m->n, m->n,
                      SQLITE_DESERIALIZE_FREEONCLOSE |
                          SQLITE_DESERIALIZE_RESIZEABLE);
}

static void database_register(sqlite3 *h) {
  int i;

  for (i = 0; database_revisions[i][0]; i++)
    sqlite3_free(fuzz_ask(h, "SELECT migrate_register(?2, ?1)",
                          database_revisions[i][0], database_revisions[i][1]));
}

/* The database before anybody has been at it, made once. */
static const database_image *database_base(void) {
  static database_image m;
  sqlite3 *h;

  if (m.p) return &m;
  h = fuzz_open();
  database_register(h);
  fuzz_do(h, "SELECT migrate_upgrade('bbbb')");
  fuzz_do(h, "CREATE TABLE _migrate_journal (\n"
             "  revision TEXT,\n"
             "  ordinal INTEGER,\n"
             "  op TEXT NOT NULL,\n"
             "  checksum TEXT,\n"
             "  result,\n"
             "  key TEXT,\n"
             "  PRIMARY KEY (revision, ordinal)\n"
             ") WITHOUT ROWID");
  fuzz_do(h, "ANALYZE");
  m = database_save(h);
  FUZZ_REQUIRE(m.n > 0);
  sqlite3_close(h);
  return &m;
}

/* ---- changes ---- */

/* The statement for a letter; ?1 is the value, ?2 the place. */
static const char *database_sql(char what, char where) {
  static const char *const log[] = {
      "INSERT INTO _migrate_log VALUES (?1,'bbbb','upgrade',0,0,0,0,0,0,0)",
      "INSERT INTO _migrate_log VALUES (NULL,?1,'upgrade',0,0,0,0,0,0,0)",
      "INSERT INTO _migrate_log VALUES (NULL,'bbbb',?1,0,0,0,0,0,0,0)",
      "UPDATE _migrate_log SET message = ?1",
      "UPDATE _migrate_log SET started_at = ?1",
      "UPDATE _migrate_log SET duration_ms = ?1",
      "UPDATE _migrate_log SET checksum = ?1",
      "UPDATE _migrate_log SET source = ?1",
      "UPDATE _migrate_log SET extension = ?1",
      "UPDATE _migrate_log SET revision = ?1"};
  static const char *const journal[] = {
      "INSERT INTO _migrate_journal VALUES (?1,0,'upgrade',0,1,NULL)",
      "INSERT INTO _migrate_journal VALUES ('dddd',?1,'x',0,1,NULL)",
      "INSERT INTO _migrate_journal VALUES ('dddd',0,?1,0,1,NULL)",
      "INSERT INTO _migrate_journal VALUES ('dddd',1,'x',?1,1,NULL)",
      "INSERT INTO _migrate_journal VALUES ('dddd',2,'x',0,?1,NULL)",
      "INSERT INTO _migrate_journal VALUES ('dddd',2,'x',0,1,?1)",
      "UPDATE _migrate_journal SET checksum = ?1",
      "UPDATE _migrate_journal SET key = ?1",
      "UPDATE _migrate_journal SET result = ?1",
      "UPDATE _migrate_journal SET op = ?1"};
  int k = where >= '0' && where <= '9' ? where - '0' : 0;

  switch (what) {
  case 's':
    return "UPDATE sqlite_schema SET sql = ?1 WHERE rowid = ?2";
  case 'k':
    return "UPDATE sqlite_schema SET type = ?1 WHERE rowid = ?2";
  case 'm':
    return "UPDATE sqlite_schema SET name = ?1 WHERE rowid = ?2";
  case 'o':
    return "UPDATE sqlite_schema SET tbl_name = ?1 WHERE rowid = ?2";
  case 'r':
    return "UPDATE sqlite_schema SET rootpage = ?1 WHERE rowid = ?2";
  case 'a':
    return "UPDATE sqlite_schema SET sql = sql || ?1 WHERE rowid = ?2";
  case 'v':
    return "INSERT INTO _migrate_version VALUES (?1)";
  case 'w':
    return "UPDATE _migrate_version SET revision = ?1";
  case 'n':
    return "UPDATE _migrate_log SET known = ?1";
  case 'l':
    return log[k];
  case 'j':
    return journal[k];
  default:
    return NULL;
  }
}

static void database_bind(sqlite3_stmt *st, char type, const char *z, int n) {
  if (type == 'i')
    sqlite3_bind_int64(st, 1, strtoll(z, NULL, 10));
  else if (type == 'b')
    sqlite3_bind_blob(st, 1, z, n, SQLITE_TRANSIENT);
  else if (type != 'n')
    sqlite3_bind_text(st, 1, z, n, SQLITE_TRANSIENT);
}

/* "q" runs the value as SQL; "p" is for the bytes, later. */
static void database_change(sqlite3 *h, const char *line, int n) {
  const char *sql = n >= 3 ? database_sql(line[0], line[1]) : NULL;
  sqlite3_stmt *st = NULL;

  if (n > 1 && line[0] == 'q') sqlite3_exec(h, line + 1, NULL, NULL, NULL);
  if (!sql || sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK) return;
  database_bind(st, line[2], line + 3, n - 3);
  sqlite3_bind_int(st, 2, line[1] - '0');
  sqlite3_step(st);
  sqlite3_finalize(st);
}

/*
** "pOFFSET=BYTE".  The header's mark of an incremental vacuum is left alone:
** SQLite minds it at one time, and at another it does not.
*/
static void database_patch(database_image *m, const char *line) {
  char *end;
  unsigned long at;

  if (line[0] != 'p' || !m->n) return;
  at = strtoul(line + 1, &end, 10);
  at %= (unsigned long)m->n;
  if (*end == '=' && at / 4 != 64 / 4)
    m->p[at] = (unsigned char)strtoul(end + 1, NULL, 10);
}

static int database_enough(void *left) {
  return --*(int *)left < 0;
}

static sqlite3 *database_plain(int *left) {
  sqlite3 *h = NULL;

  FUZZ_REQUIRE(sqlite3_open(":memory:", &h) == SQLITE_OK);
  sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 1000000);
  sqlite3_progress_handler(h, 1000, database_enough, left);
  return h;
}

/* What the input makes of it. */
static database_image database_spoil(mig_cx *cx, fuzz_input in) {
  int n, left = DATABASE_OPS / 1000;
  sqlite3 *h = database_plain(&left);
  fuzz_input again = in;
  database_image m;
  char *line;

  database_load(h, database_base());
  fuzz_do(h, "PRAGMA writable_schema = ON");
  fuzz_do(h, "PRAGMA foreign_keys = OFF");
  while (in.n && (line = fuzz_until(cx, &in, '\n', &n)) != NULL)
    database_change(h, line, n);
  if (!sqlite3_get_autocommit(h)) fuzz_do(h, "ROLLBACK");
  m = database_save(h);
  sqlite3_close(h);
  while (again.n && (line = fuzz_until(cx, &again, '\n', &n)) != NULL)
    database_patch(&m, line);
  return m;
}

/* ---- calls ---- */

/* What is asked of each; and, by the input's sum, what is done. */
static const char *const database_asked[] = {
    "SELECT * FROM migrate_history",
    "SELECT * FROM migrate_current",
    "SELECT * FROM migrate_heads",
    "SELECT * FROM migrate_branches",
    "SELECT * FROM migrate_plan",
    "SELECT * FROM migrate_plan('base', 'downgrade')",
    "SELECT * FROM migrate_diff",
    "SELECT migrate_check()",
    "SELECT migrate_dump()",
    NULL};
static const char *const database_done[][3] = {
    {"SELECT migrate_upgrade('cccc')", "SELECT migrate_downgrade('-1')", NULL},
    {"SELECT migrate_upgrade()", "SELECT migrate_downgrade('aaaa')", NULL},
    {"SELECT migrate_stamp('bbbb')", "SELECT migrate_upgrade('cccc')", NULL},
    {"SELECT migrate_stamp('aaaa', 'purge')",
     "SELECT migrate_downgrade('base')", NULL}};

static int database_sound(sqlite3 *h) {
  char *z = fuzz_ask(h, "PRAGMA integrity_check", NULL, NULL);
  int sound = z && !strcmp(z, "ok");

  sqlite3_free(z);
  return sound;
}

static int database_same(const database_image *a, const database_image *b) {
  return a->n == b->n && !memcmp(a->p, b->p, (size_t)a->n);
}

/* All or nothing, but for what says that it is unfinished, or what stays. */
static void database_call(sqlite3 *h, const char *sql, int *left) {
  database_image was = database_save(h), now;
  int sound = database_sound(h), i, rc = SQLITE_ERROR;
  sqlite3_stmt *st = NULL;
  char *said = NULL;

  *left = DATABASE_OPS / 1000;
  for (i = 0; !sql && database_asked[i]; i++) fuzz_do(h, database_asked[i]);
  if (sql) rc = sqlite3_prepare_v2(h, sql, -1, &st, NULL);
  while (sql && (rc == SQLITE_OK || rc == SQLITE_ROW)) rc = sqlite3_step(st);
  said = sqlite3_mprintf("%s", sqlite3_errmsg(h));
  sqlite3_finalize(st);
  FUZZ_REQUIRE(sqlite3_get_autocommit(h));
  *left = DATABASE_OPS / 1000;
  now = database_save(h);
  if ((rc != SQLITE_DONE && !strstr(said, "unfinished") &&
       !strstr(said, " that stay") && !database_same(&was, &now)) ||
      (sound && !database_sound(h))) {
    fprintf(stderr, "%s: %s\n", sql ? sql : "asked", said);
    abort();
  }
  sqlite3_free(said);
  sqlite3_free(was.p);
  sqlite3_free(now.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = {data, size};
  mig_cx cx = {0};
  database_image m;
  sqlite3 *h;
  size_t i;
  int left = DATABASE_OPS / 1000;
  const char *const *call;
  unsigned sum = 0;

  if (size > 4096) return 0;
  m = database_spoil(&cx, in);
  h = fuzz_open();
  fuzz_do(h, "ATTACH ':memory:' AS should");
  fuzz_do(h, "CREATE TABLE should.users(id INTEGER PRIMARY KEY, name TEXT)");
  fuzz_do(h, "SELECT migrate_config('target', 'should')");
  sqlite3_progress_handler(h, 1000, database_enough, &left);
  database_load(h, &m);
  if (size && data[0] == 'S') fuzz_do(h, "PRAGMA writable_schema = ON");
  database_register(h);
  database_call(h, NULL, &left);
  for (i = 0; i < size; i++) sum += data[i];
  for (call = database_done[sum % 4]; *call; call++)
    database_call(h, *call, &left);
  FUZZ_REQUIRE(sqlite3_close(h) == SQLITE_OK);
  sqlite3_free(m.p);
  mig_cx_release(&cx);
  return 0;
}
