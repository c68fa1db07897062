/* json.cc - simdjson's DOM behind a C door. Nothing here throws: the file is built without
 * exceptions, and memory is asked for with nothrow. */
#include "cep/base/json.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>
#include <string_view>

#include "cep/base/num.h"

namespace dom = simdjson::dom;

struct cb_json {
  dom::parser parser;
  dom::element root; /* of the record, if has_root */
  bool has_root = false;
  std::unique_ptr<char[]> text; /* the record and simdjson's padding */
  size_t text_capacity = 0;
  size_t record_max = 0;
  size_t depth_max = 0;
  size_t value_len = 0;    /* of the text of cb_json_parse_value that is parsed as it was given; 0: none */
  bool is_widened = false; /* some integers of this record were made floats, see widen() */
};

cb_json *cb_json_new(size_t record_max, size_t depth_max)
{
  std::unique_ptr<cb_json> json(new (std::nothrow) cb_json);
  if (!json) return nullptr;
  json->record_max = record_max;
  json->depth_max = depth_max;
  /* Buffers start small and grow with the records: at their longest they take some 13
   * times the record's length, and few inputs have records of that size. */
  if (json->parser.allocate(1024, depth_max + 1) != simdjson::SUCCESS) return nullptr;
  return json.release();
}

void cb_json_free(cb_json *json)
{
  delete json;
}

static bool reserve(cb_json *json, size_t len)
{
  if (len <= json->text_capacity && json->text) return true;
  size_t capacity = json->text_capacity < 1024 ? 1024 : json->text_capacity;
  while (capacity < len) capacity *= 2;
  std::unique_ptr<char[]> text(new (std::nothrow) char[capacity + simdjson::SIMDJSON_PADDING]);
  if (!text) return false;
  json->text = std::move(text);
  json->text_capacity = capacity;
  return true;
}

