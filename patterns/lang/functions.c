/* functions.c - the functions of the language in words, for hovers and proposals. */
#include <string.h>

#include "patterns/lang/answer.h"

typedef struct function {
  const char *name;
  const char *args;   /* letters of signature.h; NULL: `form` says it */
  const char *result;
  const char *text;
  const char *form;   /* or the example */
  const char *value;  /* of the example */
} function;

static const function functions[] = {
#define F(name, category, args, result, text, example, value) {#name, args, result, text, example, value},
#include "patterns/builtin.def"
#undef F
    {"count", NULL, NULL, "how many events a step has captured or a window holds; how many values are not null; for how many events a condition is true",
     "count(x), count(x.f), count(), count(f), count(where c)", NULL},
    {"sum", NULL, NULL, "the sum of the values that are not null; 0 over nothing", "sum(x.f), in a window sum(f)", NULL},
    {"avg", NULL, NULL, "their mean; null over nothing", "avg(x.f), in a window avg(f)", NULL},
    {"min", NULL, NULL, "the smallest of them", "min(x.f), in a window min(f)", NULL},
    {"max", NULL, NULL, "the largest of them", "max(x.f), in a window max(f)", NULL},
    {"stddev", NULL, NULL, "their standard deviation, of a sample; null below two", "stddev(x.f), in a window stddev(f)", NULL},
    {"distinct", NULL, NULL, "how many different values there are; in front of a step: each event must bring a new one",
     "distinct(x.f), in a window distinct(f), in a pattern 5 distinct(f) A", NULL},
    {"first", NULL, NULL, "the first event that a step has captured; in a window the first value", "first(x).f, in a window first(f)", NULL},
    {"last", NULL, NULL, "the last event that a step has captured; in a window the last value", "last(x).f, in a window last(f)", NULL},
    {"prev", NULL, NULL, "the field of the newest event captured before; a second value stands for it where there is none", "prev(f), prev(f, 0)", NULL},
    {"approx_distinct", NULL, NULL, "how many different values there are, estimated", "in a window approx_distinct(f)", NULL},
    {"approx_percentile", NULL, NULL, "the value that so many in a hundred do not pass, estimated", "in a window approx_percentile(f, 95)", NULL},
    {"top", NULL, NULL, "the most frequent values and how often they came, as JSON", "in a window top(f, 10)", NULL},
    {"coalesce", NULL, NULL, "the first value that is not null", "coalesce(a, b, 0)", NULL},
    {"if", NULL, NULL, "the second value if the condition is true, else the third", "if(c, a, b)", NULL},
    {"nullif", NULL, NULL, "null if both are equal, else the first", "nullif(a, \"-\")", NULL},
};
#define FUNCTION_COUNT (sizeof functions / sizeof *functions)

const char *lsp_function_name(uint32_t index)
{
  return index < FUNCTION_COUNT ? functions[index].name : NULL;
}

static const char *letter_word(char letter)
{
  switch (letter) {
  case 'b': return "bool";
  case 'i': return "int";
  case 'f': return "float";
  case 's': return "string";
  case 't': return "time";
  case 'd':
  case 'D': return "duration";
  case 'a': return "ip";
  case 'n': return "number";
  case 'm': return "number or time or string";
  case 'q': return "number or string or bool";
  case 'e': return "number or string or time";
  case 'l': return "number or string or duration";
  case 'j': return "string or ip";
  case 'h': return "string or int";
  case 'R': return "regex";
  case 'G': return "group";
  case 'T': return "replacement";
  case 'Z': return "zone";
  case 'J': return "path";
  case 'W':
  case 'P': return "form";
  default: return "any";
  }
}

static void write_signature(cb_writer *out, const function *found)
{
  cb_write_printf(out, "%s(", found->name);
  int is_first = 1, closing = 0;
  for (const char *letter = found->args; *letter; letter++) {
    if (*letter == '+') {
      cb_write_text(out, ", …");
    } else if (*letter == '[') {
      cb_write_text(out, "[");
      closing++;
    } else {
      cb_write_printf(out, "%s%s", is_first ? "" : ", ", letter_word(*letter));
      is_first = 0;
    }
  }
  while (closing-- > 0) cb_write_text(out, "]");
  cb_write_printf(out, ") → %s%s", letter_word(found->result[0]), found->result[1] ? "?" : "");
}

int lsp_write_function(cb_writer *out, const char *name)
{
  const function *found = NULL;
  for (size_t i = 0; i < FUNCTION_COUNT && !found; i++)
    if (strcmp(functions[i].name, name) == 0) found = &functions[i];
  if (!found) return 0;
  cb_write_text(out, "```cep\n");
  if (found->args) {
    write_signature(out, found);
    cb_write_printf(out, "\n```\n%s\n\n`%s` is `%s`", found->text, found->form, found->value);
  } else {
    cb_write_printf(out, "%s\n```\n%s", found->form, found->text);
  }
  return 1;
}
