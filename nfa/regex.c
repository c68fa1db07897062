/* regex.c - PCRE2, and nothing of it outside this file. */
#include "nfa/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stddef.h>
#include <string.h>

#include "cep/base/utf8.h"

/* Deep enough for any log line that a person's pattern meets, shallow enough for a
 * worker's memory. Heap in KiB, for the interpreter. */
#define DEPTH_LIMIT 10000u
#define HEAP_LIMIT_KIB 20000u
#define JIT_STACK_START (32u * 1024)
#define JIT_STACK_MAX (512u * 1024)

struct nfa_regex {
  pcre2_general_context *memory;
  pcre2_code *code;     /* for texts that are UTF-8 */
  pcre2_code *code_any; /* for all others: interpreted */
  int shares_names; /* (?J): several groups may have one name, of which one takes part */
};

struct nfa_regex_scratch {
  pcre2_general_context *memory;
  pcre2_match_context *limits;
  pcre2_match_data *data;
  pcre2_jit_stack *jit_stack; /* NULL: the machine's */
  size_t text_max;
  const nfa_regex *regex;     /* of the last search */
  int found;                  /* groups of it that count; 0: it failed */
};

/* cb_free wants sizes, PCRE2 has none: they stand before each block. */
typedef union block_head {
  size_t size;
  max_align_t align;
} block_head;

static void *take_block(PCRE2_SIZE size, void *ctx)
{
  if (size > SIZE_MAX - sizeof(block_head)) return NULL;
  block_head *head = cb_new(ctx, size + sizeof *head);
  if (!head) return NULL;
  head->size = size + sizeof *head;
  return head + 1;
}

static void give_block(void *ptr, void *ctx)
{
  if (!ptr) return;
  block_head *head = (block_head *)ptr - 1;
  cb_free(ctx, head, head->size);
}

static pcre2_code *compile(const char *pattern, size_t len, uint32_t options, int *error, pcre2_compile_context *how)
{
  PCRE2_SIZE at = 0;
  return pcre2_compile((PCRE2_SPTR)pattern, len, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | options, error, &at, how);
}

/* Code of the JIT that allows for texts that are no UTF-8 does not find characters beyond ASCII by \S, \D or \W (10.42), and over such a
 * text looks at the byte behind it (\b at its end). So it is made for texts that are, and the interpreter has the others. */
