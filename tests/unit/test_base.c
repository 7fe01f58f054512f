/* tests/unit/test_base.c - the ground: errors, memory, text, lists, maps. */
#include "tests/unit/test.h"

/* ---- spans ---- */

TEST(span_trims_ascii_white_space_only) {
  mig_span s = mig_span_trim(mig_span_z(" \t\r\n\v\f a b \xc2\xa0 \n"));

  EQ_STR(mig_strndup(cx, s.p, s.n), "a b \xc2\xa0");
  EQ_INT(mig_span_trim(mig_span_z(" \n ")).n, 0);
  EQ_INT(mig_span_trim(mig_span_z("")).n, 0);
}

TEST(span_compares_whole_bytes) {
  EQ_INT(mig_span_is(mig_span_z("ab"), "ab"), 1);
  EQ_INT(mig_span_is(mig_span_z("ab"), "abc"), 0);
  EQ_INT(mig_span_is(mig_span_z("abc"), "ab"), 0);
  EQ_INT(mig_span_is(mig_span_z("aB"), "ab"), 0);
  EQ_INT(mig_span_is((mig_span){"abc", 2}, "ab"), 1);
  EQ_INT(mig_span_starts(mig_span_z("abc"), "ab"), 1);
  EQ_INT(mig_span_starts(mig_span_z("a"), "ab"), 0);
  EQ_INT(mig_span_starts(mig_span_z("abc"), ""), 1);
  EQ_INT(cx->rc, SQLITE_OK);
}

TEST(span_cuts_lines_at_lf_and_crlf) {
  static const char *const want[] = {"one", "two", "", "three\r.", "four"};
  mig_span rest = mig_span_z("one\ntwo\r\n\nthree\r.\nfour");
  int i;

  for (i = 0; i < 5; i++) {
    mig_span line = mig_span_line(&rest);
    EQ_STR(mig_strndup(cx, line.p, line.n), want[i]);
  }
  EQ_INT(rest.n, 0);
  EQ_INT(mig_span_line(&rest).n, 0);
}

/* ---- errors ---- */

TEST(the_first_error_wins) {
  EQ_STR(mig_cx_message(cx), "no error");
  mig_fail(cx, SQLITE_RANGE, "first %d", 1);
  mig_fail(cx, SQLITE_MISUSE, "second");
  mig_fail_nomem(cx);
  EQ_ERR(cx, SQLITE_RANGE, "first 1");
  EQ_INT(mig_alloc(cx, 8) == NULL, 1);
  EQ_STR(mig_strdup(cx, "x"), NULL);
  EQ_STR(mig_printf(cx, "x"), NULL);
}

TEST(an_error_without_a_message_has_sqlites) {
  mig_fail_nomem(cx);
  EQ_ERR(cx, SQLITE_NOMEM, "out of memory");
  mig_fail_in(cx, "somewhere");
  EQ_ERR(cx, SQLITE_NOMEM, "out of memory");
}

TEST(an_error_says_where_from_the_inside_out) {
  mig_fail_in(cx, "nothing to say yet");
  EQ_INT(cx->rc, SQLITE_OK);
  mig_fail(cx, SQLITE_ERROR, "no such table");
  mig_fail_in(cx, "line %d", 3);
  mig_fail_in(cx, "revision %s", "a");
  EQ_ERR(cx, SQLITE_ERROR, "revision a: line 3: no such table");
}

TEST(an_error_moves_to_another_cx) {
  mig_cx inner = {0};

  mig_fail_move(cx, &inner);
  EQ_INT(cx->rc, SQLITE_OK);
  mig_fail(&inner, SQLITE_BUSY, "locked");
  mig_fail_move(cx, &inner);
  EQ_ERR(cx, SQLITE_BUSY, "locked");
  EQ_INT(inner.rc, SQLITE_OK);
  mig_fail(&inner, SQLITE_FULL, "too late");
  mig_fail_move(cx, &inner);
  EQ_ERR(cx, SQLITE_BUSY, "locked");
  EQ_INT(inner.rc, SQLITE_OK);
  mig_cx_release(&inner);
}

