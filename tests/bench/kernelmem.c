// SPDX-License-Identifier: MIT
/* Walks this process's file descriptors. */
#include "kernelmem.h"

#include "bench.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

#define FDS_MAX 4096

/* What the kernel charges for it: exact for maps since 6.4 (90a5527d7686). */
static double memlock_of(int fd) {
  char path[64], line[128];
  double bytes = 0;
  FILE *file;

  snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
  file = fopen(path, "re");
  while (file && fgets(line, sizeof(line), file))
    if (sscanf(line, "memlock: %lf", &bytes) == 1)
      break;
  if (file)
    fclose(file);
  return bytes;
}

static bool is_new(unsigned id, unsigned seen[], unsigned *count) {
  for (unsigned i = 0; i < *count; i++)
    if (seen[i] == id)
      return false;
  if (*count < KERNELMEM_MAX)
    seen[(*count)++] = id;
  return true;
}

static void add_map(struct kernelmem *memory, int fd, unsigned seen[],
                    unsigned *seen_count) {
  struct bpf_map_info info = {0};
  __u32 size = sizeof(info);

  if (bpf_obj_get_info_by_fd(fd, &info, &size) ||
      memory->count == KERNELMEM_MAX - 1 || !is_new(info.id, seen, seen_count))
    return;
  snprintf(memory->item[memory->count].name,
           sizeof(memory->item[memory->count].name), "%s", info.name);
  memory->item[memory->count].entries = info.max_entries;
  memory->item[memory->count++].bytes = memlock_of(fd);
}

enum kind { NONE, MAP, PROGRAM };

/* As /proc/self/fdinfo has it. */
static enum kind kind_of(int fd) {
  char path[64], line[128];
  enum kind kind = NONE;
  FILE *file;

  snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
  file = fopen(path, "re");
  while (file && kind == NONE && fgets(line, sizeof(line), file)) {
    if (!strncmp(line, "map_type", 8))
      kind = MAP;
    else if (!strncmp(line, "prog_jited", 10))
      kind = PROGRAM;
  }
  if (file)
    fclose(file);
  return kind;
}

void kernelmem_read(struct kernelmem *ret_memory) {
  unsigned seen[KERNELMEM_MAX], seen_count = 0;
  struct kernelmem memory = {0};
  double programs = 0;

  for (int fd = 0; fd < FDS_MAX; fd++) {
    enum kind kind = kind_of(fd);

    if (kind == MAP)
      add_map(&memory, fd, seen, &seen_count);
    else if (kind == PROGRAM)
      programs += memlock_of(fd);
  }
  strcpy(memory.item[memory.count].name, "programs");
  memory.item[memory.count++].bytes = programs;
  *ret_memory = memory;
}

double kernelmem_sum(const struct kernelmem *memory) {
  double sum = 0;

  for (unsigned i = 0; i < memory->count; i++)
    sum += memory->item[i].bytes;
  return sum;
}

double kernelmem_of(const struct kernelmem *memory, const char *name) {
  for (unsigned i = 0; i < memory->count; i++)
    if (!strcmp(memory->item[i].name, name))
      return memory->item[i].bytes;
  return 0;
}
