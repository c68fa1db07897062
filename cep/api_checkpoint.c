/* api_checkpoint.c - the state of an engine out to the caller, and back in. */
#include "cep/api_internal.h"
#include "runtime/snapshot.h"

#define READ_BYTES 65536u

/* ---- Out ------------------------------------------------------------------------------- */

static cep_status save(cep_engine *engine, const void *position, size_t position_len, cb_writer *bytes, cep_error *err)
{
  cep_status status = api_enter(engine, err);
  if (status < 0) return status;
  return api_leave(engine, rt_engine_save(engine->inner, position_len > 0 ? position : "", position_len, bytes, err));
}

cep_status cep_engine_checkpoint(cep_engine *engine, const void *position, size_t position_len, cep_write_fn write,
                                 void *ctx, cep_error *err)
{
  API_NEED(engine, "engine", "is NULL");
  API_NEED(position || position_len == 0, "position", "is NULL");
  API_NEED(position_len <= UINT32_MAX, "position_len", "is above 4 GiB");
  API_NEED(write, "write", "is NULL");
  cb_alloc alloc = engine->alloc; /* a callback may free the engine */
  cb_writer bytes;
  cb_writer_init(&bytes, &alloc);
  cep_status saved = save(engine, position, position_len, &bytes, err), status = saved;
  if (saved >= 0) status = api_write(write, ctx, bytes.data, bytes.len, err);
  cb_writer_fini(&bytes);
  return status < 0 ? status : saved;
}

/* ---- In -------------------------------------------------------------------------------- */

static cep_status read_all(cep_read_fn read, void *ctx, cb_writer *out, cep_error *err)
{
  for (;;) {
    if (!cb_writer_reserve(out, READ_BYTES)) return cb_error_set(err, CEP_E_NOMEM, "no memory for a saved state");
    size_t len = 0;
    cep_status status = read(ctx, out->data + out->len, READ_BYTES, &len);
    if (status < 0 || len > READ_BYTES) return cb_error_set(err, CEP_E_IO, "the saved state could not be read");
    if (len == 0) return CEP_OK;
    out->len += len;
  }
}

static cep_status restore(cep_engine *engine, const cb_writer *bytes, cep_error *err)
{
  const void *position = NULL;
  size_t position_len = 0;
  cep_status status = rt_engine_restore(engine->inner, bytes->data, bytes->len, &position, &position_len, err);
  if (status < 0) return status;
  cb_write_bytes(&engine->position, position, position_len);
  if (engine->position.status < 0) return cb_error_set(err, CEP_E_NOMEM, "no memory for the position");
  return CEP_OK;
}

cep_status cep_engine_restore(const cep_config *config, cep_program *program, cep_match_fn on_match, void *ctx,
                              cep_read_fn read, void *read_ctx, cep_engine **out, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(read, "read", "is NULL");
  API_NEED(out, "out", "is NULL");
  cep_engine *engine = NULL;
  cep_status status = cep_engine_new(config, program, on_match, ctx, &engine, err);
  if (status < 0) return status;
  cb_writer bytes;
  cb_writer_init(&bytes, &engine->alloc);
  status = read_all(read, read_ctx, &bytes, err);
  if (status == CEP_OK) status = restore(engine, &bytes, err);
  cb_writer_fini(&bytes);
  if (status < 0) {
    cep_engine_free(engine);
    return status;
  }
  *out = engine;
  return CEP_OK;
}

const void *cep_engine_position(const cep_engine *engine, size_t *length_out)
{
  if (length_out) *length_out = engine ? engine->position.len : 0;
  return engine && engine->position.len > 0 ? engine->position.data : NULL;
}
