/* test_lexer.c - words, numbers, durations, strings and labels. */
#include "tests/support/test.h"

#include "patterns/lexer.h"

typedef struct fixture {
  cb_alloc alloc;
  cb_arena arena;
  cb_source source;
  pat_diags diags;
  pat_lexer lexer;
  uint32_t code; /* of the newest diagnostic */
} fixture;

static void keep_code(void *ctx, const cep_error *diagnostic)
{
  ((fixture *)ctx)->code = diagnostic->code;
}

static void begin(fixture *f, const char *text, size_t len)
{
  memset(f, 0, sizeof *f);
  cb_alloc_init(&f->alloc, NULL, 0);
  cb_arena_init(&f->arena, &f->alloc);
  cb_source_init(&f->source, "text", text, (uint32_t)len);
  pat_diags_init(&f->diags, &f->arena, &f->source, keep_code, f);
  pat_lexer_init(&f->lexer, &f->arena, &f->diags, text, (uint32_t)len);
}

static uint32_t end(fixture *f)
{
  pat_diags_flush(&f->diags);
  cb_arena_fini(&f->arena);
  assert_int_equal(f->alloc.bytes_in_use, 0);
  return f->code;
}

static pat_token first_of(fixture *f, const char *text)
{
  begin(f, text, strlen(text));
  return pat_lexer_next(&f->lexer);
}

static void check_kinds(const char *text, const pat_token_kind *kinds, size_t count)
{
  fixture f;
  begin(&f, text, strlen(text));
  for (size_t i = 0; i < count; i++) assert_int_equal(pat_lexer_next(&f.lexer).kind, kinds[i]);
  assert_int_equal(pat_lexer_next(&f.lexer).kind, PAT_END);
  assert_int_equal(end(&f), 0);
}

/* A range would be read as two numbers, or a float as a range. */
static void a_dot_belongs_to_a_number_only_before_a_digit(void **state)
{
  (void)state;
  const pat_token_kind range[] = {PAT_INT, PAT_DOTS, PAT_INT}, two[] = {PAT_FLOAT, PAT_DOT, PAT_NAME};
  check_kinds("2..4", range, 3);
  check_kinds("2.5 .x", two, 3);
}

/* Rules would mean other numbers than they say. */
static void numbers_have_their_values(void **state)
{
  (void)state;
  fixture f;
  assert_int_equal(first_of(&f, "1_000_000").i, 1000000);
  (void)end(&f);
  assert_int_equal(first_of(&f, "0x1F").i, 31);
  (void)end(&f);
  assert_true(first_of(&f, "2.50e1").f == 25.0);
  (void)end(&f);
  pat_token e = first_of(&f, "1e6");
  assert_int_equal(e.kind, PAT_FLOAT);
  assert_true(e.f == 1e6);
  (void)end(&f);
  assert_true(first_of(&f, "9223372036854775808").is_int_min);
  assert_int_equal(end(&f), 0);
  assert_int_equal(first_of(&f, "9223372036854775809").kind, PAT_BROKEN);
  assert_int_equal(end(&f), 106);
}

/* A span would be another one than written. */
static void durations_add_up(void **state)
{
  (void)state;
  fixture f;
  pat_token token = first_of(&f, "1h30m");
  assert_int_equal(token.kind, PAT_DURATION);
  assert_int_equal(token.i, 5400LL * 1000000000);
  (void)end(&f);
  assert_int_equal(first_of(&f, "250ms").i, 250000000);
  (void)end(&f);
  assert_int_equal(first_of(&f, "2w").i, 1209600LL * 1000000000);
  (void)end(&f);
  assert_int_equal(first_of(&f, "1.5h").kind, PAT_BROKEN);
  assert_int_equal(end(&f), 105);
  assert_int_equal(first_of(&f, "300000d").kind, PAT_BROKEN);
  assert_int_equal(end(&f), 105);
}

/* A field called `match`, or `time` with a colon far behind it, could not be declared. */
static void a_name_before_a_colon_is_a_label_whatever_it_is(void **state)
{
  (void)state;
  fixture f;
  begin(&f, "match : time /* x */ // y\n : time ts", 36);
  pat_token token = pat_lexer_next(&f.lexer);
  assert_int_equal(token.kind, PAT_NAME);
  assert_true(token.is_label);
  assert_string_equal(token.text, "match");
  assert_int_equal(pat_lexer_next(&f.lexer).kind, PAT_COLON);
  token = pat_lexer_next(&f.lexer);
  assert_true(token.is_label);
  assert_int_equal(token.word, PAT_W_NONE);
  assert_int_equal(pat_lexer_next(&f.lexer).kind, PAT_COLON);
  assert_int_equal(pat_lexer_next(&f.lexer).word, PAT_W_time);
  assert_int_equal(end(&f), 0);
}

