/* tests/unit/test_create.c - CREATE statements as parts of their text. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

static const char *const clause_kinds[] = {
    "any",  "PRIMARY KEY", "UNIQUE",  "CHECK",     "FOREIGN KEY", "NOT NULL",
    "NULL", "DEFAULT",     "COLLATE", "GENERATED", "DEFER",       "NAME"};

/* ---- what was read, as text ---- */

static void say(mig_cx *cx, mig_buf *b, const char *what, mig_span s) {
  if (s.n) mig_buf_addf(cx, b, " %s<%.*s>", what, s.n, s.p);
}

static void say_keys(mig_cx *cx, mig_buf *b, const char *what,
                     const mig_list *l) {
  int i;

  if (l->n) mig_buf_addf(cx, b, " %s(", what);
  for (i = 0; i < l->n; i++) {
    const mig_key *k = l->at[i];
    mig_buf_addz(cx, b, i ? ", " : "");
    if (k->column.n && k->column.p == k->expr.p && k->column.n == k->expr.n)
      mig_buf_addf(cx, b, "%.*s", k->column.n, k->column.p);
    else
      mig_buf_addf(cx, b, "<%.*s>", k->expr.n, k->expr.p);
    if (k->column.p != k->expr.p) say(cx, b, "column", k->column);
    say(cx, b, "collate", k->collate);
    if (k->desc) mig_buf_addz(cx, b, " desc");
  }
  if (l->n) mig_buf_addz(cx, b, ")");
}

static void say_clauses(mig_cx *cx, mig_buf *b, const mig_list *l) {
  int i;

  for (i = 0; i < l->n; i++) {
    const mig_clause *c = l->at[i];
    mig_buf_addf(cx, b, "\n  %s", clause_kinds[c->type]);
    say(cx, b, "name", c->name);
    say(cx, b, "expr", c->expr);
    say(cx, b, "word", c->word);
    say_keys(cx, b, "keys", &c->keys);
    say(cx, b, "table", c->table);
    say_keys(cx, b, "to", &c->to);
    say(cx, b, "actions", c->actions);
    say(cx, b, "defer", c->defer);
    say(cx, b, "conflict", c->conflict);
    if (c->desc) mig_buf_addz(cx, b, " desc");
    if (c->autoincrement) mig_buf_addz(cx, b, " autoincrement");
    if (c->stored) mig_buf_addz(cx, b, " stored");
  }
}

static void say_table(mig_cx *cx, mig_buf *b, const mig_create *c) {
  int i;

  for (i = 0; i < c->columns.n; i++) {
    const mig_coldef *col = c->columns.at[i];
    mig_buf_addf(cx, b, "\n%.*s", col->name.n, col->name.p);
    say(cx, b, "type", col->type);
    say_clauses(cx, b, &col->clauses);
  }
  if (c->clauses.n) mig_buf_addz(cx, b, "\n()");
  say_clauses(cx, b, &c->clauses);
  if (c->options.n) mig_buf_addz(cx, b, "\n");
  say(cx, b, "options", c->options);
  mig_buf_addz(cx, b, c->strict ? " strict" : "");
  mig_buf_addz(cx, b, c->without_rowid ? " without_rowid" : "");
}

static char *reading(mig_cx *cx, const char *sql) {
  static const char *const kinds[] = {"table", "index", "view", "trigger",
                                      "virtual"};
  const mig_create *c = mig_create_parse(cx, mig_span_z(sql));
  mig_buf b = {0};

  if (c) {
    mig_buf_addf(cx, &b, "%s%s%s %.*s", c->temp ? "temp " : "",
                 c->unique ? "unique " : "", kinds[c->type], c->path.n,
                 c->path.p);
    if (c->if_not_exists) mig_buf_addz(cx, &b, " if_not_exists");
    say(cx, &b, "time", c->time);
    say(cx, &b, "event", c->event);
    say_keys(cx, &b, "names", &c->names);
    say(cx, &b, "on", c->table);
    say_keys(cx, &b, "keys", &c->keys);
    say(cx, &b, "where", c->where);
    say(cx, &b, "body", c->body);
    say_table(cx, &b, c);
  }
  return mig_buf_take(cx, &b);
}

#define READS(sql, want) EQ_STR(reading(cx, sql), want)
/* One column, its text in parentheses. */
#define COLUMN(sql, want) READS("CREATE TABLE t(" sql ")", "table t\n" want)
/* The table's constraints behind a column. */
#define TABLE(sql, want) READS("CREATE TABLE t(a," sql ")", "table t\na" want)
#define KEYS(sql, want)                                                        \
  READS("CREATE INDEX i ON t(" sql ")", "index i on<t> keys(" want ")")

static void refuses(mig_cx *cx, int line, const char *sql, const char *why) {
  mig_cx own = {0};

  mig_create_parse(&own, mig_span_z(sql));
  test_eq_err(__FILE__, line, &own, SQLITE_ERROR, why);
  if (own.rc == SQLITE_NOMEM) mig_fail_nomem(cx);
  mig_cx_release(&own);
}
#define REFUSES(sql, why) refuses(cx, __LINE__, sql, why)

/* ---- columns ---- */

TEST(create_types) {
  COLUMN("a", "a");
  COLUMN("a INTEGER", "a type<INTEGER>");
  COLUMN("a VARCHAR (10)", "a type<VARCHAR (10)>");
  COLUMN("a DECIMAL(10 , -2)", "a type<DECIMAL(10 , -2)>");
  COLUMN("a f( + 1.5,1e3)", "a type<f( + 1.5,1e3)>");
  COLUMN("a LONG /* very */ INT NOT NULL",
         "a type<LONG /* very */ INT>\n  NOT NULL");
  COLUMN("a \"my type\" [x]", "a type<\"my type\" [x]>");
  COLUMN("a 'text' `b`", "a type<'text' `b`>");
  COLUMN("a key desc action", "a type<key desc action>");
  COLUMN("a /* c */ , b -- d\n", "a\nb");
}

