/* alert_text.c - an alert as a line for people, and its events on a time line. */
#include "alert_text.h"

#include <string.h>

#include "terminal.h"
#include "words.h"

#define VALUE_TEXT_MAX 128
#define AXIS           24 /* columns of the time line */

/* ---- Values -------------------------------------------------------------------------------- */

static void put_escaped(FILE *to, const char *text, size_t len)
{
  for (size_t i = 0; i < len;) {
    size_t step = terminal_step(text + i, len - i);
    if (step && (text[i] == '"' || text[i] == '\\')) fputc('\\', to);
    if (step)
      fwrite(text + i, 1, step, to);
    else if (text[i] == '\n' || text[i] == '\r' || text[i] == '\t')
      fprintf(to, "\\%c", text[i] == '\n' ? 'n' : text[i] == '\r' ? 'r' : 't');
    else
      fprintf(to, "\\x%02x", (unsigned)(unsigned char)text[i]);
    i += step ? step : 1;
  }
}

static int needs_quotes(const char *text, size_t len)
{
  for (size_t i = 0, step; i < len; i += step) {
    step = terminal_step(text + i, len - i);
    if (step == 0 || strchr(" \"\\=,", text[i])) return 1;
  }
  return len == 0;
}

void text_value(FILE *to, const cep_value *value)
{
  char text[VALUE_TEXT_MAX];
  if (value->kind != CEP_STRING) {
    cep_value_print(value, text, sizeof text);
    fprintf(to, "%s%s", text, value->kind == CEP_DURATION ? "s" : "");
  } else if (!needs_quotes(value->as.s, value->length)) {
    fwrite(value->as.s, 1, value->length, to);
  } else {
    fputc('"', to);
    put_escaped(to, value->as.s, value->length);
    fputc('"', to);
  }
}

static void put_time(FILE *to, cep_time time)
{
  const cep_value value = {.kind = CEP_TIME, .as.i = time};
  text_value(to, &value);
}

/* ---- Colours --------------------------------------------------------------------------------- */

static void paint(FILE *to, const text_style *style, const char *code)
{
  if (style->colours) fprintf(to, "\x1b[%sm", code);
}

static const char *severity_colour(const char *severity)
{
  static const struct {
    const char *word;
    const char *code;
  } colours[] = {{"critical", "1;37;41"}, {"high", "1;31"}, {"medium", "1;33"}, {"low", "1;36"}};
  for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
    if (strcmp(severity, colours[i].word) == 0) return colours[i].code;
  return "1";
}

/* ---- The line ---------------------------------------------------------------------------------- */

static const char *severity_of(const cep_program *program, cep_detection_id detection, char out[VALUE_TEXT_MAX])
{
  cep_value value;
  const char *name;
  *out = 0;
  for (uint32_t i = 0; (name = cep_program_meta(program, detection, i, &value)); i++)
    if (strcmp(name, "severity") == 0) cep_value_print(&value, out, VALUE_TEXT_MAX);
  for (char *c = out; *c; c++)
    if (*c < ' ' || *c == 0x7F) *c = '?';
  return out;
}

text_style text_style_for(const cep_program *program, const unsigned char *detections)
{
  char severity[VALUE_TEXT_MAX];
  text_style style = {.program = program};
  for (uint32_t i = 0; i < cep_program_detection_count(program); i++) {
    if (detections && !detections[i]) continue;
    int severity_len = (int)strlen(severity_of(program, i, severity)), name_len = (int)strlen(cep_program_detection_name(program, i));
    if (severity_len > style.severity_width) style.severity_width = severity_len;
    if (name_len > style.name_width) style.name_width = name_len;
  }
  return style;
}

static void put_values(FILE *to, const text_style *style, const cep_match *match,
                       const cep_value *(*get)(const cep_match *, uint32_t, const char **), const char *colour)
{
  const cep_value *value;
  const char *name = "";
  for (uint32_t i = 0; (value = get(match, i, &name)); i++) {
    fputs(i ? " " : "  ", to);
    paint(to, style, "2");
    fprintf(to, "%s=", name);
    paint(to, style, "0");
    paint(to, style, colour);
    text_value(to, value);
    paint(to, style, "0");
  }
}

