// SPDX-License-Identifier: MIT
/* The ring is mapped only while something is in it: libbpf maps it twice, so
 * half a MiB of the kernel's would for ever look like a whole one of this
 * process. */
#include "pagefault/names.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The consumer's position is at the start of the first page, the producer's at
 * that of the second (5.8, 457f44363a88). */
int names_open(int fd, names_take *take, void *ctx, struct names *ret_names) {
  size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
  void *positions = mmap(/* addr = */ NULL, 2 * page_size, PROT_READ,
                         MAP_SHARED, fd, /* offset = */ 0);

  if (positions == MAP_FAILED)
    return -errno;
  *ret_names = (struct names){.fd = fd,
                              .take = take,
                              .ctx = ctx,
                              .positions = positions,
                              .page_size = page_size};
  return 0;
}

void names_close(struct names *names) {
  if (names->positions)
    munmap((void *)names->positions, 2 * names->page_size);
  *names = (struct names){0};
}

static bool is_empty(const struct names *names) {
  const unsigned long *consumer = (const void *)names->positions;
  const unsigned long *producer =
      (const void *)(names->positions + names->page_size);

  return __atomic_load_n(consumer, __ATOMIC_RELAXED) ==
         __atomic_load_n(producer, __ATOMIC_ACQUIRE);
}

int names_read(const struct names *names) {
  struct ring_buffer *ring;
  int taken;

  if (is_empty(names))
    return 0;
  ring = ring_buffer__new(names->fd, names->take, names->ctx,
                          /* opts = */ NULL);
  if (!ring)
    return -errno;
  taken = ring_buffer__consume(ring);
  ring_buffer__free(ring);
  return taken < 0 ? taken : 0;
}
