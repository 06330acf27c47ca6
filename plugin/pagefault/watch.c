// SPDX-License-Identifier: MIT
/* How many faults were lost while the hook was switched off. */
#include "pagefault/watch.h"

void pagefault_watch_start(struct pagefault_watch *watch, uint64_t raised,
                           uint64_t counted) {
  *watch = (struct pagefault_watch){.raised = raised, .counted = counted};
}

static void lose(struct pagefault_watch *watch, int64_t events) {
  if (events > 0)
    watch->lost += (uint64_t)events;
}

void pagefault_watch_update(struct pagefault_watch *watch, uint64_t raised,
                            uint64_t counted, bool off) {
  int64_t now =
      (int64_t)(raised - watch->raised) - (int64_t)(counted - watch->counted);

  if (off && !watch->off)
    lose(watch, watch->before);
  if (off || watch->off)
    lose(watch, now);
  *watch = (struct pagefault_watch){.off = off,
                                    .raised = raised,
                                    .counted = counted,
                                    .before = now,
                                    .lost = watch->lost};
}