/* A name from a record could not be written, or would be taken for a keyword. */
static void back_ticks_keep_any_characters(void **state)
{
  (void)state;
  fixture f;
  pat_token token = first_of(&f, "`id.orig \"h\" * match`");
  assert_int_equal(token.kind, PAT_NAME);
  assert_string_equal(token.text, "id.orig \"h\" * match");
  (void)end(&f);
  token = first_of(&f, "`match`");
  assert_int_equal(token.kind, PAT_NAME);
  assert_int_equal(token.word, PAT_W_NONE);
  assert_int_equal(end(&f), 0);
  assert_int_equal(first_of(&f, "``").kind, PAT_BROKEN);
  assert_int_equal(end(&f), 103);
  begin(&f, "`a\0b`", 5);
  assert_int_equal(pat_lexer_next(&f.lexer).kind, PAT_BROKEN);
  assert_int_equal(end(&f), 104);
}

/* Texts would not be what they say, or an escape would be dropped in silence. */
static void strings_are_decoded_and_raw_ones_are_not(void **state)
{
  (void)state;
  fixture f;
  pat_token token = first_of(&f, "\"a\\n\\t\\\\\\\"\\u{e9}\\u{1F600}\"");
  assert_int_equal(token.kind, PAT_STRING);
  assert_string_equal(token.text, "a\n\t\\\"\xC3\xA9\xF0\x9F\x98\x80");
  (void)end(&f);
  token = first_of(&f, "r\"\\d+ \\\" x\"");
  assert_int_equal(token.kind, PAT_STRING);
  assert_string_equal(token.text, "\\d+ \\\" x");
  assert_int_equal(token.text_len, 8);
  (void)end(&f);
  const char *const wrong[] = {"\"\\q\"", "\"\\u{0}\"", "\"\\u{d800}\"", "\"\\u{}\"", "\"\\u{1234567}\"", "\"\\u12\""};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(first_of(&f, wrong[i]).kind, PAT_BROKEN);
    assert_int_equal(end(&f), 107);
  }
  assert_int_equal(first_of(&f, "\"open\n\"").kind, PAT_BROKEN);
  assert_int_equal(end(&f), 108);
  assert_int_equal(first_of(&f, "\"\xFF\"").kind, PAT_BROKEN);
  assert_int_equal(end(&f), 109);
}

/* A comment would hide code, or its end would be missed. */
static void comments_are_white_space(void **state)
{
  (void)state;
  const pat_token_kind kinds[] = {PAT_NAME, PAT_SLASH, PAT_NAME};
  check_kinds("a // b\n / /* c ** / \n // */ d // end", kinds, 3);
  fixture f;
  assert_int_equal(first_of(&f, "/* no end *").kind, PAT_BROKEN);
  assert_int_equal(pat_lexer_next(&f.lexer).kind, PAT_END);
  assert_int_equal(end(&f), 112);
}

/* A word of the table would not be found, or with another meaning. */
static void every_word_and_sign_of_the_table_is_read(void **state)
{
  (void)state;
  fixture f;
  for (int kind = PAT_AND; kind < PAT_TOKEN_KINDS; kind++) {
    assert_int_equal(first_of(&f, pat_token_text((pat_token_kind)kind)).kind, kind);
    assert_int_equal(end(&f), 0);
  }
  for (int word = PAT_W_NONE + 1; word < PAT_WORDS; word++) {
    assert_int_equal(first_of(&f, pat_word_text((pat_word)word)).word, word);
    assert_int_equal(end(&f), 0);
  }
}

/* Hostile bytes would end the process, or be passed over in silence. */
static void strange_bytes_are_reported_and_passed(void **state)
{
  (void)state;
  fixture f;
  for (int byte = 0; byte < 256; byte++) {
    char text[3] = {(char)byte, 'x', 0};
    begin(&f, text, 2);
    int tokens = 0;
    while (pat_lexer_next(&f.lexer).kind != PAT_END) assert_true(++tokens <= 2);
    (void)end(&f);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_dot_belongs_to_a_number_only_before_a_digit),
    cmocka_unit_test(numbers_have_their_values),
    cmocka_unit_test(durations_add_up),
    cmocka_unit_test(a_name_before_a_colon_is_a_label_whatever_it_is),
    cmocka_unit_test(back_ticks_keep_any_characters),
    cmocka_unit_test(strings_are_decoded_and_raw_ones_are_not),
    cmocka_unit_test(comments_are_white_space),
    cmocka_unit_test(every_word_and_sign_of_the_table_is_read),
    cmocka_unit_test(strange_bytes_are_reported_and_passed),
  };
  return cmocka_run_group_tests_name("patterns/lexer", tests, NULL, NULL);
}
