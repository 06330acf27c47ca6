/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The least that counts, by fexit: kernels that have it lack what the other
 * hooks need. */
#include "least.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define VM_FAULT_UNCOUNTED 0x000c73 /* bpf/pagefault/pagefault.bpf.c */
#define VM_FAULT_MAJOR 0x000004
#define VM_FAULT_COMPLETED 0x004000
#define THREADS_BITS 14

TABLE u64 thread_files[1 << THREADS_BITS];

static __always_inline u64 *thread_file(void) {
  u32 thread = bpf_get_current_pid_tgid();

  return &thread_files[thread & ((1 << THREADS_BITS) - 1)];
}

/* After a write to a shared mapping the vma may be gone. */
SEC("fentry/fault_dirty_shared_page")
int BPF_PROG(least_dirty, struct vm_fault *fault) {
  find_file(cpu_now(), fault->vma->vm_file->f_inode, thread_file());
  return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(least_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  bool major = result & VM_FAULT_MAJOR;
  u64 cpu = cpu_now(), id;
  struct file *file;

  if (result & VM_FAULT_UNCOUNTED)
    return 0;
  if (result & VM_FAULT_COMPLETED)
    return count_fault(file_line(cpu, *thread_file() % (1 << FILES_BITS)),
                       major);
  file = vma->vm_file;
  return file ? count_fault(find_file(cpu, file->f_inode, &id), major) : 0;
}
