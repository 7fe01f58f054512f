/* tests/unit/test_section.c - the parts of a plain-SQL revision. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

static char *part(mig_cx *cx, mig_span s) {
  return s.p ? mig_strndup(cx, s.p, s.n) : NULL;
}

/* The message of the text, or of the error that it is. */
static char *section_of(mig_cx *cx, const char *text, mig_section *s) {
  mig_section_parse(cx, "x.sql", mig_span_z(text ? text : ""), s);
  return part(cx, s->message);
}

TEST(section_has_headers_and_two_sections) {
  mig_section s;

  EQ_STR(section_of(cx,
                    "-- Add brand to products\n"
                    "-- revision: 3cab280570b6\n"
                    "-- revises: 6efc3153bd83, abcd\n"
                    "-- branch_labels: shop\n"
                    "-- depends_on: none\n"
                    "-- created: 2025-12-01 12:00:00\n"
                    "-- irreversible: data is gone\n"
                    "-- transactional: false\n"
                    "\n"
                    "-- migrate:up\n"
                    "ALTER TABLE a ADD b;\n"
                    "-- migrate:down\n"
                    "ALTER TABLE a DROP b;\n",
                    &s),
         "Add brand to products");
  EQ_INT(cx->rc, 0);
  EQ_STR(part(cx, s.head[MIG_HEAD_REVISION]), "3cab280570b6");
  EQ_STR(part(cx, s.head[MIG_HEAD_REVISES]), "6efc3153bd83, abcd");
  EQ_STR(part(cx, s.head[MIG_HEAD_LABELS]), "shop");
  EQ_INT(s.head[MIG_HEAD_DEPENDS].n, 0);
  EQ_STR(part(cx, s.head[MIG_HEAD_CREATED]), "2025-12-01 12:00:00");
  EQ_STR(part(cx, s.head[MIG_HEAD_IRREVERSIBLE]), "data is gone");
  EQ_STR(part(cx, s.head[MIG_HEAD_TRANSACTIONAL]), "false");
  EQ_STR(part(cx, s.up), "ALTER TABLE a ADD b;\n");
  EQ_STR(part(cx, s.down), "ALTER TABLE a DROP b;\n");
  EQ_INT(s.has_up + s.has_down, 2);
}

TEST(section_accepts_crlf_and_what_is_absent) {
  mig_section s;

  EQ_STR(
      section_of(cx, "--m\r\n-- revision: a\r\n--migrate:up\r\nSELECT 1;", &s),
      "m");
  EQ_STR(part(cx, s.head[MIG_HEAD_REVISION]), "a");
  EQ_INT(s.head[MIG_HEAD_REVISES].n, 0);
  EQ_STR(part(cx, s.up), "SELECT 1;");
  EQ_INT(s.has_down, 0);
  EQ_STR(section_of(cx, "-- migrate:up", &s), NULL);
  EQ_INT(s.has_up, 1);
  EQ_INT(s.up.n, 0);
  EQ_STR(section_of(cx, "-- migrate:up\n-- migrate:down\r\n", &s), NULL);
  EQ_INT(s.has_down, 1);
  EQ_INT(s.up.n + s.down.n, 0);
  EQ_INT(cx->rc, 0);
}

TEST(section_message_is_the_first_comment_that_is_no_header) {
  mig_section s;
  const char *up = "\n-- migrate:up\n";

  EQ_STR(section_of(cx, mig_printf(cx, "-- Fix: broken index%s", up), &s),
         "Fix: broken index");
  EQ_STR(section_of(cx, mig_printf(cx, "--\n-- ---\n--  x y \n-- z%s", up), &s),
         "x y");
  EQ_STR(section_of(cx, mig_printf(cx, "-- revision: a\n-- b: c%s", up), &s),
         "b: c");
  EQ_STR(section_of(cx, mig_printf(cx, "/*\n * A block\n */%s", up), &s),
         "A block");
  EQ_STR(section_of(cx, mig_printf(cx, "-- create: users and roles%s", up), &s),
         "create: users and roles");
  EQ_STR(
      section_of(cx, mig_printf(cx, "-- m\n-- Related: to the shop%s", up), &s),
      "m");
  EQ_INT(cx->rc, 0);
}

