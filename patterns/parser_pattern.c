/* parser_pattern.c - the pattern of a detection: elements, hops, counts, groups. */
#include "patterns/parser_state.h"

#include <string.h>

/* Above this a count cannot be meant; history.max would end it anyway. */
#define COUNT_MAX 1000000

static int parse_sequence(pat_parser *parser, pat_detect *detect, pat_elements *out);

static int refuse(pat_parser *parser, uint32_t number, cb_span span, const char *text)
{
  pat_parser_broken(parser);
  pat_report(parser->diags, number, span, "%s", text);
  return 0;
}

/* ---- Counts ------------------------------------------------------------------------ */

static int parse_distinct(pat_parser *parser, pat_step *step)
{
  pat_parser_next(parser);
  return pat_parser_want(parser, PAT_PAREN_OPEN, NULL) && pat_parse_exprs(parser, &step->distinct) &&
         pat_parser_want(parser, PAT_PAREN_CLOSE, "',' or ')'");
}

static int at_greed(const pat_parser *parser)
{
  return pat_parser_at_word(parser, PAT_W_greedy) || pat_parser_at_word(parser, PAT_W_reluctant);
}

static int at_inner(const pat_parser *parser)
{
  return pat_parser_at_word(parser, PAT_W_consecutive) || pat_parser_at_word(parser, PAT_W_relaxed) ||
         pat_parser_at_word(parser, PAT_W_any);
}

static void parse_manner(pat_parser *parser, pat_element *element)
{
  if (at_greed(parser)) {
    element->has_greed = 1;
    element->greed = parser->token.word == PAT_W_greedy ? PLAN_GREEDY : PLAN_RELUCTANT;
    element->greed_span = parser->token.span;
    pat_parser_next(parser);
  }
  if (at_inner(parser)) {
    element->has_inner = 1;
    element->inner = parser->token.word == PAT_W_consecutive ? PLAN_STRICT
                     : parser->token.word == PAT_W_relaxed   ? PLAN_RELAXED
                                                             : PLAN_ANY;
    pat_parser_next(parser);
  }
}

static int parse_count(pat_parser *parser, pat_element *element, pat_step *step)
{
  element->word_span = parser->token.span;
  element->has_count = 1;
  if (!pat_parser_want_int(parser, "a count", 0, COUNT_MAX, &element->min)) return 0;
  element->max = element->min;
  if (pat_parser_take(parser, PAT_PLUS)) {
    element->max = PLAN_OPEN;
  } else if (pat_parser_take(parser, PAT_DOTS) &&
             !pat_parser_want_int(parser, "an upper count", 0, COUNT_MAX, &element->max)) {
    return 0;
  }
  element->word_span = pat_parser_since(parser, element->word_span);
  if (pat_parser_at_word(parser, PAT_W_distinct) && !parse_distinct(parser, step)) return 0;
  parse_manner(parser, element);
  if (at_greed(parser) || at_inner(parser) || pat_parser_at_word(parser, PAT_W_distinct)) {
    return refuse(parser, 210, parser->token.span,
                  "behind a count stand, in this order and once each: distinct(…), 'greedy' or 'reluctant', "
                  "'consecutive', 'relaxed' or 'any'");
  }
  return 1;
}

static int parse_no_count(pat_parser *parser)
{
  if (!at_greed(parser) && !at_inner(parser) && !pat_parser_at_word(parser, PAT_W_distinct)) return 1;
  pat_parser_broken(parser);
  const char *found = pat_token_found(&parser->lexer, &parser->token);
  pat_report(parser->diags, 211, parser->token.span,
             "%s needs a count in front of it, like '2+ %s'; a stream of that name stands in back-ticks", found,
             pat_word_text(parser->token.word));
  return 0;
}

/* ---- Steps ------------------------------------------------------------------------- */

static int parse_where(pat_parser *parser, pat_step *step)
{
  if (!pat_parser_take(parser, PAT_WHERE)) return 1;
  step->where = pat_parse_expr(parser);
  return step->where != NULL;
}

