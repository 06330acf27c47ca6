/* SPDX-License-Identifier: MIT */
/* --probe: lists the hooks, and tells which of them this kernel has. */
#ifndef BPFMEM_TOP_PROBE_LIST_H
#define BPFMEM_TOP_PROBE_LIST_H

#include "core/settings.h"
#include "kernel/log.h"

#include <stdbool.h>
#include <stdio.h>

/* Lists the hooks of each probe that is to collect. With `verbose` it also
 * tells what each needs. 0, or -errno after logging why. */
int probe_list(FILE *out, const struct settings *settings, bool verbose,
               const struct log *log);

#endif