TEST(section_message_may_look_like_a_header_that_is_given) {
  mig_section s;

  EQ_STR(section_of(cx,
                    "-- Created: users\n-- revision: a\n-- created: 1\n"
                    "-- migrate:up\n",
                    &s),
         "Created: users");
  EQ_INT(cx->rc, 0);
}

TEST(section_markers_in_strings_and_comments_are_text) {
  mig_section s;

  section_of(cx,
             "-- m\n-- migrate:up\nINSERT INTO a VALUES('\n-- migrate:down\n"
             "');\n/*\n-- migrate:down\n*/\n-- migrate:down\nSELECT 2;",
             &s);
  EQ_INT(cx->rc, 0);
  EQ_STR(part(cx, s.down), "SELECT 2;");
  EQ_STR(part(cx, s.up), "INSERT INTO a VALUES('\n-- migrate:down\n');\n/*\n"
                         "-- migrate:down\n*/\n");
}

TEST(section_takes_dbmates_option) {
  mig_section s;

  section_of(cx, "-- migrate:up transaction:false\nVACUUM;", &s);
  EQ_INT(cx->rc, 0);
  EQ_STR(part(cx, s.head[MIG_HEAD_TRANSACTIONAL]), "false");
  EQ_STR(part(cx, s.up), "VACUUM;");
}

/* Texts that are wrong, and a part of what is said. */
static const struct {
  const char *text, *part;
} section_wrong[] = {
    {"", "there is no line `-- migrate:up`"},
    {"-- m\nSELECT 1;", "there is no line `-- migrate:up`"},
    {"-- m\n\nSELECT 1;\n-- migrate:up\n", "x.sql:3: a statement before"},
    {"-- migrate:down\n-- migrate:up\n", "x.sql:1: `-- migrate:down` before"},
    {"-- migrate:up\n-- migrate:up\n", "x.sql:2: `-- migrate:up` is given twi"},
    {"-- migrate:up\n-- migrate:down\n--\n-- migrate:down\n",
     "x.sql:4: `-- mi"},
    {"-- migrate:up\nx; -- migrate:down\n", "x.sql:2: `-- migrate:down` must"},
    {"-- migrate:up\n  -- migrate:down\n", "x.sql:2: `-- migrate:down` must"},
    {"-- migrate:up\n-- migrate:dwon\n", "x.sql:2: -- migrate:dwon: did you"},
    {"-- migrate:up\n-- migrate: down\n", "x.sql:2: -- migrate: down: did you"},
    {"-- migrate:up\n-- Migrate:Down\n", "x.sql:2: -- Migrate:Down: did you"},
    {"-- migrate:up\n-- migrate:rollback\n", "did you mean `-- migrate:up`"},
    {"-- migrate:up\n-- migration:down\n", "did you mean `-- migrate:up`"},
    {"-- migrate:up\n-- +migrate Down\n", "did you mean `-- migrate:up`"},
    {"-- migrate:up\n-- Down\n", "x.sql:2: -- Down: did you mean"},
    {"-- migrate:up\n-- migrate:down\n-- +goose Up\n", "did you mean"},
    {"-- migrate:up lazy:true\n", "x.sql:1: lazy:true: unknown option"},
    {"-- migrate:up transaction:maybe\n", "unknown option"},
    {"-- transactional: true\n-- migrate:up transaction:false\n",
     "x.sql:2: transaction:false: true was said before"},
    {"-- transactional: no\n-- migrate:up\n", "transactional: no: write true"},
    {"-- revision: a\n-- revision: b\n-- migrate:up\n",
     "x.sql:2: revision is given twice"},
    {"-- revision:\n-- migrate:up\n", "x.sql:1: revision has no value"},
    {"-- m\n-- revison: x\n-- migrate:up\n",
     "x.sql:2: revison: did you mean `-- revision: `?"},
    {"-- revison: x\n-- migrate:up\n", "x.sql:1: revison: did you mean"},
    {"-- revises: x\n-- m\n-- Revises: y\n-- migrate:up\n", "x.sql:3: Revises"},
    {"-- m\n-- down_revision: x\n-- migrate:up\n", "mean `-- revises: `"},
    {"-- m\n-- depends-on: x\n-- migrate:up\n", "mean `-- depends_on: `"},
    {"-- m\n-- Branch labels: x, y\n-- migrate:up\n", "`-- branch_labels: `"},
    {"-- irreversble: it is gone\n-- migrate:up\n", "`-- irreversible: `"},
    {"-- create: the users\n-- m\n-- migrate:up\n", "x.sql:1: create: did you"},
    {"-- m\n/*\nrevision: x\n*/\n-- migrate:up\n", "x.sql:3: a header is a"},
    {"-- m\n-- migrate:up\n-- revises: x\n", "x.sql:3: revises: headers stand"},
    {"-- migrate:up\nSELECT 'a;\n-- migrate:down\n",
     "x.sql:2: the string that"},
    {"-- migrate:up\n/* x\n-- migrate:down\n", "x.sql:2: the comment that"},
    {"-- migrate:up\nSELECT \"a;\n", "x.sql:2: the quoted name that"},
    {"-- migrate:up\nSELECT x'0;\n", "x.sql:2: the blob that"},
};

