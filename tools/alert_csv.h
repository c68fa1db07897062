/*
 * alert_csv.h - alerts as one table of comma-separated values.
 *
 * Contract
 *   Columns: detection, id, kind, time, start, end; then each name of a key part; then each emitted name. A name that
 * several detections have is one column; an emitted one that is also the name of a key part has the column "emit.NAME".
 * Quotes as in RFC 4180; null is nothing, an empty text is "". Lines end with \n.
 *   Borrows the program and its names.
 */
#ifndef TOOLS_ALERT_CSV_H
#define TOOLS_ALERT_CSV_H

#include <stdio.h>

#include "cep/cep.h"

typedef struct csv_columns {
  const cep_program *program;
  const char **names; /* key parts first */
  size_t keys;
  size_t count;
  const cep_value **row; /* one for each, while a line is written */
} csv_columns;

/* `detections` as for text_style_for. 0: no memory. csv_columns_free in any case. */
int csv_columns_find(csv_columns *columns, const cep_program *program, const unsigned char *detections);
void csv_columns_free(csv_columns *columns);
/* Both without the end of the line. */
void csv_write_header(FILE *to, const csv_columns *columns);
void csv_write_alert(FILE *to, csv_columns *columns, const cep_match *match);

#endif
