/* predicate.c - atoms when they are asked for, conditions as tests that lead to one another. */
#include "nfa/predicate.h"

#include <string.h>

/* ---- Conditions as tests ------------------------------------------------------------------ */

static int is_join(uint32_t word)
{
  return word == PRG_COND_AND || word == PRG_COND_OR;
}

/* Of each leaf but the first there is one join whose right side begins with it: `tests[leaf]` gets the join in `on_true`, and
 * the first leaf behind the join in `on_false` (PRG_NONE: there is none). */
static void find_joins(const uint32_t *code, uint32_t count, nfa_test *tests)
{
  uint32_t starts[PRG_COND_DEPTH_MAX], top = 0, leaf = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (is_join(code[i])) {
      CB_ASSERT(top >= 2);
      nfa_test *right = &tests[starts[--top]];
      right->on_true = code[i];
      right->on_false = leaf;
    } else {
      CB_ASSERT(top < PRG_COND_DEPTH_MAX);
      tests[leaf].atom = code[i];
      starts[top++] = leaf++;
    }
  }
  for (uint32_t i = 1; i < leaf; i++) {
    if (tests[i].on_false == leaf) tests[i].on_false = PRG_NONE;
  }
}

/* From the last leaf to the first: where an answer so far that comes to it goes. Where it decides the join, past the join's right side. */
static void find_ways(nfa_test *tests, uint32_t count)
{
  for (uint32_t i = count - 1; i >= 1; i--) {
    int is_and = tests[i].on_true == PRG_COND_AND;
    uint32_t behind = tests[i].on_false;
    uint32_t past = behind == PRG_NONE ? PRG_NONE : is_and ? tests[behind].on_false : tests[behind].on_true;
    tests[i].on_true = is_and ? i : past;
    tests[i].on_false = is_and ? past : i;
  }
  for (uint32_t i = 0; i < count; i++) {
    tests[i].on_true = i + 1 < count ? tests[i + 1].on_true : PRG_NONE;
    tests[i].on_false = i + 1 < count ? tests[i + 1].on_false : PRG_NONE;
  }
}

static void make_cond(const prg *program, nfa_conds *conds, uint32_t cond)
{
  prg_list list = program->conds[cond].code;
  const uint32_t *code = program->cond_code + list.first;
  uint32_t first = conds->test_count, count = (list.count + 1) / 2; /* a join for each leaf but one */
  nfa_test *tests = conds->tests + first;
  find_joins(code, list.count, tests);
  find_ways(tests, count);
  for (uint32_t i = 0; i < count; i++) {
    if (tests[i].on_true != PRG_NONE) tests[i].on_true += first;
    if (tests[i].on_false != PRG_NONE) tests[i].on_false += first;
  }
  conds->first[cond] = first;
  conds->test_count += count;
}

cep_status nfa_conds_make(const prg *program, cb_alloc *alloc, nfa_conds **out)
{
  nfa_conds *conds = *out = cb_new0(alloc, sizeof *conds);
  if (!conds) return CEP_E_NOMEM;
  conds->first = cb_new0(alloc, (program->conds_count + 1) * sizeof *conds->first);
  conds->tests = cb_new0(alloc, (program->cond_code_count + 1) * sizeof *conds->tests);
  if (!conds->first || !conds->tests) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < program->conds_count; i++) make_cond(program, conds, i);
  return CEP_OK;
}

void nfa_conds_free(const prg *program, cb_alloc *alloc, nfa_conds *conds)
{
  if (!conds) return;
  cb_free(alloc, conds->first, (program->conds_count + 1) * sizeof *conds->first);
  cb_free(alloc, conds->tests, (program->cond_code_count + 1) * sizeof *conds->tests);
  cb_free(alloc, conds, sizeof *conds);
}

/* ---- Facts ------------------------------------------------------------------------------- */

