/* wake_make.c - chooses for each reader the atoms that wake it, and sorts their constants into indexes. */
#include <stdlib.h>
#include <string.h>

#include "cep/base/vec.h"
#include "nfa/wake.h"
#include "nfa/wake_handle.h"

/* Texts are looked for by automata of at most so many states; literals are shortened for it, but not below three bytes. Of what is
 * beyond even that, the readers are asked always. */
#define STATES_MAX 65536u
#define TEXTS_MAX  (STATES_MAX / 4)

/* A constant of a trigger, on its way into an index. */
typedef struct placed {
  nfa_handle_kind kind;
  uint32_t column;
  uint32_t trigger;
  uint32_t is_open;
  int any_case;
  cep_value value; /* of TEXT: none, */
  uint32_t atom;   /* the handle has it */
} placed;

typedef struct pair {
  uint32_t atom;
  uint32_t reader;
} pair;

/* A part of a condition: at least one of so many atoms must hold; `cost` IMPOSSIBLE: nothing can be said. */
typedef struct choice {
  uint32_t first;
  uint64_t cost;
} choice;
#define IMPOSSIBLE UINT64_MAX

typedef struct maker {
  const prg *program;
  cb_alloc *alloc;
  uint32_t stream;
  nfa_wake *wake;
  nfa_handle *handles; /* by atom */
  uint32_t *uses;      /* by atom: readers that have it in a condition */
  uint32_t *marks;     /* by atom: the newest reader that was seen with it, + 1; then its trigger + 1 */
  CB_VEC(uint32_t) picked;
  CB_VEC(pair) pairs;
  CB_VEC(placed) places;
  int is_refused;      /* memory */
} maker;

static uint32_t atom_count(const maker *m)
{
  return m->program->streams[m->stream].atoms.count;
}

static const nfa_reader *reader_at(const maker *m, uint32_t reader)
{
  return &m->program->readers->readers[m->program->readers->streams[m->stream].readers.first + reader];
}

/* ---- Choosing ----------------------------------------------------------------------------- */

static void read_atoms(maker *m)
{
  uint32_t first = m->program->streams[m->stream].atoms.first, texts = 0;
  for (uint32_t a = 0; a < atom_count(m); a++) {
    m->handles[a] = nfa_handle_of(m->program, m->stream, &m->program->atoms[first + a]);
    if (m->handles[a].kind == NFA_HANDLE_TEXT && texts++ >= TEXTS_MAX) m->handles[a].kind = NFA_HANDLE_NONE;
  }
}

static void count_uses(maker *m, uint32_t reader)
{
  const prg_detection *detection = &m->program->detections[reader_at(m, reader)->detection];
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    const prg_step *step = &m->program->steps[detection->steps.first + i];
    if (step->stream != m->stream || step->local == PRG_NONE) continue;
    prg_list code = m->program->conds[step->local].code;
    for (uint32_t k = 0; k < code.count; k++) {
      uint32_t atom = m->program->cond_code[code.first + k];
      if (atom >= atom_count(m) || m->marks[atom] == reader + 1) continue;
      m->marks[atom] = reader + 1;
      m->uses[atom]++;
    }
  }
}

static uint64_t add_costs(uint64_t a, uint64_t b)
{
  return a == IMPOSSIBLE || b == IMPOSSIBLE ? IMPOSSIBLE : a + b;
}

/* Of `and` the cheaper side; of `or` both. The atoms of a choice lie behind those of the one before. */
static choice join(maker *m, uint32_t word, choice left, choice right)
{
#ifdef CEP_FAULT_OR_AS_AND
  word = PRG_COND_AND;
#endif
  if (word == PRG_COND_OR) {
    left.cost = add_costs(left.cost, right.cost);
  } else if (right.cost < left.cost) {
    uint32_t count = m->picked.count - right.first;
    if (count > 0) memmove(m->picked.at + left.first, m->picked.at + right.first, count * sizeof *m->picked.at);
    m->picked.count = left.first + count;
    left.cost = right.cost;
  } else {
    m->picked.count = right.first;
  }
  return left;
}