TEST(section_errors_name_the_line) {
  size_t i;

  for (i = 0; i < sizeof section_wrong / sizeof *section_wrong; i++) {
    mig_cx one = {0};
    mig_section s;
    mig_section_parse(&one, "x.sql", mig_span_z(section_wrong[i].text), &s);
    EQ_ERR(&one, SQLITE_ERROR, section_wrong[i].part);
    mig_cx_release(&one);
  }
  (void)cx;
}

TEST(section_comments_in_sections_are_free) {
  mig_section s;

  section_of(cx,
             "-- m\n-- migrate:up\nCREATE TABLE a(\n  b, -- up\n  c -- down\n"
             ");\n-- created: by hand\n-- migrated: the users\n",
             &s);
  EQ_STR(mig_cx_message(cx), "no error");
}

/* Whatever the bytes: no crash, and an error or an `up`. */
TEST(section_survives_noise) {
  static const char *const bits[] = {
      "-- ",  "migrate:up", "migrate:down", "\n",      "\r\n", "'",   "/*",
      "*/",   "revision:",  " a",           "revises", ":",    "\0x", "SELECT",
      "none", "[",          "x'",           ";",       "+",    "--"};
  unsigned seed = 3;
  int round, i;

  (void)cx;
  for (round = 0; round < 300; round++) {
    mig_cx one = {0};
    mig_buf b = {0};
    mig_section s;
    char *text;
    for (i = 0; i < 20; i++) {
      seed = seed * 1664525u + 1013904223u;
      mig_buf_addz(&one, &b, bits[(seed >> 8) % (sizeof bits / sizeof *bits)]);
    }
    text = mig_buf_take(&one, &b);
    if (text) mig_section_parse(&one, "x.sql", mig_span_z(text), &s);
    if (text && !one.rc && !s.has_up) EQ_STR(text, "has a section");
    mig_cx_release(&one);
  }
}

TEST(line_of) {
  mig_span s = mig_span_z("a\nb\r\nc");

  (void)cx;
  EQ_INT(mig_line_of(s, 0), 1);
  EQ_INT(mig_line_of(s, 1), 1);
  EQ_INT(mig_line_of(s, 2), 2);
  EQ_INT(mig_line_of(s, 5), 3);
  EQ_INT(mig_line_of(s, 99), 3);
}
