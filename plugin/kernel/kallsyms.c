// SPDX-License-Identifier: MIT
/* One pass through /proc/kallsyms. */
#include "kernel/kallsyms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The name in a line "ADDRESS TYPE NAME"; NULL for a module's, which are last.
 * Addresses read as zero without the right to see them (kptr_restrict). */
static const char *symbol_name(char *line) {
  char *name = strchr(line, ' ');

  if (!name || strspn(line, "0") == (size_t)(name - line))
    return "";
  name = strchr(name + 1, ' ');
  if (!name || strchr(name, '['))
    return NULL;
  name[strcspn(name, "\n")] = '\0';
  return name + 1;
}

int kallsyms_find(const char *const *names, unsigned count, bool *ret_exists) {
  FILE *file = fopen("/proc/kallsyms", "re");
  const char *name = "";
  char line[1024], buffer[16384]; /* each read costs; procfs suggests 1024 */

  if (!file)
    return -errno;
  setvbuf(file, buffer, _IOFBF, sizeof(buffer));
  while (name && fgets(line, sizeof(line), file)) {
    name = symbol_name(line);
    for (unsigned i = 0; name && i < count; i++)
      if (!strcmp(name, names[i]))
        ret_exists[i] = true;
  }
  fclose(file);
  return 0;
}
