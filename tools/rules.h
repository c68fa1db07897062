/*
 * rules.h - a rule file, read and compiled, its diagnostics shown as a compiler does.
 *
 * Contract
 *   rules_load reads PATH ("-": standard input), compiles it with `config` and prints
 *   every diagnostic on stderr: FILE:LINE:COLUMN: error: text, the line, carets. Colours
 *   only on a terminal, and not with NO_COLOR set.
 *   rules_free(rules) ends what rules_load began, also after it failed.
 */
#ifndef TOOLS_RULES_H
#define TOOLS_RULES_H

#include "cep/cep.h"

typedef struct rule_file {
  const char *path; /* for messages */
  size_t given;     /* where the text of the command line begins in `text`; 0: there is none */
  int is_inferred;  /* what stands before that nobody wrote: warnings there are passed over */
  char *text;
  size_t text_len;
  cep_program *program;
  unsigned errors;
  unsigned warnings;
} rule_file;

/* EXIT_FINE, EXIT_WRONG (told), EXIT_FAILED: not read (told). */
int rules_load(rule_file *rules, cep_config *config, const char *path);
/* Of a text, and behind it one of the command line (NULL: none), as one file. */
int rules_load_text(rule_file *rules, cep_config *config, const char *text, size_t len, const char *given);
/* All bytes of a file ("-": standard input), to be freed also when it fails: 0, told. */
int rules_read_file(const char *path, char **text, size_t *len);
void rules_free(rule_file *rules);
/* One diagnostic as above. */
void rules_show(const rule_file *rules, const cep_error *diagnostic);
/* The detection of a name. 0: there is none, told; `where` is what should have it. */
int rules_find_detection(const char *command, const char *where, const cep_program *program, const char *name, cep_detection_id *out);

#endif
