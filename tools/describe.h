/*
 * describe.h - what the command says of itself to programs: for manual pages and completion.
 *
 * Contract
 *   Not for people, and in no help: `cep --tables` prints every command with its options as one JSON array, `cep --names KIND
 *   FILE` the names of a rule file. Both give an exit code. Names of a file that is not right are none, without a word:
 *   who asks is a shell that completes a line.
 */
#ifndef TOOLS_DESCRIBE_H
#define TOOLS_DESCRIBE_H

#include <stddef.h>

#include "options.h"

int describe_commands(const command_spec *const *commands, size_t count);
/* `kind`: "detections", "inputs", "tables". */
int describe_names(const char *kind, const char *path);

#endif
