/* runs_index.c - the partial matches of one slot, found by the values that they wait for.
 *
 *   slot --> run <-> run <-> run <-> run       in order of start, as without an index
 *             ^       ^       ^       ^
 *            hook    hook    hook    hook      loose, or in a chain of the table by value
 *
 * An event meets the loose ones and those found by its values. What else could concern a run
 * is in order of start: pruning and spans take runs from the front, the limit from the back. */
#include "nfa/runs.h"

#include <string.h>

static nfa_hook *hook_at(const nfa_worker *worker, cb_slab_id hook)
{
  return (nfa_hook *)cb_slab_at(worker->slab, hook);
}
static nfa_hook *hook_of(const nfa_worker *worker, cb_slab_id run)
{
  return hook_at(worker, nfa_run_at(worker, run)->hook);
}
static nfa_runs_own *own_of(const nfa_worker *worker) { return (nfa_runs_own *)worker->own; }
static int has_groups(const nfa_worker *worker) { return (worker->detection->flags & PRG_DETECT_FIRST_OF) != 0; }

void nfa_run_refresh(const nfa_worker *worker, const nfa_runs_slot *slot, nfa_run *run)
{
  if (nfa_history_at(worker->slab, run->head)->seq != slot->seq) run->flags &= ~(uint32_t)RUN_FRESH;
}

/* ---- The table --------------------------------------------------------------------------- */

static cb_slab_id *bucket_of(const nfa_worker *worker, const nfa_index *index, uint64_t hash)
{
  cb_slab_id *buckets = (cb_slab_id *)cb_slab_at(worker->slab, index->buckets);
  return &buckets[(uint32_t)hash & (index->bucket_count - 1)];
}

static void put_in_bucket(const nfa_worker *worker, const nfa_index *index, cb_slab_id id)
{
  nfa_hook *hook = hook_at(worker, id);
  cb_slab_id *bucket = bucket_of(worker, index, hook->hash);
  hook->prev = CB_SLAB_NONE;
  hook->next = *bucket;
  if (hook->next != CB_SLAB_NONE) hook_at(worker, hook->next)->prev = id;
  *bucket = id;
}

/* Buckets for as many hooks as there are. Refused: the chains are longer, or the table larger. */
static int resize_table(nfa_worker *worker, nfa_index *index, uint32_t count)
{
  cb_slab_id buckets = cb_slab_take(worker->slab, (size_t)count * sizeof(cb_slab_id));
  if (buckets == CB_SLAB_NONE) return 0;
  memset(cb_slab_at(worker->slab, buckets), 0, (size_t)count * sizeof(cb_slab_id));
  nfa_index old = *index;
  index->buckets = buckets;
  index->bucket_count = count;
  if (old.buckets == CB_SLAB_NONE) return 1;
  const cb_slab_id *at = (const cb_slab_id *)cb_slab_at(worker->slab, old.buckets);
  for (uint32_t b = 0; b < old.bucket_count; b++) {
    for (cb_slab_id id = at[b], next; id != CB_SLAB_NONE; id = next) {
      next = hook_at(worker, id)->next;
      put_in_bucket(worker, index, id);
    }
  }
  cb_slab_give(worker->slab, old.buckets);
  return 1;
}

static void fit_table(nfa_worker *worker, nfa_index *index)
{
  uint32_t count = index->bucket_count;
  if (index->hooked > count && count < 1u << 28) {
    (void)resize_table(worker, index, count * 2);
  } else if (index->hooked < count / 8 && count > NFA_BUCKETS_MIN) {
    (void)resize_table(worker, index, count / 2);
  }
}

/* ---- Hooks ------------------------------------------------------------------------------- */

static cb_slab_id new_hook(nfa_worker *worker, cb_slab_id run)
{
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_hook));
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  nfa_hook *hook = hook_at(worker, id);
  memset(hook, 0, sizeof *hook);
  hook->run = run;
  return id;
}

/* Takes the hook out of the chain that it is in. */
static void unchain(const nfa_worker *worker, nfa_index *index, cb_slab_id id)
{
  nfa_hook *hook = hook_at(worker, id);
  if (hook->where == NFA_HOOK_NEW) return;
  if (hook->next != CB_SLAB_NONE) hook_at(worker, hook->next)->prev = hook->prev;
  if (hook->prev != CB_SLAB_NONE) hook_at(worker, hook->prev)->next = hook->next;
  if (hook->where == NFA_HOOK_TABLE) {
    if (hook->prev == CB_SLAB_NONE) *bucket_of(worker, index, hook->hash) = hook->next;
    index->hooked--;
  } else {
    if (hook->prev == CB_SLAB_NONE) index->loose_first = hook->next;
    if (hook->next == CB_SLAB_NONE) index->loose_last = hook->prev;
  }
  hook->where = NFA_HOOK_NEW;
  hook->next = hook->prev = CB_SLAB_NONE;
}