TEST(create_names) {
  COLUMN("'a b' int", "'a b' type<int>");
  COLUMN("\"a\"\"b\",[c],`d`,'e'", "\"a\"\"b\"\n[c]\n`d`\n'e'");
  COLUMN("key, desc, current_time, left, indexed, if, generated",
         "key\ndesc\ncurrent_time\nleft\nindexed\nif\ngenerated");
  COLUMN("left int, natural", "left type<int>\nnatural");
  REFUSES("CREATE TABLE t(a left)", "near \"left\"");
  REFUSES("CREATE TABLE t(a indexed)", "near \"indexed\"");
  REFUSES("CREATE TABLE t(select)", "near \"select\": a column's name");
  REFUSES("CREATE TABLE t(1)", "near \"1\"");
  REFUSES("CREATE TABLE t()", "near \")\"");
  REFUSES("CREATE TABLE t(a,)", "near \")\"");
  REFUSES("CREATE TABLE t(a,,b)", "near \",\"");
}

TEST(create_generated) {
  COLUMN("a INT GENERATED ALWAYS AS (b+(1)) STORED",
         "a type<INT>\n  GENERATED expr<b+(1)> word<STORED> stored");
  COLUMN("a GENERATED ALWAYS AS (1)", "a\n  GENERATED expr<1>");
  COLUMN("a AS (1) VIRTUAL", "a\n  GENERATED expr<1> word<VIRTUAL>");
  COLUMN("a V(1) GENERATED /*c*/ ALWAYS AS (1)",
         "a type<V(1)>\n  GENERATED expr<1>");
  COLUMN("a INT NOT NULL GENERATED ALWAYS AS (1) UNIQUE",
         "a type<INT>\n  NOT NULL\n  GENERATED expr<1>\n  UNIQUE");
  COLUMN("a INT CONSTRAINT g GENERATED ALWAYS AS (1)",
         "a type<INT>\n  GENERATED name<g> expr<1>");
  COLUMN("a generated", "a type<generated>");
  COLUMN("a always", "a type<always>");
  COLUMN("a generated(1)", "a type<generated(1)>");
  /* SQLite takes the comment for a part of the type. */
  COLUMN("a INT/*c*/ GENERATED ALWAYS AS (1)",
         "a type<INT/*c*/>\n  GENERATED expr<1>");
  REFUSES("CREATE TABLE t(a AS (1) \"stored\")", "STORED or VIRTUAL");
  REFUSES("CREATE TABLE t(a AS (1) x)", "STORED or VIRTUAL");
  REFUSES("CREATE TABLE t(a AS 1)", "\"(\" expected");
  REFUSES("CREATE TABLE t(a NOT NULL GENERATED AS (1))", "near \"GENERATED\"");
}

TEST(create_refuses_types_that_sqlite_cuts) {
  REFUSES("CREATE TABLE t(a INT GENERATED ALWAYS)", "GENERATED ALWAYS AS");
  REFUSES("CREATE TABLE t(a GENERATED /**/ ALWAYS AS (1))",
          "GENERATED ALWAYS AS");
  REFUSES("CREATE TABLE t(a really always always)", "GENERATED ALWAYS AS");
  REFUSES("CREATE TABLE t(a thisistrueforalways)", "GENERATED ALWAYS AS");
}

TEST(create_defaults) {
  COLUMN("a DEFAULT 1", "a\n  DEFAULT expr<1>");
  COLUMN("a DEFAULT -1.5e3 NOT NULL", "a\n  DEFAULT expr<-1.5e3>\n  NOT NULL");
  COLUMN("a DEFAULT + 0x1F", "a\n  DEFAULT expr<+ 0x1F>");
  COLUMN("a DEFAULT 'it''s'", "a\n  DEFAULT expr<'it''s'>");
  COLUMN("a DEFAULT -'1'", "a\n  DEFAULT expr<-'1'>");
  COLUMN("a DEFAULT x'00' UNIQUE", "a\n  DEFAULT expr<x'00'>\n  UNIQUE");
  COLUMN("a DEFAULT NULL", "a\n  DEFAULT expr<NULL>");
  COLUMN("a DEFAULT TRUE", "a\n  DEFAULT expr<TRUE>");
  COLUMN("a DEFAULT current_timestamp", "a\n  DEFAULT expr<current_timestamp>");
  COLUMN("a DEFAULT \"q\" DEFAULT [b] DEFAULT `c` DEFAULT abc DEFAULT key",
         "a\n  DEFAULT expr<\"q\">\n  DEFAULT expr<[b]>\n  DEFAULT expr<`c`>\n"
         "  DEFAULT expr<abc>\n  DEFAULT expr<key>");
  COLUMN("a DEFAULT ( (1) + 2 ) CHECK (a)",
         "a\n  DEFAULT expr<( (1) + 2 )>\n  CHECK expr<a>");
  REFUSES("CREATE TABLE t(a DEFAULT)", "a value");
  REFUSES("CREATE TABLE t(a DEFAULT -b)", "near \"b\"");
  REFUSES("CREATE TABLE t(a DEFAULT left)", "near \"left\"");
  REFUSES("CREATE TABLE t(a DEFAULT 1+2)", "near \"+\"");
  REFUSES("CREATE TABLE t(a DEFAULT 1 2)", "near \"2\"");
  REFUSES("CREATE TABLE t(a DEFAULT f(1))", "near \"(\"");
  REFUSES("CREATE TABLE t(a DEFAULT ())", "near \")\"");
  REFUSES("CREATE TABLE t(a DEFAULT ?)", "near \"?\"");
}

