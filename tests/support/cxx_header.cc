/* cxx_header.cc - cep.h and cep_lang.h are also C++: this file compiles, and links against the C names. */
#include "cep/cep_lang.h"

int main()
{
  cep_config *config = nullptr;
  if (cep_config_new(nullptr, &config) != CEP_OK) return 1;
  cep_error err{};
  const cep_status status = cep_config_set(config, "memory.max", "64MiB", &err);
  cep_config_free(config);
  const cep_value value = {CEP_INT, 0, {1}};
  return status == CEP_OK && value.as.i == 1 && cep_version() == CEP_VERSION_NUM ? 0 : 1;
}