/* All hooks of a run out of their chains; only the first one is kept. */
static void unhook(nfa_worker *worker, nfa_index *index, cb_slab_id first)
{
  nfa_hook *hook = hook_at(worker, first);
  if (hook->where == NFA_HOOK_TABLE) index->waiting--;
  unchain(worker, index, first);
  while (hook->more != CB_SLAB_NONE) {
    cb_slab_id id = hook->more;
    hook->more = hook_at(worker, id)->more;
    unchain(worker, index, id);
    cb_slab_give(worker->slab, id);
  }
}

static void make_loose(const nfa_worker *worker, nfa_index *index, cb_slab_id id)
{
  nfa_hook *hook = hook_at(worker, id);
  hook->where = NFA_HOOK_LOOSE;
  hook->prev = index->loose_last;
  if (index->loose_last != CB_SLAB_NONE) hook_at(worker, index->loose_last)->next = id;
  else index->loose_first = id;
  index->loose_last = id;
}

/* A hook in the table for each lookup of the run's state. 0: not all could be made. */
static int put_in_table(nfa_worker *worker, nfa_index *index, cb_slab_id first)
{
  const nfa_runs_own *own = own_of(worker);
  nfa_run *run = nfa_run_at(worker, hook_at(worker, first)->run);
  cb_slab_id id = first;
  for (uint32_t rest = own->lookups[run->state]; rest != 0; rest &= rest - 1) {
    if (id == CB_SLAB_NONE) {
      id = new_hook(worker, hook_at(worker, first)->run);
      if (id == CB_SLAB_NONE) return 0;
      hook_at(worker, id)->more = hook_at(worker, first)->more;
      hook_at(worker, first)->more = id;
    }
    nfa_hook *hook = hook_at(worker, id);
    hook->lookup = (uint8_t)__builtin_ctz(rest);
    if (!nfa_lookup_of_run(worker, run, hook->lookup, &hook->hash)) return 0;
    hook->where = NFA_HOOK_TABLE;
    if (id == first) index->waiting++;
    index->hooked++;
    put_in_bucket(worker, index, id);
    id = CB_SLAB_NONE;
  }
  return 1;
}

/* Hangs a run where it belongs now. */
static void place(nfa_worker *worker, nfa_index *index, cb_slab_id id)
{
  nfa_run *run = nfa_run_at(worker, id);
  cb_slab_id first = run->hook;
  nfa_hook *hook = hook_at(worker, first);
  if (hook->where == NFA_HOOK_TABLE) return; /* its ways have only become fewer */
  if (nfa_run_is_steady(own_of(worker), run)) {
    unchain(worker, index, first);
    if (put_in_table(worker, index, first)) return;
    unhook(worker, index, first);
  }
  if (hook->where == NFA_HOOK_NEW) make_loose(worker, index, first);
}

void nfa_index_moved(nfa_worker *worker, nfa_runs_slot *slot, cb_slab_id run)
{
  nfa_index *index = nfa_index_at(worker, slot);
  cb_slab_id first = nfa_run_at(worker, run)->hook;
  if (hook_at(worker, first)->where == NFA_HOOK_TABLE) unhook(worker, index, first);
}

/* ---- What an event or instant concerns ------------------------------------------------- */

static int give_up(nfa_worker *worker, nfa_runs_slot *slot)
{
  nfa_index_drop(worker, slot);
  return 0;
}

static int touch(nfa_worker *worker, const nfa_runs_slot *slot, cb_slab_id run)
{
  nfa_hook *hook = hook_of(worker, run);
  if (hook->is_touched) return 1;
  if (!cb_vec_push(worker->alloc, &own_of(worker)->touched, run)) return 0;
  hook->is_touched = 1;
  nfa_run_refresh(worker, slot, nfa_run_at(worker, run));
  return 1;
}

/* Forgets which runs were touched. */
static void let_go(const nfa_worker *worker, const nfa_runs_slot *slot)
{
  nfa_ids *touched = &own_of(worker)->touched;
  for (uint32_t i = 0; slot->index != CB_SLAB_NONE && i < touched->count; i++) hook_of(worker, touched->at[i])->is_touched = 0;
  touched->count = 0;
}