TEST(create_column_keys) {
  COLUMN("a INTEGER PRIMARY KEY", "a type<INTEGER>\n  PRIMARY KEY");
  COLUMN("a PRIMARY KEY ASC", "a\n  PRIMARY KEY");
  COLUMN("a PRIMARY KEY DESC ON CONFLICT REPLACE AUTOINCREMENT",
         "a\n  PRIMARY KEY conflict<ON CONFLICT REPLACE> desc autoincrement");
  COLUMN(
      "a UNIQUE ON CONFLICT IGNORE NULL ON CONFLICT FAIL NOT NULL ON "
      "CONFLICT ABORT",
      "a\n  UNIQUE conflict<ON CONFLICT IGNORE>\n  NULL conflict<ON CONFLICT "
      "FAIL>\n  NOT NULL conflict<ON CONFLICT ABORT>");
  COLUMN("a COLLATE NOCASE COLLATE \"x y\" COLLATE 'z' COLLATE desc",
         "a\n  COLLATE word<NOCASE>\n  COLLATE word<\"x y\">\n  COLLATE "
         "word<'z'>\n  COLLATE word<desc>");
  REFUSES("CREATE TABLE t(a PRIMARY)", "KEY expected");
  REFUSES("CREATE TABLE t(a PRIMARY KEY AUTOINCREMENT DESC)", "near \"DESC\"");
  REFUSES("CREATE TABLE t(a UNIQUE ON CONFLICT x)", "near \"x\"");
  REFUSES("CREATE TABLE t(a CHECK (1) ON CONFLICT FAIL)", "near \"ON\"");
  REFUSES("CREATE TABLE t(a UNIQUE (a))", "near \"(\"");
  REFUSES("CREATE TABLE t(a COLLATE left)", "near \"left\": a collation");
}

TEST(create_references) {
  COLUMN("a REFERENCES p", "a\n  FOREIGN KEY table<p>");
  COLUMN("a REFERENCES \"p\"('x', y) ON DELETE SET NULL ON UPDATE CASCADE "
         "MATCH full ON INSERT NO ACTION NOT DEFERRABLE INITIALLY IMMEDIATE "
         "UNIQUE",
         "a\n  FOREIGN KEY table<\"p\"> to('x', y) actions<ON DELETE SET NULL "
         "ON UPDATE CASCADE MATCH full ON INSERT NO ACTION> defer<NOT "
         "DEFERRABLE INITIALLY IMMEDIATE>\n  UNIQUE");
  COLUMN("a REFERENCES p NOT NULL", "a\n  FOREIGN KEY table<p>\n  NOT NULL");
  COLUMN("a REFERENCES p ON DELETE SET DEFAULT DEFAULT 1",
         "a\n  FOREIGN KEY table<p> actions<ON DELETE SET DEFAULT>\n  DEFAULT "
         "expr<1>");
  COLUMN("a REFERENCES p CONSTRAINT d DEFERRABLE INITIALLY DEFERRED",
         "a\n  FOREIGN KEY table<p>\n  DEFER name<d> defer<DEFERRABLE "
         "INITIALLY DEFERRED>");
  COLUMN("a DEFERRABLE NOT DEFERRABLE",
         "a\n  DEFER defer<DEFERRABLE>\n  DEFER defer<NOT DEFERRABLE>");
  COLUMN("a REFERENCES p DEFERRABLE DEFERRABLE",
         "a\n  FOREIGN KEY table<p> defer<DEFERRABLE>\n  DEFER "
         "defer<DEFERRABLE>");
  REFUSES("CREATE TABLE t(a REFERENCES p(x DESC))", "near \"DESC\"");
  REFUSES("CREATE TABLE t(a REFERENCES p ON DELETE)", "CASCADE");
  REFUSES("CREATE TABLE t(a REFERENCES p DEFERRABLE INITIALLY)", "DEFERRED");
  REFUSES("CREATE TABLE t(a REFERENCES m.p)", "near \".\"");
}

TEST(create_constraint_names) {
  COLUMN("a CONSTRAINT n CHECK (b)", "a\n  CHECK name<n> expr<b>");
  COLUMN("a CONSTRAINT 'n m' NOT NULL CONSTRAINT [u] UNIQUE",
         "a\n  NOT NULL name<'n m'>\n  UNIQUE name<[u]>");
  COLUMN("a CONSTRAINT n, b", "a\n  NAME name<n>\nb");
  COLUMN("a CONSTRAINT n CONSTRAINT m CONSTRAINT o DEFAULT 1",
         "a\n  NAME name<n>\n  NAME name<m>\n  DEFAULT name<o> expr<1>");
  COLUMN("a CONSTRAINT check_a CONSTRAINT left",
         "a\n  NAME name<check_a>\n  NAME name<left>");
  REFUSES("CREATE TABLE t(a CONSTRAINT)", "the constraint's name");
  REFUSES("CREATE TABLE t(a CONSTRAINT check (1))", "near \"check\"");
}

/* ---- tables ---- */

