// SPDX-License-Identifier: MIT
#include "pagefault/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

int pagefault_lines_open(const struct bpf_object *object, unsigned cpus,
                         unsigned slots_max, struct pagefault_lines *lines) {
  unsigned count = cpus > PF_LINE_CPUS ? 0 : cpus * PF_LINES;
  void *variable = NULL;
  int err;

  if (!count)
    return 0;
  err = counters_open_variable(
      object, ".bss", "pf_lines", PROT_READ | PROT_WRITE,
      count * sizeof(*lines->lines), &lines->table, &variable);
  if (err)
    return err == -ENOENT ? 0 : err;
  lines->lines = variable;
  lines->count = count;
  lines->slots_max = slots_max;
  lines->emptied = calloc(slots_max, sizeof(*lines->emptied));
  return lines->emptied ? 0 : -ENOMEM;
}

void pagefault_lines_close(struct pagefault_lines *lines) {
  counters_close(&lines->table);
  free(lines->emptied);
  *lines = (struct pagefault_lines){0};
}

/* The slot that counts there, or PF_SLOT_OTHER: none. The key was written
 * before the holder was. */
static uint32_t slot_of(const struct pagefault_lines *lines,
                        const struct pf_line *line) {
  uint32_t slot =
      PF_LINE_SLOT(__atomic_load_n(&line->holder, __ATOMIC_ACQUIRE));

  return slot < lines->slots_max ? slot : PF_SLOT_OTHER;
}

static uint32_t minor_of(const struct pf_line *line) {
  return __atomic_load_n(&line->minor, __ATOMIC_RELAXED);
}

/* Closed one read ago: no program that found it open is at it any more. */
static void empty(struct pagefault_lines *lines, struct pf_line *line,
                  uint32_t slot) {
  lines->emptied[slot] += line->minor;
  line->minor = line->seen = 0;
  __atomic_store_n(&line->holder, 0, __ATOMIC_RELEASE);
}

static void turn(struct pagefault_lines *lines, struct pf_line *line,
                 uint32_t slot) {
  uint32_t minor = minor_of(line);

  if (!line->key.dev)
    empty(lines, line, slot);
  else if (minor == line->seen)
    pagefault_line_close(line);
  else
    line->seen = minor;
}

void pagefault_lines_turn(struct pagefault_lines *lines) {
  for (unsigned i = 0; i < lines->count; i++) {
    uint32_t slot = slot_of(lines, &lines->lines[i]);

    if (slot != PF_SLOT_OTHER)
      turn(lines, &lines->lines[i], slot);
  }
}

void pagefault_lines_add(const struct pagefault_lines *lines,
                         struct pf_count *counts) {
  for (unsigned i = 0; i < lines->count; i++) {
    uint32_t slot = slot_of(lines, &lines->lines[i]);

    if (slot != PF_SLOT_OTHER)
      counts[slot].minor += minor_of(&lines->lines[i]);
  }
  for (unsigned i = 0; lines->emptied && i < lines->slots_max; i++)
    counts[i].minor += lines->emptied[i];
}
