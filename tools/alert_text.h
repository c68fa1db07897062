/*
 * alert_text.h - an alert as a line for people, and its events on a time line.
 *
 * Contract
 *   2026-03-14T08:32:47Z  high  guessed_password  ip=198.51.100.23  user=deploy attempts=4
 *   Severity is what `meta { severity: ... }` of the detection says. Bytes that came with events are made harmless: control
 * characters, marks that turn the direction of text and what is not UTF-8 are written as escapes.
 *   Borrows the program.
 */
#ifndef TOOLS_ALERT_TEXT_H
#define TOOLS_ALERT_TEXT_H

#include <stdio.h>

#include "cep/cep.h"

typedef struct text_style {
  const cep_program *program;
  int has_events; /* below each alert */
  int colours;
  int severity_width; /* of the columns, so that they stand below each other */
  int name_width;
} text_style;

/* `detections[i]` 0: alerts of it do not come; NULL: of all. */
text_style text_style_for(const cep_program *program, const unsigned char *detections);
/* Without the end of its last line. */
void alert_text_write(FILE *to, const text_style *style, const cep_match *match);
/* A value as it stands in such a line; in quotes where it would not be seen where it ends. */
void text_value(FILE *to, const cep_value *value);

#endif
