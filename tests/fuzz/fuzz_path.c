// SPDX-License-Identifier: MIT
/* Bytes that claim to be a path's components -> a path, or an error. */
#include "core/path.h"
#include "fuzz.h"

#include <errno.h>

/* Every component, in reverse order, stands in the path after a slash. */
static void check_parts(const char *path, const char *components, size_t size,
                        bool cut) {
  const char *at = cut ? path + strlen(PATH_CUT) : path;
  bool separated = !cut;

  while (size) {
    const char *name;

    for (size--; size && components[size - 1]; size--)
      ;
    name = components + size;
    if (!*name)
      continue;
    if (separated)
      HOLDS(*at++ == '/');
    separated = true;
    HOLDS(!strncmp(at, name, strlen(name)));
    at += strlen(name);
  }
  HOLDS(!*at || !strcmp(path, "/"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  bool cut = fuzz_byte(&input) & 1;
  size_t path_size = fuzz_word(&input) % 8300 + 1;
  char *path = malloc(path_size), *components = malloc(input.size + 1);
  int err;

  HOLDS(path && components);
  memcpy(components, input.data, input.size);
  err = path_from_components(components, input.size, cut, path, path_size);
  HOLDS(!err || err == -EINVAL || err == -ENOSPC);
  HOLDS(input.size == 0 || !components[input.size - 1] || err == -EINVAL);
  if (!err) {
    HOLDS(strnlen(path, path_size) < path_size);
    HOLDS(cut ? !strncmp(path, PATH_CUT, strlen(PATH_CUT)) : path[0] == '/');
    check_parts(path, components, input.size, cut);
    path_class(path);
  }
  free(path);
  free(components);
  return 0;
}
