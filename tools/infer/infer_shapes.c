/* infer_shapes.c - messages that are alike become one shape, what differs in them its variables. */
#include <string.h>

#include "cep/base/num.h"
#include "tools/infer/infer_lines.h"

#define GROUPS_MAX   500
#define OPTIONAL_MAX 4  /* pieces of an optional part */
#define ALIKE        60 /* per cent that make one shape */

/* ---- Pieces ------------------------------------------------------------------------------------- */

static int is_var(const infer_piece *piece)
{
  return piece->kind >= INFER_PIECE_INT;
}

static int is_plain_word(infer_text text)
{
  for (size_t i = 0; i < text.len; i++) {
    char c = text.at[i];
    if (!infer_is_letter(c) && c != '_' && c != '-' && c != '\'' && c != '.' && (unsigned char)c < 0x80) return 0;
  }
  return 1;
}

static infer_piece_kind kind_of(infer_text text)
{
  if (infer_text_is(INFER_AS_IP, text)) return INFER_PIECE_IP;
  if (text.len > 2 && text.at[0] == '0' && text.at[1] == 'x') return INFER_PIECE_HEX;
  if (infer_text_is(INFER_AS_INT, text)) return INFER_PIECE_INT;
  if (infer_is_digit(text.at[text.len - 1]) && memchr(text.at, '.', text.len) && !memchr(text.at, 'e', text.len) &&
      !memchr(text.at, 'E', text.len) && infer_text_is(INFER_AS_FLOAT, text))
    return INFER_PIECE_FLOAT;
  if (is_plain_word(text)) return INFER_PIECE_TEXT;
  for (size_t i = 0; i < text.len; i++)
    if (infer_is_digit(text.at[i]) || text.at[i] == '/' || text.at[i] == '@' || text.at[i] == '\\') return INFER_PIECE_WORD;
  return INFER_PIECE_TEXT;
}

typedef struct cutter {
  infer_piece *out;
  uint32_t count;
  int has_gap; /* blanks before the next piece */
} cutter;

static void put(cutter *self, infer_piece_kind kind, infer_text text)
{
  if (text.len == 0) return;
  if (self->count < INFER_PIECES_MAX)
    self->out[self->count] = (infer_piece){.kind = kind, .text = text, .has_gap = self->has_gap, .same = 1};
  self->count++;
  self->has_gap = 0;
}

static void put_core(cutter *self, infer_text text)
{
  if (text.len > 0) put(self, kind_of(text), text);
}

/* "10.0.0.7:80" and "/10.0.0.7:80": address, colon, port. */
static int put_address(cutter *self, infer_text text)
{
  size_t slash = text.len > 0 && text.at[0] == '/';
  infer_text all = {text.at + slash, text.len - slash};
  const char *colon = memchr(all.at, ':', all.len);
  infer_text ip = {all.at, colon ? (size_t)(colon - all.at) : all.len};
  if (infer_text_is(INFER_AS_IP, all)) {
    ip = all;
    colon = NULL;
  }
  if (!infer_text_is(INFER_AS_IP, ip)) return 0;
  infer_text port = {ip.at + ip.len + 1, colon ? all.len - ip.len - 1 : 0};
  if (colon && !infer_text_is(INFER_AS_INT, port)) return 0;
  put(self, INFER_PIECE_SIGN, (infer_text){text.at, slash});
  put(self, INFER_PIECE_IP, ip);
  if (!colon) return 1;
  put(self, INFER_PIECE_SIGN, (infer_text){colon, 1});
  put(self, INFER_PIECE_INT, port);
  return 1;
}

/* What is between blanks, less the signs around it: key=value, name[value], a word. */
static void put_inner(cutter *self, infer_text text)
{
  size_t at = 0;
  if (put_address(self, text)) return;
  while (at < text.len && (infer_is_word(text.at[at]) || text.at[at] == '-' || text.at[at] == '.')) at++;
  if (at == 0 || at == text.len || !strchr("=[(", text.at[at])) {
    put_core(self, text);
    return;
  }
  put_core(self, (infer_text){text.at, at});
  put(self, INFER_PIECE_SIGN, (infer_text){text.at + at, 1});
  put_inner(self, (infer_text){text.at + at + 1, text.len - at - 1});
}