static int add_step(pat_parser *parser, pat_detect *detect, pat_step *step, uint32_t *number)
{
  step->span = pat_parser_since(parser, step->span);
  *number = detect->steps.count;
  return pat_list_push(parser->arena, &detect->steps, *step);
}

static int parse_no(pat_parser *parser, pat_detect *detect, pat_element *element)
{
  pat_step step = {.kind = PLAN_NO, .span = parser->token.span};
  element->word_span = parser->token.span;
  pat_parser_next(parser);
  if (pat_parser_at(parser, PAT_INT))
    return refuse(parser, 213, parser->token.span, "a 'no' step cannot be counted: one such event is enough");
  if (pat_parser_at_word(parser, PAT_W_optional))
    return refuse(parser, 214, parser->token.span, "a 'no' step cannot be optional; leave it out");
  if (pat_parser_at(parser, PAT_PAREN_OPEN) || pat_parser_at_word(parser, PAT_W_one) || pat_parser_at_word(parser, PAT_W_all))
    return refuse(parser, 222, parser->token.span, "'no' forbids one kind of event, not a group; to forbid several write 'no A then no B'");
  if (!pat_parser_want_name(parser, "the name of a stream behind 'no'", &step.role)) return 0;
  if (pat_parser_at(parser, PAT_AS)) {
    pat_name name;
    pat_report(parser->diags, 215, parser->token.span, "a 'no' step cannot be named: it never captures an event");
    pat_parser_next(parser);
    if (!pat_parser_want_name(parser, "a name", &name)) return 0;
  }
  if (!parse_where(parser, &step)) return 0;
  if (pat_parser_take_word(parser, PAT_W_for)) {
    cb_span span = parser->token.span;
    if (!pat_parser_want_duration(parser, "a duration behind 'for'", &step.no_for)) return 0;
    if (step.no_for == 0) return refuse(parser, 212, span, "a quiet period must be longer than 0");
    step.has_for = 1;
  }
  if (pat_parser_at(parser, PAT_UNTIL))
    return refuse(parser, 223, parser->token.span, "'until' ends a loop, and a 'no' step does not loop");
  return add_step(parser, detect, &step, &element->step);
}

static int parse_until(pat_parser *parser, pat_detect *detect, pat_element *element)
{
  pat_step step = {.kind = PLAN_UNTIL, .span = parser->token.span};
  if (!pat_parser_take(parser, PAT_UNTIL)) return 1;
  if (!pat_parser_want_name(parser, "the name of a stream behind 'until'", &step.role) || !parse_where(parser, &step)) return 0;
  if (pat_parser_at(parser, PAT_UNTIL))
    return refuse(parser, 223, parser->token.span, "a loop has one 'until'; join the conditions with 'or', or define a stream that holds both");
  return add_step(parser, detect, &step, &element->until);
}

static int parse_unit_step(pat_parser *parser, pat_detect *detect, pat_element *element, pat_step *step)
{
  const char *what = element->has_count ? "the name of a stream" : "a step: a count, 'optional', 'no' or the name of a stream";
  /* Words of the hop out of their place; a stream so called stands in back-ticks. */
  if (pat_parser_at_word(parser, PAT_W_immediately) || pat_parser_at_word(parser, PAT_W_within)) return pat_parser_expected(parser, what);
  if (!pat_parser_want_name(parser, what, &step->role)) return 0;
  if (pat_parser_take(parser, PAT_AS) && !pat_parser_want_name(parser, "the name of the step behind 'as'", &step->name)) return 0;
  return parse_where(parser, step) && add_step(parser, detect, step, &element->step);
}

/* ---- Groups ------------------------------------------------------------------------ */

static int parse_element(pat_parser *parser, pat_detect *detect, pat_element *element);

static pat_element no_element(const pat_parser *parser)
{
  pat_element element = {.span = parser->token.span, .step = CEP_NONE, .until = CEP_NONE, .min = 1, .max = 1};
  return element;
}

