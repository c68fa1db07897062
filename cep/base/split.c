/* split.c - where records end in a run of bytes. */
#include "cep/base/split.h"

#include <string.h>

cb_split_state cb_split_step(const cb_split *split, cb_split_state state, char c)
{
  if (state == CB_SPLIT_QUOTED) return c == split->quote ? CB_SPLIT_QUOTE : CB_SPLIT_QUOTED;
  if (c == split->delimiter) return CB_SPLIT_START;
  if (c == split->quote && state != CB_SPLIT_PLAIN) return CB_SPLIT_QUOTED;
  return CB_SPLIT_PLAIN;
}

const char *cb_split_end(cb_split *split, const char *bytes, size_t len)
{
  if (!split->quote) return len > 0 ? memchr(bytes, '\n', len) : NULL;
  cb_split_state state = split->state;
  for (size_t i = 0; i < len; i++) {
    if (state == CB_SPLIT_QUOTED) { /* long texts: straight to the next quote */
      const char *quote = memchr(bytes + i, split->quote, len - i);
      if (!quote) break;
      i = (size_t)(quote - bytes);
    } else if (bytes[i] == '\n') {
      split->state = CB_SPLIT_START;
      return bytes + i;
    }
    state = cb_split_step(split, state, bytes[i]);
  }
  split->state = state;
  return NULL;
}
