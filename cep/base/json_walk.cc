/* json_walk.cc - every member of a JSON record, through simdjson's On-Demand parser behind a C door. Built without
 * exceptions, like json.cc. */
#include "cep/base/json_walk.h"

#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>
#include <string_view>

namespace ondemand = simdjson::ondemand;

struct cb_json_walk {
  ondemand::parser parser;
  std::unique_ptr<char[]> text; /* the record and simdjson's padding */
  size_t capacity = 0;
};

cb_json_walk *cb_json_walk_new(void)
{
  return new (std::nothrow) cb_json_walk;
}

void cb_json_walk_free(cb_json_walk *walk)
{
  delete walk;
}

static bool reserve(cb_json_walk *walk, size_t len)
{
  if (walk->text && len <= walk->capacity) return true;
  std::unique_ptr<char[]> text(new (std::nothrow) char[2 * len + simdjson::SIMDJSON_PADDING]);
  if (!text) return false;
  walk->text = std::move(text);
  walk->capacity = 2 * len;
  return true;
}

static std::string_view without_blanks(std::string_view token)
{
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

static simdjson::error_code walk_object(ondemand::object &object, const cb_json_visitor *visitor);

static simdjson::error_code walk_member(ondemand::field &field, const cb_json_visitor *visitor)
{
  std::string_view name, text;
  simdjson::error_code error = field.unescaped_key().get(name);
  if (error) return error;
  ondemand::json_type kind;
  error = field.value().type().get(kind);
  if (error) return error;
  cb_json_type type = CB_JSON_NULL;
  switch (kind) {
  case ondemand::json_type::string:
    type = CB_JSON_STRING;
    error = field.value().get_string().get(text);
    if (error) return error;
    break;
  case ondemand::json_type::number:
  case ondemand::json_type::boolean:
    text = without_blanks(field.value().raw_json_token());
    type = kind == ondemand::json_type::boolean                       ? CB_JSON_BOOL
           : text.find_first_of(".eE") == std::string_view::npos ? CB_JSON_INT
                                                                      : CB_JSON_FLOAT;
    break;
  case ondemand::json_type::array: type = CB_JSON_ARRAY; break;
  case ondemand::json_type::object: type = CB_JSON_OBJECT; break;
  case ondemand::json_type::null: break;
  }
  int goes_in = visitor->member(visitor->ctx, name.data(), name.size(), type, text.data() ? text.data() : "", text.size());
  if (type != CB_JSON_OBJECT || !goes_in) return simdjson::SUCCESS;
  ondemand::object inner;
  error = field.value().get_object().get(inner);
  if (!error) error = walk_object(inner, visitor);
  visitor->leave(visitor->ctx);
  return error;
}

static simdjson::error_code walk_object(ondemand::object &object, const cb_json_visitor *visitor)
{
  for (auto member : object) {
    ondemand::field field;
    simdjson::error_code error = std::move(member).get(field);
    if (!error) error = walk_member(field, visitor);
    if (error) return error;
  }
  return simdjson::SUCCESS;
}

cep_status cb_json_walk_run(cb_json_walk *walk, const char *record, size_t len, const cb_json_visitor *visitor)
{
  if (!reserve(walk, len)) return CEP_E_NOMEM;
  std::memcpy(walk->text.get(), record, len);
  std::memset(walk->text.get() + len, 0, simdjson::SIMDJSON_PADDING);
  ondemand::document document;
  ondemand::object object;
  simdjson::error_code error = walk->parser.iterate(walk->text.get(), len, walk->capacity + simdjson::SIMDJSON_PADDING).get(document);
  if (!error) error = document.get_object().get(object);
  if (!error) error = walk_object(object, visitor);
  if (error == simdjson::MEMALLOC) return CEP_E_NOMEM;
  return error ? CEP_E_INVALID : CEP_OK;
}