TEST(create_table_constraints) {
  TABLE("PRIMARY KEY (a DESC, 'b' COLLATE nocase) ON CONFLICT FAIL",
        "\n()\n  PRIMARY KEY keys(a desc, 'b' collate<nocase>) conflict<ON "
        "CONFLICT FAIL>");
  TABLE("PRIMARY KEY(a AUTOINCREMENT)",
        "\n()\n  PRIMARY KEY keys(a) autoincrement");
  TABLE("CONSTRAINT u UNIQUE(a,\"b\")",
        "\n()\n  UNIQUE name<u> keys(a, \"b\")");
  TABLE("CHECK ( a > ')' ) ON CONFLICT ROLLBACK",
        "\n()\n  CHECK expr<a > ')'> conflict<ON CONFLICT ROLLBACK>");
  TABLE("CONSTRAINT f FOREIGN KEY(a, b) REFERENCES p(c, d) ON UPDATE RESTRICT "
        "DEFERRABLE INITIALLY DEFERRED",
        "\n()\n  FOREIGN KEY name<f> keys(a, b) table<p> to(c, d) actions<ON "
        "UPDATE RESTRICT> defer<DEFERRABLE INITIALLY DEFERRED>");
  TABLE("FOREIGN KEY(a) REFERENCES p UNIQUE(a) CONSTRAINT n CHECK(1),CHECK(2)",
        "\n()\n  FOREIGN KEY keys(a) table<p>\n  UNIQUE keys(a)\n  CHECK "
        "name<n> expr<1>\n  CHECK expr<2>");
  TABLE(
      "CONSTRAINT n, CONSTRAINT m CONSTRAINT o UNIQUE(a) CONSTRAINT z",
      "\n()\n  NAME name<n>\n  NAME name<m>\n  UNIQUE name<o> keys(a)\n  NAME "
      "name<z>");
  REFUSES("CREATE TABLE t(UNIQUE(a))", "near \"UNIQUE\": a column's name");
  REFUSES("CREATE TABLE t(a, UNIQUE(a), b)", "near \"b\"");
  REFUSES("CREATE TABLE t(a, UNIQUE(a) b)", "near \"b\"");
  REFUSES("CREATE TABLE t(a, UNIQUE(a),)", "near \")\"");
  REFUSES("CREATE TABLE t(a, UNIQUE())", "near \")\"");
  REFUSES("CREATE TABLE t(a, NOT NULL)", "near \"NOT\"");
  REFUSES("CREATE TABLE t(a, FOREIGN KEY(a))", "REFERENCES expected");
  REFUSES("CREATE TABLE t(a, CHECK(1) DEFERRABLE)", "near \"DEFERRABLE\"");
  REFUSES("CREATE TABLE t(a, FOREIGN KEY(a) REFERENCES p DEFERRABLE NOT "
          "DEFERRABLE)",
          "near \"NOT\"");
}

TEST(create_table_heads_and_tails) {
  READS("create temp table if not exists main.\"t\"(a)",
        "temp table main.\"t\" if_not_exists\na");
  READS("CREATE TEMPORARY TABLE temp(a)", "temp table temp\na");
  READS("CREATE TABLE 't' (a) WITHOUT ROWID",
        "table 't'\na\n options<WITHOUT ROWID> without_rowid");
  READS("CREATE TABLE t(a)STRICT , /* x */ without rowid -- end\n ;",
        "table t\na\n options<STRICT , /* x */ without rowid> strict "
        "without_rowid");
  READS(" -- c\n CREATE/**/TABLE t(a);;; /* open", "table t\na");
  READS("CREATE TABLE sqlite_sequence(name,seq)",
        "table sqlite_sequence\nname\nseq");
  READS("CREATE TABLE t(\n  a INT,\n  \"b c\" TEXT,\n  d\n)",
        "table t\na type<INT>\n\"b c\" type<TEXT>\nd");
  READS("CREATE TABLE t(a), STRICT", "table t\na\n options<, STRICT> strict");
  REFUSES("CREATE TABLE t(a),, STRICT", "near \",\"");
  REFUSES("CREATE TABLE t(a),", "at the end: STRICT");
  REFUSES("CREATE TABLE t(a) WITHOUT 'rowid'", "near \"WITHOUT\"");
  REFUSES("CREATE TABLE t(a) STRICT WITHOUT ROWID", "near \"WITHOUT\"");
  REFUSES("CREATE TABLE t(a) STRICT,", "at the end");
  REFUSES("CREATE TABLE t(a) \"strict\"", "near \"\"strict\"\"");
  REFUSES("CREATE TABLE t(a); SELECT 1", "near \"SELECT\": the end");
  REFUSES("CREATE TABLE t AS SELECT 1", "not a SELECT");
  REFUSES("CREATE TABLE t", "at the end: \"(\" expected");
  REFUSES("CREATE TABLE if(a)", "NOT expected");
  REFUSES("CREATE TABLE a.b.c(d)", "near \".\"");
  REFUSES("CREATE TABLE t(a\n,\nb 12ab)", "line 3, near \"12ab\"");
  REFUSES("CREATE TABLE t(a CHECK('x)", "near \"'x)\"");
  REFUSES("CREATE", "at the end: TABLE");
  REFUSES("", "line 1, at the end: CREATE expected");
  REFUSES("SELECT 1", "CREATE expected");
  REFUSES("CREATE TEMP INDEX i ON t(a)", "near \"INDEX\"");
  REFUSES("CREATE UNIQUE TABLE t(a)", "near \"UNIQUE\"");
}

/* ---- expressions and keys ---- */

