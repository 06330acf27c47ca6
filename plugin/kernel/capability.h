/* SPDX-License-Identifier: MIT */
/* What this process may do. */
#ifndef BPFMEM_KERNEL_CAPABILITY_H
#define BPFMEM_KERNEL_CAPABILITY_H

#include <stdbool.h>

/* Numbers of include/uapi/linux/capability.h, whose older copies lack those of
 * 5.8. */
enum capability {
  CAPABILITY_SYS_ADMIN = 21,
  CAPABILITY_SYSLOG = 34,
  CAPABILITY_PERFMON = 38,
  CAPABILITY_BPF = 39
};

/* Whether it is in force. */
bool capability_has(enum capability capability);

/* Whether they suffice for BPF programs that trace. */
bool capability_suffices(void);

#endif