static void put_word(cutter *self, infer_text text)
{
  size_t start = 0, end = text.len;
  while (start < end && strchr("([{<'\"", text.at[start])) put(self, INFER_PIECE_SIGN, (infer_text){text.at + start++, 1});
  while (end > start && strchr(")]}>'\",;:.!%", text.at[end - 1])) end--;
  put_inner(self, (infer_text){text.at + start, end - start});
  for (; end < text.len; end++) put(self, INFER_PIECE_SIGN, (infer_text){text.at + end, 1});
}

uint32_t infer_pieces_cut(infer_text message, infer_piece *out, int *has_rest)
{
  cutter self = {.out = out};
  size_t at = 0;
  while (at < message.len && self.count < INFER_PIECES_MAX) {
    if (message.at[at] == ' ' || message.at[at] == '\t') {
      self.has_gap = 1;
      at++;
      continue;
    }
    const char *quote = message.at[at] == '"' ? memchr(message.at + at + 1, '"', message.len - at - 1) : NULL;
    size_t end = at;
    if (quote) {
      end = (size_t)(quote - message.at) + 1;
      put(&self, INFER_PIECE_QUOTED, (infer_text){message.at + at, end - at});
    } else {
      while (end < message.len && message.at[end] != ' ' && message.at[end] != '\t') end++;
      put_word(&self, (infer_text){message.at + at, end - at});
    }
    at = end;
  }
  *has_rest = at < message.len || self.count > INFER_PIECES_MAX;
  return self.count < INFER_PIECES_MAX ? self.count : INFER_PIECES_MAX;
}

/* ---- Groups ------------------------------------------------------------------------------------- */