TEST(create_expressions_in_parentheses) {
  COLUMN("a CHECK (CASE a WHEN ')' THEN (1) ELSE end END)",
         "a\n  CHECK expr<CASE a WHEN ')' THEN (1) ELSE end END>");
  COLUMN("a CHECK (a IN ('x', /* ) */ \")\") AND NOT a IN ())",
         "a\n  CHECK expr<a IN ('x', /* ) */ \")\") AND NOT a IN ()>");
  COLUMN("a CHECK (a NOT LIKE 'x' ESCAPE '!' AND a IS NOT DISTINCT FROM b)",
         "a\n  CHECK expr<a NOT LIKE 'x' ESCAPE '!' AND a IS NOT DISTINCT FROM "
         "b>");
  COLUMN("a CHECK (-a NOTNULL or b not null or c isnull)",
         "a\n  CHECK expr<-a NOTNULL or b not null or c isnull>");
  COLUMN("a CHECK (cast(a as text) || replace(b, 1, 2) -> '$' ->> 1)",
         "a\n  CHECK expr<cast(a as text) || replace(b, 1, 2) -> '$' ->> 1>");
  REFUSES("CREATE TABLE t(a CHECK ())", "an expression");
  REFUSES("CREATE TABLE t(a CHECK (a b))", "near \"b\"");
  REFUSES("CREATE TABLE t(a CHECK (a, b))", "near \",\"");
  REFUSES("CREATE TABLE t(a CHECK (a) b))", "near \"b\"");
  REFUSES("CREATE TABLE t(a CHECK (1 +))", "near \")\"");
  REFUSES("CREATE TABLE t(a CHECK (a = ?1))", "near \"?1\"");
  REFUSES("CREATE TABLE t(a CHECK ((a; b)))", "near \";\"");
  REFUSES("CREATE TABLE t(a CHECK ((a = :b)))", "near \":b\"");
  REFUSES("CREATE TABLE t(a CHECK (CASE WHEN 1 THEN 2))", "END expected");
  REFUSES("CREATE TABLE t(a CHECK (a BETWEEN 1))", "AND expected");
  REFUSES("CREATE TABLE t(a CHECK ((((a)))", "at the end: \")\" expected");
}

TEST(create_keys) {
  KEYS("a", "a");
  KEYS("a DESC, \"b\" ASC, [c], `d`, 'e f'", "a desc, \"b\", [c], `d`, 'e f'");
  KEYS("a COLLATE nocase DESC", "a collate<nocase> desc");
  KEYS("a COLLATE desc", "a collate<desc>");
  KEYS("a COLLATE \"x y\", b COLLATE 'z'",
       "a collate<\"x y\">, b collate<'z'>");
  KEYS("desc desc, asc, first NULLS LAST", "desc desc, asc, first");
  KEYS("left, indexed, end", "left, indexed, end");
  KEYS("lower(a, ',)') DESC", "<lower(a, ',)')> desc");
  KEYS("CASE WHEN a THEN b ELSE c END DESC", "<CASE WHEN a THEN b ELSE c END> "
                                             "desc");
  KEYS("a + 1, -b, t.c, 1, 'x'||'y'", "<a + 1>, <-b>, <t.c>, <1>, <'x'||'y'>");
  KEYS("(a)", "<(a)> column<a>");
  KEYS("((a) COLLATE nocase) desc",
       "<((a) COLLATE nocase)> column<a> collate<nocase> desc");
  KEYS("(a COLLATE x) COLLATE y", "<(a COLLATE x)> column<a> collate<y>");
  KEYS("(((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))",
       "<(((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))"
       ")> column<a>");
  KEYS("current_time", "<current_time>");
  KEYS("(a)||(b)", "<(a)||(b)>");
  REFUSES("CREATE INDEX i ON t()", "near \")\"");
  REFUSES("CREATE INDEX i ON t(a,)", "near \")\"");
  REFUSES("CREATE INDEX i ON t(a desc desc)", "near \"desc\"");
  REFUSES("CREATE INDEX i ON t(a NULLS)", "FIRST or LAST");
  REFUSES("CREATE INDEX i ON t(a NOT b)", "behind NOT");
  REFUSES("CREATE INDEX i ON t(select)", "near \"select\"");
}

/* Only a COLLATE that applies to all of the item is the key's. */
TEST(create_collate_of_a_key) {
  KEYS("a COLLATE nocase || b", "<a COLLATE nocase || b>");
  KEYS("a || b COLLATE nocase", "<a || b COLLATE nocase>");
  KEYS("(a || b) COLLATE nocase", "<(a || b)> collate<nocase>");
  KEYS("(a || b COLLATE nocase)", "<(a || b COLLATE nocase)>");
  KEYS("(lower(a) COLLATE nocase)",
       "<(lower(a) COLLATE nocase)> collate<nocase>");
  KEYS("lower(a) COLLATE nocase", "<lower(a)> collate<nocase>");
  KEYS("-a COLLATE nocase", "<-a> collate<nocase>");
  KEYS("NOT a COLLATE nocase", "<NOT a COLLATE nocase>");
  KEYS("a || b ISNULL COLLATE x", "<a || b ISNULL> collate<x>");
  KEYS("a = b IN (1) COLLATE x", "<a = b IN (1)> collate<x>");
  KEYS("a AND b ISNULL COLLATE x", "<a AND b ISNULL COLLATE x>");
  KEYS("a BETWEEN 1 AND 2 COLLATE x", "<a BETWEEN 1 AND 2 COLLATE x>");
  KEYS("CASE WHEN a COLLATE x THEN b END COLLATE y",
       "<CASE WHEN a COLLATE x THEN b END> collate<y>");
  KEYS("CASE WHEN 1 THEN a COLLATE x END",
       "<CASE WHEN 1 THEN a COLLATE x END>");
}

/* ---- the others ---- */

TEST(create_indexes) {
  READS("CREATE UNIQUE INDEX IF NOT EXISTS m.i ON \"t\" (a) WHERE a NOT NULL;",
        "unique index m.i if_not_exists on<\"t\"> keys(a) where<a NOT NULL>");
  READS("CREATE INDEX i ON t(a) WHERE case a when 1 then 2 end = b -- c",
        "index i on<t> keys(a) where<case a when 1 then 2 end = b>");
  REFUSES("CREATE INDEX i ON m.t(a)", "near \".\"");
  REFUSES("CREATE INDEX i ON t(a) WHERE", "at the end: an expression");
  REFUSES("CREATE INDEX i ON t(a) WHERE a b", "near \"b\"");
  REFUSES("CREATE INDEX i(a)", "ON expected");
}

