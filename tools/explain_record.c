/* explain_record.c - `cep explain --event`: what one record of a file is to the rules. */
#include "explain_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

typedef struct found_record {
  char *text; /* the file */
  size_t len;
  size_t at;
  size_t record_len;
  size_t number; /* from 1 */
} found_record;

static cep_status to_terminal(void *ctx, const void *data, size_t len)
{
  (void)ctx;
  const char *text = data;
  for (size_t at = 0; at < len;) {
    const char *end = memchr(text + at, '\n', len - at);
    size_t line = end ? (size_t)(end - text) - at : len - at;
    terminal_put(stdout, text + at, line);
    if (end) putchar('\n');
    at += line + (end != NULL);
  }
  return ferror(stdout) ? CEP_E_IO : CEP_OK;
}

/* ---- The record -------------------------------------------------------------------------------- */

static size_t line_len(const char *text, size_t len)
{
  const char *end = memchr(text, '\n', len);
  size_t line = end ? (size_t)(end - text) : len;
  return line > 0 && text[line - 1] == '\r' ? line - 1 : line;
}

/* Empty lines are no records, and do not count. */
static int find_record(const record_wish *wish, found_record *found)
{
  uint64_t number = 1;
  int used = 0, by_position = wish->which && wish->which[0] == '@';
  if (wish->which && (sscanf(wish->which + by_position, "%" SCNu64 "%n", &number, &used) != 1 || wish->which[by_position + used] ||
                      wish->which[by_position] == '-'))
    return usage_wrong(wish->self, "--record is a number, or @ and the byte where it begins, not '%s'", wish->which);
  for (size_t at = 0; at < found->len;) {
    size_t len = line_len(found->text + at, found->len - at);
    if (len > 0) found->number++;
    const char *end = memchr(found->text + at, '\n', found->len - at);
    size_t next = end ? (size_t)(end - found->text) + 1 : found->len;
    if (len > 0 && (by_position ? number < next : found->number == number)) {
      found->at = at;
      found->record_len = len;
      return EXIT_FINE;
    }
    at = next;
  }
  fprintf(stderr, "cep explain: %s has no record %s; it has %zu\n", wish->path, wish->which ? wish->which : "1", found->number);
  return EXIT_WRONG;
}

/* ---- What it is -------------------------------------------------------------------------------- */

static int explain_to(const record_wish *wish, const rule_file *rules, const found_record *found, const cep_record_question *question)
{
  cep_error err;
  printf("record %zu of input %s, at byte %zu of %s\n  ", found->number, question->input, found->at, wish->path);
  terminal_put(stdout, found->text + found->at, found->record_len);
  putchar('\n');
  if (cep_program_explain_record(rules->program, question, to_terminal, NULL, &err) == CEP_OK) return EXIT_FINE;
  fprintf(stderr, "cep explain: %s\n", err.text);
  return EXIT_FAILED;
}

static int explain_inputs(const record_wish *wish, const rule_file *rules, const found_record *found, cep_record_question *question)
{
  int code = EXIT_FINE, shown = 0;
  uint32_t count = cep_program_input_count(rules->program);
  for (uint32_t i = 0; i < count && code == EXIT_FINE; i++) {
    question->input = cep_program_input_name(rules->program, i);
    if (wish->input && strcmp(question->input, wish->input) != 0) continue;
    if (shown++) putchar('\n');
    code = explain_to(wish, rules, found, question);
  }
  if (shown || code != EXIT_FINE) return code;
  return usage_wrong(wish->self, "%s has no input '%s'", rules->path, wish->input ? wish->input : "");
}

static int find_detection(const record_wish *wish, const rule_file *rules, cep_detection_id *out)
{
  *out = CEP_NONE;
  if (!wish->detection || rules_find_detection("explain", rules->path, rules->program, wish->detection, out)) return EXIT_FINE;
  return EXIT_WRONG;
}

static int with_tables(const record_wish *wish, const rule_file *rules, const found_record *found, cep_record_question *question)
{
  uint32_t count = cep_program_table_count(rules->program);
  cep_table_rows *rows = calloc(count + 1, sizeof *rows);
  int code = rows ? EXIT_FINE : EXIT_FAILED;
  for (uint32_t i = 0; i < count && code == EXIT_FINE; i++) {
    char *path = tables_path(&wish->tables, rules, i), *bytes = NULL;
    if (!path || !rules_read_file(path, &bytes, &rows[i].data_len)) code = EXIT_FAILED;
    rows[i].name = cep_program_table_name(rules->program, i);
    rows[i].data = bytes;
    free(path);
  }
  question->tables = rows;
  question->table_count = count;
  if (code == EXIT_FINE) code = explain_inputs(wish, rules, found, question);
  for (uint32_t i = 0; rows && i < count; i++) free((void *)(uintptr_t)rows[i].data);
  free(rows);
  return code;
}

int explain_record(const record_wish *wish, const char *rules_path)
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules;
  found_record found = {.text = NULL};
  cep_record_question question = {.size = sizeof question};
  int code = rules_load(&rules, config, rules_path);
  if (code == EXIT_FINE) code = find_detection(wish, &rules, &question.detection);
  if (code == EXIT_FINE) code = tables_check(wish->self, &wish->tables, &rules);
  if (code == EXIT_FINE && !rules_read_file(wish->path, &found.text, &found.len)) code = EXIT_FAILED;
  if (code == EXIT_FINE) code = find_record(wish, &found);
  if (code == EXIT_FINE) {
    question.record = found.text + found.at;
    question.record_len = found.record_len;
    if (found.at > 0) { /* the record that names the columns of csv; to other formats one like any */
      question.header = found.text;
      question.header_len = line_len(found.text, found.len);
    }
    code = with_tables(wish, &rules, &found, &question);
  }
  free(found.text);
  rules_free(&rules);
  cep_config_free(config);
  return fflush(stdout) == 0 || code != EXIT_FINE ? code : EXIT_FAILED;
}
