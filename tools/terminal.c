/* terminal.c - what may be written to a terminal. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_draws(int fd)
{
  const char *kind = getenv("TERM");
  return isatty(fd) && !(kind && strcmp(kind, "dumb") == 0);
}

int terminal_colours(int fd)
{
  const char *refused = getenv("NO_COLOR");
  return terminal_draws(fd) && getenv("TERM") && !(refused && *refused);
}

unsigned terminal_width(int fd)
{
  struct winsize size = {0};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* Marks that turn the direction of what follows: text could seem to say something else. */
static int turns_direction(const unsigned char *c)
{
  return c[0] == 0xE2 && ((c[1] == 0x80 && c[2] >= 0xAA && c[2] <= 0xAE) || (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9));
}

size_t terminal_step(const char *text, size_t len)
{
  unsigned char c = (unsigned char)text[0];
  if (c < 0x80) return c >= 0x20 && c != 0x7F;
  size_t step = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
  if (c < 0xC2 || c > 0xF4 || step > len) return 0;
  for (size_t i = 1; i < step; i++)
    if (((unsigned char)text[i] & 0xC0) != 0x80) return 0;
  if (c == 0xC2 && (unsigned char)text[1] < 0xA0) return 0;
  return step == 3 && turns_direction((const unsigned char *)text) ? 0 : step;
}

void terminal_put(FILE *to, const char *text, size_t len)
{
  for (size_t i = 0; i < len;) {
    size_t step = terminal_step(text + i, len - i);
    if (step)
      fwrite(text + i, 1, step, to);
    else
      fputc(text[i] == '\t' ? ' ' : '?', to);
    i += step ? step : 1;
  }
}