TEST(create_views) {
  READS("CREATE TEMP VIEW IF NOT EXISTS v(a, 'b') AS SELECT 1, ')' -- c\n ;",
        "temp view v if_not_exists names(a, 'b') body<SELECT 1, ')'>");
  READS("CREATE VIEW m.v AS WITH x AS (SELECT 1) SELECT * FROM x",
        "view m.v body<WITH x AS (SELECT 1) SELECT * FROM x>");
  READS("CREATE VIEW v AS VALUES(1),(2)", "view v body<VALUES(1),(2)>");
  REFUSES("CREATE VIEW v AS (SELECT 1)", "near \"(\": SELECT");
  REFUSES("CREATE VIEW v AS SELECT ?", "near \"?\"");
  REFUSES("CREATE VIEW v AS SELECT (1", "at the end");
  REFUSES("CREATE VIEW v AS SELECT 1)", "near \")\"");
  REFUSES("CREATE VIEW v(a DESC) AS SELECT 1", "near \"DESC\"");
}

TEST(create_triggers) {
  READS("CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
        "trigger g time<AFTER> event<INSERT> on<t> body<BEGIN SELECT 1; END>");
  READS(
      "CREATE TEMP TRIGGER IF NOT EXISTS m.g INSTEAD OF UPDATE OF a, \"b\" ON "
      "m.v FOR EACH ROW WHEN new.a > 1 BEGIN UPDATE t SET a = CASE 1 WHEN 2 "
      "THEN 3 END; DELETE FROM t; END ;",
      "temp trigger m.g if_not_exists time<INSTEAD OF> event<UPDATE> names(a, "
      "\"b\") on<v> where<new.a > 1> body<BEGIN UPDATE t SET a = CASE 1 WHEN "
      "2 THEN 3 END; DELETE FROM t; END>");
  READS("CREATE TRIGGER before BEFORE DELETE ON t WHEN 1 BEGIN VALUES(1); END",
        "trigger before time<BEFORE> event<DELETE> on<t> where<1> body<BEGIN "
        "VALUES(1); END>");
  READS("CREATE TRIGGER g DELETE ON t BEGIN REPLACE INTO t SELECT end; END",
        "trigger g event<DELETE> on<t> body<BEGIN REPLACE INTO t SELECT end; "
        "END>");
  REFUSES("CREATE TRIGGER g DELETE ON t BEGIN END", "a statement");
  REFUSES("CREATE TRIGGER g DELETE ON t BEGIN SELECT 1 END", "\";\" expected");
  REFUSES("CREATE TRIGGER g DELETE ON t BEGIN SELECT 1; END; x", "the end of");
  REFUSES("CREATE TRIGGER g DELETE ON t BEGIN DROP TABLE t; END", "\"DROP\"");
  REFUSES("CREATE TRIGGER g DELETE ON t BEGIN SELECT 1; ; END", "near \";\"");
  REFUSES("CREATE TRIGGER g DELETE ON t BEGIN SELECT (1; END", "near \";\"");
  REFUSES("CREATE TRIGGER g DROP ON t BEGIN SELECT 1; END", "DELETE, INSERT");
  REFUSES("CREATE TRIGGER g DELETE OF a ON t BEGIN SELECT 1; END", "\"OF\"");
}

/* BEGIN is a name where an operand is due. */
TEST(create_trigger_when_ends_at_begin) {
#define WHEN(sql)                                                              \
  READS("CREATE TRIGGER g DELETE ON t WHEN " sql " BEGIN SELECT 1; END",       \
        "trigger g event<DELETE> on<t> where<" sql                             \
        "> body<BEGIN SELECT 1; END>")
  WHEN("begin");
  WHEN("old.begin");
  WHEN("NOT begin");
  WHEN("a = begin");
  WHEN("(begin) AND begin");
  WHEN("a COLLATE begin");
  WHEN("CASE begin WHEN 1 THEN end ELSE begin END");
  WHEN("a ISNULL");
  WHEN("a IN (SELECT begin FROM end)");
  WHEN("a IN begin");
  WHEN("EXISTS (SELECT 1) OR raise(IGNORE)");
}

TEST(create_virtual_tables) {
  READS("CREATE VIRTUAL TABLE IF NOT EXISTS m.v USING f(a ; (?1), b = 'x )');",
        "virtual m.v if_not_exists");
  READS("CREATE VIRTUAL TABLE v USING \"rtree\"", "virtual v");
  REFUSES("CREATE VIRTUAL TABLE v", "USING expected");
  REFUSES("CREATE VIRTUAL TABLE v USING f(a); DROP TABLE t",
          "near \"DROP\": the end of the statement expected");
  REFUSES("CREATE VIRTUAL TABLE v USING f(a) b", "near \"b\"");
  REFUSES("CREATE VIRTUAL TABLE v USING f(a, (b)", "\")\" expected");
  REFUSES("CREATE VIRTUAL TABLE v USING f(a, 'b)", "\")\" expected");
  REFUSES("CREATE TEMP VIRTUAL TABLE v USING x", "near \"VIRTUAL\"");
}

/* ---- the parts and the text ---- */

