/* plan_key.c - the key of a detection: an expression for each part and each route. */
#include <string.h>

#include "patterns/plan_build.h"
#include "patterns/possible.h"

/* ---- What a part says about a role ------------------------------------------------- */

/* The X of all X.f in the expression; NULL: bare fields only. `*is_mixed`: two of them, or both. */
static const char *role_in(const pat_expr *expr, int *has_bare, int *is_mixed)
{
  if (expr->kind == PAT_E_NAME) *has_bare = 1;
  if (expr->kind == PAT_E_MEMBER && expr->args.at[0]->kind == PAT_E_NAME) return expr->args.at[0]->name.text;
  const char *role = NULL;
  /* Of users[user].role the name in front is a table, and so is what stands behind `in` alone. */
  uint32_t from = expr->kind == PAT_E_INDEX, count = expr->args.count;
  if (expr->kind == PAT_E_OP && expr->op == PLAN_IN_TABLE) count = 1;
  for (uint32_t i = from; i < count; i++) {
    const char *found = role_in(expr->args.at[i], has_bare, is_mixed);
    if (found && role && strcmp(found, role) != 0) *is_mixed = 1;
    if (found) role = found;
  }
  return role;
}

static const char *role_of(const pat_expr *expr, int *is_mixed)
{
  int has_bare = 0;
  *is_mixed = 0;
  const char *role = role_in(expr, &has_bare, is_mixed);
  if (role && has_bare) *is_mixed = 1;
  return role;
}

static int is_used(const pat_builder *builder, const char *role)
{
  for (uint32_t i = 0; i < builder->detection->step_count; i++) {
    const pat_symbol *symbol = builder->roles[i];
    if (strcmp(symbol->name, role) == 0) return 1;
    if (builder->decl->join && strcmp(builder->steps[i].name, role) == 0) return 1;
    /* A define stands on its base, whose field it then uses. */
    for (uint32_t depth = 0; symbol->decl->kind == PAT_D_DEFINE && depth <= PAT_DEPTH_MAX; depth++) {
      symbol = pat_find_symbol(builder->compile, symbol->decl->define->base.text);
      if (strcmp(symbol->name, role) == 0) return 1;
    }
  }
  return 0;
}

/* The parts of a key make sense among themselves and with the steps. */
static int check_parts(const pat_builder *builder, const pat_key *key)
{
  pat_diags *diags = builder->compile->diags;
  for (uint32_t i = 0; i < key->parts.count; i++) {
    const pat_expr *part = key->parts.at[i];
    int is_mixed;
    const char *role = role_of(part, &is_mixed);
    if (is_mixed) {
      pat_report(diags, 505, part->span, "'%s' mixes fields of different events; a part of the key is computed from one",
                 pat_text_at(builder->compile, part->span));
      return 0;
    }
    if (role && !is_used(builder, role)) {
      const pat_symbol *known = pat_find_symbol(builder->compile, role);
      pat_report(diags, 505, part->span, known ? "no step of '%s' reads '%s'" : "no step of '%s' reads '%s', and there is no stream of that name",
                 builder->symbol->name, role);
      return 0;
    }
    for (uint32_t j = 0; j < i; j++) {
      const char *other = role_of(key->parts.at[j], &is_mixed);
      int is_twice = role && other && strcmp(role, other) == 0;
      if (!is_twice && (role || other)) continue;
      pat_report(diags, 506, part->span,
                 role ? "'%s' says twice which field of '%s' it is; where steps use different fields give each a 'define' of its own"
                      : "'%s' has two expressions for every stream%s",
                 key->name.text, role ? role : "; write Stream.field for all but one");
      return 0;
    }
  }
  return 1;
}

static const pat_expr *part_for(const pat_key *key, const char *role)
{
  int unused;
  for (uint32_t i = 0; i < key->parts.count; i++) {
    const char *named = role_of(key->parts.at[i], &unused);
    if (role ? named && strcmp(named, role) == 0 : !named) return key->parts.at[i];
  }
  return NULL;
}

/* ---- One part of one role ---------------------------------------------------------- */

