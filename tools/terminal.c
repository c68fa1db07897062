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
