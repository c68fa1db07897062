/*
 * signature.h - the letters by which patterns/builtin.def says what a function takes.
 *
 * Contract
 *   A signature is a letter for each argument; '[': what follows may be left out; '+': the
 *   last one may come again. Lower case: any value of the kinds of the letter; upper case:
 *   a constant, of which the front end makes what the function wants when it runs.
 */
#ifndef CB_SIGNATURE_H
#define CB_SIGNATURE_H

#include "cep/base/assert.h"

#define CB_SIGNATURE_OPEN UINT32_MAX

/* How many arguments it has at least and at most. */
static inline void cb_signature_count(const char *letters, uint32_t *least, uint32_t *most)
{
  uint32_t count = 0;
  int is_optional = 0;
  *least = 0;
  for (; *letters && *letters != '+'; letters++) {
    is_optional |= *letters == '[';
    if (*letters == '[') continue;
    count++;
    if (!is_optional) *least = count;
  }
  *most = *letters == '+' ? CB_SIGNATURE_OPEN : count;
}

/* The letter of argument `at`, which is there. */
static inline char cb_signature_letter(const char *letters, uint32_t at)
{
  char letter = *letters;
  for (; *letters && *letters != '+'; letters++) {
    if (*letters == '[') continue;
    letter = *letters;
    if (at-- == 0) break;
  }
  return letter;
}

#define CB_KIND_BIT(kind) (1u << (kind))

/* The kinds, as bits, that an argument of this letter may have when the function runs. */
static inline uint32_t cb_signature_kinds(char letter)
{
  const uint32_t numbers = CB_KIND_BIT(CEP_INT) | CB_KIND_BIT(CEP_FLOAT), text = CB_KIND_BIT(CEP_STRING);
  const uint32_t spans = CB_KIND_BIT(CEP_TIME) | CB_KIND_BIT(CEP_DURATION);
  switch (letter) {
  case 'b': return CB_KIND_BIT(CEP_BOOL);
  case 'i':
  case 'R': /* a regular expression: its number in the program */
  case 'G': return CB_KIND_BIT(CEP_INT); /* a group of it */
  case 'f': return CB_KIND_BIT(CEP_FLOAT);
  case 't': return CB_KIND_BIT(CEP_TIME);
  case 'd':
  case 'D': return CB_KIND_BIT(CEP_DURATION); /* longer than 0 */
  case 'a': return CB_KIND_BIT(CEP_IP);
  case 's':
  case 'T': /* what stands for what a regular expression finds */
  case 'Z': /* a zone: its rule */
  case 'J': /* a way into JSON */
  case 'W': /* a form to write times in */
  case 'P': return text; /* a form to read them in */
  case 'n': return numbers;
  case 'm': return numbers | text | spans; /* all of the same kind */
  case 'q': return numbers | text | CB_KIND_BIT(CEP_BOOL);
  case 'e': return numbers | text | CB_KIND_BIT(CEP_TIME);
  case 'l': return numbers | text | CB_KIND_BIT(CEP_DURATION);
  case 'j': return text | CB_KIND_BIT(CEP_IP);
  case 'h': return text | CB_KIND_BIT(CEP_INT);
  case 'x': return numbers | text | spans | CB_KIND_BIT(CEP_BOOL) | CB_KIND_BIT(CEP_IP);
  default: CB_UNREACHABLE();
  }
}

#endif
