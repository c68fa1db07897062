/*
 * lsp_session.h - an editor that asks a language server everything about a text.
 *
 * Contract
 *   lsp_session_play opens the text, asks every question at places that `prng` chooses, changes parts, asks again, and ends.
 *   What the server sends is taken apart: whole messages with a header, each of them JSON; 0 if one is not, or the
 *   server stops answering. `*status` is that of the last call; after CEP_E_NOMEM the session has ended early.
 */
#ifndef LSP_SESSION_H
#define LSP_SESSION_H

#include "cep/base/prng.h"
#include "patterns/lang/server.h"

int lsp_session_play(lsp_server *server, cb_prng *prng, const char *text, size_t len, cep_status *status);
/* Bytes as they are, in pieces. */
int lsp_session_feed(lsp_server *server, cb_prng *prng, const char *data, size_t len, cep_status *status);

#endif
