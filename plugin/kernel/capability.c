// SPDX-License-Identifier: MIT
/* Asks the kernel for the capabilities in force. */
#include "kernel/capability.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

bool capability_has(enum capability capability) {
  struct __user_cap_header_struct header = {.version =
                                                _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

  if (syscall(SYS_capget, &header, data))
    return false;
  return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

bool capability_suffices(void) {
  return capability_has(CAPABILITY_SYS_ADMIN) ||
         (capability_has(CAPABILITY_BPF) && capability_has(CAPABILITY_PERFMON));
}
