// SPDX-License-Identifier: MIT
/* The list of probes. */
#include "probe.h"

const struct probe *const probes[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = &pagefault_probe,
    [PROBE_SLAB] = &slab_probe,
};

const struct settings_probe *probe_settings(const struct settings *settings,
                                            enum probe_id id) {
  return id == PROBE_SLAB ? &settings->slab : &settings->pagefaults;
}