static const char many[] =
    "CREATE TABLE m.t -- one\n(\n  a INTEGER /* k */ PRIMARY KEY,\n"
    "  \"b c\" VARCHAR (10, 2) CONSTRAINT n NOT NULL ON CONFLICT FAIL -- two\n"
    "    DEFAULT -1 CONSTRAINT z,\n  d AS (a || ')') STORED,\n"
    "  e REFERENCES p(x) ON DELETE CASCADE DEFERRABLE,\n"
    "  UNIQUE (a, d COLLATE nocase DESC) /* three */ CHECK (a > 0),\n"
    "  FOREIGN KEY (a) REFERENCES q(\"y\") MATCH z\n) STRICT /* four */;\n--";

struct piece {
  mig_cx *cx;
  mig_span text;
  mig_buf out;
  int at; /* bytes of the text that are in `out` */
};

/* Take the text up to the part, and the part, which must come next, if it is
** there. */
static void piece(struct piece *p, mig_span part) {
  int at = (int)(part.p - p->text.p);

  if (!part.n) return;
  if (at < p->at || at > p->text.n - part.n) {
    EQ_STR("a part out of order", mig_strndup(p->cx, part.p, part.n));
    return;
  }
  mig_buf_add(p->cx, &p->out, p->text.p + p->at, at - p->at);
  mig_buf_add(p->cx, &p->out, part.p, part.n);
  p->at = at + part.n;
}

static void piece_keys(struct piece *p, const mig_list *l) {
  int i;

  for (i = 0; i < l->n; i++) piece(p, ((mig_key *)l->at[i])->text);
}

static void piece_clauses(struct piece *p, const mig_list *l) {
  int i;

  for (i = 0; i < l->n; i++) {
    const mig_clause *c = l->at[i];
    int fk = c->type == MIG_CLAUSE_FOREIGN_KEY;
    piece(p, c->name);
    if (fk) piece_keys(p, &c->keys);
    piece(p, c->table);
    piece(p, c->expr);
    piece_keys(p, fk ? &c->to : &c->keys);
    piece(p, c->word);
    piece(p, c->actions);
    piece(p, c->defer);
    piece(p, c->conflict);
    EQ_INT(c->text.p <= c->body.p &&
               c->body.p + c->body.n == c->text.p + c->text.n,
           1);
  }
}

TEST(create_parts_side_by_side_are_the_text) {
  const mig_create *c = mig_create_parse(cx, mig_span_z(many));
  struct piece p = {.cx = cx, .text = mig_span_z(many)};
  int i;

  if (!c) return;
  piece(&p, c->path);
  piece(&p, c->open);
  for (i = 0; i < c->columns.n; i++) {
    const mig_coldef *col = c->columns.at[i];
    piece(&p, col->name);
    piece(&p, col->type);
    piece_clauses(&p, &col->clauses);
  }
  piece_clauses(&p, &c->clauses);
  piece(&p, c->close);
  piece(&p, c->options);
  mig_buf_add(cx, &p.out, p.text.p + p.at, p.text.n - p.at);
  EQ_STR(mig_buf_take(cx, &p.out), many);
  EQ_STR(mig_edit_text(cx, mig_edit_new(cx, c->text)), many);
}

TEST(create_absent_parts_have_a_place) {
  const mig_create *c =
      mig_create_parse(cx, mig_span_z("CREATE TABLE t(a , b REFERENCES p )"));
  const mig_coldef *col;
  const mig_clause *fk;

  if (!c) return;
  col = c->columns.at[0];
  EQ_STR(col->type.p, " , b REFERENCES p )");
  fk = mig_clause_find(&((mig_coldef *)c->columns.at[1])->clauses,
                       MIG_CLAUSE_FOREIGN_KEY);
  EQ_STR(fk ? fk->actions.p : NULL, " )");
  EQ_STR(fk ? fk->defer.p : NULL, " )");
  EQ_STR(c->options.p, "");
  EQ_INT(col->type.n + fk->actions.n + fk->defer.n + c->options.n, 0);
}

TEST(create_finds_columns_and_clauses) {
  const mig_create *c = mig_create_parse(
      cx, mig_span_z("CREATE TABLE t(a, \"B c\" UNIQUE NOT NULL UNIQUE)"));
  mig_coldef *col;
  int at = -1;

  if (!c) return;
  col = mig_create_column(c, "b C", &at);
  EQ_INT(at, 1);
  EQ_INT(col == c->columns.at[1], 1);
  EQ_INT(mig_create_column(c, "\"B c\"", NULL) == NULL, 1);
  EQ_INT(mig_clause_find(&col->clauses, MIG_CLAUSE_NOT_NULL) ==
             col->clauses.at[1],
         1);
  EQ_INT(mig_clause_find(&col->clauses, MIG_CLAUSE_ANY) == col->clauses.at[0],
         1);
  EQ_INT(mig_clause_find(&col->clauses, MIG_CLAUSE_CHECK) == NULL, 1);
}

TEST(create_mentions) {
#define MENTIONS(sql, want) EQ_INT(mig_sql_mentions(mig_span_z(sql), "k"), want)
  (void)cx;
  MENTIONS("a + K > 1", 1);
  MENTIONS("\"k\" = [x]", 1);
  MENTIONS("t.k", 1);
  MENTIONS("new.'K'", 1);
  MENTIONS("k", 1);
  MENTIONS("k IN (1)", 1);
  MENTIONS("'k' || kk /* k */ -- k", 0);
  MENTIONS("k(1)", 0);
  MENTIONS("k /* */ (1)", 0);
  MENTIONS("k.a", 0);
  MENTIONS("a COLLATE k", 0);
  MENTIONS(":k $k x'00'", 0);
  MENTIONS("", 0);
  EQ_INT(mig_sql_mentions(mig_span_z("select 1"), "select"), 0);
  EQ_INT(mig_sql_mentions(mig_span_z("a desc"), "desc"), 1);
}

/* ---- SQLite's own opinion ---- */

