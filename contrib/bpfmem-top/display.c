// SPDX-License-Identifier: MIT
/* A name for a terminal. */
#include "display.h"

#include "core/path.h"

#include <string.h>

static bool is_inside_character(char byte) {
  return (byte & 0xc0) == 0x80;
}

void display_cut(const char *name, char *out, size_t size) {
  size_t length = strlen(name), room = size - 1, dots = 0;

  if (!size)
    return;
  if (length > room) {
    dots = room < strlen(PATH_CUT) ? room : strlen(PATH_CUT);
    memcpy(out, PATH_CUT, dots);
    name += length - (room - dots);
    while (is_inside_character(*name))
      name++;
  }
  strcpy(out + dots, name);
}

void display_printable(const char *name, char *out, size_t size) {
  if (!size)
    return;
  display_cut(name, out, size);
  for (; *out; out++)
    if (*out < ' ' || *out > '~')
      *out = '?';
}
