/* lsp_session.c - an editor that asks a language server everything about a text. */
#include "tests/support/lsp_session.h"

#include <stdlib.h>
#include <string.h>

#include "cep/base/bytes.h"
#include "cep/base/json.h"
#include "cep/base/value.h"

enum { ROUNDS = 3, QUESTIONS = 8 };

typedef struct session {
  lsp_server *server;
  cb_prng *prng;
  cb_alloc alloc; /* of the editor: never refuses */
  cb_writer body;
  cb_writer frame;
  cb_json *json;
  int is_good;
  uint32_t answers;
  uint32_t asked;
  cep_status status;
} session;

static cep_status take_output(void *ctx, const void *data, size_t len)
{
  session *s = ctx;
  const char *text = data, *body = NULL;
  for (size_t i = 3; i < len && i < 100 && !body; i++)
    if (memcmp(text + i - 3, "\r\n\r\n", 4) == 0) body = text + i + 1;
  int is_framed = body && len > 16 && memcmp(text, "Content-Length: ", 16) == 0 && strtoul(text + 16, NULL, 10) == len - (size_t)(body - text);
  if (!is_framed || !cb_json_parse_value(s->json, body, len - (size_t)(body - text))) {
    s->is_good = 0;
    return CEP_OK;
  }
  cb_json_value id;
  cb_json_find(s->json, "id", 2, &id);
  if (id.type == CB_JSON_INT) s->answers++;
  return CEP_OK;
}

static void begin(session *s, const char *method, int is_request)
{
  cb_writer_reset(&s->body);
  cb_write_text(&s->body, "{\"jsonrpc\":\"2.0\",");
  if (is_request) cb_write_printf(&s->body, "\"id\":%u,", ++s->asked);
  cb_write_printf(&s->body, "\"method\":\"%s\",\"params\":{\"textDocument\":{\"uri\":\"file:///a.cep\",\"version\":1", method);
}

static void end(session *s)
{
  if (s->status < 0) return;
  cb_write_text(&s->body, "}}");
  cb_writer_reset(&s->frame);
  cb_write_printf(&s->frame, "Content-Length: %zu\r\n\r\n", s->body.len);
  cb_write_bytes(&s->frame, s->body.data, s->body.len);
  s->status = lsp_server_take(s->server, s->frame.data, s->frame.len, take_output, s);
}

static void put_place(session *s, uint32_t lines)
{
  cb_write_printf(&s->body, "{\"line\":%u,\"character\":%u}", cb_prng_below(s->prng, lines + 2), cb_prng_below(s->prng, 120));
}

static void ask(session *s, const char *method, uint32_t lines)
{
  static const char *const names[] = {"x", "a b", "where", "", "fail", "`", "\\u00fc"};
  begin(s, method, 1);
  cb_write_printf(&s->body, "},\"context\":{\"includeDeclaration\":true},\"newName\":\"%s\",\"position\":",
                  names[cb_prng_below(s->prng, sizeof names / sizeof *names)]);
  put_place(s, lines);
  end(s);
  s->body.status = s->frame.status = CEP_OK;
}

static void ask_all(session *s, uint32_t lines)
{
  static const char *const methods[] = {"textDocument/hover",      "textDocument/completion",    "textDocument/definition", "textDocument/references",
                                        "textDocument/prepareRename", "textDocument/rename",     "textDocument/documentSymbol", "textDocument/formatting"};
  for (int i = 0; i < QUESTIONS * (int)(sizeof methods / sizeof *methods); i++) ask(s, methods[i % (int)(sizeof methods / sizeof *methods)], lines);
}

static void change(session *s, uint32_t lines, const char *text, size_t len)
{
  uint32_t from = cb_prng_below(s->prng, (uint32_t)len + 1), count = cb_prng_below(s->prng, 12);
  if (count > len - from) count = (uint32_t)(len - from);
  begin(s, "textDocument/didChange", 0);
  cb_write_text(&s->body, "},\"contentChanges\":[{\"range\":{\"start\":");
  put_place(s, lines);
  cb_write_text(&s->body, ",\"end\":");
  put_place(s, lines);
  cb_write_text(&s->body, "},\"text\":");
  cb_json_write_string(&s->body, text + from, count);
  cb_write_text(&s->body, "}]");
  end(s);
}

static void start(session *s, lsp_server *server, cb_prng *prng)
{
  memset(s, 0, sizeof *s);
  s->server = server;
  s->prng = prng;
  s->is_good = 1;
  cb_alloc_init(&s->alloc, NULL, 0);
  cb_writer_init(&s->body, &s->alloc);
  cb_writer_init(&s->frame, &s->alloc);
  s->json = cb_json_new(LSP_MESSAGE_MAX, 100);
}

static int finish(session *s, cep_status *status)
{
  cb_writer_fini(&s->body);
  cb_writer_fini(&s->frame);
  cb_json_free(s->json);
  *status = s->status;
  return s->is_good && s->alloc.bytes_in_use == 0;
}

int lsp_session_play(lsp_server *server, cb_prng *prng, const char *text, size_t len, cep_status *status)
{
  session s;
  uint32_t lines = 0;
  start(&s, server, prng);
  for (size_t i = 0; i < len; i++) lines += text[i] == '\n';
  begin(&s, "initialize", 1);
  cb_write_printf(&s.body, "},\"capabilities\":{\"general\":{\"positionEncodings\":[\"%s\"]}}", cb_prng_below(prng, 2) ? "utf-8" : "utf-16");
  end(&s);
  begin(&s, "textDocument/didOpen", 0);
  cb_write_text(&s.body, ",\"text\":");
  cb_json_write_string(&s.body, text, len);
  cb_write_text(&s.body, "}");
  end(&s);
  for (int i = 0; i < ROUNDS; i++) {
    ask_all(&s, lines);
    change(&s, lines, text, len);
  }
  begin(&s, "textDocument/didClose", 0);
  cb_write_text(&s.body, "}");
  end(&s);
  begin(&s, "shutdown", 1);
  cb_write_text(&s.body, "}");
  end(&s);
  if (s.status == CEP_OK && s.answers != s.asked) s.is_good = 0;
  return finish(&s, status);
}

int lsp_session_feed(lsp_server *server, cb_prng *prng, const char *data, size_t len, cep_status *status)
{
  session s;
  start(&s, server, prng);
  for (size_t at = 0; at < len && s.status == CEP_OK;) {
    size_t piece = 1 + cb_prng_below(prng, 200);
    if (piece > len - at) piece = len - at;
    s.status = lsp_server_take(server, data + at, piece, take_output, &s);
    at += piece;
  }
  return finish(&s, status);
}