/* Atoms of which one must hold if the condition does, behind those that are picked already. 0: there is no such choice. */
static int choose(maker *m, uint32_t cond)
{
  if (cond == PRG_NONE) return 0;
  choice stack[PRG_COND_DEPTH_MAX];
  uint32_t top = 0;
  prg_list code = m->program->conds[cond].code;
  for (uint32_t i = 0; i < code.count; i++) {
    uint32_t word = m->program->cond_code[code.first + i];
    if (word == PRG_COND_AND || word == PRG_COND_OR) {
      top--;
      stack[top - 1] = join(m, word, stack[top - 1], stack[top]);
      continue;
    }
    int can = word != PRG_COND_TRUE && m->handles[word].kind != NFA_HANDLE_NONE;
    stack[top++] = (choice){m->picked.count, can ? (uint64_t)m->uses[word] * m->handles[word].weight : IMPOSSIBLE};
    if (can && !cb_vec_push(m->alloc, &m->picked, word)) m->is_refused = 1;
  }
  return stack[0].cost != IMPOSSIBLE;
}

static void ask_always(maker *m, uint32_t reader)
{
  m->wake->always[reader / 64] |= UINT64_C(1) << reader % 64;
  m->wake->always_words[reader / 64 / 64] |= UINT64_C(1) << reader / 64 % 64;
}

static void choose_for(maker *m, uint32_t reader)
{
  const nfa_reader *of = reader_at(m, reader);
  const prg_detection *detection = &m->program->detections[of->detection];
  int can = !of->sees_all;
  m->picked.count = 0;
  for (uint32_t i = 0; i < detection->steps.count && can; i++) {
    const prg_step *step = &m->program->steps[detection->steps.first + i];
    if (step->stream == m->stream) can = choose(m, step->local);
  }
  if (!can) {
    ask_always(m, reader);
    return;
  }
  for (uint32_t i = 0; i < m->picked.count; i++) {
    uint32_t atom = m->picked.at[i];
    if (m->marks[atom] == reader + 1) continue;
    m->marks[atom] = reader + 1;
    if (!cb_vec_push(m->alloc, &m->pairs, ((pair){atom, reader}))) m->is_refused = 1;
  }
}

/* ---- Triggers ----------------------------------------------------------------------------- */

static int compare_pairs(const void *a_void, const void *b_void)
{
  const pair *a = a_void, *b = b_void;
  if (a->atom != b->atom) return a->atom < b->atom ? -1 : 1;
  return (a->reader > b->reader) - (a->reader < b->reader);
}

static void add_trigger(maker *m, uint32_t atom, prg_list readers)
{
  const nfa_handle *handle = &m->handles[atom];
  uint32_t number = m->wake->trigger_count++;
  m->marks[atom] = number + 1;
  m->wake->triggers[number] = (nfa_trigger){atom, (uint32_t)handle->is_exact, readers};
  uint32_t count = handle->kind == NFA_HANDLE_EQUAL ? handle->item_count : 1;
  for (uint32_t i = 0; i < count; i++) {
    placed item = {.kind = handle->kind, .column = handle->column, .trigger = number, .is_open = (uint32_t)handle->is_open, .any_case = handle->any_case, .atom = atom};
    if (handle->kind == NFA_HANDLE_EQUAL) item.value = nfa_handle_value(m->program, handle, i);
    else item.value = handle->value;
    if (!cb_vec_push(m->alloc, &m->places, item)) m->is_refused = 1;
  }
}

/* The other equalities of a column in which constants are looked up anyway: that settles them too. */
static void add_settled(maker *m, const uint8_t *is_looked_up)
{
  for (uint32_t a = 0; a < atom_count(m); a++) {
    if (m->handles[a].kind != NFA_HANDLE_EQUAL || !is_looked_up[m->handles[a].column] || m->marks[a] != 0) continue;
    add_trigger(m, a, (prg_list){0, 0});
  }
}