/* Each choice is a sequence. */
static int parse_choices(pat_parser *parser, pat_detect *detect, pat_elements *out)
{
  do {
    pat_element choice = no_element(parser);
    choice.kind = PLAN_SEQUENCE;
    if (!parse_sequence(parser, detect, &choice.items)) return 0;
    choice.span = pat_parser_since(parser, choice.span);
    if (!pat_list_push(parser->arena, out, choice)) return 0;
  } while (pat_parser_take(parser, PAT_COMMA));
  return pat_parser_want(parser, PAT_PAREN_CLOSE, "'then', ',' or ')'");
}

static int parse_all(pat_parser *parser, pat_detect *detect, pat_elements *out)
{
  do {
    pat_element item = no_element(parser);
    if (!parse_element(parser, detect, &item)) return 0;
    if (pat_parser_at(parser, PAT_THEN))
      return refuse(parser, 224, parser->token.span, "'all of' is about single elements in any order; put a sequence in parentheses: all of ((a then b), c)");
    if (!pat_list_push(parser->arena, out, item)) return 0;
  } while (pat_parser_take(parser, PAT_COMMA));
  return pat_parser_want(parser, PAT_PAREN_CLOSE, "',' or ')'");
}

static int parse_group_body(pat_parser *parser, pat_detect *detect, pat_element *element)
{
  switch (element->kind) {
  case PLAN_ONE_OF: return parse_choices(parser, detect, &element->items);
  case PLAN_ALL_OF: return parse_all(parser, detect, &element->items);
  default: return parse_sequence(parser, detect, &element->items) && pat_parser_want(parser, PAT_PAREN_CLOSE, "'then' or ')'");
  }
}

/* What only a step can have. */
static int check_group_words(pat_parser *parser, const pat_element *element, const pat_step *step)
{
  if (step->distinct.count > 0)
    return refuse(parser, 225, step->distinct.at[0]->span, "distinct belongs to a step that repeats, not to a group; put it at the step inside");
  if (element->has_greed && element->greed == PLAN_GREEDY)
    return refuse(parser, 225, element->greed_span, "only a step can be 'greedy', not a group; leave the word out, or say 'reluctant'");
  return 1;
}

static int parse_group(pat_parser *parser, pat_detect *detect, pat_element *element, const pat_step *step)
{
  cb_span word = parser->token.span;
  element->kind = pat_parser_at(parser, PAT_PAREN_OPEN)        ? PLAN_SEQUENCE
                  : pat_parser_at_word(parser, PAT_W_one) ? PLAN_ONE_OF
                                                          : PLAN_ALL_OF;
  if (!check_group_words(parser, element, step)) return 0;
  if (element->kind != PLAN_SEQUENCE) {
    pat_parser_next(parser);
    if (!pat_parser_want_word(parser, PAT_W_of)) return 0;
    word = pat_parser_since(parser, word);
  }
  if (!element->has_count) element->word_span = word;
  if (!pat_parser_want(parser, PAT_PAREN_OPEN, NULL)) return 0;
  if (parser->groups >= PLAN_NESTING_MAX) {
    pat_parser_broken(parser);
    pat_report(parser->diags, 502, word, "groups stand in one another %u deep at most", PLAN_NESTING_MAX);
    return 0;
  }
  parser->groups++;
  int is_good = parse_group_body(parser, detect, element);
  parser->groups--;
  return is_good;
}

/* ---- Elements ---------------------------------------------------------------------- */