TEST(released_a_cx_is_as_new) {
  mig_cx c = {0};
  char *z = mig_strdup(&c, "kept");

  mig_fail(&c, SQLITE_ERROR, "bad");
  mig_cx_release(&c);
  EQ_INT(c.rc, SQLITE_OK);
  z = mig_strdup(&c, "again");
  EQ_STR(z, "again");
  mig_fail_move(cx, &c);
  mig_cx_release(&c);
}

/* ---- memory ---- */

TEST(memory_is_zeroed_aligned_and_apart) {
  unsigned char *p[200];
  int i, k, bad = 0;

  for (i = 0; i < 200 && !cx->rc; i++) {
    size_t n = (size_t)(i * i + 1);
    p[i] = mig_alloc(cx, n);
    if (!p[i]) return;
    bad += (uintptr_t)p[i] % 8 != 0; /* SQLite promises no more */
    for (k = 0; k < (int)n; k++) bad += p[i][k] != 0;
    memset(p[i], i, n);
  }
  for (i = 0; i < 200; i++)
    for (k = 0; k <= i * i; k++) bad += p[i][k] != i;
  EQ_INT(bad, 0);
}

TEST(a_monstrous_request_is_out_of_memory) {
  EQ_INT(mig_alloc(cx, SIZE_MAX) == NULL, 1);
  EQ_ERR(cx, SQLITE_NOMEM, "");
}

TEST(text_is_copied) {
  EQ_STR(mig_strdup(cx, NULL), NULL);
  EQ_STR(mig_strdup(cx, ""), "");
  EQ_STR(mig_strndup(cx, "abcdef", 3), "abc");
  EQ_STR(mig_printf(cx, "%s=%Q %d", "a", "it's", 7), "a='it''s' 7");
  EQ_INT(cx->rc, SQLITE_OK);
}

struct owned_log {
  char seen[8];
  int n;
};
struct owned_item {
  struct owned_log *log;
  char name;
};

static void owned_free(void *p) {
  struct owned_item *o = p;

  o->log->seen[o->log->n++] = o->name;
}

TEST(owned_objects_go_last_given_first) {
  struct owned_log log = {{0}, 0};
  struct owned_item a = {&log, 'a'}, b = {&log, 'b'}, c = {&log, 'c'};
  mig_cx own = {0};

  EQ_INT(mig_own(&own, NULL, owned_free) == NULL, 1);
  mig_own(&own, &a, owned_free);
  mig_own(&own, &b, owned_free);
  mig_own(&own, &c, owned_free);
  if (!own.rc) mig_disown(&own, &b);
  mig_disown(&own, &log);
  mig_cx_release(&own);
  EQ_STR(log.seen, "ca");
  (void)cx;
}

TEST(what_cannot_be_owned_is_freed_at_once) {
  struct owned_log log = {{0}, 0};
  struct owned_item a = {&log, 'a'};

  mig_fail(cx, SQLITE_ERROR, "before");
  EQ_INT(mig_own(cx, &a, owned_free) == NULL, 1);
  EQ_STR(log.seen, "a");
}

/* ---- growing text ---- */

TEST(buf_grows_and_keeps_every_byte) {
  mig_buf b = {0};
  char *z;
  int i, bad = 0;

  for (i = 0; i < 500; i++) {
    mig_buf_add(cx, &b, "\0x", 2);
    mig_buf_addf(cx, &b, "%d", i % 10);
    mig_buf_addz(cx, &b, "y");
  }
  EQ_INT(b.n, 2000);
  z = mig_buf_take(cx, &b);
  for (i = 0; z && i < 2000; i += 4)
    bad += z[i] || z[i + 1] != 'x' || z[i + 2] != '0' + i / 4 % 10 ||
           z[i + 3] != 'y';
  EQ_INT(bad, 0);
  EQ_INT(b.p == NULL && b.n == 0, 1);
}

TEST(buf_taken_empty_is_empty_text) {
  mig_buf b = {0};

  EQ_STR(mig_buf_take(cx, &b), "");
}