cep_status nfa_facts_init(nfa_facts *facts, cb_alloc *alloc, const prg *program, nfa_scratch *scratch)
{
  *facts = (nfa_facts){.env = {.program = program, .scratch = scratch}, .alloc = alloc};
  uint32_t most = 0;
  for (uint32_t s = 0; s < program->streams_count; s++) {
    if (program->streams[s].atoms.count > most) most = program->streams[s].atoms.count;
  }
  facts->words = most / 64 + 1;
  facts->known = cb_new0(alloc, facts->words * sizeof *facts->known);
  facts->holds = cb_new0(alloc, facts->words * sizeof *facts->holds);
  facts->touched = cb_new(alloc, facts->words * sizeof *facts->touched);
  if (facts->known && facts->holds && facts->touched) return CEP_OK;
  nfa_facts_fini(facts);
  return CEP_E_NOMEM;
}

void nfa_facts_fini(nfa_facts *facts)
{
  if (!facts->alloc) return;
  cb_free(facts->alloc, facts->known, facts->words * sizeof *facts->known);
  cb_free(facts->alloc, facts->holds, facts->words * sizeof *facts->holds);
  cb_free(facts->alloc, facts->touched, facts->words * sizeof *facts->touched);
  *facts = (nfa_facts){0};
}

void nfa_facts_begin(nfa_facts *facts, const cb_batch *batch, uint32_t row)
{
  for (uint32_t i = 0; i < facts->touched_count; i++) facts->known[facts->touched[i]] = facts->holds[facts->touched[i]] = 0;
  facts->touched_count = 0;
  facts->settled = NULL;
  facts->env.batch = batch;
  facts->env.row = row;
  nfa_scratch_reset(facts->env.scratch);
}

static void note(nfa_facts *facts, uint32_t atom, uint64_t holds)
{
  uint32_t word = atom / 64;
  CB_ASSERT(word < facts->words);
  if (facts->known[word] == 0) facts->touched[facts->touched_count++] = word;
  facts->known[word] |= UINT64_C(1) << atom % 64;
  facts->holds[word] |= holds << atom % 64;
}

void nfa_facts_set(nfa_facts *facts, uint32_t atom)
{
  note(facts, atom, 1);
}

static uint64_t evaluate(const nfa_env *env, uint32_t atom)
{
  const prg *program = env->program;
  const prg_atom *of = &program->atoms[program->streams[env->batch->stream].atoms.first + atom];
  cep_value value = nfa_expr_eval(env, of->expr);
  return value.kind == CEP_BOOL && (value.as.i != 0) == (of->negated == 0);
}

static uint64_t atom_holds(nfa_facts *facts, uint32_t atom)
{
  uint32_t word = atom / 64, bit = atom % 64;
  uint64_t known = facts->known[word] | (facts->settled ? facts->settled[word] : 0);
  if (!(known >> bit & 1)) note(facts, atom, evaluate(&facts->env, atom));
  return facts->holds[word] >> bit & 1;
}

/* `facts` NULL: nothing is kept. */
static inline int walk_tests(const nfa_env *env, nfa_facts *facts, uint32_t cond)
{
  if (cond == PRG_NONE) return 1;
  const nfa_conds *conds = env->program->cond_tests;
  CB_ASSERT(cond < env->program->conds_count);
  uint32_t at = conds->first[cond];
  for (;;) {
    const nfa_test *test = &conds->tests[at];
    uint64_t holds = test->atom == PRG_COND_TRUE || (facts != NULL ? atom_holds(facts, test->atom) : evaluate(env, test->atom));
    at = holds ? test->on_true : test->on_false;
    if (at == PRG_NONE) return (int)holds;
  }
}

int nfa_cond_holds(nfa_facts *facts, uint32_t cond)
{
  return walk_tests(&facts->env, facts, cond);
}

int nfa_cond_is_true(const nfa_env *env, uint32_t cond)
{
  return walk_tests(env, NULL, cond);
}

uint64_t nfa_symbol(nfa_facts *facts, const prg_detection *detection, uint32_t route)
{
  const prg_step *steps = facts->env.program->steps + detection->steps.first;
  uint64_t symbol = 0;
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    if (steps[i].route == route && nfa_cond_holds(facts, steps[i].local)) symbol |= UINT64_C(1) << i;
  }
  return symbol;
}