static int touch_found(nfa_moment *moment, const nfa_index *index, uint32_t step)
{
  nfa_worker *worker = moment->worker;
  uint64_t hash;
  uint32_t lookup = moment->own->lookup_of[step] - 1u;
  if (!nfa_lookup_of_event(moment, step, &hash)) return 1;
  for (cb_slab_id id = *bucket_of(worker, index, hash); id != CB_SLAB_NONE; id = hook_at(worker, id)->next) {
    const nfa_hook *hook = hook_at(worker, id);
    if (hook->hash == hash && hook->lookup == lookup && !touch(worker, moment->slot, hook->run)) return 0;
  }
  return 1;
}

static uint64_t start_of(const nfa_worker *worker, cb_slab_id run) { return nfa_run_at(worker, run)->start_seq; }

/* own->touched in order of start: bottom up, and in no time if it is so already. */
static int sort_touched(nfa_worker *worker)
{
  nfa_runs_own *own = own_of(worker);
  uint32_t count = own->touched.count, ordered = 1;
  while (ordered < count && start_of(worker, own->touched.at[ordered - 1]) <= start_of(worker, own->touched.at[ordered])) ordered++;
  if (ordered >= count) return 1;
  own->sorted.count = 0;
  if (!cb_vec_reserve(worker->alloc, &own->sorted, count)) return 0;
  for (uint32_t width = 1; width < count; width *= 2) {
    for (uint32_t low = 0; low < count; low += 2 * width) {
      uint32_t middle = low + width < count ? low + width : count, high = low + 2 * width < count ? low + 2 * width : count;
      for (uint32_t i = low, left = low, right = middle; i < high; i++) {
        int from_left = left < middle && (right >= high || start_of(worker, own->touched.at[left]) <= start_of(worker, own->touched.at[right]));
        own->sorted.at[i] = own->touched.at[from_left ? left++ : right++];
      }
    }
    memcpy(own->touched.at, own->sorted.at, count * sizeof *own->touched.at);
  }
  return 1;
}

int nfa_index_find(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  const nfa_index *index = nfa_index_at(worker, moment->slot);
  int done = 1;
  moment->own->touched.count = 0;
  for (cb_slab_id id = index->loose_first; id != CB_SLAB_NONE && done; id = hook_at(worker, id)->next) {
    done = touch(worker, moment->slot, hook_at(worker, id)->run);
  }
  for (uint64_t rest = moment->symbol & moment->own->looked_up; rest != 0 && done; rest &= rest - 1) {
    done = touch_found(moment, index, (uint32_t)__builtin_ctzll(rest));
  }
  return (done && sort_touched(worker)) || give_up(worker, moment->slot);
}

int nfa_index_due(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  moment->own->touched.count = 0;
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    if (nfa_runs_span_end(worker, nfa_run_at(worker, id)) > moment->time) break;
    if (!touch(worker, moment->slot, id)) return give_up(worker, moment->slot);
  }
  return 1;
}

/* ---- What an event has made -------------------------------------------------------------- */

/* Runs without a hook that follow `*last` get one; it is the last of them then. */
static int adopt_behind(nfa_worker *worker, const nfa_runs_slot *slot, cb_slab_id *last)
{
  cb_slab_id id = nfa_run_at(worker, *last)->next;
  for (; id != CB_SLAB_NONE && nfa_run_at(worker, id)->hook == CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    cb_slab_id hook = new_hook(worker, id);
    if (hook == CB_SLAB_NONE) return 0;
    nfa_run_at(worker, id)->hook = hook;
    hook_at(worker, hook)->before = *last;
    *last = id;
    if (!touch(worker, slot, id)) return 0;
  }
  if (id != CB_SLAB_NONE) hook_of(worker, id)->before = *last;
  return 1;
}

/* The run, what it has made, and if `group` all others of its start. */
static int gather(nfa_worker *worker, const nfa_runs_slot *slot, cb_slab_id run, int group)
{
  uint64_t start = start_of(worker, run);
  cb_slab_id id = run;
  if (group) {
    for (cb_slab_id before = run; before != CB_SLAB_NONE && start_of(worker, before) == start;) {
      id = before;
      before = hook_of(worker, before)->before;
    }
  }
  for (;;) {
    if (!touch(worker, slot, id) || !adopt_behind(worker, slot, &id)) return 0;
    id = nfa_run_at(worker, id)->next;
    if (!group || id == CB_SLAB_NONE || start_of(worker, id) != start) return 1;
  }
}

