/* SPDX-License-Identifier: MIT */
/* Both probes as fakes: linked with probe.c, they are the plugin's. */
#ifndef BPFMEM_FAKE_PROBES_H
#define BPFMEM_FAKE_PROBES_H

#include "fake_source.h"
#include "probe.h"

/* One fake probe: what it was asked, and what it answers. */
struct fake_probe {
  struct probe_options options;
  int open_error, opened, closed;
  const char *btf; /* of options.kernel, which is gone after the start */
  struct fake_source source;
};

extern struct fake_probe faults, objects;

/* Times that what was known of the kernel was forgotten. */
extern unsigned kernels_forgotten;

/* As if neither was ever opened; their sources have no rows. */
void fake_probes_reset(void);

#endif
