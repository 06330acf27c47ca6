// SPDX-License-Identifier: MIT
/* A name for a terminal. */
#include "display.h"

#include "core/path.h"

#include <string.h>

void display_printable(const char *name, char *out, size_t size) {
  size_t length = strlen(name), room = size - 1, dots = 0;

  if (!size)
    return;
  if (length > room) {
    dots = room < strlen(PATH_CUT) ? room : strlen(PATH_CUT);
    memcpy(out, PATH_CUT, dots);
    name += length - (room - dots);
  }
  for (out += dots; *name; name++)
    *out++ = *name >= ' ' && *name <= '~' ? *name : '?';
  *out = '\0';
}
