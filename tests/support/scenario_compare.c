/* scenario_compare.c - two outcomes of one scenario side by side. */
#include <math.h>
#include <string.h>

#include "cep/base/time.h"
#include "tests/support/scenario.h"
#include "tests/support/scenario_parts.h"

/* Of one meaning, though a sum was made in another way. */
static int is_near(const cep_value *a, const cep_value *b)
{
  if (a->kind != CEP_FLOAT || b->kind != CEP_FLOAT) return 0;
  return fabs(a->as.f - b->as.f) <= 1e-12 * fabs(a->as.f);
}

static int same_values(const cep_value *a, uint32_t a_count, const cep_value *b, uint32_t b_count)
{
  if (a_count != b_count) return 0;
  for (uint32_t i = 0; i < a_count; i++) {
    if (!cb_value_same(&a[i], &b[i])) return 0;
  }
  return 1;
}

static int same_emitted(const scn_output *a, const scn_output *b, int is_exact)
{
  if (a->value_count != b->value_count) return 0;
  for (uint32_t i = 0; i < a->value_count; i++) {
    if (!cb_value_same(&a->values[i], &b->values[i]) && (is_exact || !is_near(&a->values[i], &b->values[i]))) return 0;
  }
  return 1;
}

static int same_key(const scn_output *a, const scn_output *b)
{
  return a->detection == b->detection && same_values(a->keys, a->key_count, b->keys, b->key_count);
}

/* What differs between two outputs, or NULL. */
static const char *difference(const scn_output *a, const scn_output *b, int with_ids, int is_exact)
{
  if (a->kind != b->kind) return "kind";
  if (a->capture_count != b->capture_count) return "number of captured events";
  for (uint32_t i = 0; i < a->capture_count; i++) {
    const scn_capture *x = &a->captures[i], *y = &b->captures[i];
    if (x->step != y->step) return "steps of captured events";
    if (x->tag != y->tag || x->time != y->time) return "captured events";
    if (strcmp(x->step_name, y->step_name) != 0) return "names of steps";
    if (strcmp(x->stream, y->stream) != 0) return "names of streams";
  }
  if (a->time != b->time) return "decision time";
  if (!same_emitted(a, b, is_exact)) return "emitted values";
  if (a->suppressed != b->suppressed) return "suppressed";
  if (with_ids && memcmp(a->id, b->id, sizeof a->id) != 0) return "id";
  if (with_ids && a->json && b->json && strcmp(a->json, b->json) != 0) return "bytes of the record";
  return NULL;
}

static void print_values(cb_writer *writer, const cep_value *values, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) cb_write_text(writer, " ");
    cb_value_write_json(writer, &values[i]);
  }
}

void scn_print_output(cb_writer *writer, const scn_output *output)
{
  char time[CB_TIME_TEXT_MAX];
  cb_duration_print(output->time, time);
  cb_write_printf(writer, "%s%s @%s [", output->kind == CEP_TIMEOUT ? "timeout " : output->kind == CEP_UPDATE ? "update " : "", output->name, time);
  print_values(writer, output->keys, output->key_count);
  cb_write_text(writer, "]");
  for (uint32_t i = 0; i < output->capture_count; i++) {
    const scn_capture *c = &output->captures[i];
    cb_duration_print(c->time, time);
    if (c->tag == CEP_NONE) cb_write_printf(writer, " %s(%s@%s)", c->step_name, c->stream, time);
    else cb_write_printf(writer, " %s(#%u@%s)", c->step_name, c->tag, time);
  }
  cb_write_text(writer, " {");
  print_values(writer, output->values, output->value_count);
  cb_write_text(writer, "}");
  if (output->suppressed) cb_write_printf(writer, " suppressed %llu", (unsigned long long)output->suppressed);
}

static const char *tell(cb_arena *arena, const char *what, const scn_output *a, const scn_output *b)
{
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  cb_write_printf(&w, "%s: ", what);
  if (a) scn_print_output(&w, a);
  else cb_write_text(&w, "nothing");
  cb_write_text(&w, "  <>  ");
  if (b) scn_print_output(&w, b);
  else cb_write_text(&w, "nothing");
  const char *text = cb_arena_text(arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return text;
}

static const scn_output *next_of(const scn_outcome *outcome, const scn_output *like, uint32_t *at)
{
  while (*at < outcome->output_count) {
    const scn_output *o = &outcome->outputs[(*at)++];
    if (same_key(o, like)) return o;
  }
  return NULL;
}

/* All outputs of `like`'s detection and key in both, in order. */
static const char *compare_key(cb_arena *arena, const scn_outcome *a, const scn_outcome *b, const scn_output *like,
                               int with_ids)
{
  uint32_t at_a = 0, at_b = 0;
  for (;;) {
    const scn_output *x = next_of(a, like, &at_a), *y = next_of(b, like, &at_b);
    if (!x && !y) return NULL;
    const char *what = !x || !y ? "number of outputs" : difference(x, y, with_ids, !a->is_reference);
    if (what) return tell(arena, what, x, y);
  }
}

/* Each detection and key once. */
static const char *compare_all(cb_arena *arena, const scn_outcome *a, const scn_outcome *b, int with_ids)
{
  const scn_outcome *both[2] = {a, b};
  const scn_output **seen = scn_take(arena, (a->output_count + b->output_count) * sizeof *seen);
  uint32_t seen_count = 0;
  for (int side = 0; side < 2; side++) {
    for (uint32_t i = 0; i < both[side]->output_count; i++) {
      const scn_output *like = &both[side]->outputs[i];
      uint32_t k = 0;
      while (k < seen_count && !same_key(seen[k], like)) k++;
      if (k < seen_count) continue;
      seen[seen_count++] = like;
      const char *what = compare_key(arena, a, b, like, with_ids);
      if (what) return what;
    }
  }
  return NULL;
}

const char *scn_compare(cb_arena *arena, const scn_outcome *a, const scn_outcome *b, int with_ids)
{
  if (a->status < 0 && a->status == b->status) return NULL;
  if (a->status < 0) return a->error;
  if (b->status < 0) return b->error;
  if (a->late_count != b->late_count) return "number of late events";
  for (uint32_t i = 0; i < a->late_count; i++) {
    if (a->late[i] != b->late[i]) return "late events";
  }
  const char *what = compare_all(arena, a, b, with_ids);
  if (what) return what;
  static const char *const counts[SCN_COUNTS] = {"matches", "timeouts", "suppressed", "skips that missed", "matches dropped"};
  for (uint32_t i = 0; i < SCN_COUNTS; i++) {
    /* Matches that a limit drops are merged before, or not: the reference counts each. */
    int same = i == SCN_MATCHES_DROPPED && a->is_reference ? (a->counts[i] > 0) == (b->counts[i] > 0) : a->counts[i] == b->counts[i];
    if (!same) return cb_arena_printf(arena, "count of %s: %llu  <>  %llu", counts[i], (unsigned long long)a->counts[i], (unsigned long long)b->counts[i]);
  }
  /* Of two engines every byte, in one order. */
  for (uint32_t i = 0; with_ids && !a->is_reference && !b->is_reference && i < a->output_count; i++) {
    if (strcmp(a->outputs[i].json, b->outputs[i].json) != 0) return tell(arena, "order of outputs", &a->outputs[i], &b->outputs[i]);
  }
  for (uint32_t i = 1; with_ids && i < b->output_count; i++) {
    if (b->outputs[i].time < b->outputs[i - 1].time) {
      return tell(arena, "decision times go back", &b->outputs[i - 1], &b->outputs[i]);
    }
  }
  return NULL;
}
