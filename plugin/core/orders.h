/* SPDX-License-Identifier: MIT */
/* The reasons that make a file or a cache worth a series. */
#ifndef BPFMEM_CORE_ORDERS_H
#define BPFMEM_CORE_ORDERS_H

#include "core/rank.h"

/* Files: those for which programs wait, then those with most faults. */
extern const struct rank_orders orders_files;
/* Caches: those that grow, those that hold most memory, those with most objects
 * allocated and freed. */
extern const struct rank_orders orders_caches;

#endif
