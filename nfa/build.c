/* build.c - plan to program image: the passes in order, and what they share. */
#include "nfa/build_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cep/base/error.h"

#define FIRST_ENTRIES 256u

void build_fail(build *b, cep_status status)
{
  if (b->status == CEP_OK) b->status = status;
}

void build_limit(build *b, cb_span span, const char *format, ...)
{
  if (b->status < 0) return;
  char text[CEP_ERROR_TEXT_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  b->status = cb_error_at(b->err, CEP_E_LIMIT, 0, &b->plan->source, span, "%s", text);
}

static build_entry *entry_of(build_entry *entries, uint32_t capacity, uint64_t hash, uint32_t tag,
                             const void *bytes, size_t len)
{
  for (uint32_t at = (uint32_t)hash & (capacity - 1);; at = (at + 1) & (capacity - 1)) {
    build_entry *entry = &entries[at];
    if (!entry->bytes) return entry;
    if (entry->hash == hash && entry->tag == tag && entry->len == len &&
        memcmp(entry->bytes, bytes, len) == 0)
      return entry;
  }
}

static int grow_entries(build *b)
{
  uint32_t capacity = b->entry_capacity > 0 ? b->entry_capacity * 2 : FIRST_ENTRIES;
  build_entry *entries = cb_new0(b->alloc, capacity * sizeof *entries);
  if (!entries) return 0;
  for (uint32_t i = 0; i < b->entry_capacity; i++) {
    const build_entry *entry = &b->entries[i];
    if (entry->bytes)
      *entry_of(entries, capacity, entry->hash, entry->tag, entry->bytes, entry->len) = *entry;
  }
  cb_free(b->alloc, b->entries, b->entry_capacity * sizeof *entries);
  b->entries = entries;
  b->entry_capacity = capacity;
  return 1;
}

uint32_t build_once(build *b, prg_section_id tag, const void *bytes, size_t len, uint32_t next)
{
  if (b->status < 0) return next;
  if (b->entry_count >= b->entry_capacity / 2 && !grow_entries(b)) {
    build_fail(b, CEP_E_NOMEM);
    return next;
  }
  uint64_t hash = cb_hash64(bytes, len) + (uint64_t)tag * 0x9E3779B97F4A7C15u;
  build_entry *entry = entry_of(b->entries, b->entry_capacity, hash, tag, bytes, len);
  if (entry->bytes) return entry->index;
  void *copy = cb_arena_take(&b->arena, len);
  if (!copy) {
    build_fail(b, CEP_E_NOMEM);
    return next;
  }
  if (len > 0) memcpy(copy, bytes, len);
  *entry = (build_entry){hash, copy, (uint32_t)len, (uint32_t)tag, next};
  b->entry_count++;
  return next;
}

/* Bytes with a terminator behind them, once. */
static uint32_t put_text(build *b, const char *text, size_t len)
{
  uint32_t offset = build_once(b, PRG_SECTION_STRINGS, text, len, b->out.strings.count);
  if (b->status < 0 || offset < b->out.strings.count) return offset;
  if (len >= UINT32_MAX - b->out.strings.count ||
      !cb_vec_reserve(b->alloc, &b->out.strings, (uint32_t)len + 1)) {
    build_fail(b, CEP_E_NOMEM);
    return offset;
  }
  if (len > 0) memcpy(b->out.strings.at + offset, text, len);
  b->out.strings.at[offset + len] = 0;
  b->out.strings.count += (uint32_t)len + 1;
  return offset;
}

prg_string build_string(build *b, const char *text)
{
  if (!text) text = "";
  size_t len = strlen(text);
  return (prg_string){put_text(b, text, len), (uint32_t)len};
}

uint32_t build_const(build *b, const cep_value *value)
{
  prg_const item = {.kind = value->kind};
  if (value->kind == CEP_STRING || value->kind == CEP_IP) {
    item.length = value->length;
    item.word = put_text(b, value->length > 0 ? value->as.s : "", value->length);
  } else if (value->kind == CEP_BOOL) {
    item.word = value->as.i != 0;
  } else if (value->kind != CEP_NULL) {
    memcpy(&item.word, &value->as, sizeof item.word);
  }
  uint32_t index = build_once(b, PRG_SECTION_CONSTS, &item, sizeof item, b->out.consts.count);
  if (index == b->out.consts.count) BUILD_PUSH(b, consts, item);
  return index;
}

uint32_t build_regex(build *b, const char *pattern)
{
  prg_regex item = {build_string(b, pattern)};
  uint32_t index = build_once(b, PRG_SECTION_REGEXES, &item, sizeof item, b->out.regexes.count);
  if (index == b->out.regexes.count) BUILD_PUSH(b, regexes, item);
  return index;
}

prg_list build_list(build *b, const uint32_t *items, uint32_t count)
{
  prg_list list = {b->out.lists.count, count};
  for (uint32_t i = 0; i < count; i++) BUILD_PUSH(b, lists, items[i]);
  return list;
}

uint32_t build_layout(build *b, uint32_t stream, const uint8_t *is_kept)
{
  build_words columns = {0};
  const plan_stream *s = &b->plan->streams[stream];
  prg_list kinds = {b->out.kinds.count, 0};
  if (!cb_vec_push(b->alloc, &columns, stream)) build_fail(b, CEP_E_NOMEM);
  for (uint32_t i = 0; i < s->field_count && b->status == CEP_OK; i++) {
    uint32_t column = b->streams[stream].columns[i];
    if (column == PRG_NONE || (is_kept && !is_kept[i])) continue;
    if (!cb_vec_push(b->alloc, &columns, column)) build_fail(b, CEP_E_NOMEM);
  }
  uint32_t index = b->out.layouts.count;
  if (b->status == CEP_OK) {
    index = build_once(b, PRG_SECTION_LAYOUTS, columns.at, columns.count * sizeof(uint32_t), index);
    if (index == b->out.layouts.count) {
      for (uint32_t i = 0; i < s->field_count; i++) {
        uint32_t column = b->streams[stream].columns[i];
        if (column != PRG_NONE && (!is_kept || is_kept[i])) BUILD_PUSH(b, kinds, (uint8_t)s->fields[i].kind);
      }
      kinds.count = columns.count - 1;
      prg_layout item = {stream, 0, build_list(b, columns.at + 1, columns.count - 1), kinds};
      BUILD_PUSH(b, layouts, item);
    }
  }
  cb_vec_free(b->alloc, &columns);
  return index;
}

static void free_build(build *b)
{
#define S(name, type, member) cb_vec_free(b->alloc, &b->out.member);
  PRG_SECTIONS(S)
#undef S
  for (uint32_t i = 0; b->streams && i < b->plan->stream_count; i++)
    cb_vec_free(b->alloc, &b->streams[i].atoms);
  cb_free(b->alloc, b->entries, b->entry_capacity * sizeof *b->entries);
  cb_arena_fini(&b->arena);
}

cep_status nfa_build(cb_alloc *alloc, const plan *source, cb_writer *image, cep_error *err)
{
  build b = {.alloc = alloc, .plan = source, .err = err};
  cb_arena_init(&b.arena, alloc);
  void (*const passes[])(build *) = {build_mark,       build_inputs, build_streams, build_tables,
                                     build_detections, build_tests,  build_atoms};
  for (size_t i = 0; i < sizeof passes / sizeof passes[0] && b.status == CEP_OK; i++) passes[i](&b);
  if (b.status == CEP_OK) build_emit(&b, image);
  if (b.status == CEP_E_NOMEM) (void)cb_error_set(err, CEP_E_NOMEM, "no memory to build a program");
  free_build(&b);
  return b.status;
}
