/* parser_pattern.c - the sequence of a detection: steps, hops, counts. */
#include "patterns/parser_state.h"

#include <string.h>

/* Above this a count cannot be meant; history.max would end it anyway. */
#define COUNT_MAX 1000000

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

static void parse_manner(pat_parser *parser, pat_step *step)
{
  if (at_greed(parser)) {
    step->has_greed = 1;
    step->greed = parser->token.word == PAT_W_greedy ? PLAN_GREEDY : PLAN_RELUCTANT;
    step->greed_span = parser->token.span;
    pat_parser_next(parser);
  }
  if (at_inner(parser)) {
    step->has_inner = 1;
    step->inner = parser->token.word == PAT_W_consecutive ? PLAN_STRICT
                  : parser->token.word == PAT_W_relaxed   ? PLAN_RELAXED
                                                          : PLAN_ANY;
    step->inner_span = parser->token.span;
    pat_parser_next(parser);
  }
}

static int parse_count(pat_parser *parser, pat_step *step)
{
  step->word_span = parser->token.span;
  step->has_count = 1;
  if (!pat_parser_want_int(parser, "a count", 0, COUNT_MAX, &step->min)) return 0;
  step->max = step->min;
  if (pat_parser_take(parser, PAT_PLUS)) {
    step->max = PLAN_OPEN;
  } else if (pat_parser_take(parser, PAT_DOTS) &&
             !pat_parser_want_int(parser, "an upper count", 0, COUNT_MAX, &step->max)) {
    return 0;
  }
  step->word_span = pat_parser_since(parser, step->word_span);
  if (pat_parser_at_word(parser, PAT_W_distinct) && !parse_distinct(parser, step)) return 0;
  parse_manner(parser, step);
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

/* ---- Elements ---------------------------------------------------------------------- */

/* `(`, `one of (`, `all of (`: said, and skipped whole. */
static int parse_group(pat_parser *parser)
{
  const char *what = pat_parser_at(parser, PAT_PAREN_OPEN)          ? "a group of steps"
                     : pat_parser_at_word(parser, PAT_W_one) ? "'one of'"
                                                              : "'all of'";
  pat_parser_unsupported(parser, parser->token.span, what);
  if (!pat_parser_at(parser, PAT_PAREN_OPEN)) {
    pat_parser_next(parser);
    if (!pat_parser_want_word(parser, PAT_W_of)) return 0;
  }
  if (!pat_parser_at(parser, PAT_PAREN_OPEN)) return pat_parser_expected(parser, "'('");
  return pat_parser_skip_parens(parser);
}

static int parse_until(pat_parser *parser)
{
  if (!pat_parser_at(parser, PAT_UNTIL)) return 1;
  pat_name role;
  pat_parser_unsupported(parser, parser->token.span, "'until'");
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the name of a stream", &role)) return 0;
  return !pat_parser_take(parser, PAT_WHERE) || pat_parse_expr(parser) != NULL;
}

static int parse_where(pat_parser *parser, pat_step *step)
{
  if (!pat_parser_take(parser, PAT_WHERE)) return 1;
  step->where = pat_parse_expr(parser);
  return step->where != NULL;
}

static int parse_no(pat_parser *parser, pat_step *step)
{
  step->kind = PLAN_NO;
  step->word_span = parser->token.span;
  pat_parser_next(parser);
  if (pat_parser_at(parser, PAT_INT))
    return refuse(parser, 213, parser->token.span, "a 'no' step cannot be counted: one such event is enough");
  if (pat_parser_at_word(parser, PAT_W_optional))
    return refuse(parser, 214, parser->token.span, "a 'no' step cannot be optional; leave it out");
  if (pat_parser_at(parser, PAT_PAREN_OPEN)) return parse_group(parser);
  if (!pat_parser_want_name(parser, "the name of a stream behind 'no'", &step->role)) return 0;
  if (pat_parser_at(parser, PAT_AS)) {
    pat_name name;
    pat_report(parser->diags, 215, parser->token.span, "a 'no' step cannot be named: it never captures an event");
    pat_parser_next(parser);
    if (!pat_parser_want_name(parser, "a name", &name)) return 0;
  }
  if (!parse_where(parser, step)) return 0;
  if (pat_parser_at_word(parser, PAT_W_for)) {
    pat_parser_next(parser);
    cb_span span = parser->token.span;
    if (!pat_parser_want_duration(parser, "a duration behind 'for'", &step->no_for)) return 0;
    if (step->no_for == 0) return refuse(parser, 212, span, "a quiet period must be longer than 0");
    step->has_for = 1;
  }
  return 1;
}

static int parse_take(pat_parser *parser, pat_step *step)
{
  if (pat_parser_take_word(parser, PAT_W_optional)) step->is_optional = 1;
  if (pat_parser_at(parser, PAT_INT) ? !parse_count(parser, step) : !parse_no_count(parser)) return 0;
  if (pat_parser_at(parser, PAT_NO)) {
    if (step->has_count) return refuse(parser, 213, step->word_span, "a 'no' step cannot be counted: one such event is enough");
    return refuse(parser, 214, step->span, "a 'no' step cannot be optional; leave it out");
  }
  if (pat_parser_at_word(parser, PAT_W_optional))
    return refuse(parser, 210, parser->token.span, "'optional' stands once, in front of the count");
  if (pat_parser_at(parser, PAT_PAREN_OPEN) || pat_parser_at_word(parser, PAT_W_one) || pat_parser_at_word(parser, PAT_W_all))
    return parse_group(parser) && parse_until(parser);
  if (!pat_parser_want_name(parser, step->has_count ? "the name of a stream" : "a step: a count, 'optional', 'no' or the name of a stream",
                            &step->role))
    return 0;
  if (pat_parser_take(parser, PAT_AS) && !pat_parser_want_name(parser, "the name of the step behind 'as'", &step->name)) return 0;
  return parse_where(parser, step) && parse_until(parser);
}

/* ---- The sequence ------------------------------------------------------------------ */

static int parse_hop(pat_parser *parser, pat_step *step)
{
  step->hop_span = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_immediately)) {
    step->hop = PLAN_STRICT;
  } else if (pat_parser_take_word(parser, PAT_W_any)) {
    step->hop = PLAN_ANY;
  }
  if (!pat_parser_at_word(parser, PAT_W_within)) return 1;
  cb_span word = parser->token.span;
  cep_duration gap = 0;
  pat_parser_next(parser);
  if (!pat_parser_want_duration(parser, "a duration behind 'within'", &gap)) return 0;
  if (pat_parser_at(parser, PAT_NO)) {
    return refuse(parser, 216, pat_parser_since(parser, word),
                  "a gap bound and 'no' do not go together; for a quiet period write 'no X for D'");
  }
  pat_parser_unsupported(parser, pat_parser_since(parser, word), "'then within'");
  return 1;
}