TEST(buf_taken_after_an_error_is_freed) {
  mig_buf b = {0};

  mig_buf_addz(cx, &b, "some text");
  mig_fail(cx, SQLITE_ERROR, "bad");
  mig_buf_addz(cx, &b, "more");
  EQ_STR(mig_buf_take(cx, &b), NULL);
  EQ_ERR(cx, SQLITE_ERROR, "bad");
}

/* ---- lists ---- */

TEST(list_joins) {
  mig_list l = {0};

  EQ_STR(mig_list_join(cx, &l, ", "), "");
  mig_list_add(cx, &l, "a");
  EQ_STR(mig_list_join(cx, &l, ", "), "a");
  mig_list_add(cx, &l, "");
  mig_list_add(cx, &l, "c");
  EQ_STR(mig_list_join(cx, &l, ", "), "a, , c");
}

/* Items are numbers; only their thousands count. */
static int cmp_thousands(const void *a, const void *b) {
  intptr_t x = (intptr_t)a / 1000, y = (intptr_t)b / 1000;

  return (x > y) - (x < y);
}

/* n items in a scrambled order of keys; each key's items count up. */
static void sort_check(mig_cx *cx, int n) {
  mig_list l = {0};
  int i, bad = 0;

  for (i = 0; i < n; i++) {
    intptr_t key = (intptr_t)((unsigned)i * 7919u % 13u);
    mig_list_add(cx, &l, (void *)(key * 1000 + i + 1));
  }
  mig_list_sort(cx, &l, cmp_thousands);
  if (cx->rc) return;
  EQ_INT(l.n, n);
  for (i = 1; i < n; i++) bad += (intptr_t)l.at[i - 1] >= (intptr_t)l.at[i];
  EQ_INT(bad, 0);
}

TEST(list_sort_is_stable_at_every_length) {
  int n;

  for (n = 0; n < 70 && !cx->rc; n++) sort_check(cx, n);
  sort_check(cx, 900);
}

TEST(list_grows_after_a_sort) {
  mig_list l = {0};
  intptr_t i;
  int bad = 0;

  for (i = 5; i > 0; i--) mig_list_add(cx, &l, (void *)(i * 1000));
  mig_list_sort(cx, &l, cmp_thousands);
  for (i = 6; i < 40; i++) mig_list_add(cx, &l, (void *)(i * 1000));
  for (i = 0; i < l.n && !cx->rc; i++)
    bad += (intptr_t)l.at[i] != i * 1000 + 1000;
  EQ_INT(bad, 0);
  EQ_INT(l.n, 39);
}

/* ---- maps ---- */

TEST(map_of_nothing) {
  mig_map m = {0};

  EQ_INT(mig_map_get(&m, "a") == NULL, 1);
  EQ_INT(mig_map_get(&m, "") == NULL, 1);
  EQ_INT(cx->rc, SQLITE_OK);
}

TEST(map_replaces_and_returns_what_was_there) {
  mig_map m = {0};

  EQ_STR(mig_map_put(cx, &m, "a", "one"), NULL);
  EQ_STR(mig_map_put(cx, &m, "", "empty"), NULL);
  EQ_STR(mig_map_put(cx, &m, "a", "two"), "one");
  EQ_STR(mig_map_get(&m, "a"), "two");
  EQ_STR(mig_map_get(&m, ""), "empty");
  EQ_STR(mig_map_get(&m, "A"), NULL);
  EQ_INT(m.n, 2);
}

TEST(map_holds_thousands) {
  char(*key)[8] = mig_alloc(cx, 5000 * sizeof *key);
  mig_map m = {0};
  intptr_t i;
  int bad = 0;

  for (i = 0; i < 5000 && !cx->rc; i++) {
    sqlite3_snprintf(sizeof *key, key[i], "k%d", (int)i);
    mig_map_put(cx, &m, key[i], (void *)(i + 1));
  }
  if (cx->rc) return;
  EQ_INT(m.n, 5000);
  for (i = 0; i < 5000; i++) {
    char copy[8];
    memcpy(copy, key[i], sizeof copy);
    bad += (intptr_t)mig_map_get(&m, copy) != i + 1;
  }
  EQ_INT(bad, 0);
  EQ_INT(mig_map_get(&m, "k5000") == NULL, 1);
}

