/* rule_mutate.c - mutations of rule text by its tokens, for libFuzzer: bytes alone seldom get past the parser.
 * What stands behind a zero byte is no text, and keeps its form. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cep/base/prng.h"

#define TOKENS_MAX 512u

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t out_max, unsigned seed);

/* Every word, sign and function, then values of each kind and names that the corpus declares. */
static const char *const words[] = {
#define T(name, text) text,
#define O(name, text) text,
#define K(name) #name,
#include "patterns/token.def"
#undef T
#undef O
#undef K
#define F(name, ...) #name "(",
#include "patterns/builtin.def"
#undef F
    "0", "1", "2", "3", "100", "4294967295", "9223372036854775807", "9223372036854775808", "0.5", "1e308", "5s", "1h", "292y",
    "\"\"", "\"a\"", "\"%\"", "\"10.0.0.0/8\"", "\"::1\"", "\"Europe/Berlin\"", "\"%Y-%m-%d %H:%M:%S\"", "\"$.a[0]\"",
    "r\"(a+)+b\"", "r\"(?<n>\\w*)\"", "r\"[\"", "1..3", "0+", "2+", "0..", "x", "y", "A", "B", "k", "v", "ip", "then", "where",
    "first(", "last(", "prev(", "sum(", "avg(", "count(", "distinct(", "matches(", "start()", "end()"};

typedef struct span {
  size_t start;
  size_t end;
} span;

typedef struct tokens {
  const uint8_t *text;
  span at[TOKENS_MAX];
  uint32_t count;
} tokens;

static int in_word(uint8_t byte)
{
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

static size_t token_end(const uint8_t *text, size_t at, size_t size)
{
  uint8_t first = text[at++];
  if (in_word(first)) {
    while (at < size && in_word(text[at])) at++;
  } else if (first == '"') {
    while (at < size && text[at] != '"' && text[at] != '\n') at += 1 + (text[at] == '\\' && at + 1 < size);
    if (at < size) at++;
  } else if (first == '#') {
    while (at < size && text[at] != '\n') at++;
  }
  return at;
}

static void split(tokens *out, const uint8_t *text, size_t size)
{
  const uint8_t *zero = size > 0 ? memchr(text, 0, size) : NULL;
  if (zero) size = (size_t)(zero - text);
  out->text = text;
  out->count = 0;
  for (size_t at = 0; at < size && out->count < TOKENS_MAX;) {
    if (text[at] <= ' ') {
      at++;
      continue;
    }
    size_t end = token_end(text, at, size);
    out->at[out->count++] = (span){at, end};
    at = end;
  }
}

/* A run of tokens: one, a few, or from a bracket to the one that closes it. */
static span pick(const tokens *all, cb_prng *prng)
{
  if (all->count == 0) return (span){0, 0};
  uint32_t first = cb_prng_below(prng, all->count), last = first;
  uint8_t open = all->text[all->at[first].start];
  if (open == '{' || open == '(' || open == '[') {
    for (int depth = 1; depth > 0 && last + 1 < all->count;) {
      uint8_t byte = all->text[all->at[++last].start];
      depth += (byte == '{' || byte == '(' || byte == '[') - (byte == '}' || byte == ')' || byte == ']');
    }
  } else if (cb_prng_chance(prng, 40)) {
    last += cb_prng_below(prng, 8);
    if (last >= all->count) last = all->count - 1;
  }
  return (span){all->at[first].start, all->at[last].end};
}

/* `out` = text with `hole` filled by the bytes, and blanks around them. 0: no room. */
static size_t fill(uint8_t *out, size_t out_max, const uint8_t *text, size_t size, span hole, const uint8_t *bytes, size_t len)
{
  size_t tail = size - hole.end;
  if (hole.start + len + 2 + tail > out_max) return 0;
  memmove(out + hole.start + len + (len > 0) * 2, text + hole.end, tail);
  if (out != text) memmove(out, text, hole.start);
  if (len > 0) {
    out[hole.start] = ' ';
    memcpy(out + hole.start + 1, bytes, len);
    out[hole.start + 1 + len] = ' ';
  }
  return hole.start + len + (len > 0) * 2 + tail;
}

static size_t mutate(uint8_t *data, size_t size, size_t size_max, cb_prng *prng)
{
  uint8_t piece[256];
  tokens all;
  split(&all, data, size);
  span hole = pick(&all, prng);
  if (cb_prng_chance(prng, 50)) hole.start = hole.end; /* put in, not in place of */
  uint32_t what = cb_prng_below(prng, 10);
  if (what == 0) return fill(data, size_max, data, size, pick(&all, prng), NULL, 0);
  if (what < 6) {
    const char *word = words[cb_prng_below(prng, sizeof words / sizeof *words)];
    return fill(data, size_max, data, size, hole, (const uint8_t *)word, strlen(word));
  }
  span source = pick(&all, prng);
  size_t len = source.end - source.start;
  if (len == 0 || len > sizeof piece) return 0;
  memcpy(piece, data + source.start, len);
  return fill(data, size_max, data, size, hole, piece, len);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
  cb_prng prng;
  cb_prng_init(&prng, seed);
  size_t done = 0;
  if (!cb_prng_chance(&prng, 25)) {
    for (uint32_t rounds = 1 + cb_prng_below(&prng, 3); rounds > 0; rounds--) {
      size_t now = mutate(data, size, size_max, &prng);
      if (now > 0) done = size = now;
    }
  }
  return done > 0 ? done : LLVMFuzzerMutate(data, size, size_max);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t out_max, unsigned seed)
{
  cb_prng prng;
  tokens of_a, of_b;
  cb_prng_init(&prng, seed);
  split(&of_a, a, a_size);
  split(&of_b, b, b_size);
  span hole = pick(&of_a, &prng), source = pick(&of_b, &prng);
  if (cb_prng_chance(&prng, 50)) hole.start = hole.end;
  return fill(out, out_max, a, a_size, hole, b + source.start, source.end - source.start);
}
