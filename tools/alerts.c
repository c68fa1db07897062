/* alerts.c - alerts of a run into a sink: which ones, and in what form. */
#include "alerts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules.h"
#include "terminal.h"

int alerts_take_format(const command_spec *command, alert_output *alerts, const char *text)
{
  static const char *const names[] = {[ALERTS_NDJSON] = "ndjson", [ALERTS_TEXT] = "text", [ALERTS_CSV] = "csv"};
  for (int i = ALERTS_NDJSON; i <= ALERTS_CSV; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    alerts->format = (alert_format)i;
    return EXIT_FINE;
  }
  return usage_wrong(command, "--format is ndjson, text or csv, not '%s'", text);
}

int alerts_take_detection(const command_spec *command, alert_output *alerts, const char *name)
{
  if (alerts->name_count == ALERTS_NAMES_MAX) return usage_wrong(command, "more than %d times --detection", ALERTS_NAMES_MAX);
  alerts->names[alerts->name_count++] = name;
  return EXIT_FINE;
}

int alerts_take_story(const command_spec *command, alert_output *alerts, const char *text)
{
  if (alerts->story) return usage_wrong(command, "one story at a time: --why '%s' comes second", text);
  alerts->story = strdup(text);
  if (!alerts->story) return EXIT_FAILED;
  char *equals = strchr(alerts->story, '=');
  if (equals) *equals = 0;
  alerts->story_key = equals ? equals + 1 : NULL;
  return alerts_take_detection(command, alerts, alerts->story);
}

static void send_line(alert_output *alerts)
{
  if (fflush(alerts->memory) == 0) cep_sink_line(alerts->sink, alerts->text, alerts->len);
  rewind(alerts->memory);
}

/* What came with events cannot upset a terminal. */
static void on_story(void *ctx, const char *line, size_t len)
{
  alert_output *alerts = ctx;
  alerts->has_told = 1;
  terminal_put(alerts->memory, line, len);
  send_line(alerts);
}

void alerts_set_story(alert_output *alerts, cep_config *config)
{
  if (!alerts->story) return;
  if (alerts->format == ALERTS_ANY) alerts->format = ALERTS_TEXT;
  cep_config_set_story(config, alerts->story, alerts->story_key, on_story, alerts);
}

static int choose_detections(const command_spec *command, alert_output *alerts, const cep_program *program)
{
  uint32_t count = cep_program_detection_count(program);
  if (alerts->name_count == 0) return EXIT_FINE;
  alerts->detections = calloc(count + 1, 1);
  if (!alerts->detections) return EXIT_FAILED;
  for (unsigned n = 0; n < alerts->name_count; n++) {
    cep_detection_id detection;
    if (!rules_find_detection(command->name, "the rules", program, alerts->names[n], &detection)) return EXIT_USAGE;
    alerts->detections[detection] = 1;
  }
  return EXIT_FINE;
}

int alerts_begin(const command_spec *command, alert_output *alerts, const cep_program *program, cep_sink *sink, int is_terminal)
{
  if (alerts->format == ALERTS_ANY) alerts->format = is_terminal || alerts->has_events ? ALERTS_TEXT : ALERTS_NDJSON;
  if (alerts->has_events && alerts->format != ALERTS_TEXT) return usage_wrong(command, "--verbose is of --format text");
  if (alerts->story && alerts->format != ALERTS_TEXT) return usage_wrong(command, "--why tells its story as text");
  alerts->sink = sink;
  int code = choose_detections(command, alerts, program);
  if (code != EXIT_FINE || alerts->format == ALERTS_NDJSON) return code;
  alerts->memory = open_memstream(&alerts->text, &alerts->len);
  if (!alerts->memory) return EXIT_FAILED;
  if (alerts->format == ALERTS_TEXT) {
    alerts->style = text_style_for(program, alerts->detections);
    alerts->style.has_events = alerts->has_events;
    alerts->style.colours = is_terminal && terminal_colours(STDOUT_FILENO);
    return EXIT_FINE;
  }
  if (!csv_columns_find(&alerts->columns, program, alerts->detections)) return EXIT_FAILED;
  csv_write_header(alerts->memory, &alerts->columns);
  send_line(alerts);
  return EXIT_FINE;
}

void alerts_end(alert_output *alerts)
{
  if (alerts->memory) fclose(alerts->memory);
  free(alerts->text);
  free(alerts->detections);
  free(alerts->story);
  csv_columns_free(&alerts->columns);
}

/* The alert is of the key whose story is told. */
static int is_of_story(const alert_output *alerts, const cep_match *match)
{
  const char *wanted = alerts->story_key;
  const cep_value *part;
  for (uint32_t i = 0; wanted && (part = cep_match_key(match, i, NULL)); i++) {
    char room[128];
    int is_text = part->kind == CEP_STRING;
    size_t len = is_text ? part->length : cep_value_print(part, room, sizeof room);
    if ((i > 0 && *wanted++ != ',') || strlen(wanted) < len || memcmp(wanted, is_text ? part->as.s : room, len) != 0) return 0;
    wanted += len;
  }
  return !wanted || *wanted == 0;
}

int alerts_write(alert_output *alerts, const cep_match *match)
{
  if (!is_of_story(alerts, match)) return 0;
  if (alerts->detections && !alerts->detections[cep_match_detection(match)]) return 0;
  alerts->count++;
  if (alerts->format == ALERTS_NDJSON) return cep_sink_match(alerts->sink, match);
  if (alerts->format == ALERTS_TEXT)
    alert_text_write(alerts->memory, &alerts->style, match);
  else
    csv_write_alert(alerts->memory, &alerts->columns, match);
  send_line(alerts);
  return cep_sink_status(alerts->sink, NULL) != CEP_OK;
}