/* Bytes of the string that starts at text[at], both quotes counted. */
static size_t string_length(const char *text, size_t len, size_t at)
{
  size_t end = at + 1;
  while (end < len && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return (end < len ? end + 1 : len) - at;
}

static size_t number_length(const char *text, size_t len, size_t at, bool *is_integer)
{
  size_t end = at;
  *is_integer = true;
  for (; end < len; end++) {
    char c = text[end];
    if (c == '.' || c == 'e' || c == 'E' || c == '+') {
      *is_integer = false;
    } else if (c != '-' && (c < '0' || c > '9')) {
      break;
    }
  }
  return end - at;
}

/*
 * Copies the record with "e0" behind each integer that 64 bits do not hold, as simdjson
 * takes such a record for malformed, while JSON has no bounds. Gives the length, 0 when
 * there is no such integer or memory is refused. Whatever is no JSON stays no JSON: the
 * copy goes through the parser as well.
 */
static size_t widen(cb_json *json, const char *text, size_t len)
{
  size_t out = 0, widened = 0;
  if (len > SIZE_MAX / 4 || !reserve(json, len + len / 8 + 2))
    return 0; /* 19 digits or more take 2 bytes more */
  for (size_t at = 0; at < len;) {
    char c = text[at];
    bool is_integer = false;
    size_t take = c == '"'                             ? string_length(text, len, at)
                  : c == '-' || (c >= '0' && c <= '9') ? number_length(text, len, at, &is_integer)
                                                       : 1;
    std::memcpy(json->text.get() + out, text + at, take);
    out += take;
    int64_t fits;
    if (is_integer && take >= 19 && !cb_num_int(text + at, take, &fits)) {
      std::memcpy(json->text.get() + out, "e0", 2);
      out += 2;
      widened++;
    }
    at += take;
  }
  return widened > 0 ? out : 0;
}

static simdjson::error_code parse_text(cb_json *json, size_t len)
{
  json->value_len = 0;
  std::memset(json->text.get() + len, 0, simdjson::SIMDJSON_PADDING);
  /* Left alone, simdjson grows to the exact length of each longer record. */
  if (json->parser.capacity() < len || json->parser.doc.capacity() < len) {
    simdjson::error_code error = json->parser.allocate(json->text_capacity, json->depth_max + 1);
    if (!error) error = json->parser.doc.allocate(json->text_capacity);
    if (error) return error;
  }
  return json->parser.parse(json->text.get(), len, false).get(json->root);
}

static cep_status refusal(simdjson::error_code error, const char **why)
{
  switch (error) {
  case simdjson::MEMALLOC: *why = "no memory to parse the record"; return CEP_E_NOMEM;
  case simdjson::CAPACITY: *why = "the record is too long"; break;
  case simdjson::DEPTH_ERROR: *why = "the record is nested too deeply"; break;
  case simdjson::UTF8_ERROR: *why = "the record is not UTF-8"; break;
  case simdjson::EMPTY: *why = "the record is empty"; break;
  case simdjson::NUMBER_ERROR: *why = "the record has a number that is malformed or out of range"; break;
  case simdjson::STRING_ERROR: *why = "the record has a malformed string"; break;
  case simdjson::UNCLOSED_STRING: *why = "the record ends inside a string"; break;
  case simdjson::UNESCAPED_CHARS: *why = "the record has a control character inside a string"; break;
  default: *why = "the record is not well-formed JSON"; break;
  }
  return CEP_E_INVALID;
}

cep_status cb_json_parse(cb_json *json, const char *text, size_t len, const char **why)
{
  json->has_root = false;
  json->is_widened = false;
  if (len > json->record_max || len > simdjson::SIMDJSON_MAXSIZE_BYTES)
    return refusal(simdjson::CAPACITY, why);
  if (len == 0) return refusal(simdjson::EMPTY, why);
  if (!reserve(json, len)) return refusal(simdjson::MEMALLOC, why);
  std::memcpy(json->text.get(), text, len);
  simdjson::error_code error = parse_text(json, len);
  if (error == simdjson::NUMBER_ERROR) {
    size_t widened_len = widen(json, text, len);
    if (widened_len > 0) {
      error = parse_text(json, widened_len);
      json->is_widened = true;
    }
  }
  if (error) return refusal(error, why);
  if (!json->root.is_object()) {
    *why = "the record is not an object";
    return CEP_E_INVALID;
  }
  json->has_root = true;
  return CEP_OK;
}

static void get_number(const cb_json *json, dom::element element, cb_json_value *out)
{
  if (element.is_int64()) {
    out->type = CB_JSON_INT;
    out->i = element.get_int64().value_unsafe();
    out->f = static_cast<double>(out->i);
  } else if (element.is_uint64()) {
    out->type = CB_JSON_BIG;
    out->f = static_cast<double>(element.get_uint64().value_unsafe());
  } else {
    out->f = element.get_double().value_unsafe();
    out->type = json->is_widened && std::fabs(out->f) >= 0x1p63 ? CB_JSON_BIG : CB_JSON_FLOAT;
  }
}

static void get_value(const cb_json *json, dom::element element, cb_json_value *out)
{
  switch (element.type()) {
  case dom::element_type::NULL_VALUE: out->type = CB_JSON_NULL; return;
  case dom::element_type::BOOL:
    out->type = CB_JSON_BOOL;
    out->i = element.get_bool().value_unsafe();
    return;
  case dom::element_type::INT64:
  case dom::element_type::UINT64:
  case dom::element_type::DOUBLE: get_number(json, element, out); return;
  case dom::element_type::STRING: {
    std::string_view string = element.get_string().value_unsafe();
    out->type = CB_JSON_STRING;
    out->s = string.data();
    out->length = static_cast<uint32_t>(string.size()); /* a record has fewer than 2^32 bytes */
    return;
  }
  case dom::element_type::ARRAY: out->type = CB_JSON_ARRAY; return;
  case dom::element_type::OBJECT: out->type = CB_JSON_OBJECT; return;
  }
}

void cb_json_get(cb_json *json, const cb_json_path *path, cb_json_value *out)
{
  *out = cb_json_value{};
  if (!json->has_root) return; /* an element of no document must not be asked */
  dom::element at = json->root;
  for (uint32_t i = 0; i < path->count; i++) {
    dom::object members;
    if (at.get_object().get(members) != simdjson::SUCCESS) return;
    if (members.at_key(path->names[i]).get(at) != simdjson::SUCCESS) return;
  }
  get_value(json, at, out);
}

int cb_json_parse_value(cb_json *json, const char *text, size_t len)
{
  if (len > 0 && len == json->value_len && std::memcmp(json->text.get(), text, len) == 0) return 1;
  json->has_root = false;
  json->value_len = 0;
  json->is_widened = false;
  if (len == 0 || len > json->record_max || len > simdjson::SIMDJSON_MAXSIZE_BYTES || !reserve(json, len)) return 0;
  std::memcpy(json->text.get(), text, len);
  simdjson::error_code error = parse_text(json, len);
  size_t value_len = len;
  if (error == simdjson::NUMBER_ERROR) {
    size_t widened_len = widen(json, text, len);
    if (widened_len > 0) {
      error = parse_text(json, widened_len);
      json->is_widened = true;
      value_len = 0;
    }
  }
  json->value_len = error ? 0 : value_len;
  json->has_root = !error;
  return json->has_root;
}

namespace {

/* One step of a path: a name or a place in an array. */
struct path_step {
  bool is_name;
  std::string_view name;
  size_t index;
};

/* Reads the step at `at` and moves behind it. */
bool next_step(std::string_view path, size_t &at, path_step &out)
{
  if (path[at] == '[') {
    if (path.substr(at, 2) == "[\"") {
      size_t end = path.find("\"]", at + 2);
      if (end == std::string_view::npos) return false;
      out = {true, path.substr(at + 2, end - at - 2), 0};
      at = end + 2;
      return true;
    }
    size_t end = path.find(']', at);
    if (end == std::string_view::npos || end == at + 1 || end - at > 10) return false;
    out = {false, {}, 0};
    for (char c : path.substr(at + 1, end - at - 1)) {
      if (c < '0' || c > '9') return false;
      out.index = out.index * 10 + static_cast<size_t>(c - '0');
    }
    at = end + 1;
    return true;
  }
  if (at > 0) {
    if (path[at] != '.') return false;
    at++;
  }
  size_t end = path.find_first_of(".[", at);
  if (end == std::string_view::npos) end = path.size();
  out = {true, path.substr(at, end - at), 0};
  at = end;
  return !out.name.empty();
}

} // namespace

int cb_json_path_valid(const char *path, size_t len)
{
  path_step step;
  for (size_t at = 0; at < len;) {
    if (!next_step(std::string_view(path, len), at, step)) return 0;
  }
  return 1;
}

void cb_json_find(cb_json *json, const char *path, size_t len, cb_json_value *out)
{
  *out = cb_json_value{};
  if (!json->has_root) return;
  dom::element element = json->root;
  path_step step;
  for (size_t at = 0; at < len;) {
    if (!next_step(std::string_view(path, len), at, step)) return;
    if (step.is_name) {
      dom::object members;
      if (element.get_object().get(members) != simdjson::SUCCESS) return;
      if (members.at_key(step.name).get(element) != simdjson::SUCCESS) return;
    } else {
      dom::array items;
      if (element.get_array().get(items) != simdjson::SUCCESS) return;
      if (items.at(step.index).get(element) != simdjson::SUCCESS) return;
    }
  }
  get_value(json, element, out);
  size_t count = 0; /* counted: simdjson's own numbers saturate at 2^24 */
  dom::array items;
  dom::object members;
  if (out->type == CB_JSON_ARRAY && element.get_array().get(items) == simdjson::SUCCESS) {
    for (dom::element item : items) {
      (void)item;
      count++;
    }
  }
  if (out->type == CB_JSON_OBJECT && element.get_object().get(members) == simdjson::SUCCESS) {
    for (dom::key_value_pair member : members) {
      (void)member;
      count++;
    }
  }
  if (out->type == CB_JSON_ARRAY || out->type == CB_JSON_OBJECT) out->length = static_cast<uint32_t>(count);
}
