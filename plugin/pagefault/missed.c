// SPDX-License-Identifier: MIT
/* How many faults a hook missed. */
#include "pagefault/missed.h"

/* Counters wrap around alike: their difference does not. */
static int64_t difference(uint64_t raised, uint64_t counted) {
  return (int64_t)(raised - counted);
}

void pagefault_missed_start(struct pagefault_missed *missed, uint64_t raised,
                            uint64_t counted) {
  *missed = (struct pagefault_missed){.start = difference(raised, counted)};
}

uint64_t pagefault_missed_update(struct pagefault_missed *missed,
                                 uint64_t raised, uint64_t counted) {
  int64_t now = difference(raised, counted) - missed->start;
  int64_t both = now < missed->before ? now : missed->before;

  missed->before = now;
  if (both > 0 && (uint64_t)both > missed->sure)
    missed->sure = (uint64_t)both;
  return missed->sure;
}
