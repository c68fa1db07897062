/* fuzz_json.c - any bytes as a record: parsed or refused, and every value can be read. */
#include <stdlib.h>

#include "cep/base/json.h"
#include "cep/base/utf8.h"

static void read_path(cb_json *json, const char *const *names, uint32_t count)
{
  const cb_json_path path = {names, count};
  cb_json_value value;
  cb_json_get(json, &path, &value);
  if (value.type == CB_JSON_STRING && !cb_utf8_valid(value.s, value.length)) abort();
  if ((value.type == CB_JSON_BIG || value.type == CB_JSON_FLOAT) && value.f - value.f != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char *const names[] = {"a", "b", "c"}, *const time[] = {"time"}, *const empty[] = {""};
  cb_json *json = cb_json_new(4096, 8);
  if (!json) return 0;
  for (int round = 0; round < 2; round++) { /* the second time with warm buffers */
    const char *why = NULL;
    cep_status status = cb_json_parse(json, (const char *)data, size, &why);
    if ((status == CEP_OK) != (why == NULL)) abort();
    for (uint32_t count = 0; count <= 3; count++) read_path(json, names, count);
    read_path(json, time, 1);
    read_path(json, empty, 1);
  }
  cb_json_free(json);
  return 0;
}
