/* SPDX-License-Identifier: MIT */
/* How many CPUs tables need room for. */
#ifndef BPFMEM_KERNEL_CPUS_H
#define BPFMEM_KERNEL_CPUS_H

#define CPUS_POSSIBLE "/sys/devices/system/cpu/possible"

/* The highest id that a CPU of this machine can have, plus one: ids have holes
 * where CPUs failed to start (arm64, smp_cpu_setup()), so their number is not
 * enough. Where perf events may be opened, it is the kernel's own, whatever
 * CPUS_POSSIBLE says less. More than 0, or -errno. */
int cpus_count(void);

#endif
