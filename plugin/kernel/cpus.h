/* SPDX-License-Identifier: MIT */
/* The number of CPUs for which tables need room. */
#ifndef BPFMEM_KERNEL_CPUS_H
#define BPFMEM_KERNEL_CPUS_H

#define CPUS_POSSIBLE "/sys/devices/system/cpu/possible"

/* The highest id that a CPU of this machine can have, plus one. Ids have holes
 * where CPUs failed to start (arm64, smp_cpu_setup()), so the number of CPUs is
 * not enough. If this process may open perf events, it is the kernel's own
 * number, even if CPUS_POSSIBLE shows fewer. More than 0, or -errno. */
int cpus_count(void);

#endif
