/*
 * inferred.h - declarations for files, made by tools/infer and tried: they compile, and the order of all records
 * has been measured with them.
 *
 * Contract
 *   Functions that give an exit code have told on stderr what is wrong. Of a regular file all times are read, with
 *   the engine's own eyes (cep_pipeline_scan); of a pipe those of the sample.
 */
#ifndef TOOLS_INFERRED_H
#define TOOLS_INFERRED_H

#include "arguments.h"

typedef struct inferred {
  const command_spec *command;
  const char *paths[INPUTS_MAX];
  uint32_t path_count;
  const char *name; /* NULL: as the first file */
  int is_unscanned;
  struct infer *model;
  const char *text; /* of the model */
  size_t text_len;
  cep_program *program; /* of the first text, which differs in the lateness only */
} inferred;

int inferred_file(inferred *self, const char *path);
int inferred_make(inferred *self);
/* What there is to write rules over, on stderr. */
void inferred_show(const inferred *self);
void inferred_free(inferred *self);

#endif
