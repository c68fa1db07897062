/* num_float.cc - doubles as text and back: exact, shortest, free of locale. C has no such
 * conversion, the C++ library does. */
#include "cep/base/num.h"

#include <charconv>
#include <cmath>
#include <cstring>

/* Only digits, point, sign and exponent: from_chars would take "inf" and "nan" too. */
static bool plain_decimal(const char *text, size_t len) noexcept
{
  for (size_t i = 0; i < len; i++) {
    char c = text[i];
    if (!((c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E')) return false;
  }
  return len > 0;
}

extern "C" int cb_num_float(const char *text, size_t len, double *out)
{
  if (!plain_decimal(text, len)) return 0;
  double value = 0;
  std::from_chars_result result = std::from_chars(text, text + len, value);
  if (result.ec != std::errc() || result.ptr != text + len || !std::isfinite(value)) return 0;
  *out = value;
  return 1;
}

extern "C" size_t cb_num_print_float(double value, char out[CB_NUM_TEXT_MAX])
{
  if (!std::isfinite(value)) {
    std::memcpy(out, "null", 5);
    return 4;
  }
  /* The digits are the fewest that read back. Without a given form "1e+05" would win over
   * "100000", being shorter: exponents are for the very large and the very small only. */
  double size = std::fabs(value);
  bool is_plain = size == 0 || (size >= 1e-4 && size < 1e16);
  std::to_chars_result result =
      std::to_chars(out, out + CB_NUM_TEXT_MAX - 1, value,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  CB_ASSERT(result.ec == std::errc());
  *result.ptr = 0;
  return static_cast<size_t>(result.ptr - out);
}
