// SPDX-License-Identifier: MIT
/* Asks for the capabilities in force. */
#include "privilege.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Named by <linux/capability.h> since 5.8 only. */
#define CAPABILITY_PERFMON 38
#define CAPABILITY_BPF 39

static bool has(uint64_t capabilities, unsigned capability) {
  return capabilities >> capability & 1;
}

bool privilege_suffices(void) {
  struct __user_cap_header_struct header = {.version =
                                                _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
  uint64_t have;

  if (syscall(SYS_capget, &header, data))
    return false;
  have = (uint64_t)data[1].effective << 32 | data[0].effective;
  return has(have, CAP_SYS_ADMIN) ||
         (has(have, CAPABILITY_BPF) && has(have, CAPABILITY_PERFMON));
}