cep_status nfa_regex_new(cb_alloc *alloc, const char *pattern, size_t len, nfa_regex **out)
{
  *out = NULL;
  nfa_regex *regex = cb_new0(alloc, sizeof *regex);
  if (!regex) return CEP_E_NOMEM;
  cep_status status = CEP_E_NOMEM;
  regex->memory = pcre2_general_context_create(take_block, give_block, alloc);
  if (!regex->memory) goto fail;
  pcre2_compile_context *how = pcre2_compile_context_create(regex->memory);
  if (!how) goto fail;
  int error = 0;
  regex->code = compile(pattern, len, 0, &error, how);
  if (regex->code) regex->code_any = compile(pattern, len, PCRE2_MATCH_INVALID_UTF, &error, how);
  pcre2_compile_context_free(how);
  if (!regex->code_any) {
    status = error == 121 /* no memory */ ? CEP_E_NOMEM : CEP_E_CORRUPT;
    goto fail;
  }
  /* Where there is no JIT, or no memory for it, the interpreter does it. */
  (void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
  uint32_t changed = 0;
  (void)pcre2_pattern_info(regex->code, PCRE2_INFO_JCHANGED, &changed);
  regex->shares_names = changed != 0;
  *out = regex;
  return CEP_OK;

fail:
  nfa_regex_free(alloc, regex);
  return status;
}

void nfa_regex_free(cb_alloc *alloc, nfa_regex *regex)
{
  if (!regex) return;
  pcre2_code_free(regex->code);
  pcre2_code_free(regex->code_any);
  pcre2_general_context_free(regex->memory);
  cb_free(alloc, regex, sizeof *regex);
}

/* An entry of the table of names: the number, high byte first, then the name. */
static uint32_t number_of(PCRE2_SPTR entry)
{
  return (uint32_t)entry[0] << 8 | entry[1];
}

uint32_t nfa_regex_group(const nfa_regex *regex, const char *name)
{
  int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
  if (number == PCRE2_ERROR_NOUNIQUESUBSTRING) {
    PCRE2_SPTR first, last;
    if (pcre2_substring_nametable_scan(regex->code, (PCRE2_SPTR)name, &first, &last) < 0) return 0;
    return number_of(first);
  }
  return number > 0 ? (uint32_t)number : 0;
}

uint32_t nfa_regex_pairs(const nfa_regex *regex)
{
  uint32_t groups = 0;
  (void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  return groups + 1;
}

cep_status nfa_regex_scratch_new(cb_alloc *alloc, uint32_t match_limit, size_t text_max, uint32_t pairs,
                                 nfa_regex_scratch **out)
{
  *out = NULL;
  nfa_regex_scratch *scratch = cb_new0(alloc, sizeof *scratch);
  if (!scratch) return CEP_E_NOMEM;
  scratch->text_max = text_max;
  scratch->memory = pcre2_general_context_create(take_block, give_block, alloc);
  if (scratch->memory) scratch->limits = pcre2_match_context_create(scratch->memory);
  if (scratch->limits) scratch->data = pcre2_match_data_create(pairs, scratch->memory);
  if (!scratch->data) {
    nfa_regex_scratch_free(alloc, scratch);
    return CEP_E_NOMEM;
  }
  (void)pcre2_set_match_limit(scratch->limits, match_limit);
  (void)pcre2_set_depth_limit(scratch->limits, DEPTH_LIMIT);
  (void)pcre2_set_heap_limit(scratch->limits, HEAP_LIMIT_KIB);
  uint32_t has_jit = 0;
  (void)pcre2_config(PCRE2_CONFIG_JIT, &has_jit);
  if (has_jit) {
    scratch->jit_stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, scratch->memory);
    if (!scratch->jit_stack) {
      nfa_regex_scratch_free(alloc, scratch);
      return CEP_E_NOMEM;
    }
    pcre2_jit_stack_assign(scratch->limits, NULL, scratch->jit_stack);
  }
  *out = scratch;
  return CEP_OK;
}

void nfa_regex_scratch_free(cb_alloc *alloc, nfa_regex_scratch *scratch)
{
  if (!scratch) return;
  pcre2_match_data_free(scratch->data);
  pcre2_match_context_free(scratch->limits);
  pcre2_jit_stack_free(scratch->jit_stack);
  pcre2_general_context_free(scratch->memory);
  cb_free(alloc, scratch, sizeof *scratch);
}

int nfa_regex_search(const nfa_regex *regex, nfa_regex_scratch *scratch, const char *text, size_t len)
{
  return nfa_regex_search_from(regex, scratch, text, len, 0);
}

int nfa_regex_search_from(const nfa_regex *regex, nfa_regex_scratch *scratch, const char *text, size_t len, size_t from)
{
  scratch->regex = regex;
  scratch->found = 0;
  if (len > scratch->text_max) return -1;
  PCRE2_SPTR at = (PCRE2_SPTR)(text ? text : "");
  int is_within = from < len && (at[from] & 0xC0) == 0x80; /* of a character: only who allows for anything begins there */
  int is_utf8 = !is_within && cb_utf8_valid(text, len);
  uint32_t how = is_utf8 ? PCRE2_NO_UTF_CHECK : PCRE2_NO_JIT;
  const pcre2_code *code = is_utf8 ? regex->code : regex->code_any;
  int found = pcre2_match(code, at, len, from, how, scratch->data, scratch->limits);
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) /* the interpreter has the room that is the same everywhere */
    found = pcre2_match(code, at, len, from, how | PCRE2_NO_JIT, scratch->data, scratch->limits);
  if (found == 0) found = (int)pcre2_get_ovector_count(scratch->data); /* more groups than pairs */
  scratch->found = found > 0 ? found : 0;
  if (found > 0) return 1;
  return found == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

static int takes_part(const nfa_regex_scratch *scratch, uint32_t group, size_t *start_out, size_t *end_out)
{
  if (group >= (uint32_t)scratch->found) return 0;
  const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(scratch->data);
  PCRE2_SIZE start = pairs[2 * (size_t)group], end = pairs[2 * (size_t)group + 1];
  if (start == PCRE2_UNSET || start > end) return 0; /* \K in a look-ahead can turn them round */
  *start_out = start;
  *end_out = end;
  return 1;
}

/* The group of the same name that took part. */
static int find_namesake(const nfa_regex_scratch *scratch, uint32_t group, size_t *start_out, size_t *end_out)
{
  uint32_t count = 0, size = 0;
  PCRE2_SPTR table = NULL, own = NULL;
  (void)pcre2_pattern_info(scratch->regex->code, PCRE2_INFO_NAMECOUNT, &count);
  (void)pcre2_pattern_info(scratch->regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  (void)pcre2_pattern_info(scratch->regex->code, PCRE2_INFO_NAMETABLE, &table);
  for (uint32_t i = 0; i < count && !own; i++) {
    if (number_of(table + (size_t)i * size) == group) own = table + (size_t)i * size;
  }
  for (uint32_t i = 0; i < count && own; i++) {
    PCRE2_SPTR entry = table + (size_t)i * size;
    if (strcmp((const char *)entry + 2, (const char *)own + 2) != 0) continue;
    if (takes_part(scratch, number_of(entry), start_out, end_out)) return 1;
  }
  return 0;
}

int nfa_regex_span(const nfa_regex_scratch *scratch, uint32_t group, size_t *start_out, size_t *end_out)
{
  if (scratch->found == 0) return 0;
  if (takes_part(scratch, group, start_out, end_out)) return 1;
  return scratch->regex->shares_names && find_namesake(scratch, group, start_out, end_out);
}