/* Only their syntax decides on whether SQLite takes these, at any version. */
static const char *const opinions[] = {
    "CREATE TABLE x(a generated always as (1), b)",
    "CREATE TABLE x(a int generated always as (1) stored, b)",
    "CREATE TABLE x(a default abc default 'b' default -x'00')",
    "CREATE TABLE x(a default -abc)",
    "CREATE TABLE x(a default left)",
    "CREATE TABLE x(a default indexed)",
    "CREATE TABLE x(left, 'b', indexed int, key text, if)",
    "CREATE TABLE x(a left)",
    "CREATE TABLE x(a int(1,2,3))",
    "CREATE TABLE x(a int(1)(2))",
    "CREATE TABLE x(a constraint b constraint c, constraint d constraint e)",
    "CREATE TABLE x(a, check(1) unique(a) constraint e)",
    "CREATE TABLE x(a, check(1), b)",
    "CREATE TABLE x(a check(1) on conflict fail)",
    "CREATE TABLE x(a, check(1) on conflict fail)",
    "CREATE TABLE x(a null on conflict fail)",
    "CREATE TABLE x(a references b match c on insert cascade not deferrable)",
    "CREATE TABLE x(a deferrable initially immediate)",
    "CREATE TABLE x(a, foreign key(a) references b deferrable deferrable)",
    "CREATE TABLE x(a collate 'binary' collate [nocase])",
    "CREATE TABLE x(a, unique('a' collate nocase desc))",
    "CREATE TABLE x(a integer, primary key(a autoincrement))",
    "CREATE TABLE x(a integer primary key on conflict fail autoincrement)",
    "CREATE TABLE x(a integer primary key autoincrement on conflict fail)",
    "CREATE TABLE x(a primary key) without rowid, without rowid",
    "CREATE TABLE x(a primary key) without 'rowid'",
    "CREATE TABLE x(a int), STRICT",
    "CREATE TABLE x(a primary key), without rowid",
    "CREATE TABLE x(a int), , STRICT",
    "CREATE TABLE x(a); ; /* open",
    "CREATE TABLE x(a as (1) \"stored\", b)",
    "CREATE TABLE x(end check(case end when 1 then 2 end between 1 and 2))",
    "CREATE TABLE x(a check(a not null isnull notnull))",
    "CREATE TABLE x(a check(a is not distinct))",
    "CREATE TABLE if(a)",
    "CREATE TABLE x(window, b window int, c int window)",
    "CREATE TABLE x(a, window int as (a))",
    "CREATE TABLE x(a, b window 'int' as (a))",
    "CREATE TABLE x(a, window int generated always as (a))",
    "CREATE TABLE x(a, window as (a), over, filter)",
    "CREATE INDEX x ON t(desc desc)",
    "CREATE INDEX x ON t(desc desc desc)",
    "CREATE INDEX x ON t('desc' collate nocase, (desc), -desc)",
    "CREATE INDEX x ON t(desc) where desc",
    "CREATE INDEX x ON main.t(desc)",
    "CREATE TRIGGER x DELETE ON main.t WHEN begin BEGIN SELECT 1; END",
    "CREATE TRIGGER x DELETE ON t WHEN 1 BEGIN SELECT 1 END",
    "CREATE TRIGGER x DELETE ON t FOR EACH ROW BEGIN SELECT end; VALUES(1);END",
    "CREATE TRIGGER x UPDATE OF desc, \"begin\" ON t BEGIN DELETE FROM t; END",
    "CREATE VIEW x('a', b) AS SELECT 1, 2",
    "CREATE VIEW x(a) AS (SELECT 1)",
};

static int sqlite_takes(const char *sql) {
  sqlite3 *db = NULL;
  int ok;

  sqlite3_open(":memory:", &db);
  sqlite3_exec(db, "CREATE TABLE t(desc, \"begin\")", NULL, NULL, NULL);
  ok = !sqlite3_exec(db, sql, NULL, NULL, NULL);
  sqlite3_close(db);
  return ok;
}

TEST(create_takes_what_sqlite_takes) {
  size_t i;

  (void)cx;
  for (i = 0; i < sizeof opinions / sizeof *opinions && !test_oom(); i++) {
    mig_cx own = {0};
    int ours = mig_create_parse(&own, mig_span_z(opinions[i])) != NULL;
    if (ours != sqlite_takes(opinions[i]))
      EQ_STR(ours ? "taken" : mig_cx_message(&own), opinions[i]);
    mig_cx_release(&own);
  }
}

TEST(create_of_noise_ends) {
  static const char *const words[] = {
      "CREATE", "TABLE", "INDEX",   "t",      "(",       ")",       ",",
      "a",      "CHECK", "CASE",    "END",    "NOT",     "x",       "COLLATE",
      "ON",     "'s'",   "AS",      "1",      "TRIGGER", "BEGIN",   ";",
      "SELECT", "WHEN",  "DEFAULT", "UNIQUE", "KEY",     "PRIMARY", "ALWAYS",
      "/*",     "'",     "||",      "VIEW"};
  unsigned seed = 5;
  int round, n;

  for (round = 0; round < 3000 && !test_oom(); round++) {
    mig_cx own = {0};
    mig_buf b = {0};
    mig_buf_addz(&own, &b, round % 2 ? "CREATE TABLE t(a" : "CREATE ");
    for (n = 0; n < 12; n++) {
      seed = seed * 1664525u + 1013904223u;
      mig_buf_addf(&own, &b, " %s",
                   words[(seed >> 8) % (sizeof words / sizeof *words)]);
    }
    mig_create_parse(&own, mig_span_z(mig_buf_take(&own, &b)));
    mig_cx_release(&own);
  }
  EQ_INT(cx->rc, 0);
}
