/* api_version.c - versions and the names of statuses. */
#include "cep/cep.h"

#include "cep/base/assert.h"

#define TEXT_OF(x) #x
#define VERSION_TEXT(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

_Static_assert(sizeof(cep_value) == 16, "cep_value is frozen");
_Static_assert(sizeof(cep_error) == 32 + CEP_ERROR_TEXT_MAX, "cep_error is frozen");

uint32_t cep_version(void)
{
  return CEP_VERSION_NUM;
}

const char *cep_version_string(void)
{
  return VERSION_TEXT(CEP_VERSION_MAJOR, CEP_VERSION_MINOR, CEP_VERSION_PATCH);
}

const char *cep_status_name(cep_status status)
{
  switch (status) {
#define S(name, text)                                                                                        \
  case name:                                                                                                 \
    return #name;
#include "cep/status.def"
#undef S
  }
  return "unknown status";
}

const char *cep_status_text(cep_status status)
{
  switch (status) {
#define S(name, text)                                                                                        \
  case name:                                                                                                 \
    return text;
#include "cep/status.def"
#undef S
  }
  return "this version of the library does not know the status";
}