static int parse_take(pat_parser *parser, pat_detect *detect, pat_element *element)
{
  pat_step step = {.kind = PLAN_TAKE, .span = parser->token.span};
  if (pat_parser_take_word(parser, PAT_W_optional)) element->is_optional = 1;
  if (pat_parser_at(parser, PAT_INT) ? !parse_count(parser, element, &step) : !parse_no_count(parser)) return 0;
  if (pat_parser_at(parser, PAT_INT)) return refuse(parser, 210, parser->token.span, "a step or group has one count; 2 to 4 is written 2..4");
  if (pat_parser_at(parser, PAT_NO)) {
    if (element->has_count) return refuse(parser, 213, element->word_span, "a 'no' step cannot be counted: one such event is enough");
    return refuse(parser, 214, element->span, "a 'no' step cannot be optional; leave it out");
  }
  if (pat_parser_at_word(parser, PAT_W_optional))
    return refuse(parser, 210, parser->token.span, "'optional' stands once, in front of the count");
  int is_group = pat_parser_at(parser, PAT_PAREN_OPEN) || pat_parser_at_word(parser, PAT_W_one) || pat_parser_at_word(parser, PAT_W_all);
  int is_good = is_group ? parse_group(parser, detect, element, &step) : parse_unit_step(parser, detect, element, &step);
  return is_good && parse_until(parser, detect, element);
}

static int parse_hop(pat_parser *parser, pat_element *element)
{
  element->hop_span = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_immediately)) {
    element->hop = PLAN_STRICT;
  } else if (pat_parser_take_word(parser, PAT_W_any)) {
    element->hop = PLAN_ANY;
  }
  cb_span word = parser->token.span;
  if (!pat_parser_take_word(parser, PAT_W_within)) return 1;
  cb_span span = parser->token.span;
  if (!pat_parser_want_duration(parser, "a duration behind 'within'", &element->gap)) return 0;
  if (element->gap == 0) return refuse(parser, 212, span, "the time to the next event must be longer than 0");
  if (pat_parser_at(parser, PAT_NO)) {
    return refuse(parser, 216, pat_parser_since(parser, word),
                  "a gap bound and 'no' do not go together; for a quiet period write 'no X for D'");
  }
  return 1;
}

/* `element` has its hop. */
static int parse_element(pat_parser *parser, pat_detect *detect, pat_element *element)
{
  element->span = parser->token.span;
  if (element->hop == PLAN_ANY && pat_parser_at(parser, PAT_NO)) {
    return refuse(parser, 217, cb_span_join(element->hop_span, parser->token.span),
                  "'any' does not go with 'no': nothing is taken there. Write 'then no' or 'then immediately no'");
  }
  int is_good = pat_parser_at(parser, PAT_NO) ? parse_no(parser, detect, element) : parse_take(parser, detect, element);
  if (is_good) element->span = pat_parser_since(parser, element->span);
  return is_good;
}

static int parse_sequence(pat_parser *parser, pat_detect *detect, pat_elements *out)
{
  pat_element element = no_element(parser);
  if (pat_parser_at_word(parser, PAT_W_immediately) || pat_parser_at_word(parser, PAT_W_any) || pat_parser_at_word(parser, PAT_W_within)) {
    const char *found = pat_token_found(&parser->lexer, &parser->token);
    pat_parser_broken(parser);
    pat_report(parser->diags, 218, parser->token.span,
               parser->groups == 0 ? "%s stands between two steps; in front of the first there is nothing to be near to"
                                   : "%s stands between two steps; for the first of a group it stands in front of the group",
               found);
    return 0;
  }
  if (!parse_element(parser, detect, &element) || !pat_list_push(parser->arena, out, element)) return 0;
  while (pat_parser_take(parser, PAT_THEN)) {
    element = no_element(parser);
    if (!parse_hop(parser, &element) || !parse_element(parser, detect, &element)) return 0;
    if (!pat_list_push(parser->arena, out, element)) return 0;
  }
  return 1;
}

int pat_parse_pattern(pat_parser *parser, pat_detect *detect)
{
  detect->steps.count = 0;
  detect->pattern = no_element(parser);
  detect->pattern.kind = PLAN_SEQUENCE;
  parser->groups = 0;
  if (!parse_sequence(parser, detect, &detect->pattern.items)) return 0;
  detect->pattern.span = pat_parser_since(parser, detect->pattern.span);
  return 1;
}
