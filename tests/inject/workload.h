/* SPDX-License-Identifier: MIT */
/* Events whose number is known. */
#ifndef BPFMEM_INJECT_WORKLOAD_H
#define BPFMEM_INJECT_WORKLOAD_H

/* More files than the smallest table has room for. */
enum { WORKLOAD_FILES = 67, WORKLOAD_NAMESPACES = 13 };

/* Makes the files in the working directory; 0 or -errno. */
int workload_prepare(void);
/* Faults on each file; returns how many faults, by getrusage. */
unsigned long workload_fault(void);
/* Makes WORKLOAD_NAMESPACES objects of the cache uts_namespace: 0 or -errno. */
int workload_namespaces(void);

#endif