/* ---- checksums.  Expected values are sha256sum's. ---- */

static char *sum(mig_cx *cx, const char *z) {
  return mig_checksum(cx, mig_span_z(z));
}

TEST(checksum_of_the_standards_examples) {
  EQ_STR(sum(cx, "abc"),
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EQ_STR(sum(cx, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(checksum_of_nothing) {
  mig_span none = {NULL, 0};

  EQ_STR(sum(cx, ""),
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EQ_STR(mig_checksum(cx, none),
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* n letters, as `printf 'a%.0s' $(seq n) | sha256sum`. */
static char *sum_of_a(mig_cx *cx, int n) {
  char *z = mig_alloc(cx, (size_t)n + 1);

  if (z) memset(z, 'a', (size_t)n);
  return z ? sum(cx, z) : NULL;
}

TEST(checksum_at_the_borders_of_a_block) {
  EQ_STR(sum_of_a(cx, 54),
         "a3f01b6939256127582ac8ae9fb47a382a244680806a3f613a118851c1ca1d47");
  EQ_STR(sum_of_a(cx, 55),
         "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EQ_STR(sum_of_a(cx, 56),
         "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  EQ_STR(sum_of_a(cx, 57),
         "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6");
  EQ_STR(sum_of_a(cx, 63),
         "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
  EQ_STR(sum_of_a(cx, 64),
         "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  EQ_STR(sum_of_a(cx, 65),
         "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0");
  EQ_STR(sum_of_a(cx, 119),
         "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb");
  EQ_STR(sum_of_a(cx, 120),
         "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c");
  EQ_STR(sum_of_a(cx, 128),
         "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e");
  EQ_STR(sum_of_a(cx, 1000000),
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(checksum_ignores_how_lines_end) {
  char *lf = sum(cx, "a\nb\n\nc\n");

  EQ_STR(lf,
         "7bebbe912f70e4e817f83e3cdeb5f11f9bc556334d9789484f665b63dd3b14dc");
  EQ_STR(sum(cx, "a\r\nb\r\n\r\nc\r\n"), lf);
  EQ_STR(sum(cx, "a\r\nb\n\r\nc\n"), lf);
}

TEST(checksum_keeps_a_cr_that_ends_no_line) {
  EQ_STR(sum(cx, "a\rb\r"),
         "95214dcabd7c592744f2ed461262a22b05fc1b2fd6f332bc83d0acf23193f15b");
  EQ_STR(sum(cx, "a\r\r\n"),
         "8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd");
}

TEST(checksum_of_a_nul_and_all_bytes) {
  char all[256];
  int i;

  for (i = 0; i < 256; i++) all[i] = (char)i;
  EQ_STR(mig_checksum(cx, (mig_span){all, 256}),
         "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
}

TEST(checksum_does_nothing_after_an_error) {
  mig_fail(cx, SQLITE_ERROR, "bad");
  EQ_STR(sum(cx, "abc"), NULL);
}

TEST(base_distance_counts_typing_errors) {
  static const struct {
    const char *a, *b;
    int limit, d;
  } t[] = {
      {"", "", 3, 0},
      {"abc", "abc", 3, 0},
      {"abc", "abd", 3, 1},
      {"abc", "acb", 3, 1},
      {"abc", "ab", 3, 1},
      {"ab", "abc", 3, 1},
      {"kitten", "sitting", 9, 3},
      {"kitten", "sitting", 2, 3},
      {"down_revison", "down_revision", 2, 1},
      {"a", "abcdef", 2, 3},
  };
  size_t i;

  (void)cx;
  for (i = 0; i < sizeof t / sizeof *t; i++) {
    EQ_INT(mig_distance(mig_span_z(t[i].a), mig_span_z(t[i].b), t[i].limit),
           t[i].d);
    EQ_INT(mig_distance(mig_span_z(t[i].b), mig_span_z(t[i].a), t[i].limit),
           t[i].d);
  }
}
