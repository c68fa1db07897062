/* fuzz_plan.c - any bytes as a rule file: compile, print, name; never a fault, never a silent failure. */
#include <stddef.h>
#include <stdint.h>

#include "cep/base/assert.h"
#include "patterns/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_diagnostic(void *ctx, const cep_error *diagnostic)
{
  CB_ASSERT(diagnostic->text[0] != '\0');
  CB_ASSERT(diagnostic->line > 0);
  CB_ASSERT(diagnostic->column > 0);
  if (diagnostic->severity == CEP_ERROR) (*(uint32_t *)ctx)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  cb_alloc alloc;
  cb_arena arena;
  uint32_t errors = 0;
  cb_alloc_init(&alloc, NULL, (size_t)256 * 1024 * 1024);
  cb_arena_init(&arena, &alloc);
  plan *made = NULL;
  cep_error err;
  cep_status status = plan_compile(&arena, "fuzz", (const char *)data, size, check_diagnostic, &errors, &made, &err);
  if (status == CEP_OK) {
    CB_ASSERT(errors == 0);
    CB_ASSERT(made->detection_count > 0);
    cb_writer writer;
    cb_writer_init(&writer, &alloc);
    CB_ASSERT(plan_print(&writer, made) == CEP_OK);
    for (uint32_t i = 0; i < made->detection_count; i++) {
      cb_writer_reset(&writer);
      CB_ASSERT(plan_identity(&writer, made, &made->detections[i]) == CEP_OK);
    }
    cb_writer_fini(&writer);
  } else if (status != CEP_E_NOMEM) {
    CB_ASSERT(errors > 0);
    CB_ASSERT(errors <= 20);
  }
  cb_arena_fini(&arena);
  CB_ASSERT(alloc.bytes_in_use == 0);
  return 0;
}