/* Fields that could be meant, those of the kind of the key's other streams first; for the message. */
static const char *candidates(const pat_builder *builder, const plan_stream *stream)
{
  char text[96];
  size_t len = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < stream->field_count; i++) {
    if (stream->fields[i].is_time) continue;
    const char *name = stream->fields[i].name;
    if (len + strlen(name) + 8 > sizeof text) {
      memcpy(text + len, ", …", sizeof ", …");
      break;
    }
    if (len > 0) {
      memcpy(text + len, ", ", 3);
      len += 2;
    }
    memcpy(text + len, name, strlen(name) + 1);
    len += strlen(name);
  }
  const char *copy = cb_arena_text(builder->compile->arena, text, strlen(text));
  return copy ? copy : "";
}

/* "order_id = Order.id = Shipment.<field>": the key as it would have to be written. */
static const char *proposal(const pat_builder *builder, const pat_key *key, const pat_symbol *lacking)
{
  const char *text = key->name.text;
  cb_arena *arena = builder->compile->arena;
  for (uint32_t i = 0; i < builder->detection->step_count && text; i++) {
    const pat_symbol *role = builder->roles[i];
    int is_repeated = 0;
    for (uint32_t j = 0; j < i; j++) is_repeated |= builder->roles[j] == role;
    if (is_repeated) continue;
    const plan_stream *stream = &builder->compile->streams[role->stream];
    const pat_expr *part = part_for(key, role->name);
    if (role == lacking) {
      text = cb_arena_printf(arena, "%s = %s.<field>", text, role->name);
    } else if (part) {
      text = cb_arena_printf(arena, "%s = %s", text, pat_text_at(builder->compile, part->span));
    } else if (pat_find_field(stream, key->name.text) != CEP_NONE) {
      text = cb_arena_printf(arena, "%s = %s.%s", text, role->name, key->name.text);
    }
  }
  return text ? text : "";
}

static const plan_expr *field_part(const pat_builder *builder, const pat_key *key, const pat_symbol *role)
{
  pat_compile *compile = builder->compile;
  const plan_stream *stream = &compile->streams[role->stream];
  uint32_t field = pat_find_field(stream, key->name.text);
  if (field == CEP_NONE) {
    pat_report(compile->diags, 507, key->name.span,
               "%s '%s' has no field '%s'. The key needs one: write  by %s  with one of %s",
               role->decl->kind == PAT_D_STREAM ? "stream" : "definition or detection", role->name, key->name.text,
               proposal(builder, key, role), candidates(builder, stream));
    return NULL;
  }
  plan_expr *expr = pat_new_plan_expr(compile, PLAN_FIELD, stream->fields[field].kind, key->name.span, 0, NULL);
  if (!expr) return NULL;
  expr->field = field;
  expr->may_be_null = stream->fields[field].nullable;
  return expr;
}

/* A define without a part of its own uses that of what it stands on. */
static const pat_expr *inherited_part(const pat_builder *builder, const pat_key *key, const pat_symbol *role, const char **name)
{
  for (uint32_t depth = 0; depth <= PAT_DEPTH_MAX; depth++) {
    const pat_expr *part = part_for(key, role->name);
    *name = role->name;
    if (part) return part;
    if (role->decl->kind != PAT_D_DEFINE) break;
    role = pat_find_symbol(builder->compile, role->decl->define->base.text);
  }
  *name = NULL;
  return part_for(key, NULL);
}

/* The sides of a join may be of one stream: they go by their names first. */
static const plan_expr *key_part(const pat_builder *builder, const pat_key *key, uint32_t step)
{
  pat_compile *compile = builder->compile;
  const pat_symbol *role = builder->roles[step];
  const char *name = builder->steps[step].name;
  const pat_expr *part = builder->decl->join ? part_for(key, name) : NULL;
  if (!part) part = inherited_part(builder, key, role, &name);
  if (!part) return field_part(builder, key, role);
  pat_scope scope;
  pat_scope_event(&scope, compile, &compile->streams[role->stream], "a key");
  scope.role = name;
  const plan_expr *expr = pat_check(&scope, part);
  if (expr && scope.fields_read == 0) {
    pat_report(compile->diags, 505, part->span, "'%s' reads no field; all events would have the same key",
               pat_text_at(compile, part->span));
    return NULL;
  }
  return expr;
}

/* ---- Routes ------------------------------------------------------------------------ */

