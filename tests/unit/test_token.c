/* tests/unit/test_token.c - tokens, also against SQLite's own reading. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

static const char *const letter[] = {"END",    "space", "comment", "id",
                                     "quoted", "str",   "blob",    "int",
                                     "float",  "var",   "op",      "illegal"};

/* "kind:text" of each token, white space left out. */
static char *kinds(mig_cx *cx, mig_span s) {
  mig_buf b = {0};

  while (s.n) {
    mig_token t = mig_token_at(s);
    s.p += t.s.n;
    s.n -= t.s.n;
    if (t.type != MIG_TK_SPACE)
      mig_buf_addf(cx, &b, "%s%s:%.*s", b.n ? " " : "", letter[t.type], t.s.n,
                   t.s.p);
  }
  return mig_buf_take(cx, &b);
}

#define KINDS(text, want) EQ_STR(kinds(cx, mig_span_z(text)), want)

TEST(token_numbers) {
  KINDS("12 0x1F 1_000", "int:12 int:0x1F int:1_000");
  KINDS("1.5 .5 1. 1e5 1E+5 1e-5 .5e1",
        "float:1.5 float:.5 float:1. float:1e5 float:1E+5 float:1e-5 "
        "float:.5e1");
  KINDS("12ab 1e 1e+ 0x", "illegal:12ab illegal:1e illegal:1e op:+ illegal:0x");
  KINDS("1_ 1__0 1.5x 1$", "illegal:1_ illegal:1__0 illegal:1.5x illegal:1$");
  KINDS("1..2 t.5 a.b", "float:1. float:.2 id:t float:.5 id:a op:. id:b");
  KINDS("1_0.2_5e1_0", "float:1_0.2_5e1_0");
}

TEST(token_strings_names_and_blobs) {
  KINDS("'a' 'it''s' ''", "str:'a' str:'it''s' str:''");
  KINDS("\"a\"\"b\" `c` [d e]", "quoted:\"a\"\"b\" quoted:`c` quoted:[d e]");
  KINDS("'a -- b", "illegal:'a -- b");
  KINDS("[a", "illegal:[a");
  KINDS("''' x", "illegal:''' x");
  KINDS("x'00aF' X'' x'0'", "blob:x'00aF' blob:X'' illegal:x'0'");
  KINDS("x'0g' y", "illegal:x'0g' id:y");
  KINDS("x'00", "illegal:x'00");
  KINDS("x x1 a$b _c \xc3\xa9t\xc3\xa9",
        "id:x id:x1 id:a$b id:_c id:\xc3\xa9t\xc3\xa9");
}

TEST(token_comments_and_space) {
  KINDS("a--b\nc", "id:a comment:--b id:c");
  KINDS("--", "comment:--");
  KINDS("/* a */b", "comment:/* a */ id:b");
  KINDS("/**/b", "comment:/**/ id:b");
  KINDS("/*/ b", "comment:/*/ b");
  KINDS("/*", "op:/ op:*");
  KINDS("a \v b \v", "id:a id:b");
  KINDS("\vb", "illegal:\v id:b");
  KINDS("\xef\xbb\xbf"
        "a",
        "id:a");
  EQ_INT(mig_token_at(mig_span_z("")).type, MIG_TK_END);
}

TEST(token_variables_and_operators) {
  KINDS("? ?12 ?a :a @b $c #d #1", "var:? var:?12 var:? id:a var::a var:@b "
                                   "var:$c var:#d var:#1");
  KINDS("$a::b(c d) $a(b) $ : ::", "illegal:$a::b(c id:d op:) var:$a(b) "
                                   "illegal:$ illegal:: illegal:: illegal::");
  KINDS("a->b->>c-d", "id:a op:-> id:b op:->> id:c op:- id:d");
  KINDS("<< <= <> < >> >= > == = != ||| & ~ % + * / ; ( ) , .",
        "op:<< op:<= op:<> op:< op:>> op:>= op:> op:== op:= op:!= op:|| op:| "
        "op:& op:~ op:% op:+ op:* op:/ op:; op:( op:) op:, op:.");
  KINDS("! ^ { \\", "illegal:! illegal:^ illegal:{ illegal:\\");
}

