// SPDX-License-Identifier: MIT
/* Empty programs at the hooks of the probes. */
#include "micro.h"

#include "kernel/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS_MAX 4096

struct empty {
  int fds[FDS_MAX];
  unsigned count;
};

static int keep(struct empty *empty, int fd) {
  if (fd < 0)
    return -errno;
  if (empty->count == FDS_MAX) {
    close(fd);
    return -E2BIG;
  }
  empty->fds[empty->count++] = fd;
  return 0;
}

static int load(enum bpf_prog_type type, struct bpf_prog_load_opts *opts) {
  const struct bpf_insn empty[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
      {.code = BPF_JMP | BPF_EXIT},
  };

  return bpf_prog_load(type, "bpfmem_empty", "GPL", empty,
                       sizeof(empty) / sizeof(empty[0]), opts);
}

static int open_raw(struct empty *empty, const char *tracepoint) {
  int prog = load(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL);
  int err = keep(empty, prog);

  return err ? err : keep(empty, bpf_raw_tracepoint_open(tracepoint, prog));
}

/* One event with a program. */
static int open_event(struct empty *empty, struct perf_event_attr *attr,
                      int prog, int cpu) {
  int fd = (int)syscall(SYS_perf_event_open, attr, -1, cpu, -1,
                        PERF_FLAG_FD_CLOEXEC);
  int err = keep(empty, fd);

  if (err)
    return err;
  if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog) ||
      ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
    return -errno;
  return 0;
}

static int open_perf_cpu(struct empty *empty, __u64 config, int prog, int cpu) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                 .size = sizeof(attr),
                                 .config = config,
                                 .sample_period = 1,
                                 .disabled = 1};

  return open_event(empty, &attr, prog, cpu);
}

static int open_perf(struct empty *empty, __u64 config) {
  int prog = load(BPF_PROG_TYPE_PERF_EVENT, NULL);
  int err = keep(empty, prog), cpus = libbpf_num_possible_cpus();

  for (int cpu = 0; cpu < cpus && !err; cpu++)
    err = open_perf_cpu(empty, config, prog, cpu);
  return err;
}

static int open_events(struct empty *empty) {
  int err = open_perf(empty, PERF_COUNT_SW_PAGE_FAULTS_MIN);

  return err ? err : open_perf(empty, PERF_COUNT_SW_PAGE_FAULTS_MAJ);
}

static int open_function(struct empty *empty, const char *function,
                         enum bpf_attach_type type) {
  LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
  struct btf *btf = btf__load_vmlinux_btf();
  int prog, err;

  if (!btf)
    return -errno;
  opts.attach_btf_id =
      (__u32)btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
  btf__free(btf);
  prog = load(BPF_PROG_TYPE_TRACING, &opts);
  err = keep(empty, prog);
  return err ? err : keep(empty, bpf_raw_tracepoint_open(NULL, prog));
}

/* Where waits start, as the plugin has it. Where that has a kprobe, there is
 * nothing to compare it with. */
static void open_start(struct empty *empty) {
  if (open_raw(empty, "mm_filemap_fault"))
    (void)open_function(empty, "filemap_fault", BPF_TRACE_FENTRY);
}

/* On CPU 0: the program runs on all. */
static int open_classic(struct empty *empty, const char *tracepoint) {
  struct perf_event_attr attr = {
      .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .disabled = 1};
  int prog = load(BPF_PROG_TYPE_TRACEPOINT, NULL);
  int err = keep(empty, prog);
  char event[64];

  snprintf(event, sizeof(event), "kmem/%s", tracepoint);
  attr.config = bench_event_id(event);
  return err ? err : open_event(empty, &attr, prog, 0);
}

static bool slab_is_classic(void) {
  const struct hook_need need = {HOOK_NEEDS_PREEMPTION_AT, "raw tracepoints"};
  struct features features = {0};
  bool classic = !features_read(&features) && features_exists(&features, &need);

  features_forget(&features);
  return classic;
}

static int open_slab(struct empty *empty) {
  static const char *const tracepoints[] = {
      "kmem_cache_alloc", "kmem_cache_free", "kmalloc", "kfree"};
  bool classic = slab_is_classic();
  int err = 0;

  for (unsigned i = 0; i < 4 && !err; i++)
    err = classic ? open_classic(empty, tracepoints[i])
                  : open_raw(empty, tracepoints[i]);
  return err;
}

static int open_faults(struct empty *empty, bool fexit, bool events) {
  int err = 0;

  open_start(empty);
  if (fexit)
    err = open_function(empty, "handle_mm_fault", BPF_TRACE_FEXIT);
  if (!err && events)
    err = open_events(empty);
  return err;
}

static int open_set(struct empty *empty, enum empty_set set) {
  switch (set) {
  case EMPTY_SLAB_TRACEPOINTS:
    return open_slab(empty);
  case EMPTY_FAULT_FEXIT:
    return open_faults(empty, true, false);
  case EMPTY_FAULT_EVENTS_AND_FEXIT:
    return open_faults(empty, true, true);
  default:
    return open_faults(empty, false, true);
  }
}

void empty_open(enum empty_set set, struct empty **ret_empty) {
  struct empty *empty = calloc(1, sizeof(*empty));
  int err = empty ? open_set(empty, set) : -ENOMEM;

  if (err)
    bench_die("empty programs", err);
  *ret_empty = empty;
}

void empty_close(struct empty *empty) {
  if (!empty)
    return;
  while (empty->count)
    close(empty->fds[--empty->count]);
  free(empty);
}