static int make_triggers(maker *m)
{
  nfa_wake *wake = m->wake;
  uint32_t columns = m->program->streams[m->stream].columns.count;
  uint8_t *is_looked_up = cb_new0(m->alloc, columns + 1);
  wake->triggers = cb_new0(m->alloc, (atom_count(m) + 1) * sizeof *wake->triggers);
  wake->reader_count = m->pairs.count;
  wake->readers = cb_new0(m->alloc, (wake->reader_count + 1) * sizeof *wake->readers);
  int is_made = is_looked_up && wake->triggers && wake->readers;
  if (is_made) {
    if (m->pairs.count > 0) qsort(m->pairs.at, m->pairs.count, sizeof *m->pairs.at, compare_pairs);
    memset(m->marks, 0, atom_count(m) * sizeof *m->marks);
    for (uint32_t first = 0, i = 0; i < m->pairs.count; i++) {
      wake->readers[i] = m->pairs.at[i].reader;
      uint32_t atom = m->pairs.at[i].atom;
      if (i + 1 < m->pairs.count && m->pairs.at[i + 1].atom == atom) continue;
      if (m->handles[atom].kind == NFA_HANDLE_EQUAL) is_looked_up[m->handles[atom].column] = 1;
      add_trigger(m, atom, (prg_list){first, i + 1 - first});
      first = i + 1;
    }
    add_settled(m, is_looked_up);
  }
  cb_free(m->alloc, is_looked_up, columns + 1);
  return is_made && !m->is_refused;
}

/* ---- Indexes ------------------------------------------------------------------------------ */

/* By index, bounds of one index rising; of the same value < before <=, and >= before >. */
static int compare_places(const void *a_void, const void *b_void)
{
  const placed *a = a_void, *b = b_void;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  if (a->any_case != b->any_case) return a->any_case ? 1 : -1;
  if (a->kind == NFA_HANDLE_BELOW || a->kind == NFA_HANDLE_ABOVE) {
    cb_order order = cb_value_compare(&a->value, &b->value);
    if (order != CB_EQUAL) return order == CB_LESS ? -1 : 1;
#ifdef CEP_FAULT_RANGE_ORDER
    if (a->is_open != b->is_open) return a->is_open ? -1 : 1;
#endif
    if (a->is_open != b->is_open) return (a->is_open != 0) == (a->kind == NFA_HANDLE_BELOW) ? -1 : 1;
  }
  return (a->trigger > b->trigger) - (a->trigger < b->trigger);
}

static int is_of_index(const placed *a, const placed *b)
{
  return a->kind == b->kind && a->column == b->column && a->any_case == b->any_case;
}

static int make_equals(maker *m, const placed *places, uint32_t count)
{
  nfa_equals *equals = &m->wake->equals[m->wake->equals_count++];
  uint32_t room = 4;
  while (room < count * 2) room *= 2;
  *equals = (nfa_equals){.column = places[0].column, .mask = room - 1, .item_count = count};
  equals->places = cb_new0(m->alloc, room * sizeof *equals->places);
  equals->items = cb_new0(m->alloc, count * sizeof *equals->items);
  if (!equals->places || !equals->items) return 0;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t hash = nfa_wake_hash(&places[i].value);
    uint32_t *place = &equals->places[hash & equals->mask];
    equals->items[i] = (nfa_equal_item){places[i].value, hash, places[i].trigger, *place};
    *place = i + 1;
  }
  return 1;
}

static int make_ranges(maker *m, const placed *places, uint32_t count)
{
  nfa_ranges *bounds = &m->wake->ranges[m->wake->ranges_count++];
  *bounds = (nfa_ranges){.column = places[0].column, .is_upper = places[0].kind == NFA_HANDLE_BELOW, .item_count = count};
  bounds->items = cb_new0(m->alloc, count * sizeof *bounds->items);
  if (!bounds->items) return 0;
  for (uint32_t i = 0; i < count; i++) bounds->items[i] = (nfa_range_end){places[i].value, places[i].trigger, places[i].is_open};
  return 1;
}