int nfa_index_gather(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_slot *slot = moment->slot;
  nfa_runs_own *own = moment->own;
  nfa_ids met = own->touched; /* what the event has met; gathered anew in list order */
  own->touched = own->sorted;
  own->sorted = met;
  own->touched.count = 0;
  int group = has_groups(worker), done = 1;
  for (uint32_t i = 0; i < met.count; i++) hook_of(worker, met.at[i])->is_touched = 0;
  for (uint32_t i = 0; i < met.count && done; i++) {
    if (group && i > 0 && start_of(worker, met.at[i]) == start_of(worker, met.at[i - 1])) continue;
    done = gather(worker, slot, met.at[i], group);
  }
  cb_slab_id last = slot->last;
  while (done && last != CB_SLAB_NONE) { /* behind it what began with this event */
    done = adopt_behind(worker, slot, &last);
    cb_slab_id next = nfa_run_at(worker, last)->next;
    slot->last = last;
    last = next;
  }
  return done || give_up(worker, slot);
}

/* ---- Sweeping ---------------------------------------------------------------------------- */

/* Closes what started before `below`, and above partial_max the last ones. */
static int close_ends(nfa_worker *worker, nfa_runs_slot *slot, uint64_t below)
{
  nfa_ids *touched = &own_of(worker)->touched;
  for (cb_slab_id id = slot->first; id != CB_SLAB_NONE && start_of(worker, id) < below; id = nfa_run_at(worker, id)->next) {
    if (!touch(worker, slot, id)) return 0;
    nfa_run_at(worker, id)->open = 0;
  }
  uint64_t kept = slot->count;
  for (uint32_t i = 0; i < touched->count; i++) kept -= nfa_run_at(worker, touched->at[i])->open == 0;
  for (cb_slab_id id = slot->last; kept > worker->partial_max; id = hook_of(worker, id)->before) {
    nfa_run *run = nfa_run_at(worker, id);
    if (run->open == 0) continue;
    if (!touch(worker, slot, id)) return 0;
    run->open = 0;
    worker->counters.partials_dropped++;
    kept--;
  }
  return 1;
}

static void remove_run(nfa_worker *worker, nfa_runs_slot *slot, cb_slab_id id)
{
  nfa_index *index = nfa_index_at(worker, slot);
  cb_slab_id first = nfa_run_at(worker, id)->hook, before = hook_at(worker, first)->before, next = nfa_run_at(worker, id)->next;
  if (before != CB_SLAB_NONE) nfa_run_at(worker, before)->next = next;
  else slot->first = next;
  if (next != CB_SLAB_NONE) hook_of(worker, next)->before = before;
  else slot->last = before;
  unhook(worker, index, first);
  cb_slab_give(worker->slab, first);
  nfa_run_free(worker, id);
  slot->count--;
  worker->counters.active--;
}

int nfa_index_sweep(nfa_worker *worker, nfa_runs_slot *slot, uint64_t below)
{
  nfa_ids *touched = &own_of(worker)->touched;
  if (!close_ends(worker, slot, below)) return give_up(worker, slot);
  nfa_index *index = nfa_index_at(worker, slot);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < touched->count; i++) {
    cb_slab_id id = touched->at[i];
    if (nfa_run_at(worker, id)->open == 0) {
      remove_run(worker, slot, id);
    } else {
      touched->at[kept++] = id;
      place(worker, index, id);
    }
  }
  touched->count = kept;
  fit_table(worker, index);
  slot->deadline = slot->count > 0 ? nfa_runs_deadline(worker, nfa_run_at(worker, slot->first)) : CEP_TIME_MAX;
  if (slot->count == 0) nfa_index_drop(worker, slot);
  return 1;
}

/* ---- Made and dropped ------------------------------------------------------------------ */

void nfa_index_drop(nfa_worker *worker, nfa_runs_slot *slot)
{
  nfa_index *index = nfa_index_at(worker, slot);
  for (cb_slab_id run = slot->first; run != CB_SLAB_NONE; run = nfa_run_at(worker, run)->next) {
    nfa_run_refresh(worker, slot, nfa_run_at(worker, run));
    for (cb_slab_id hook = nfa_run_at(worker, run)->hook, more; hook != CB_SLAB_NONE; hook = more) {
      more = hook_at(worker, hook)->more;
      cb_slab_give(worker->slab, hook);
    }
    nfa_run_at(worker, run)->hook = CB_SLAB_NONE;
  }
  if (index->buckets != CB_SLAB_NONE) cb_slab_give(worker->slab, index->buckets);
  cb_slab_give(worker->slab, slot->index);
  slot->index = CB_SLAB_NONE;
  own_of(worker)->touched.count = 0;
}

