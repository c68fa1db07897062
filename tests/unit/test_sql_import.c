/* test_sql_import.c - SQL and the rules it becomes, from the goldens of tests/import; and SQL that is no SQL. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
#include "tools/import/sql.h"

#define FOLDER CEP_SOURCE_DIR "/tests/import"

/*
 * A golden is one import: the first line "standard" or "flink", the SQL, a line "=> rules",
 * the rules, a line "=> remarks", and a line for each remark.
 */
static char *read_file(const char *path, size_t *len)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *len = (size_t)ftell(file);
  rewind(file);
  char *text = calloc(*len + 1, 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, *len, file), *len);
  fclose(file);
  return text;
}

static char *played(const char *text, const char *rules_at)
{
  static const char *const words[] = {"error", "changed", "note"};
  const char *sql = strchr(text, '\n') + 1;
  sql_import import;
  char *made = NULL;
  size_t made_len = 0;
  FILE *to = open_memstream(&made, &made_len);
  assert_non_null(to);
  int done = sql_import_text(&import, sql, (size_t)(rules_at - sql), strncmp(text, "flink", 5) == 0 ? SQL_FLINK : SQL_STANDARD);
  assert_int_equal(done, import.error_count ? 1 : 0);
  fprintf(to, "%.*s=> rules\n%s=> remarks\n", (int)(rules_at - text), text, import.rules ? import.rules : "");
  for (uint32_t i = 0; i < import.remark_count; i++)
    fprintf(to, "%u:%u: %s: %s\n", import.remarks[i].line, import.remarks[i].column, words[import.remarks[i].kind], import.remarks[i].text);
  fclose(to);
  sql_import_free(&import);
  return made;
}

/* If it failed, an import would change its meaning without anybody having looked at it. */
static void every_golden_is_what_comes(void **state)
{
  (void)state;
  int count = 0, wrong = 0;
  DIR *folder = opendir(FOLDER);
  assert_non_null(folder);
  for (const struct dirent *entry; (entry = readdir(folder));) {
    const char *end = strrchr(entry->d_name, '.');
    if (!end || strcmp(end, ".golden") != 0) continue;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", FOLDER, entry->d_name);
    size_t len;
    char *text = read_file(path, &len), *rules_at = strstr(text, "=> rules\n");
    char *made = played(text, rules_at ? rules_at : text + len);
    const char *update = getenv("CEP_UPDATE");
    if (update && strcmp(update, "1") == 0) {
      FILE *to = fopen(path, "wb");
      assert_non_null(to);
      fputs(made, to);
      fclose(to);
    } else if (strcmp(text, made) != 0) {
      print_error("%s is not what comes:\n%s\n", entry->d_name, made);
      wrong++;
    }
    free(made);
    free(text);
    count++;
  }
  closedir(folder);
  assert_int_equal(wrong, 0);
  assert_true(count > 5);
}

static void error_is(const char *sql, uint32_t line, uint32_t column, const char *part)
{
  sql_import import;
  assert_int_equal(sql_import_text(&import, sql, strlen(sql), SQL_STANDARD), 1);
  assert_null(import.rules);
  assert_true(import.remark_count > 0);
  for (uint32_t i = 0; i < import.remark_count; i++) {
    const sql_remark *remark = &import.remarks[i];
    if (remark->kind != SQL_ERROR || !strstr(remark->text, part)) continue;
    if (remark->line != line || remark->column != column) fail_msg("'%s' is at %u:%u", remark->text, remark->line, remark->column);
    sql_import_free(&import);
    return;
  }
  fail_msg("no error with '%s', but '%s'", part, import.remarks[0].text);
}

#define TABLE "CREATE TABLE T (k INT NOT NULL, v INT NOT NULL, ts TIMESTAMP, WATERMARK FOR ts AS ts);\n"
#define MATCH(pattern, rest) TABLE "SELECT * FROM T MATCH_RECOGNIZE (ORDER BY ts PATTERN (" pattern ") " rest ")"