/* The longest literals for which the automaton stays small enough. */
static uint32_t length_of_all(const maker *m, const placed *places, uint32_t count)
{
  for (uint32_t most = NFA_NEEDLE_MAX;; most--) {
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
      uint32_t len = m->handles[places[i].atom].text_len;
      bytes += len < most ? len : most;
    }
    if (bytes < STATES_MAX || most == 3) return most;
  }
}

static int make_texts(maker *m, const placed *places, uint32_t count)
{
  nfa_texts *texts = &m->wake->texts[m->wake->texts_count++];
  *texts = (nfa_texts){.column = places[0].column};
  texts->literals.count = count;
  texts->triggers = cb_new0(m->alloc, count * sizeof *texts->triggers);
  nfa_literal *literals = cb_new0(m->alloc, count * sizeof *literals);
  int is_made = texts->triggers && literals;
  uint32_t most = length_of_all(m, places, count);
  for (uint32_t i = 0; i < count && is_made; i++) {
    const nfa_handle *handle = &m->handles[places[i].atom];
    uint32_t cut = handle->text_len > most ? handle->text_len - most : 0;
    if (cut > 0) m->wake->triggers[places[i].trigger].is_exact = 0;
    literals[i] = (nfa_literal){handle->text + cut, handle->text_len - cut};
    texts->triggers[i] = places[i].trigger;
  }
  if (is_made) is_made = nfa_literals_make(&texts->literals, m->alloc, literals, count, places[0].any_case) == CEP_OK;
  cb_free(m->alloc, literals, count * sizeof *literals);
  return is_made;
}

/* Indexes there can be at most: of each kind, column and case. */
static uint32_t index_room(const prg *program, uint32_t stream)
{
  return 2 * program->streams[stream].columns.count + 1;
}

static int make_indexes(maker *m)
{
  nfa_wake *wake = m->wake;
  uint32_t room = index_room(m->program, m->stream);
  wake->equals = cb_new0(m->alloc, room * sizeof *wake->equals);
  wake->ranges = cb_new0(m->alloc, room * sizeof *wake->ranges);
  wake->texts = cb_new0(m->alloc, room * sizeof *wake->texts);
  if (!wake->equals || !wake->ranges || !wake->texts) return 0;
  if (m->places.count > 0) qsort(m->places.at, m->places.count, sizeof *m->places.at, compare_places);
  for (uint32_t first = 0, i = 0; i < m->places.count; i++) {
    if (i + 1 < m->places.count && is_of_index(&m->places.at[i], &m->places.at[i + 1])) continue;
    const placed *places = m->places.at + first;
    uint32_t count = i + 1 - first;
    int is_made = places->kind == NFA_HANDLE_EQUAL  ? make_equals(m, places, count)
                  : places->kind == NFA_HANDLE_TEXT ? make_texts(m, places, count)
                                                    : make_ranges(m, places, count);
    if (!is_made) return 0;
    first = i + 1;
  }
  for (uint32_t i = 0; i < wake->trigger_count; i++) {
    if (wake->triggers[i].is_exact) wake->settled[wake->triggers[i].atom / 64] |= UINT64_C(1) << wake->triggers[i].atom % 64;
  }
  return 1;
}

/* ---- All ---------------------------------------------------------------------------------- */

static int fill_wake(maker *m)
{
  uint32_t readers = m->program->readers->streams[m->stream].readers.count;
  read_atoms(m);
  for (uint32_t r = 0; r < readers; r++) count_uses(m, r);
  memset(m->marks, 0, atom_count(m) * sizeof *m->marks);
  for (uint32_t r = 0; r < readers && !m->is_refused; r++) choose_for(m, r);
  return !m->is_refused && make_triggers(m) && make_indexes(m);
}