static int parse_element(pat_parser *parser, pat_detect *detect, pat_step *step)
{
  step->span = parser->token.span;
  if (step->hop == PLAN_ANY && pat_parser_at(parser, PAT_NO)) {
    return refuse(parser, 217, cb_span_join(step->hop_span, parser->token.span),
                  "'any' does not go with 'no': nothing is taken there. Write 'then no' or 'then immediately no'");
  }
  int is_good = pat_parser_at(parser, PAT_NO) ? parse_no(parser, step) : parse_take(parser, step);
  if (!is_good) return 0;
  step->span = pat_parser_since(parser, step->span);
  /* A group that was skipped has no stream; the detection is broken already. */
  if (!step->role.text) return 1;
  return pat_list_push(parser->arena, &detect->steps, *step);
}

int pat_parse_sequence(pat_parser *parser, pat_detect *detect)
{
  pat_step step;
  memset(&step, 0, sizeof step);
  step.min = step.max = 1;
  if (pat_parser_at_word(parser, PAT_W_immediately) || (pat_parser_at_word(parser, PAT_W_any))) {
    const char *found = pat_token_found(&parser->lexer, &parser->token);
    pat_parser_broken(parser);
    pat_report(parser->diags, 218, parser->token.span,
               "%s stands between two steps; in front of the first there is nothing to be near to", found);
    return 0;
  }
  if (!parse_element(parser, detect, &step)) return 0;
  while (pat_parser_take(parser, PAT_THEN)) {
    memset(&step, 0, sizeof step);
    step.min = step.max = 1;
    if (!parse_hop(parser, &step) || !parse_element(parser, detect, &step)) return 0;
  }
  return 1;
}