static void an_error_has_its_place_and_says_what_was_expected(void **state)
{
  (void)state;
  error_is("", 1, 1, "no SELECT");
  error_is("DELETE FROM T", 1, 1, "expected CREATE TABLE");
  error_is("CREATE TABLE T (k BLOB)", 1, 19, "\"BLOB\" has no counterpart");
  error_is("SELECT 'open", 1, 8, "does not end");
  error_is("SELECT * FROM Nowhere MATCH_RECOGNIZE (ORDER BY ts PATTERN (A))", 1, 15, "no table \"Nowhere\"");
  error_is(TABLE "SELECT * FROM T MATCH_RECOGNIZE (PATTERN (A))", 2, 45, "expected ORDER BY");
  error_is(MATCH("A B", "DEFINE B AS v <"), 2, 75, "expected an expression");
  error_is(MATCH("^A", ""), 2, 54, "^ and $ have no counterpart");
  error_is(MATCH("A*?", ""), 2, 54, "without rows");
  error_is(MATCH("A{3,2}", ""), 2, 56, "ends before it begins");
  error_is(MATCH("A**", ""), 2, 57, "one quantifier");
  error_is(MATCH("A", "DEFINE B AS v = 1"), 2, 65, "does not stand in PATTERN");
  error_is(MATCH("A B", "DEFINE B AS A.w = 1"), 2, 72, "no column");
  error_is(MATCH("A B A", "DEFINE B AS A.v = 1"), 2, 74, "stands 2 times");
  error_is(MATCH("A B", "DEFINE B AS NEXT(v) = 1"), 2, 72, "NEXT has no counterpart");
  error_is(MATCH("A B", "DEFINE B AS v = NULL"), 2, 74, "IS NULL is what is meant");
  error_is(TABLE "SELECT k, COUNT(*) FROM T GROUP BY k, HOP(ts, INTERVAL '2' MINUTE, INTERVAL '1' MINUTE)", 2, 39, "further apart");
  error_is(TABLE "SELECT k, COUNT(*) FROM T GROUP BY k, HOP(ts, INTERVAL '1' MINUTE)", 2, 39, "HOP");
  error_is(TABLE "SELECT COUNT(*) FROM TABLE(CUMULATE(TABLE T, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)) GROUP BY window_start", 2, 28, "CUMULATE");
  error_is(TABLE "SELECT v, COUNT(*) FROM T GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE)", 2, 8, "no key of GROUP BY");
  error_is(TABLE "SELECT COUNT(*) FROM T GROUP BY TUMBLE(ts, INTERVAL '1' MONTH)", 2, 57, "unit of fixed length");
}

/* If it failed, a hostile file would take the stack or never end. */
static void depth_and_length_are_limited(void **state)
{
  (void)state;
  static const char *const repeated[] = {"(", "NOT ", "CASE WHEN ", "f(", "1+", "a AND ", "- "};
  static const char *const heads[] = {TABLE "SELECT * FROM T WHERE ", MATCH("A", "DEFINE A AS "), TABLE "SELECT * FROM T MATCH_RECOGNIZE (PATTERN ("};
  char *text = malloc(400000);
  assert_non_null(text);
  for (size_t h = 0; h < sizeof heads / sizeof *heads; h++) {
    for (size_t r = 0; r < sizeof repeated / sizeof *repeated; r++) {
      size_t len = (size_t)snprintf(text, 1000, "%s", heads[h]);
      while (len < 390000) len += (size_t)snprintf(text + len, 20, "%s", repeated[r]);
      sql_import import;
      assert_int_equal(sql_import_text(&import, text, len, SQL_STANDARD), 1);
      assert_true(import.error_count > 0);
      sql_import_free(&import);
    }
  }
  free(text);
  sql_import import;
  char *large = calloc(SQL_TEXT_MAX + 1, 1);
  assert_non_null(large);
  assert_int_equal(sql_import_text(&import, large, SQL_TEXT_MAX + 1, SQL_STANDARD), 1);
  assert_string_equal(import.remarks[0].text, "the text is longer than 1 MiB");
  sql_import_free(&import);
  free(large);
}

static void remarks_have_no_control_characters(void **state)
{
  (void)state;
  sql_import import;
  const char *sql = "SELECT * FROM \"x\n\033[31m\xff\" MATCH_RECOGNIZE (ORDER BY t PATTERN (A))";
  assert_int_equal(sql_import_text(&import, sql, strlen(sql), SQL_FLINK), 1);
  for (const char *c = import.remarks[0].text; *c; c++) assert_true(*c >= 32 && *c < 127);
  sql_import_free(&import);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_golden_is_what_comes),
      cmocka_unit_test(an_error_has_its_place_and_says_what_was_expected),
      cmocka_unit_test(depth_and_length_are_limited),
      cmocka_unit_test(remarks_have_no_control_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