static cep_status make_wake(const prg *program, cb_alloc *alloc, uint32_t stream, nfa_wake *wake)
{
  uint32_t atoms = program->streams[stream].atoms.count;
  wake->settled_words = atoms / 64 + 1;
  wake->always_count = program->readers->streams[stream].readers.count / 64 + 1;
  wake->settled = cb_new0(alloc, wake->settled_words * sizeof *wake->settled);
  wake->always = cb_new0(alloc, wake->always_count * sizeof *wake->always);
  wake->always_words = cb_new0(alloc, (wake->always_count / 64 + 1) * sizeof *wake->always_words);
  maker m = {.program = program, .alloc = alloc, .stream = stream, .wake = wake};
  m.handles = cb_new0(alloc, (atoms + 1) * sizeof *m.handles);
  m.uses = cb_new0(alloc, (atoms + 1) * sizeof *m.uses);
  m.marks = cb_new0(alloc, (atoms + 1) * sizeof *m.marks);
  int is_made = wake->settled && wake->always && wake->always_words && m.handles && m.uses && m.marks && fill_wake(&m);
  cb_free(alloc, m.handles, (atoms + 1) * sizeof *m.handles);
  cb_free(alloc, m.uses, (atoms + 1) * sizeof *m.uses);
  cb_free(alloc, m.marks, (atoms + 1) * sizeof *m.marks);
  cb_vec_free(alloc, &m.picked);
  cb_vec_free(alloc, &m.pairs);
  cb_vec_free(alloc, &m.places);
  return is_made ? CEP_OK : CEP_E_NOMEM;
}

cep_status nfa_wakes_make(const prg *program, cb_alloc *alloc, nfa_wake **out)
{
  nfa_wake *wakes = *out = cb_new0(alloc, (program->streams_count + 1) * sizeof *wakes);
  if (!wakes) return CEP_E_NOMEM;
  cep_status status = CEP_OK;
  for (uint32_t s = 0; s < program->streams_count && status == CEP_OK; s++) status = make_wake(program, alloc, s, &wakes[s]);
  return status;
}

static void free_wake(const prg *program, cb_alloc *alloc, uint32_t stream, nfa_wake *wake)
{
  uint32_t room = index_room(program, stream);
  for (uint32_t i = 0; i < wake->equals_count; i++) {
    const nfa_equals *equals = &wake->equals[i];
    cb_free(alloc, equals->places, ((size_t)equals->mask + 1) * sizeof *equals->places);
    cb_free(alloc, equals->items, equals->item_count * sizeof *equals->items);
  }
  for (uint32_t i = 0; i < wake->ranges_count; i++) cb_free(alloc, wake->ranges[i].items, wake->ranges[i].item_count * sizeof *wake->ranges[i].items);
  for (uint32_t i = 0; i < wake->texts_count; i++) {
    cb_free(alloc, wake->texts[i].triggers, wake->texts[i].literals.count * sizeof *wake->texts[i].triggers);
    nfa_literals_free(&wake->texts[i].literals, alloc);
  }
  cb_free(alloc, wake->equals, room * sizeof *wake->equals);
  cb_free(alloc, wake->ranges, room * sizeof *wake->ranges);
  cb_free(alloc, wake->texts, room * sizeof *wake->texts);
  cb_free(alloc, wake->triggers, (program->streams[stream].atoms.count + 1) * sizeof *wake->triggers);
  cb_free(alloc, wake->readers, (wake->reader_count + 1) * sizeof *wake->readers);
  cb_free(alloc, wake->settled, wake->settled_words * sizeof *wake->settled);
  cb_free(alloc, wake->always, wake->always_count * sizeof *wake->always);
  cb_free(alloc, wake->always_words, (wake->always_count / 64 + 1) * sizeof *wake->always_words);
}

void nfa_wakes_free(const prg *program, cb_alloc *alloc, nfa_wake *wakes)
{
  for (uint32_t s = 0; wakes && s < program->streams_count; s++) free_wake(program, alloc, s, &wakes[s]);
  cb_free(alloc, wakes, (program->streams_count + 1) * sizeof *wakes);
}
