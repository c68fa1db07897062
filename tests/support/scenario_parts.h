/* scenario_parts.h - what the files of scenario.h share. Private to tests/support/scenario*.c. */
#ifndef SCENARIO_PARTS_H
#define SCENARIO_PARTS_H

#include "tests/support/scenario.h"

void *scn_take(cb_arena *arena, size_t size);
scn_outcome *scn_outcome_new(cb_arena *arena, const scenario *sc);
scn_output *scn_output_add(cb_arena *arena, scn_outcome *outcome);
cep_value scn_copy_value(cb_arena *arena, const cep_value *value);
void scn_fail(scn_outcome *outcome, cep_status status, const char *what, const char *text);

/* The rows of a table as a file of its format has them. */
void scn_table_bytes(cb_writer *writer, const plan_table *table, uint32_t index, const scenario *sc);

#endif
