// SPDX-License-Identifier: MIT
/* What an event costs, beside empty programs and beside other tools. */
#include "micro.h"

#include <stdio.h>

#define ROUNDS 31
#define VM_ROUNDS 3

static const struct work *const slab_works[WORKS_MAX] = {&work_stat,
                                                         &work_open_close};
static const struct work *const slab_vm_works[WORKS_MAX] = {
    &work_stat, &work_open_close, &work_spawn};
static const struct work *const fault_works[WORKS_MAX] = {
    &work_read_fault,   &work_hot_file,   &work_write_fault,
    &work_shared_fault, &work_anon_fault, &work_major_fault};
static const struct work *const fault_vm_works[WORKS_MAX] = {
    &work_read_fault, &work_hot_file,    &work_write_fault, &work_shared_fault,
    &work_anon_fault, &work_major_fault, &work_spawn};

void part_micro(void) {
  unsigned rounds = bench_rounds(ROUNDS);

  printf("ns per operation, %u interleaved rounds\n", rounds);
  compare(&subject_slab, slab_works, rounds);
  compare(&subject_faults, fault_works, rounds);
}

/* For machines that allow these hooks. */
void part_vm(void) {
  unsigned rounds = bench_rounds(VM_ROUNDS);

  printf("ns per operation, %u interleaved rounds\n", rounds);
  printf("\nslab\n");
  compare(&subject_slab_vm, slab_vm_works, rounds);
  printf("\nslab, tracepoints alone\n");
  compare(&subject_slab, slab_vm_works, rounds);
  printf("\npage faults by fexit\n");
  compare(&subject_faults_fexit, fault_vm_works, rounds);
  printf("\npage faults by event, and fexit for those that raise none\n");
  compare(&subject_faults_event, fault_vm_works, rounds);
  printf("\npage faults by event alone\n");
  compare(&subject_faults, fault_vm_works, rounds);
}
