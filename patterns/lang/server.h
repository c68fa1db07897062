/*
 * server.h - a language server: messages of an editor in, answers out. No I/O.
 *
 * Contract
 *   JSON-RPC 2.0 with the headers of the Language Server Protocol 3.17, as bytes in pieces of any size. Each message of
 *   the server is one call of `write`, whose failure ends lsp_server_take with its status.
 *   CEP_STOPPED: the client has said `exit`. CEP_E_CORRUPT: what came has no readable header; nothing can follow.
 *   CEP_E_NOMEM: no room for what came, and nothing can follow. Where only an answer finds no memory, that is the answer.
 *   Limits: a message has at most LSP_MESSAGE_MAX bytes, longer ones are passed over and told of; at most LSP_DOCUMENTS_MAX
 *   documents are open, further ones are told of and have no answers. One owner.
 */
#ifndef LANG_SERVER_H
#define LANG_SERVER_H

#include "cep/base/alloc.h"

#define LSP_MESSAGE_MAX   ((size_t)64 * 1024 * 1024)
#define LSP_HEADER_MAX    4096u
#define LSP_DOCUMENTS_MAX 1000u

typedef struct lsp_server lsp_server;

cep_status lsp_server_new(cb_alloc *alloc, lsp_server **out) CB_MUST_USE;
void lsp_server_free(lsp_server *server);
cep_status lsp_server_take(lsp_server *server, const void *data, size_t len, cep_write_fn write, void *ctx) CB_MUST_USE;
/* Whether `shutdown` was asked for, as it should be before `exit`. */
int lsp_server_is_shut_down(const lsp_server *server);

#endif
