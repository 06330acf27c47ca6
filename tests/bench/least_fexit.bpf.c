/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The least that counts page faults, by fexit. */
#include "least.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define VM_FAULT_UNCOUNTED 0x000c73 /* bpf/pagefault/pagefault.bpf.c */
#define VM_FAULT_MAJOR 0x000004

SEC("fexit/handle_mm_fault")
int BPF_PROG(least_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  bool major = result & VM_FAULT_MAJOR;
  u64 cpu = cpu_now(), id;
  struct file *file;

  if (result & VM_FAULT_UNCOUNTED)
    return 0;
  file = vma->vm_file;
  return file ? count_fault(find_file(cpu, file->f_inode, &id), major) : 0;
}