static int is_same_text(infer_text a, infer_text b)
{
  return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* As they stand: the same, or variables of one kind. */
static int are_same(const infer_piece *a, const infer_piece *b)
{
  if (a->has_gap != b->has_gap) return 0;
  if (is_var(a) || is_var(b)) return a->kind == b->kind;
  return is_same_text(a->text, b->text);
}

/* May these be one piece? Signs hold the shape together, and a quoted text has its quotes. */
static int can_join(const infer_piece *a, const infer_piece *b)
{
  if (a->has_gap != b->has_gap) return 0;
  if (a->kind == INFER_PIECE_SIGN || b->kind == INFER_PIECE_SIGN || a->kind == INFER_PIECE_QUOTED || b->kind == INFER_PIECE_QUOTED)
    return a->kind == b->kind && (a->kind == INFER_PIECE_QUOTED || is_same_text(a->text, b->text));
  return 1;
}

/* In per cent of the pieces that are no signs; what fits a variable word counts half. -1: they can be no one shape. */
static int likeness(const infer_shape *shape, const infer_piece *pieces, uint32_t count)
{
  int same = 0, all = 0;
  for (uint32_t i = 0; i < count; i++) {
    const infer_piece *piece = &shape->pieces[i];
    if (!can_join(piece, &pieces[i])) return -1;
    if (piece->kind == INFER_PIECE_SIGN) continue;
    all += 2;
    same += are_same(piece, &pieces[i]) ? 2 : piece->kind == INFER_PIECE_WORD;
  }
  return all > 0 ? same * 100 / all : 100;
}

static void join(infer_piece *to, const infer_piece *from)
{
  to->same += is_same_text(to->text, from->text) ? 1u : 0u;
  if (are_same(to, from)) return;
  int are_numbers = (to->kind == INFER_PIECE_INT || to->kind == INFER_PIECE_FLOAT) &&
                    (from->kind == INFER_PIECE_INT || from->kind == INFER_PIECE_FLOAT);
  to->kind = are_numbers ? INFER_PIECE_FLOAT : INFER_PIECE_WORD;
}

/* The same with a piece that stands for many lines. */
static void join_shape(infer_piece *to, const infer_piece *from)
{
  uint64_t same = to->same + (is_same_text(to->text, from->text) ? from->same : 0);
  join(to, from);
  to->same = same;
}

static infer_shape *find_shape(const infer_lines *lines, infer_text process, const infer_piece *pieces, uint32_t count, int has_rest)
{
  infer_shape *best = NULL;
  int most = ALIKE - 1;
  for (uint32_t i = 0; i < lines->shapes.count; i++) {
    infer_shape *shape = lines->shapes.at[i];
    if (shape->count != count || shape->has_rest != has_rest || !is_same_text(shape->process, process)) continue;
    if (count > 0 && !are_same(&shape->pieces[0], &pieces[0])) continue;
    int like = likeness(shape, pieces, count);
    if (like <= most) continue;
    most = like;
    best = shape;
  }
  return best;
}

void infer_shapes_add(infer *self, infer_text process, infer_text message, infer_text line)
{
  infer_lines *lines = self->found;
  infer_piece pieces[INFER_PIECES_MAX];
  int has_rest = 0;
  uint32_t count = infer_pieces_cut(message, pieces, &has_rest);
  infer_shape *shape = find_shape(lines, process, pieces, count, has_rest);
  if (shape) {
    for (uint32_t i = 0; i < count; i++) join(&shape->pieces[i], &pieces[i]);
    shape->lines++;
    return;
  }
  if (lines->shapes.count == GROUPS_MAX) {
    lines->unshaped++;
    return;
  }
  shape = cb_arena_take(&self->arena, sizeof *shape);
  infer_piece *room = cb_arena_take(&self->arena, 2 * INFER_PIECES_MAX * sizeof *room);
  if (!shape || !room || !cb_vec_push(&self->alloc, &lines->shapes, shape)) {
    self->has_failed = 1;
    return;
  }
  memcpy(room, pieces, count * sizeof *room);
  *shape = (infer_shape){.process = process, .pieces = room, .count = count, .has_rest = has_rest, .lines = 1, .example = line};
}

/* ---- Optional parts ----------------------------------------------------------------------------- */

/* How many pieces are the same in both, if `more` is `less` with some put in at `place`; 0: it is not, or they share
 * less than two words. */
static uint32_t pieces_shared(const infer_shape *more, const infer_shape *less, uint32_t place)
{
  uint32_t extra = more->count - less->count, same = 0, words = 0;
  for (uint32_t i = 0; i < less->count; i++) {
    const infer_piece *a = &more->pieces[i < place ? i : i + extra], *b = &less->pieces[i];
    int is_same = are_same(a, b);
    if (!can_join(a, b) || (!is_same && !is_var(a) && !is_var(b))) return 0;
    same += is_same ? 1u : 0u;
    words += a->kind == INFER_PIECE_TEXT && is_same ? 1u : 0u;
  }
  return words < 2 ? 0 : same;
}

/* Where `more` has pieces that `less` has not, the others alike; CEP_NONE: it is not so. Of equal places the last:
 * rather a word than half of two. */
static uint32_t extra_place(const infer_shape *more, const infer_shape *less)
{
  uint32_t best = CEP_NONE, most = 1;
  for (uint32_t place = 1; place <= less->count; place++) {
    uint32_t same = pieces_shared(more, less, place);
    if (same < most) continue;
    most = same;
    best = place;
  }
  return best;
}

static int has_optional(const infer_shape *shape)
{
  for (uint32_t i = 0; i < shape->count; i++)
    if (shape->pieces[i].is_optional) return 1;
  return 0;
}

static void merge(infer_shape *more, infer_shape *less, uint32_t place)
{
  uint32_t extra = more->count - less->count;
  for (uint32_t i = 0; i < less->count; i++) join_shape(&more->pieces[i < place ? i : i + extra], &less->pieces[i]);
  for (uint32_t i = 0; i < extra; i++) more->pieces[place + i].is_optional = 1;
  more->optional_lines = more->lines;
  if (less->lines > more->lines) more->example = less->example;
  more->lines += less->lines;
  less->is_merged = 1;
}

/* What began as another shape before the first one had found its variables. */
static void merge_alike(infer_lines *lines)
{
  for (uint32_t i = 0; i < lines->shapes.count; i++) {
    infer_shape *to = lines->shapes.at[i];
    for (uint32_t j = i + 1; j < lines->shapes.count && !to->is_merged; j++) {
      infer_shape *from = lines->shapes.at[j];
      if (from->is_merged || from->count != to->count || from->has_rest != to->has_rest || to->count == 0) continue;
      if (!is_same_text(from->process, to->process) || !are_same(&to->pieces[0], &from->pieces[0])) continue;
      if (likeness(to, from->pieces, to->count) < ALIKE) continue;
      for (uint32_t k = 0; k < to->count; k++) join_shape(&to->pieces[k], &from->pieces[k]);
      to->lines += from->lines;
      from->is_merged = 1;
    }
  }
}

static void merge_all(infer_lines *lines)
{
  for (uint32_t i = 0; i < lines->shapes.count; i++) {
    infer_shape *more = lines->shapes.at[i];
    if (more->is_merged || has_optional(more) || more->lines < 2) continue;
    for (uint32_t j = 0; j < lines->shapes.count; j++) {
      infer_shape *less = lines->shapes.at[j];
      if (less->is_merged || less->lines < 2 || has_optional(less) || less->count >= more->count || more->count - less->count > OPTIONAL_MAX) continue;
      if (less->has_rest != more->has_rest || !is_same_text(less->process, more->process)) continue;
      uint32_t place = extra_place(more, less);
      if (place == CEP_NONE) continue;
      merge(more, less, place);
      break;
    }
  }
}

/* ---- Names -------------------------------------------------------------------------------------- */

static int is_filler(infer_text word)
{
  static const char *const words[] = {"for", "from", "of", "by", "the", "to", "in", "on", "at", "with", "is", "was", "a", "an", "and", "as"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (word.len == strlen(words[i]) && infer_has_word(word, words[i])) return 1;
  return 0;
}

static int is_letters(infer_text text)
{
  for (size_t i = 0; i < text.len; i++)
    if (!infer_is_letter(text.at[i])) return 0;
  return text.len > 1;
}

/* The word in front of a variable, over signs: "port 22", "user=ann", "pid[7]". */
static infer_text word_before(const infer_shape *shape, uint32_t i)
{
  int signs = 0;
  while (i-- > 0 && signs < 2) {
    const infer_piece *piece = &shape->pieces[i];
    if (piece->kind == INFER_PIECE_TEXT) return piece->text;
    if (is_var(piece)) break;
    if (piece->kind == INFER_PIECE_SIGN && !strchr("=:[(#/'\"<", piece->text.at[0])) break;
    signs++;
  }
  return (infer_text){"", 0};
}

static const char *default_name(infer_piece_kind kind)
{
  switch (kind) {
  case INFER_PIECE_INT: return "number";
  case INFER_PIECE_FLOAT: return "value";
  case INFER_PIECE_IP: return "ip";
  case INFER_PIECE_HEX: return "hex";
  case INFER_PIECE_QUOTED: return "text";
  case INFER_PIECE_SIGN:
  case INFER_PIECE_TEXT:
  case INFER_PIECE_WORD: break;
  }
  return "word";
}

static void name_variable(infer *self, infer_names *names, infer_shape *shape, uint32_t i)
{
  infer_piece *piece = &shape->pieces[i];
  char plain[INFER_NAME_MAX];
  infer_text before = word_before(shape, i);
  const char *wanted = default_name(piece->kind);
  int is_key = i > 0 && shape->pieces[i - 1].kind == INFER_PIECE_SIGN && shape->pieces[i - 1].text.at[0] == '=';
  const infer_piece *next = i + 1 < shape->count ? &shape->pieces[i + 1] : NULL;
  int is_from = next && next->kind == INFER_PIECE_TEXT && next->text.len == 4 && infer_has_word(next->text, "from");
  if (before.len > 0 && before.len <= 20 && !is_filler(before) && (is_key || piece->kind != INFER_PIECE_IP) && infer_identifier(before, plain) > 0 && !infer_is_reserved(plain)) {
    for (char *c = plain; *c && !is_key; c++) *c = infer_lower(*c);
    wanted = plain;
  } else if (piece->kind == INFER_PIECE_WORD && is_from) {
    wanted = "user";
  }
  piece->name = infer_name_take(self, names, wanted);
}

/* What differs in very few lines and where a message begins is another message rather than another value: those lines
 * are left out of the shape. */
static void settle_beginning(infer_lines *lines, infer_shape *shape)
{
  for (uint32_t i = 0; i < 2 && i < shape->count; i++) {
    infer_piece *piece = &shape->pieces[i];
    if (piece->kind != INFER_PIECE_WORD || !is_letters(piece->text) || piece->same * 20 < shape->lines * 19) continue;
    piece->kind = INFER_PIECE_TEXT;
    lines->unshaped += shape->lines - piece->same;
    shape->lines = piece->same;
  }
}

/* A word that is always the same stays; a number that is so is passed over. */
static void name_variables(infer *self, infer_shape *shape)
{
  static const char *const taken[] = {"ts", "host", "process", "pid", "level", "message"};
  infer_names names = {0};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) (void)infer_name_take(self, &names, taken[i]);
  for (uint32_t i = 0; i < shape->count; i++) {
    infer_piece *piece = &shape->pieces[i];
    if (!is_var(piece)) continue;
    int is_same = piece->same >= shape->lines || (piece->is_optional && piece->same >= shape->optional_lines);
    if (is_same && shape->lines >= 3 && (piece->kind == INFER_PIECE_WORD || piece->kind == INFER_PIECE_QUOTED))
      piece->kind = INFER_PIECE_TEXT;
    else if (!is_same || shape->lines < 5 || piece->kind == INFER_PIECE_IP)
      name_variable(self, &names, shape, i);
  }
  infer_names_free(self, &names);
}

/* Its first words, `most` of them, behind the process if there are several. */
static void words_of(const infer_shape *shape, int has_process, uint32_t most, char camel[INFER_NAME_MAX])
{
  char text[4 * INFER_NAME_MAX];
  size_t len = 0, process_len = shape->process.len < 20 ? shape->process.len : 20;
  uint32_t words = 0;
  for (uint32_t i = 0; i < shape->count && words < most; i++) {
    const infer_piece *piece = &shape->pieces[i];
    if (piece->kind != INFER_PIECE_TEXT || piece->is_optional || !is_letters(piece->text) || is_filler(piece->text)) continue;
    if (len + piece->text.len + 2 > INFER_NAME_MAX) break;
    memcpy(text + len, piece->text.at, piece->text.len);
    len += piece->text.len;
    text[len++] = ' ';
    words += !infer_has_word(piece->text, "not"); /* too much hangs on it */
  }
  if (has_process || len == 0) {
    memmove(text + process_len + 1, text, len);
    memcpy(text, shape->process.at, process_len);
    text[process_len] = ' ';
    len += process_len + 1;
  }
  if (infer_camel((infer_text){text, len}, camel) == 0 || infer_is_reserved(camel)) memcpy(camel, "Shape", 6);
}

/* As few words as tell it from those before it, from two to four. */
static void name_shape(infer *self, infer_names *names, infer_shape *shape, int has_process)
{
  char camel[INFER_NAME_MAX];
  for (uint32_t most = 2; most <= 4; most++) {
    words_of(shape, has_process, most, camel);
    if (!infer_name_is_taken(names, camel)) break;
  }
  shape->name = infer_name_take(self, names, camel);
}

/* ---- All of them -------------------------------------------------------------------------------- */

/* By frequency; of equal ones the first stays first. Few: insertion. */
static void sort_shapes(infer_lines *lines)
{
  infer_shape **at = lines->shapes.at;
  for (uint32_t i = 1; i < lines->shapes.count; i++) {
    infer_shape *own = at[i];
    uint32_t j = i;
    for (; j > 0 && at[j - 1]->lines < own->lines; j--) at[j] = at[j - 1];
    at[j] = own;
  }
}

void infer_shapes_end(infer *self)
{
  infer_lines *lines = self->found;
  infer_names names = {0};
  sort_shapes(lines);
  merge_alike(lines);
  merge_all(lines);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < lines->shapes.count; i++)
    if (!lines->shapes.at[i]->is_merged) lines->shapes.at[kept++] = lines->shapes.at[i];
  lines->shapes.count = kept;
  sort_shapes(lines);
  int has_processes = 0;
  for (uint32_t i = 0; i < kept; i++) has_processes |= !is_same_text(lines->shapes.at[i]->process, lines->shapes.at[0]->process);
  (void)infer_name_take(self, &names, "Line");
  for (uint32_t i = 0; i < kept && i < INFER_SHAPES_MAX; i++) {
    settle_beginning(lines, lines->shapes.at[i]);
    name_shape(self, &names, lines->shapes.at[i], has_processes);
    name_variables(self, lines->shapes.at[i]);
  }
  infer_names_free(self, &names);
}
