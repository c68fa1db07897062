/* fn_regex.c - what regular expressions find: groups, replacements, counts. */
#include "nfa/fn.h"

/* The regular expression of number `index`; NULL: there is none. */
static const nfa_regex *regex_at(const nfa_scratch *scratch, const cep_value *index)
{
  const prg *program = scratch->program;
  if (!program || index->as.i < 0 || (uint64_t)index->as.i >= program->regexes_count) return NULL;
  return program->regex_codes[index->as.i];
}

/* From one place where it is found to the next; never back, and always on. */
typedef struct walk {
  nfa_scratch *scratch;
  const nfa_regex *regex;
  const cep_value *text;
  size_t at;        /* where the next search begins */
  size_t start;     /* what was found */
  size_t end;
  int has_stopped;  /* at a limit */
} walk;

static int next(walk *w)
{
  if (w->at > w->text->length) return 0;
  int found = nfa_regex_search_from(w->regex, w->scratch->regex, w->text->as.s, w->text->length, w->at);
  if (found < 0) {
    w->scratch->regex_limit_hits++;
    w->has_stopped = 1;
  }
  if (found <= 0 || !nfa_regex_span(w->scratch->regex, 0, &w->start, &w->end)) return 0;
  if (w->start < w->at) return 0; /* \K and look-behind can point back: no place of its own */
  w->at = w->end;
  if (w->end == w->start) w->at += w->end < w->text->length ? nfa_character_at(w->text, (uint32_t)w->end) : 1;
  /* Bytes that are no UTF-8 are never found, and no search may begin among them. */
  while (w->at < w->text->length && ((uint8_t)w->text->as.s[w->at] & 0xC0) == 0x80) w->at++;
  return 1;
}

cep_value nfa_fn_regex_extract(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  size_t start, end;
  walk w = {.scratch = scratch, .regex = regex_at(scratch, &args[1]), .text = &args[0]};
  int64_t group = count > 2 ? args[2].as.i : 0;
  if (!w.regex || group < 0 || group > UINT16_MAX || !next(&w)) return cb_null();
  if (!nfa_regex_span(scratch->regex, (uint32_t)group, &start, &end)) return cb_null();
  return cb_string(args[0].as.s ? args[0].as.s + start : "", (uint32_t)(end - start));
}

static void put_replacement(nfa_text *out, const walk *w, const cep_value *with)
{
  for (uint32_t i = 0; i < with->length; i++) {
    char c = with->as.s[i];
    int is_mark = c == '$' && i + 1 < with->length;
    if (is_mark && with->as.s[i + 1] >= '0' && with->as.s[i + 1] <= '9') {
      size_t start, end;
      uint32_t group = (uint32_t)(with->as.s[++i] - '0');
      if (nfa_regex_span(w->scratch->regex, group, &start, &end)) nfa_text_put(out, w->text->as.s + start, end - start);
      continue;
    }
    if (is_mark && with->as.s[i + 1] == '$') i++;
    nfa_text_put(out, &c, 1);
  }
}

cep_value nfa_fn_regex_replace(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  walk w = {.scratch = scratch, .regex = regex_at(scratch, &args[1]), .text = &args[0]};
  nfa_text out = {.scratch = scratch};
  size_t copied = 0;
  if (!w.regex) return cb_null();
  while (!out.is_full && next(&w)) {
    nfa_text_put(&out, args[0].as.s + copied, w.start - copied);
    put_replacement(&out, &w, &args[2]);
    copied = w.end;
  }
  if (w.has_stopped) return cb_null();
  if (args[0].length > 0) nfa_text_put(&out, args[0].as.s + copied, args[0].length - copied);
  return nfa_text_value(&out);
}

cep_value nfa_fn_regex_count(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  walk w = {.scratch = scratch, .regex = regex_at(scratch, &args[1]), .text = &args[0]};
  int64_t found = 0;
  if (!w.regex) return cb_null();
  while (next(&w)) found++;
  return w.has_stopped ? cb_null() : cb_int(found);
}
