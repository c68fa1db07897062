/* fn_json.c - texts that hold JSON: what stands at a place in them. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/num.h"

#define JSON_BYTES_MAX (1u << 20)
#define JSON_DEPTH_MAX 64u

/* What stands there; of type MISSING if there is nothing, or no JSON. */
static cb_json_value find(nfa_scratch *scratch, const cep_value *args)
{
  cb_json_value found = {.type = CB_JSON_MISSING};
  if (!scratch->json) scratch->json = cb_json_new(JSON_BYTES_MAX, JSON_DEPTH_MAX);
  if (!scratch->json) {
    scratch->overflows++;
    return found;
  }
  if (cb_json_parse_value(scratch->json, args[0].as.s, args[0].length))
    cb_json_find(scratch->json, args[1].as.s, args[1].length, &found);
  return found;
}

cep_value nfa_fn_json_string(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  char text[CB_NUM_TEXT_MAX];
  const char *bytes = text;
  size_t len = 0;
  (void)count;
  cb_json_value found = find(scratch, args);
  switch (found.type) {
  case CB_JSON_STRING:
    bytes = found.s;
    len = found.length;
    break;
  case CB_JSON_INT: len = cb_num_print_int(found.i, text); break;
  case CB_JSON_FLOAT:
  case CB_JSON_BIG: len = cb_num_print_float(found.f, text); break;
  case CB_JSON_BOOL: return found.i ? cb_string("true", 4) : cb_string("false", 5);
  default: return cb_null();
  }
  char *copy = nfa_scratch_take(scratch, len); /* the parser's own goes with the next text */
  if (!copy) return cb_null();
  if (len > 0) memcpy(copy, bytes, len);
  return cb_string(copy, (uint32_t)len);
}

cep_value nfa_fn_json_int(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  cb_json_value found = find(scratch, args);
  if (found.type == CB_JSON_INT) return cb_int(found.i);
  int is_whole = found.type == CB_JSON_FLOAT && found.f >= -0x1p63 && found.f < 0x1p63 && (double)(int64_t)found.f == found.f;
  return is_whole ? cb_int((int64_t)found.f) : cb_null();
}

cep_value nfa_fn_json_float(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  cb_json_value found = find(scratch, args);
  if (found.type == CB_JSON_INT) return cb_float((double)found.i);
  return found.type == CB_JSON_FLOAT || found.type == CB_JSON_BIG ? cb_float(found.f) : cb_null();
}

cep_value nfa_fn_json_bool(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  cb_json_value found = find(scratch, args);
  return found.type == CB_JSON_BOOL ? cb_bool(found.i != 0) : cb_null();
}

cep_value nfa_fn_json_length(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  cb_json_value found = find(scratch, args);
  return found.type == CB_JSON_ARRAY || found.type == CB_JSON_OBJECT ? cb_int(found.length) : cb_null();
}