static int same_keys(const plan_route *a, const plan_route *b, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    if (!pat_same_expr(a->keys[i], b->keys[i])) return 0;
  }
  return 1;
}

static int make_route(pat_builder *builder, uint32_t step, plan_route *route)
{
  const pat_detect *decl = builder->decl;
  const pat_symbol *role = builder->roles[step];
  const plan_expr **keys = cb_arena_take(builder->compile->arena, (decl->keys.count + 1) * sizeof *keys);
  if (!keys) return 0;
  int is_good = 1;
  for (uint32_t i = 0; i < decl->keys.count; i++) {
    keys[i] = key_part(builder, &decl->keys.at[i], step);
    if (!keys[i]) is_good = 0;
  }
  route->stream = role->stream;
  route->member = role->member;
  route->keys = keys;
  return is_good;
}

/* One kind for a part in all routes. */
static int check_kinds(pat_builder *builder, const plan_route *route, cep_kind *kinds, int is_first)
{
  int is_good = 1;
  for (uint32_t i = 0; i < builder->decl->keys.count; i++) {
    const plan_expr *part = route->keys[i];
    if (is_first) kinds[i] = part->kind;
    if (kinds[i] == part->kind) continue;
    const pat_name *name = &builder->decl->keys.at[i].name;
    pat_report(builder->compile->diags, 508, name->span, "the key '%s' is %s in one stream and %s in '%s'; its values would never be equal",
               name->text, cb_kind_name(kinds[i]), cb_kind_name(part->kind), builder->compile->streams[route->stream].name);
    is_good = 0;
  }
  return is_good;
}

/* The step whose route serves step `index` too: one that takes every event of the stream
 * under the same key, else the first with the same condition. */
static uint32_t server_of(const plan_route *all, uint32_t step_count, uint32_t index, uint32_t key_count)
{
  uint32_t server = index;
  for (uint32_t i = step_count; i-- > 0;) {
    if (all[i].stream != all[index].stream || !same_keys(&all[i], &all[index], key_count)) continue;
    if (!all[i].member || (all[server].member && all[i].member == all[index].member)) server = i;
  }
  return server;
}

/* One route for all steps that can share it, numbered by the first of them. */
static void share_routes(pat_builder *builder, const plan_route *all, plan_route *routes)
{
  plan_detection *detection = builder->detection;
  uint32_t count = 0, servers[PLAN_STEPS_MAX];
  for (uint32_t i = 0; i < detection->step_count; i++) {
    uint32_t server = server_of(all, detection->step_count, i, builder->decl->keys.count), found = 0;
    while (found < count && servers[found] != server) found++;
    if (found == count) {
      servers[count] = server;
      routes[count++] = all[server];
    }
    builder->steps[i].route = found;
  }
  detection->routes = routes;
  detection->route_count = count;
}

int pat_build_key(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  plan_detection *detection = builder->detection;
  cb_arena *arena = builder->compile->arena;
  uint32_t key_count = decl->keys.count;
  const char **names = cb_arena_take(arena, (key_count + 1) * sizeof *names);
  cep_kind *kinds = cb_arena_take(arena, (key_count + 1) * sizeof *kinds);
  plan_route *all = cb_arena_take(arena, (detection->step_count + 1) * sizeof *all);
  plan_route *routes = cb_arena_take(arena, (detection->step_count + 1) * sizeof *routes);
  if (!names || !kinds || !all || !routes) return 0;
  for (uint32_t i = 0; i < key_count; i++) {
    names[i] = decl->keys.at[i].name.text;
    if (!check_parts(builder, &decl->keys.at[i])) return 0;
  }
  int is_good = 1;
  for (uint32_t i = 0; i < detection->step_count && is_good; i++) {
    is_good = make_route(builder, i, &all[i]) && check_kinds(builder, &all[i], kinds, i == 0);
  }
  for (uint32_t i = 0; i < key_count && is_good; i++) {
    if (kinds[i] != CEP_NULL) continue;
    pat_report(builder->compile->diags, 505, decl->keys.at[i].name.span, "the key '%s' is always null", names[i]);
    is_good = 0;
  }
  detection->key_names = names;
  detection->key_kinds = kinds;
  detection->key_count = key_count;
  if (is_good) share_routes(builder, all, routes);
  return is_good;
}
