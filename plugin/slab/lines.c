// SPDX-License-Identifier: MIT
#include "slab/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int slab_lines_open(const struct bpf_object *object, struct slab_lines *lines) {
  void *variable = NULL;
  int err;

  if (!lines->cpus)
    return 0;
  err = counters_open_variable(object, ".bss", "slab_lines",
                               PROT_READ | PROT_WRITE,
                               sizeof(*lines->lines) * lines->cpus * SLAB_LINES,
                               &lines->table, &variable);
  if (err)
    return err;
  lines->lines = variable;
  lines->emptied = calloc(SLAB_SLOTS_MAX, sizeof(*lines->emptied));
  return lines->emptied ? 0 : -ENOMEM;
}

void slab_lines_close(struct slab_lines *lines) {
  counters_close(&lines->table);
  free(lines->emptied);
  *lines = (struct slab_lines){0};
}

static void add_counts(const __u64 *from, __u64 *to) {
  for (int i = 0; i < SLAB_LINE_COUNTERS; i++)
    to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

/* Nobody counts there any more, and nobody takes it before `taken` is 0. */
static void empty(struct slab_lines *lines, struct slab_line *line) {
  add_counts(line->count, lines->emptied[line->slot].count);
  memset(line->count, 0, sizeof(line->count));
  line->cache = 0;
  __atomic_store_n(&line->taken, 0, __ATOMIC_RELEASE);
}

/* The slot was written before the cache was. */
static void add_line(struct slab_lines *lines, struct slab_line *line,
                     struct slab_count *sums) {
  __u64 cache = __atomic_load_n(&line->cache, __ATOMIC_ACQUIRE);

  if (!cache || line->slot >= SLAB_SLOTS_MAX)
    return;
  if (cache == SLAB_LINE_LEFT)
    empty(lines, line);
  else
    add_counts(line->count, sums[line->slot].count);
}

void slab_lines_add(struct slab_lines *lines,
                    struct slab_count sums[SLAB_SLOTS_MAX]) {
  if (!lines->cpus)
    return;
  for (unsigned i = 0; i < lines->cpus * SLAB_LINES; i++)
    add_line(lines, &lines->lines[i], sums);
  for (unsigned i = 0; i < SLAB_SLOTS_MAX; i++)
    add_counts(lines->emptied[i].count, sums[i].count);
}
