/* tests/unit/test_edit.c - splices against one text. */
#include "ext/sql/sql.h"
#include "tests/unit/test.h"

static const char source[] = "CREATE TABLE t(a /* id */,  b int)";

static mig_span part(int at, int n) {
  return (mig_span){source + at, n};
}

static mig_edit *edit(mig_cx *cx) {
  return mig_edit_new(cx, mig_span_z(source));
}

TEST(edit_of_nothing_is_the_identity) {
  EQ_STR(mig_edit_text(cx, edit(cx)), source);
  EQ_STR(mig_edit_text(cx, mig_edit_new(cx, (mig_span){source, 0})), "");
}

TEST(edit_keeps_every_byte_it_was_not_told_to_change) {
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, part(28, 1), "\"B\"");
  mig_edit_put(cx, ed, part(13, 1), "u");
  mig_edit_put(cx, ed, part(33, 0), ", c");
  mig_edit_put(cx, ed, part(33, 0), " text");
  EQ_STR(mig_edit_text(cx, ed),
         "CREATE TABLE u(a /* id */,  \"B\" int, c text)");
}

TEST(edit_inserts_at_both_ends_and_beside_a_replacement) {
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, part(34, 0), ";");
  mig_edit_put(cx, ed, part(0, 0), "--\n");
  mig_edit_put(cx, ed, part(13, 1), "u");
  mig_edit_put(cx, ed, part(13, 0), "<");
  mig_edit_put(cx, ed, part(14, 0), ">");
  mig_edit_put(cx, ed, part(7, 5), "");
  EQ_STR(mig_edit_text(cx, ed), "--\nCREATE  <u>(a /* id */,  b int);");
}

TEST(edit_takes_a_copy) {
  char text[] = "x";
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, part(0, 34), text);
  text[0] = 'y';
  EQ_STR(mig_edit_text(cx, ed), "x");
}

TEST(edit_refuses_an_overlap_and_the_first_error_stays) {
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, part(1, 3), "X");
  mig_edit_put(cx, ed, part(2, 1), "Y");
  mig_edit_put(cx, ed, part(30, 9), "Z");
  EQ_STR(mig_edit_text(cx, ed), NULL);
  EQ_ERR(cx, SQLITE_MISUSE, "edit 2+1 meets 1+3");
}

TEST(edit_refuses_an_insertion_inside_of_a_replacement) {
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, part(2, 0), "X");
  mig_edit_put(cx, ed, part(1, 3), "Y");
  EQ_ERR(cx, SQLITE_MISUSE, "edit 1+3 meets 2+0");
}

TEST(edit_refuses_what_is_outside) {
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, part(30, 5), "Z");
  EQ_ERR(cx, SQLITE_RANGE, "outside");
}

TEST(edit_refuses_what_is_elsewhere) {
  static const char other[] = "other";
  mig_edit *ed = edit(cx);

  mig_edit_put(cx, ed, mig_span_z(other), "Z");
  EQ_ERR(cx, SQLITE_RANGE, "outside");
}