TEST(token_statements_have_the_right_kinds) {
  KINDS("INSERT INTO t(a,b)VALUES(?1,-1.5e3)",
        "id:INSERT id:INTO id:t op:( id:a op:, id:b op:) id:VALUES op:( "
        "var:?1 op:, op:- float:1.5e3 op:)");
  KINDS("SELECT x'ab'||'c' FROM \"t\" WHERE a->>'$.b'!=:c;",
        "id:SELECT blob:x'ab' op:|| str:'c' id:FROM quoted:\"t\" id:WHERE "
        "id:a op:->> str:'$.b' op:!= var::c op:;");
  KINDS("CREATE TABLE[a](b DEFAULT(1)/*c*/)",
        "id:CREATE id:TABLE quoted:[a] op:( id:b id:DEFAULT op:( int:1 op:) "
        "comment:/*c*/ op:)");
}

TEST(token_is_looks_at_words_and_operators_only) {
  (void)cx;
  EQ_INT(mig_token_is(mig_token_at(mig_span_z("select 1")), "SELECT"), 1);
  EQ_INT(mig_token_is(mig_token_at(mig_span_z("selects")), "SELECT"), 0);
  EQ_INT(mig_token_is(mig_token_at(mig_span_z("\"SELECT\"")), "SELECT"), 0);
  EQ_INT(mig_token_is(mig_token_at(mig_span_z("||")), "||"), 1);
  EQ_INT(mig_token_is(mig_token_at(mig_span_z("||")), "|"), 0);
}

TEST(token_next_skips_space_and_comments) {
  mig_span s = mig_span_z(" /* a */ -- b\n c ");
  mig_token t = mig_token_next(&s);

  EQ_STR(mig_strndup(cx, t.s.p, t.s.n), "c");
  EQ_INT(mig_token_next(&s).type, MIG_TK_END);
  EQ_INT(s.n, 0);
}

/* ---- random text ---- */

static unsigned token_seed;
static unsigned token_random(unsigned below) {
  token_seed = token_seed * 1664525u + 1013904223u;
  return (token_seed >> 8) % below;
}

/* Bytes that mean something to the tokenizer, at most `cap`. */
static int token_noise(char *out, int cap, int any) {
  static const char lively[] =
      " \t\n\v\f\r'\"`[]-->>/**/xX0123456789abceEfzZ._$@:#?::((()),;=<>!|+%&~^"
      "{\\\xc3\xa9\xef\xbb\xbf";
  int n = (int)token_random((unsigned)cap) + 1, i;

  for (i = 0; i < n; i++) {
    unsigned r = token_random(sizeof lively - 1);
    out[i] = any ? (char)token_random(256) : lively[r];
  }
  return n;
}

TEST(token_side_by_side_are_the_text) {
  char text[40];
  int round, n, at;

  (void)cx;
  token_seed = 1;
  for (round = 0; round < 20000; round++) {
    mig_span s = {text, token_noise(text, (int)sizeof text, round % 3 == 0)};
    for (n = s.n, at = 0; at < n; at += mig_token_at(s).s.n) {
      s = (mig_span){text + at, n - at};
      if (mig_token_at(s).s.p != s.p || mig_token_at(s).s.n < 1) break;
      if (mig_token_at(s).s.n > s.n || mig_token_at(s).type == MIG_TK_END)
        break;
    }
    if (at != n) EQ_STR(mig_strndup(cx, text, n), "cut into its tokens");
  }
}

/*
** Behind this prefix no token but ; is grammar, so SQLite complains of the
** first token of what follows and quotes it.
*/
#define PREFIX "DROP TABLE a.[b]"