static void put_kind(FILE *to, const cep_match *match)
{
  cep_match_kind kind = cep_match_what(match);
  if (kind == CEP_TIMEOUT) fputs("  timeout", to);
  if (kind != CEP_WINDOW && kind != CEP_UPDATE) return;
  fputs(kind == CEP_WINDOW ? "  window " : "  update of window ", to);
  put_time(to, cep_match_time_first(match));
  fputs(" to ", to);
  put_time(to, cep_match_time_last(match));
}

static void put_head(FILE *to, const text_style *style, const cep_match *match)
{
  char severity[VALUE_TEXT_MAX];
  cep_detection_id detection = cep_match_detection(match);
  put_time(to, cep_match_time(match));
  if (style->severity_width) {
    severity_of(style->program, detection, severity);
    fputs("  ", to);
    paint(to, style, severity_colour(severity));
    fprintf(to, "%-*s", style->severity_width, severity);
    paint(to, style, "0");
  }
  fputs("  ", to);
  paint(to, style, "1");
  fprintf(to, "%-*s", style->name_width, cep_program_detection_name(style->program, detection));
  paint(to, style, "0");
}

/* ---- The time line --------------------------------------------------------------------------- */

/* A row: how long after the first event, where that is, what came. `what` NULL: the decision. */
static void put_row(FILE *to, const text_style *style, const cep_match *match, const cep_captured *event)
{
  char after[SPAN_MAX], sign[SPAN_MAX + 1];
  cep_time first = cep_match_time_first(match), time = event ? event->time : cep_match_time(match);
  /* Differences of any two times, as floating point: they may be further apart than a duration can say. */
  double whole = (double)cep_match_time(match) - (double)first, part = (double)time - (double)first;
  int at = whole > 0 ? (int)(part / whole * (AXIS - 1) + 0.5) : 0;
  snprintf(sign, sizeof sign, "+%s", part > 9e18 ? "?" : span((cep_duration)part, after));
  fprintf(to, "\n  %9s  ", sign);
  paint(to, style, "2");
  for (int i = 0; i < AXIS; i++) {
    if (i == at) paint(to, style, "0");
    fputs(i != at ? "\u00b7" : event ? "\u25cf" : "\u25c6", to);
    if (i == at) paint(to, style, "2");
  }
  paint(to, style, "0");
  if (!event) {
    fputs("  decided", to);
    return;
  }
  fprintf(to, "  %s  %s", event->step, event->stream);
  paint(to, style, "2");
  if (*event->input) {
    fprintf(to, "  %s", event->input);
    if (event->partition) fprintf(to, ".%u", (unsigned)event->partition);
    fprintf(to, " @%llu", (unsigned long long)event->position);
  }
  paint(to, style, "0");
}

static void put_events(FILE *to, const text_style *style, const cep_match *match)
{
  cep_captured event = {.size = sizeof event};
  uint32_t count = cep_match_event_count(match);
  for (uint32_t i = 0; i < count && cep_match_event(match, i, &event) == CEP_OK; i++) put_row(to, style, match, &event);
  if (count && cep_match_time(match) > cep_match_time_last(match)) put_row(to, style, match, NULL);
}

void alert_text_write(FILE *to, const text_style *style, const cep_match *match)
{
  put_head(to, style, match);
  put_kind(to, match);
  put_values(to, style, match, cep_match_key, "36");
  put_values(to, style, match, cep_match_value, "0");
  uint64_t suppressed = cep_match_suppressed(match);
  if (suppressed) fprintf(to, "  (%llu more suppressed before)", (unsigned long long)suppressed);
  if (cep_match_clock(match)) fputs("  (by the clock)", to);
  if (style->has_events) put_events(to, style, match);
}
