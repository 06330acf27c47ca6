/* SPDX-License-Identifier: MIT */
/* Slab objects allocated and freed per kernel cache. */
#ifndef BPFMEM_SLAB_SLAB_H
#define BPFMEM_SLAB_SLAB_H

#include "probe.h"

extern const struct probe slab_probe;

#endif