/* What SQLite calls the first token of text; "" for none or for `;`. */
static void token_of_sqlite(sqlite3 *db, const char *text, char *out) {
  char sql[100];
  sqlite3_stmt *st = NULL;
  const char *msg, *quote;

  out[0] = 0;
  sqlite3_snprintf(sizeof sql, sql, PREFIX "%s", text);
  sqlite3_prepare_v2(db, sql, -1, &st, NULL);
  sqlite3_finalize(st);
  msg = sqlite3_errmsg(db);
  quote = strchr(msg, '"');
  if (!quote) return;
  if (!strncmp(msg, "near ", 5)) {
    sqlite3_snprintf(100, out, "%s", quote + 1);
    out[strlen(out) - strlen("\": syntax error")] = 0;
  } else if (!strncmp(msg, "unrecognized token: ", 20)) {
    sqlite3_snprintf(100, out, "illegal:%s", quote + 1);
    out[strlen(out) - 1] = 0;
  }
}

/* From 3.46 on SQLite reads a number with any underscores, and says that they
** are in the wrong place only where a number may be. */
static int token_is_late(const char *ours, const char *theirs) {
  return !strncmp(ours, "illegal:", 8) && strchr(ours, '_') &&
         !strcmp(ours + 8, theirs);
}

/* The same, by our reading. */
static void token_of_ours(const char *text, char *out) {
  mig_span s = mig_span_z(text);
  mig_token t = mig_token_next(&s);

  out[0] = 0;
  if (t.type == MIG_TK_END || mig_token_is(t, ";")) return;
  sqlite3_snprintf(100, out, "%s%.*s",
                   t.type == MIG_TK_ILLEGAL ? "illegal:" : "", t.s.n, t.s.p);
}

/* The underscore in numbers is of SQLite 3.46, the arrows are of 3.38. */
static void token_plain(char *text) {
  int running = sqlite3_libversion_number();

  for (; *text; text++)
    if ((*text == '_' && running < 3046000) ||
        (*text == '>' && running < 3038000))
      *text = 'g';
}

static int token_any(const char *text, const char *words) {
  return mig_token_any(mig_token_at(mig_span_z(text)), words);
}

TEST(token_any_is_one_of_the_words) {
  const char *words = "SELECT VALUES - ->> WITH";

  EQ_INT(token_any("select 1", words), 1);
  EQ_INT(token_any("Values(1)", words), 1);
  EQ_INT(token_any("WITH", words), 1);
  EQ_INT(token_any("-1", words), 1);
  EQ_INT(token_any("->>1", words), 1);
  /* not a part of one, not several, not what has them inside */
  EQ_INT(token_any("->1", words), 0);
  EQ_INT(token_any("WIT", words), 0);
  EQ_INT(token_any("ITH", words), 0);
  EQ_INT(token_any("WITHOUT", words), 0);
  EQ_INT(token_any("VALUES_", words), 0);
  /* a name in quotes, a text, and the end are no words */
  EQ_INT(token_any("\"select\"", words), 0);
  EQ_INT(token_any("[WITH]", words), 0);
  EQ_INT(token_any("'-'", words), 0);
  EQ_INT(token_any("'SELECT'", "'SELECT'"), 0);
  EQ_INT(token_any(" ", "a  b"), 0);
  EQ_INT(token_any("", words), 0);
  EQ_INT(token_any("", ""), 0);
  EQ_INT(token_any("a", ""), 0);
  EQ_INT(token_any("a", "A"), 1);
  (void)cx;
}

TEST(token_agrees_with_sqlite) {
  char text[30], theirs[100], ours[100];
  sqlite3 *db = NULL;
  int round;

  if (test_oom()) return;
  sqlite3_open(":memory:", &db);
  token_seed = 7;
  for (round = 0; round < 3000 && !cx->rc; round++) {
    text[token_noise(text, (int)sizeof text - 1, round % 4 == 0)] = 0;
    token_plain(text);
    token_of_sqlite(db, text, theirs);
    token_of_ours(text, ours);
    if (!strcmp(theirs, ours) || token_is_late(ours, theirs)) continue;
    EQ_STR(ours, theirs);
    mig_fail(cx, SQLITE_ERROR, "tokens differ");
  }
  EQ_INT(cx->rc, 0);
  sqlite3_close(db);
}
