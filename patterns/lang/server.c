/* server.c - the messages of a language server: framing, who answers what, and the life of documents. */
#include "patterns/lang/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cep/base/json.h"
#include "cep/base/vec.h"
#include "patterns/lang/answer.h"

/* Deeper messages are none of the protocol's. */
#define JSON_DEPTH_MAX 100u
#define PATH_MAX_BYTES 160u

enum {
  RPC_PARSE_ERROR = -32700,
  RPC_INVALID_REQUEST = -32600,
  RPC_NO_METHOD = -32601,
  RPC_INVALID_PARAMS = -32602,
  RPC_INTERNAL = -32603,
  RPC_NOT_INITIALIZED = -32002,
  RPC_FAILED = -32803
};

struct lsp_server {
  cb_alloc *alloc;
  cb_json *json;
  cb_writer in;    /* what has come and is not yet a whole message */
  cb_writer body;  /* of the message to send */
  cb_writer frame; /* the same with its header */
  size_t skip;     /* bytes of a message that is too long, still to pass over */
  CB_VEC(lsp_document *) documents;
  int is_initialized;
  int is_shut_down;
  int is_bytes; /* characters are counted in UTF-8 */
  cep_write_fn write;
  void *ctx;
};

cep_status lsp_server_new(cb_alloc *alloc, lsp_server **out)
{
  lsp_server *server = cb_new0(alloc, sizeof *server);
  if (!server) return CEP_E_NOMEM;
  server->alloc = alloc;
  cb_writer_init(&server->in, alloc);
  cb_writer_init(&server->body, alloc);
  cb_writer_init(&server->frame, alloc);
  server->json = cb_json_new(LSP_MESSAGE_MAX, JSON_DEPTH_MAX);
  if (!server->json) {
    lsp_server_free(server);
    return CEP_E_NOMEM;
  }
  *out = server;
  return CEP_OK;
}

void lsp_server_free(lsp_server *server)
{
  if (!server) return;
  for (size_t i = 0; i < server->documents.count; i++) lsp_document_free(server->documents.at[i]);
  cb_vec_free(server->alloc, &server->documents);
  cb_writer_fini(&server->in);
  cb_writer_fini(&server->body);
  cb_writer_fini(&server->frame);
  if (server->json) cb_json_free(server->json);
  cb_free(server->alloc, server, sizeof *server);
}

int lsp_server_is_shut_down(const lsp_server *server)
{
  return server->is_shut_down;
}

/* ---- Reading a message ----------------------------------------------------------------- */

static cb_json_value get(const lsp_server *server, const char *path)
{
  cb_json_value value;
  cb_json_find(server->json, path, strlen(path), &value);
  return value;
}

static cb_json_value get_in(const lsp_server *server, const char *format, uint32_t index, const char *rest)
{
  char path[PATH_MAX_BYTES];
  (void)snprintf(path, sizeof path, format, index, rest);
  return get(server, path);
}

static int is_text(const cb_json_value *value, const char *text)
{
  return value->type == CB_JSON_STRING && value->length == strlen(text) && memcmp(value->s, text, value->length) == 0;
}

