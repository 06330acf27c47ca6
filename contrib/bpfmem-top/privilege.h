/* SPDX-License-Identifier: MIT */
/* May this process load and attach BPF programs? */
#ifndef BPFMEM_TOP_PRIVILEGE_H
#define BPFMEM_TOP_PRIVILEGE_H

#include <stdbool.h>

bool privilege_suffices(void);

#endif
