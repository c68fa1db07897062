/* cmd_lsp.c - `cep lsp`: a language server on standard input and output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cep/cep_lang.h"
#include "commands.h"

static const option_spec options[] = {
    {"stdio", NULL, "standard input and output, as without it; editors pass it", 0},
    {NULL, NULL, NULL, 0},
};

static cep_status send(void *ctx, const void *data, size_t data_len)
{
  (void)ctx;
  const char *at = data;
  while (data_len > 0) {
    ssize_t written = write(STDOUT_FILENO, at, data_len);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return CEP_E_IO;
    at += written;
    data_len -= (size_t)written;
  }
  return CEP_OK;
}

/* Until the client says `exit`, or is gone. */
static int serve(cep_lsp *lsp)
{
  static char bytes[65536];
  for (;;) {
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fprintf(stderr, "cep lsp: cannot read: %s\n", strerror(errno));
      return EXIT_FAILED;
    }
    if (count == 0) return cep_lsp_is_shut_down(lsp) ? EXIT_FINE : EXIT_WRONG;
    cep_error err;
    cep_status status = cep_lsp_take(lsp, bytes, (size_t)count, send, NULL, &err);
    if (status == CEP_STOPPED) return cep_lsp_is_shut_down(lsp) ? EXIT_FINE : EXIT_WRONG;
    if (status < 0) {
      fprintf(stderr, "cep lsp: %s\n", err.text);
      return EXIT_FAILED;
    }
  }
}

static int lsp(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND) return usage_wrong(self, "no files: the editor sends them");
  }
  cep_config *config = NULL;
  cep_lsp *server = NULL;
  cep_error err;
  int code = EXIT_FAILED;
  if (cep_config_new(NULL, &config) == CEP_OK && cep_lsp_new(config, &server, &err) == CEP_OK) code = serve(server);
  cep_lsp_free(server);
  cep_config_free(config);
  return code;
}

const command_spec command_lsp = {
    .name = "lsp",
    .operands = "",
    .summary = "serve editors: mistakes, types, proposals while rules are written",
    .options = options,
    .details = "Editors start it by themselves; how to tell them is in editors/README.md.\n\n"
               "exit code: 0 ended as the editor asked; 1 the editor left without asking; 2 usage; 3 reading or writing failed\n",
    .run = lsp,
};