static void make_index(nfa_worker *worker, nfa_runs_slot *slot)
{
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_index));
  if (id == CB_SLAB_NONE) return;
  nfa_index *index = (nfa_index *)cb_slab_at(worker->slab, id);
  memset(index, 0, sizeof *index);
  slot->index = id;
  uint32_t buckets = NFA_BUCKETS_MIN;
  while (buckets < slot->count) buckets *= 2;
  int done = resize_table(worker, index, buckets);
  cb_slab_id before = CB_SLAB_NONE;
  for (cb_slab_id run = slot->first; run != CB_SLAB_NONE && done; run = nfa_run_at(worker, run)->next) {
    cb_slab_id hook = new_hook(worker, run);
    nfa_run_at(worker, run)->hook = hook;
    done = hook != CB_SLAB_NONE;
    if (!done) break;
    hook_at(worker, hook)->before = before;
    before = run;
    place(worker, index, run);
  }
  if (!done) nfa_index_drop(worker, slot);
}

void nfa_index_settle(nfa_worker *worker, nfa_runs_slot *slot)
{
  nfa_runs_own *own = own_of(worker);
  if (slot->index != CB_SLAB_NONE) {
    let_go(worker, slot);
    if (nfa_index_at(worker, slot)->waiting < (worker->index_runs + 1) / 2) nfa_index_drop(worker, slot);
  } else if (own->looked_up != 0 && own->steady_runs >= worker->index_runs && slot->count > 0) {
    make_index(worker, slot);
  }
  own->touched.count = 0;
  own->steady_runs = 0;
}

/* ---- Invariants ---------------------------------------------------------------------------- */

static int is_in_chain(const nfa_worker *worker, cb_slab_id first, cb_slab_id sought)
{
  cb_slab_id prev = CB_SLAB_NONE;
  for (cb_slab_id id = first; id != CB_SLAB_NONE; id = hook_at(worker, id)->next) {
    if (hook_at(worker, id)->prev != prev) return 0;
    if (id == sought) return 1;
    prev = id;
  }
  return 0;
}

/* A hook of the table: its value is that of the run. Counted, and its lookup noted. */
static int hook_holds(const nfa_worker *worker, const nfa_index *index, nfa_run *run, cb_slab_id id, uint32_t *lookups)
{
  const nfa_hook *hook = hook_at(worker, id);
  uint64_t hash;
  if (hook->where != NFA_HOOK_TABLE || (*lookups >> hook->lookup & 1)) return 0;
  *lookups |= 1u << hook->lookup;
  if (nfa_lookup_of_run(worker, run, hook->lookup, &hash) && hash != hook->hash) return 0;
  return is_in_chain(worker, *bucket_of(worker, index, hook->hash), id);
}

int nfa_index_holds(nfa_worker *worker, const nfa_runs_slot *slot)
{
  const nfa_index *index = nfa_index_at(worker, slot);
  uint32_t hooked = 0, waiting = 0;
  cb_slab_id before = CB_SLAB_NONE, loose_last = CB_SLAB_NONE;
  for (cb_slab_id id = index->loose_first; id != CB_SLAB_NONE; id = hook_at(worker, id)->next) {
    if (hook_at(worker, id)->where != NFA_HOOK_LOOSE || hook_at(worker, id)->prev != loose_last) return 0;
    loose_last = id;
  }
  if (index->loose_last != loose_last) return 0;
  for (cb_slab_id id = slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (run->hook == CB_SLAB_NONE) return 0;
    const nfa_hook *hook = hook_at(worker, run->hook);
    if (hook->run != id || hook->before != before || hook->is_touched || hook->where == NFA_HOOK_NEW) return 0;
    before = id;
    if (hook->where == NFA_HOOK_LOOSE) continue;
    uint32_t lookups = 0;
    for (cb_slab_id at = run->hook; at != CB_SLAB_NONE; at = hook_at(worker, at)->more) {
      if (!hook_holds(worker, index, run, at, &lookups)) return 0;
      hooked++;
    }
    if (!nfa_run_is_steady(own_of(worker), run) || lookups != own_of(worker)->lookups[run->state]) return 0;
    waiting++;
  }
  return index->hooked == hooked && index->waiting == waiting;
}
