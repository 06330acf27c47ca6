/* SPDX-License-Identifier: MIT */
/* How many CPUs tables have to have room for. */
#ifndef BPFMEM_KERNEL_CPUS_H
#define BPFMEM_KERNEL_CPUS_H

/* The highest number that a CPU may have, plus one, or -errno. There may be
 * holes below it, as on arm64 where a CPU failed at boot: not their number. */
int cpus_count(void);

/* The same of a file in the format of /sys/devices/system/cpu/possible. */
int cpus_count_in(const char *path);

#endif
