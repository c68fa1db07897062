/*
 * alerts.h - alerts of a run into a sink: which ones, and in what form.
 *
 * Contract
 *   alerts_take gives the format its name; alerts_begin chooses one where none was named (text on a terminal, else NDJSON) and
 * writes what stands at the head of the output. Borrows program and sink. Functions that give an exit code have told what is
 * wrong.
 */
#ifndef TOOLS_ALERTS_H
#define TOOLS_ALERTS_H

#include "alert_csv.h"
#include "alert_text.h"
#include "cep/cep_io.h"
#include "options.h"

#define ALERTS_NAMES_MAX 64

typedef enum alert_format { ALERTS_ANY, ALERTS_NDJSON, ALERTS_TEXT, ALERTS_CSV } alert_format;

typedef struct alert_output {
  alert_format format;
  int has_events; /* text: the events, too */
  int has_told;   /* the story has a line */
  const char *names[ALERTS_NAMES_MAX]; /* the detections that are wanted; none: all */
  unsigned name_count;
  char *story; /* the detection whose story is told; NULL: none */
  const char *story_key; /* NULL: all keys */
  uint64_t count; /* that were written */
  cep_sink *sink;
  unsigned char *detections; /* as for text_style_for; NULL: all */
  text_style style;
  csv_columns columns;
  FILE *memory; /* a line is made there */
  char *text;
  size_t len;
} alert_output;

int alerts_take_format(const command_spec *command, alert_output *alerts, const char *text);
/* "DETECTION" or "DETECTION=KEY": its story is told, and of alerts there are only its own. */
int alerts_take_story(const command_spec *command, alert_output *alerts, const char *text);
/* Before the engine is made. */
void alerts_set_story(alert_output *alerts, cep_config *config);
int alerts_take_detection(const command_spec *command, alert_output *alerts, const char *name);
/* `is_terminal`: the sink writes to a terminal. */
int alerts_begin(const command_spec *command, alert_output *alerts, const cep_program *program, cep_sink *sink, int is_terminal);
void alerts_end(alert_output *alerts);
/* Not 0 once the sink has failed. */
int alerts_write(alert_output *alerts, const cep_match *match);

#endif