static uint32_t clamp(int64_t number)
{
  return number < 0 ? 0 : number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

/* The place at `format` (params.position, an end of a range); 0 if there is none. */
static int get_place(const lsp_server *server, const char *format, uint32_t index, lsp_place *out)
{
  char path[PATH_MAX_BYTES];
  (void)snprintf(path, sizeof path, format, index);
  size_t len = strlen(path);
  (void)snprintf(path + len, sizeof path - len, ".line");
  cb_json_value line = get(server, path);
  (void)snprintf(path + len, sizeof path - len, ".character");
  cb_json_value character = get(server, path);
  if (line.type != CB_JSON_INT || character.type != CB_JSON_INT) return 0;
  out->line = clamp(line.i);
  out->character = clamp(character.i);
  return 1;
}

/* ---- Sending --------------------------------------------------------------------------- */

/* The body goes out. An answer that memory was refused for does not. */
static cep_status send_body(lsp_server *server)
{
  if (server->body.status < 0) return server->body.status;
  cb_writer_reset(&server->frame);
  cb_write_printf(&server->frame, "Content-Length: %zu\r\n\r\n", server->body.len);
  cb_write_bytes(&server->frame, server->body.data, server->body.len);
  if (server->frame.status < 0) return server->frame.status;
  return server->write(server->ctx, server->frame.data, server->frame.len);
}

static void write_id(lsp_server *server)
{
  cb_json_value id = get(server, "id");
  if (id.type == CB_JSON_INT) cb_write_printf(&server->body, "%lld", (long long)id.i);
  else if (id.type == CB_JSON_STRING) cb_json_write_string(&server->body, id.s, id.length);
  else cb_write_text(&server->body, "null");
}

static void begin_answer(lsp_server *server)
{
  cb_writer_reset(&server->body);
  cb_write_text(&server->body, "{\"jsonrpc\":\"2.0\",\"id\":");
  write_id(server);
  cb_write_text(&server->body, ",\"result\":");
}

static cep_status end_answer(lsp_server *server)
{
  cb_write_text(&server->body, "}");
  return send_body(server);
}

/* `has_id` 0: the message could not be read. */
static cep_status send_error(lsp_server *server, int has_id, int code, const char *text)
{
  cb_writer_reset(&server->body);
  cb_write_text(&server->body, "{\"jsonrpc\":\"2.0\",\"id\":");
  if (has_id) write_id(server);
  else cb_write_text(&server->body, "null");
  cb_write_printf(&server->body, ",\"error\":{\"code\":%d,\"message\":", code);
  cb_json_write_string(&server->body, text, strlen(text));
  cb_write_text(&server->body, "}}");
  return send_body(server);
}

static cep_status send_log(lsp_server *server, const char *text)
{
  cb_writer_reset(&server->body);
  cb_write_text(&server->body, "{\"jsonrpc\":\"2.0\",\"method\":\"window/logMessage\",\"params\":{\"type\":1,\"message\":");
  cb_json_write_string(&server->body, text, strlen(text));
  cb_write_text(&server->body, "}}");
  return send_body(server);
}

/* ---- Documents ------------------------------------------------------------------------- */

/* CEP_NONE: not open. */
static uint32_t find_document(const lsp_server *server)
{
  cb_json_value uri = get(server, "params.textDocument.uri");
  if (uri.type != CB_JSON_STRING) return CEP_NONE;
  for (uint32_t i = 0; i < server->documents.count; i++) {
    const lsp_document *document = server->documents.at[i];
    if (document->uri_len == uri.length && memcmp(document->uri, uri.s, uri.length) == 0) return i;
  }
  return CEP_NONE;
}

static cep_status publish(lsp_server *server, lsp_document *document)
{
  cep_status status = lsp_document_study(document);
  if (status < 0) return status;
  lsp_question question = {document, 0, server->is_bytes, &server->body};
  cb_writer_reset(&server->body);
  cb_write_text(&server->body, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/publishDiagnostics\",\"params\":{\"uri\":");
  cb_json_write_string(&server->body, document->uri, document->uri_len);
  cb_write_printf(&server->body, ",\"version\":%lld,\"diagnostics\":", (long long)document->version);
  lsp_answer_diagnostics(&question);
  cb_write_text(&server->body, "}}");
  return send_body(server);
}

static void take_version(const lsp_server *server, lsp_document *document)
{
  cb_json_value version = get(server, "params.textDocument.version");
  if (version.type == CB_JSON_INT) document->version = version.i;
}

static void drop_document(lsp_server *server, uint32_t index)
{
  lsp_document_free(server->documents.at[index]);
  server->documents.at[index] = server->documents.at[--server->documents.count];
}

static cep_status did_open(lsp_server *server)
{
  cb_json_value uri = get(server, "params.textDocument.uri"), text = get(server, "params.textDocument.text");
  if (uri.type != CB_JSON_STRING || text.type != CB_JSON_STRING) return CEP_OK;
  uint32_t open = find_document(server);
  if (open != CEP_NONE) drop_document(server, open);
  if (server->documents.count >= LSP_DOCUMENTS_MAX) return send_log(server, "too many rule files are open; this one is not looked at");
  lsp_document *document = NULL;
  cep_status status = lsp_document_new(server->alloc, uri.s, uri.length, &document);
  if (status < 0) return status;
  status = lsp_document_edit(document, 0, 0, text.s, text.length);
  if (status == CEP_OK && !cb_vec_push(server->alloc, &server->documents, document)) status = CEP_E_NOMEM;
  if (status < 0) {
    lsp_document_free(document);
    return status == CEP_E_LIMIT ? send_log(server, "a rule file is too long; it is not looked at") : status;
  }
  take_version(server, document);
  return publish(server, document);
}

static cep_status change(lsp_server *server, lsp_document *document, uint32_t index)
{
  cb_json_value text = get_in(server, "params.contentChanges[%u].%s", index, "text");
  if (text.type != CB_JSON_STRING) return CEP_OK;
  uint32_t from = 0, to = (uint32_t)document->text.len;
  lsp_place start, end;
  const char *old = document->text.data ? (const char *)document->text.data : "";
  if (get_place(server, "params.contentChanges[%u].range.start", index, &start) &&
      get_place(server, "params.contentChanges[%u].range.end", index, &end)) {
    from = lsp_offset_of(old, to, start, server->is_bytes);
    to = lsp_offset_of(old, to, end, server->is_bytes);
    if (to < from) to = from;
  }
  return lsp_document_edit(document, from, to, text.s, text.length);
}

static cep_status did_change(lsp_server *server)
{
  uint32_t found = find_document(server);
  if (found == CEP_NONE) return CEP_OK;
  lsp_document *document = server->documents.at[found];
  cb_json_value changes = get(server, "params.contentChanges");
  uint32_t count = changes.type == CB_JSON_ARRAY ? changes.length : 0;
  for (uint32_t i = 0; i < count; i++) {
    cep_status status = change(server, document, i);
    if (status == CEP_E_LIMIT) {
      /* What the editor shows is not known any more. */
      drop_document(server, found);
      return send_log(server, "a rule file has become too long; it is not looked at any more");
    }
    if (status < 0) return status;
  }
  take_version(server, document);
  return publish(server, document);
}

static cep_status did_close(lsp_server *server)
{
  uint32_t found = find_document(server);
  if (found == CEP_NONE) return CEP_OK;
  const lsp_document *document = server->documents.at[found];
  cb_writer_reset(&server->body);
  cb_write_text(&server->body, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/publishDiagnostics\",\"params\":{\"uri\":");
  cb_json_write_string(&server->body, document->uri, document->uri_len);
  cb_write_text(&server->body, ",\"diagnostics\":[]}}");
  drop_document(server, found);
  return send_body(server);
}

/* ---- Requests -------------------------------------------------------------------------- */

static cep_status initialize(lsp_server *server)
{
  cb_json_value encodings = get(server, "params.capabilities.general.positionEncodings");
  uint32_t count = encodings.type == CB_JSON_ARRAY ? encodings.length : 0;
  server->is_bytes = 0;
  for (uint32_t i = 0; i < count; i++) {
    cb_json_value encoding = get_in(server, "params.capabilities.general.positionEncodings[%u]%s", i, "");
    if (is_text(&encoding, "utf-8")) server->is_bytes = 1;
  }
  server->is_initialized = 1;
  begin_answer(server);
  cb_write_printf(&server->body,
                  "{\"capabilities\":{\"positionEncoding\":\"%s\",\"textDocumentSync\":{\"openClose\":true,\"change\":2},"
                  "\"hoverProvider\":true,\"completionProvider\":{\"triggerCharacters\":[\".\"]},\"definitionProvider\":true,"
                  "\"referencesProvider\":true,\"documentSymbolProvider\":true,\"documentFormattingProvider\":true,"
                  "\"renameProvider\":{\"prepareProvider\":true}},\"serverInfo\":{\"name\":\"cep\",\"version\":\"%d.%d.%d\"}}",
                  server->is_bytes ? "utf-8" : "utf-16", CEP_VERSION_MAJOR, CEP_VERSION_MINOR, CEP_VERSION_PATCH);
  return end_answer(server);
}

static cep_status shut_down(lsp_server *server)
{
  server->is_shut_down = 1;
  begin_answer(server);
  cb_write_text(&server->body, "null");
  return end_answer(server);
}

typedef enum question_kind { ASK_HOVER, ASK_COMPLETION, ASK_DEFINITION, ASK_REFERENCES, ASK_PREPARE, ASK_RENAME, ASK_SYMBOLS, ASK_FORMAT } question_kind;

static cep_status answer_rename(lsp_server *server, const lsp_question *question)
{
  const char *why = NULL;
  cb_json_value name = get(server, "params.newName");
  if (name.type != CB_JSON_STRING) return send_error(server, 1, RPC_INVALID_PARAMS, "params.newName is missing");
  if (!lsp_answer_rename(question, name.s, name.length, &why)) return send_error(server, 1, RPC_FAILED, why);
  return end_answer(server);
}

static cep_status answer(lsp_server *server, question_kind kind)
{
  uint32_t found = find_document(server);
  lsp_place place = {0, 0};
  int wants_place = kind != ASK_SYMBOLS && kind != ASK_FORMAT;
  if (found == CEP_NONE) return send_error(server, 1, RPC_INVALID_PARAMS, "that document is not open");
  if (wants_place && !get_place(server, "params.position", 0, &place)) return send_error(server, 1, RPC_INVALID_PARAMS, "params.position is missing");
  lsp_document *document = server->documents.at[found];
  cep_status status = lsp_document_study(document);
  if (status < 0) return status;
  const cb_source *source = &document->study->source;
  lsp_question question = {document, lsp_offset_of(source->text, source->len, place, server->is_bytes), server->is_bytes, &server->body};
  begin_answer(server);
  switch (kind) {
  case ASK_HOVER: lsp_answer_hover(&question); break;
  case ASK_COMPLETION: lsp_answer_completion(&question); break;
  case ASK_DEFINITION: lsp_answer_definition(&question); break;
  case ASK_REFERENCES: lsp_answer_references(&question, get(server, "params.context.includeDeclaration").i != 0); break;
  case ASK_PREPARE: lsp_answer_prepare_rename(&question); break;
  case ASK_RENAME: return answer_rename(server, &question);
  case ASK_SYMBOLS: lsp_answer_symbols(&question); break;
  case ASK_FORMAT: status = lsp_answer_formatting(&question); break;
  }
  return status < 0 ? status : end_answer(server);
}

/* ---- Who answers what ------------------------------------------------------------------- */

static cep_status take_notice(lsp_server *server, const cb_json_value *method)
{
  if (is_text(method, "exit")) return CEP_STOPPED;
  if (!server->is_initialized) return CEP_OK;
  if (is_text(method, "textDocument/didOpen")) return did_open(server);
  if (is_text(method, "textDocument/didChange")) return did_change(server);
  if (is_text(method, "textDocument/didClose")) return did_close(server);
  return CEP_OK; /* others are not for this server, and need no answer */
}

static cep_status take_request(lsp_server *server, const cb_json_value *method)
{
  static const struct {
    const char *method;
    question_kind kind;
  } questions[] = {{"textDocument/hover", ASK_HOVER},           {"textDocument/completion", ASK_COMPLETION}, {"textDocument/definition", ASK_DEFINITION},
                   {"textDocument/references", ASK_REFERENCES}, {"textDocument/prepareRename", ASK_PREPARE}, {"textDocument/rename", ASK_RENAME},
                   {"textDocument/documentSymbol", ASK_SYMBOLS}, {"textDocument/formatting", ASK_FORMAT}};
  if (server->is_shut_down) return send_error(server, 1, RPC_INVALID_REQUEST, "the server is shut down");
  if (is_text(method, "initialize")) return initialize(server);
  if (!server->is_initialized) return send_error(server, 1, RPC_NOT_INITIALIZED, "'initialize' comes first");
  if (is_text(method, "shutdown")) return shut_down(server);
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
    if (is_text(method, questions[i].method)) return answer(server, questions[i].kind);
  return send_error(server, 1, RPC_NO_METHOD, "there is no such method here");
}

static cep_status take_message(lsp_server *server, const char *text, size_t len)
{
  if (!cb_json_parse_value(server->json, text, len)) return send_error(server, 0, RPC_PARSE_ERROR, "a message is no JSON");
  cb_json_value method = get(server, "method"), id = get(server, "id");
  int has_id = id.type == CB_JSON_INT || id.type == CB_JSON_STRING;
  if (method.type != CB_JSON_STRING) {
    cb_json_value result = get(server, "result"), error = get(server, "error");
    int is_answer = result.type != CB_JSON_MISSING || error.type != CB_JSON_MISSING;
    return is_answer ? CEP_OK : send_error(server, has_id, RPC_INVALID_REQUEST, "a message without a method");
  }
  cep_status status = has_id ? take_request(server, &method) : take_notice(server, &method);
  if (status != CEP_E_NOMEM) return status;
  /* The server goes on; who asked must not wait for ever. */
  return has_id ? send_error(server, 1, RPC_INTERNAL, "no memory for the answer") : CEP_OK;
}

/* ---- Framing ----------------------------------------------------------------------------- */

/* The number behind "Content-Length:" among the header's lines; 0 if there is none. */
static int content_length(const char *header, size_t len, size_t *out)
{
  static const char name[] = "content-length:";
  for (size_t at = 0; at < len;) {
    size_t i = 0;
    while (i < sizeof name - 1 && at + i < len && (header[at + i] | 32) == (name[i] | 32)) i++;
    if (i == sizeof name - 1) {
      size_t number = 0, digits = 0;
      for (at += i; at < len && (header[at] == ' ' || header[at] == '\t'); at++) {}
      for (; at < len && header[at] >= '0' && header[at] <= '9' && digits < 18; at++, digits++) number = number * 10 + (size_t)(header[at] - '0');
      *out = number;
      return digits > 0;
    }
    const char *end = memchr(header + at, '\n', len - at);
    at = end ? (size_t)(end - header) + 1 : len;
  }
  return 0;
}

static size_t header_length(const char *text, size_t len)
{
  for (size_t i = 3; i < len && i < LSP_HEADER_MAX; i++)
    if (memcmp(text + i - 3, "\r\n\r\n", 4) == 0) return i + 1;
  return 0;
}

/* Takes one message off `*at`. 0 and CEP_OK: it is not whole yet. */
static int take_frame(lsp_server *server, size_t *at, cep_status *status)
{
  const char *text = (const char *)server->in.data + *at;
  size_t len = server->in.len - *at, body = 0, header = header_length(text, len);
  *status = CEP_OK;
  if (header == 0) {
    if (len >= LSP_HEADER_MAX) *status = CEP_E_CORRUPT;
    return 0;
  }
  if (!content_length(text, header, &body)) {
    *status = CEP_E_CORRUPT;
    return 0;
  }
  if (body > LSP_MESSAGE_MAX) {
    size_t here = len - header < body ? len - header : body;
    server->skip = body - here;
    *at += header + here;
    *status = send_log(server, "a message is longer than 64 MiB; it is passed over");
    return *status == CEP_OK;
  }
  if (len - header < body) return 0;
  *at += header + body;
  *status = take_message(server, text + header, body);
  return *status == CEP_OK;
}

cep_status lsp_server_take(lsp_server *server, const void *data, size_t len, cep_write_fn write, void *ctx)
{
  const char *text = data;
  cep_status status = CEP_OK;
  size_t at = 0, skipped = len < server->skip ? len : server->skip;
  server->skip -= skipped;
  server->write = write;
  server->ctx = ctx;
  cb_write_bytes(&server->in, text + skipped, len - skipped);
  if (server->in.status < 0) return server->in.status;
  while (at < server->in.len && take_frame(server, &at, &status)) {}
  if (at > 0) memmove(server->in.data, server->in.data + at, server->in.len - at);
  server->in.len -= at;
  return status;
}
