/* regex_check.c - whether a regular expression compiles, and its named groups. */
#include "patterns/regex_check.h"

#include <stdint.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Parentheses deeper than this are refused: PCRE2 compiles by recursion. */
#define NEST_MAX 100u

static pcre2_code *compile(const char *pattern, size_t len, int *code, PCRE2_SIZE *at)
{
  pcre2_compile_context *context = pcre2_compile_context_create(NULL);
  if (!context) return NULL;
  pcre2_set_parens_nest_limit(context, NEST_MAX);
  /* As the program compiles it when it is loaded. */
  pcre2_code *regex = pcre2_compile((PCRE2_SPTR)pattern, len,
                                    PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, code, at, context);
  pcre2_compile_context_free(context);
  return regex;
}

int pat_regex_check(const char *pattern, size_t len, char *why, size_t why_size, size_t *at_out)
{
  int code = 0;
  PCRE2_SIZE at = 0;
  pcre2_code *regex = compile(pattern, len, &code, &at);
  *at_out = at;
  if (regex) {
    pcre2_code_free(regex);
    return 1;
  }
  if (pcre2_get_error_message(code, (PCRE2_UCHAR *)why, why_size) < 0) why[0] = '\0';
  return 0;
}

uint32_t pat_regex_group(const char *pattern, size_t len, const char *name)
{
  int code = 0;
  PCRE2_SIZE at = 0;
  PCRE2_SPTR first, last;
  pcre2_code *regex = compile(pattern, len, &code, &at);
  if (!regex) return 0;
  int number = pcre2_substring_number_from_name(regex, (PCRE2_SPTR)name);
  /* Several groups may share a name (?J): any of them stands for all. */
  if (number == PCRE2_ERROR_NOUNIQUESUBSTRING && pcre2_substring_nametable_scan(regex, (PCRE2_SPTR)name, &first, &last) >= 0)
    number = first[0] << 8 | first[1];
  pcre2_code_free(regex);
  return number > 0 ? (uint32_t)number : 0;
}

int pat_regex_has_group(const char *pattern, size_t len, const char *name)
{
  return pat_regex_group(pattern, len, name) > 0;
}

uint32_t pat_regex_groups(const char *pattern, size_t len)
{
  int code = 0;
  PCRE2_SIZE at = 0;
  uint32_t groups = 0;
  pcre2_code *regex = compile(pattern, len, &code, &at);
  if (!regex) return 0;
  (void)pcre2_pattern_info(regex, PCRE2_INFO_CAPTURECOUNT, &groups);
  pcre2_code_free(regex);
  return groups;
}
