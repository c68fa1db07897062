/*
 * commands.h - every command of `cep`.
 *
 * Contract
 *   One file cmd_X.c each. A command gives the exit code of the program; it has told on
 *   stderr what went wrong.
 */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "options.h"

extern const command_spec command_check;
extern const command_spec command_run;
extern const command_spec command_test;
extern const command_spec command_explain;
extern const command_spec command_import;
extern const command_spec command_infer;
extern const command_spec command_bench;
extern const command_spec command_fmt;
extern const command_spec command_lsp;

#endif
