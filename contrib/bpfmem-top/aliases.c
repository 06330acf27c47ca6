// SPDX-License-Identifier: MIT
/* Reads the links once, as each read allocates slab objects itself. */
#include "aliases.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MORE ", ...)"
#define SUFFIX_SIZE 256

struct alias {
  char *name;
  char target[64]; /* ":A-0000256" */
};

struct aliases {
  size_t count;
  struct alias alias[];
};

static void add(struct aliases *aliases, int dir, const char *name) {
  struct alias *alias = &aliases->alias[aliases->count];
  ssize_t length =
      readlinkat(dir, name, alias->target, sizeof(alias->target) - 1);

  if (length <= 0)
    return;
  alias->target[length] = '\0';
  alias->name = strdup(name);
  aliases->count += alias->name != NULL;
}

struct aliases *aliases_load(const char *dir) {
  struct aliases *aliases;
  struct dirent **entries;
  int count = scandir(dir, &entries, NULL, alphasort), fd;

  if (count < 0)
    return NULL;
  aliases =
      calloc(1, sizeof(*aliases) + (size_t)count * sizeof(aliases->alias[0]));
  fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < count; i++) {
    if (aliases && fd >= 0)
      add(aliases, fd, entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  if (fd >= 0)
    close(fd);
  return aliases;
}

void aliases_free(struct aliases *aliases) {
  if (!aliases)
    return;
  for (size_t i = 0; i < aliases->count; i++)
    free(aliases->alias[i].name);
  free(aliases);
}

static const char *target_of(const struct aliases *aliases, const char *name) {
  for (size_t i = 0; aliases && i < aliases->count; i++)
    if (!strcmp(aliases->alias[i].name, name))
      return aliases->alias[i].target;
  return NULL;
}

/* Appends ", name" to the list if there is room for it and for what follows. */
static void append(char *list, size_t room, const char *name) {
  size_t used = strlen(list);

  if (used + strlen(name) + 2 + strlen(MORE) < room)
    snprintf(list + used, room - used, "%s%s", used ? ", " : "", name);
  else if (!strstr(list, MORE))
    snprintf(list + used, room - used, MORE);
}

void aliases_describe(const struct aliases *aliases, const char *name,
                      char *text, size_t size) {
  const char *target = target_of(aliases, name);
  char list[SUFFIX_SIZE] = "", count[32];
  size_t others = 0, used, room;

  snprintf(text, size, "%s", name);
  for (size_t i = 0; target && i < aliases->count; i++)
    others += !strcmp(aliases->alias[i].target, target);
  used = strlen(text);
  if (others < 2 || used + sizeof(count) > size)
    return;
  snprintf(count, sizeof(count), " (+%zu: ", others - 1);
  room = size - used - strlen(count);
  room = room < sizeof(list) ? room : sizeof(list);
  for (size_t i = 0; i < aliases->count; i++)
    if (!strcmp(aliases->alias[i].target, target) &&
        strcmp(aliases->alias[i].name, name) != 0)
      append(list, room, aliases->alias[i].name);
  snprintf(text + used, size - used, "%s%s%s", count, list,
           strstr(list, MORE) ? "" : ")");
}
