/* program.c - a program from its image, and its references. */
#include "nfa/program.h"

#include <stdatomic.h>
#include <string.h>

#include "cep/base/error.h"
#include "nfa/program_verify.h"
#include "nfa/regex.h"
#include "nfa/wake.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are read in place");
#define S(name, type, member) _Static_assert(_Alignof(type) <= 8, "sections begin at multiples of 8");
PRG_SECTIONS(S)
#undef S

static const uint32_t item_sizes[] = {
#define S(name, type, member) sizeof(type),
    PRG_SECTIONS(S)
#undef S
};

static cep_status corrupt(cep_error *err, const char *what)
{
  return cb_error_set(err, CEP_E_CORRUPT, "program image: %s", what);
}

/* Header, checksum and section table. Sections lie in their order, each where the one
 * before ends, so none can overlap and an image has one form only. */
static cep_status check_frame(const uint8_t *image, size_t size, cep_error *err)
{
  prg_header header;
  if (size < sizeof header) return corrupt(err, "too short");
  memcpy(&header, image, sizeof header);
  if (header.magic != PRG_MAGIC) return corrupt(err, "these bytes are no program");
  if (header.version != PRG_VERSION)
    return cb_error_set(err, CEP_E_VERSION, "program image: version %u, this library reads %u",
                        header.version, PRG_VERSION);
  if (header.size != size) return corrupt(err, "not of the size that it states");
  if (header.checksum != cb_hash64(image + sizeof header, size - sizeof header))
    return corrupt(err, "wrong checksum");
  if (header.section_count != PRG_SECTION_COUNT || header.pad != 0)
    return corrupt(err, "wrong section count");

  uint64_t at = sizeof header + (uint64_t)PRG_SECTION_COUNT * sizeof(prg_section);
  if (at > size) return corrupt(err, "too short");
  for (uint32_t i = 0; i < PRG_SECTION_COUNT; i++) {
    prg_section section;
    memcpy(&section, image + sizeof header + i * sizeof section, sizeof section);
    if (section.id != i || section.offset != at) return corrupt(err, "wrong section table");
    uint64_t bytes = (uint64_t)section.count * item_sizes[i];
    if (bytes > size - at) return corrupt(err, "a section passes the end");
    at += (bytes + 7) / 8 * 8;
    if (at > size) return corrupt(err, "a section passes the end");
  }
  return at == size ? CEP_OK : corrupt(err, "bytes behind the last section");
}

static void find_sections(prg *program)
{
  const prg_section *table = (const prg_section *)(const void *)(program->image + sizeof(prg_header));
#define S(name, type, member)                                                                                \
  program->member = (const type *)(const void *)(program->image + table[PRG_SECTION_##name].offset);         \
  program->member##_count = table[PRG_SECTION_##name].count;
  PRG_SECTIONS(S)
#undef S
}

static cep_status make_layouts(prg *program)
{
  program->layout_views = cb_new0(&program->alloc, program->layouts_count * sizeof *program->layout_views);
  if (!program->layout_views) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < program->layouts_count; i++) {
    const prg_layout *layout = &program->layouts[i];
    program->layout_views[i] = (cb_layout){.id = i,
                                           .stream = layout->stream,
                                           .count = layout->columns.count,
                                           .columns = program->lists + layout->columns.first,
                                           .kinds = program->kinds + layout->kinds.first};
  }
  return CEP_OK;
}

static cep_status make_regexes(prg *program, cep_error *err)
{
  program->regex_codes = cb_new0(&program->alloc, program->regexes_count * sizeof(nfa_regex *));
  if (!program->regex_codes) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < program->regexes_count; i++) {
    prg_string pattern = program->regexes[i].pattern;
    cep_status status =
        nfa_regex_new(&program->alloc, prg_text(program, pattern), pattern.length, &program->regex_codes[i]);
    if (status == CEP_E_CORRUPT)
      return cb_error_set(err, status, "program image: regular expression %u does not compile", i);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* How events find the detections that they concern. */
static cep_status make_doors(prg *program)
{
  cep_status status = nfa_conds_make(program, &program->alloc, &program->cond_tests);
  if (status == CEP_OK) status = nfa_readers_make(program, &program->alloc, &program->readers);
  return status == CEP_OK ? nfa_wakes_make(program, &program->alloc, &program->wakes) : status;
}

static void free_program(prg *program)
{
  cb_alloc alloc = program->alloc; /* the program lies in its own memory */
  nfa_wakes_free(program, &program->alloc, program->wakes);
  nfa_readers_free(program, &program->alloc, program->readers);
  nfa_conds_free(program, &program->alloc, program->cond_tests);
  if (program->regex_codes) {
    for (uint32_t i = 0; i < program->regexes_count; i++)
      nfa_regex_free(&program->alloc, program->regex_codes[i]);
    cb_free(&program->alloc, program->regex_codes, program->regexes_count * sizeof(nfa_regex *));
  }
  cb_free(&program->alloc, program->layout_views, program->layouts_count * sizeof *program->layout_views);
  cb_free(&program->alloc, program->image, program->image_size);
  alloc.bytes_in_use = program->alloc.bytes_in_use;
  cb_free(&alloc, program, sizeof *program);
  CB_ASSERT(alloc.bytes_in_use == 0);
}

cep_status prg_load(const cep_allocator *hook, const void *image, size_t size, prg **out, cep_error *err)
{
  *out = NULL;
  cep_status status = check_frame(image, size, err);
  if (status < 0) return status;
  cb_alloc alloc;
  cb_alloc_init(&alloc, hook, 0);
  prg *program = cb_new0(&alloc, sizeof *program);
  if (!program) return cb_error_set(err, CEP_E_NOMEM, "no memory for a program");
  program->alloc = alloc;
  status = CEP_E_NOMEM;
  program->image = cb_new(&program->alloc, size);
  if (!program->image) goto fail;
  program->image_size = size;
  memcpy(program->image, image, size);
  find_sections(program);
  status = prg_verify(program, &program->alloc, err);
  if (status < 0) goto fail;
  status = make_layouts(program);
  if (status < 0) goto fail;
  status = make_regexes(program, err);
  if (status < 0) goto fail;
  status = make_doors(program);
  if (status < 0) goto fail;
  atomic_init(&program->refs, 1);
  *out = program;
  return CEP_OK;

fail:
  free_program(program);
  if (status == CEP_E_NOMEM) (void)cb_error_set(err, status, "no memory for a program");
  return status;
}

void prg_ref(prg *program)
{
  atomic_fetch_add_explicit(&program->refs, 1, memory_order_relaxed);
}

/* Release before, acquire after: what other threads did with the program happens before
 * it is freed. */
void prg_unref(prg *program)
{
  if (!program) return;
  uint32_t before = atomic_fetch_sub_explicit(&program->refs, 1, memory_order_acq_rel);
  CB_ASSERT(before > 0);
  if (before == 1) free_program(program);
}

