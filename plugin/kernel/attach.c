// SPDX-License-Identifier: MIT
/* Programs to hooks, by libbpf, and what they miss there. */
#include "kernel/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

void attach_select_none(struct bpf_object *object) {
  struct bpf_program *program;

  bpf_object__for_each_program(program, object)
      bpf_program__set_autoload(program, false);
}

int attach_select(struct bpf_object *object,
                  const struct hook_candidate *candidate) {
  for (int i = 0; i < HOOK_PROGRAMS_MAX && candidate->programs[i]; i++) {
    struct bpf_program *program =
        bpf_object__find_program_by_name(object, candidate->programs[i]);

    if (!program)
      return -ENOENT;
    bpf_program__set_autoload(program, true);
    if (candidate->targets[i] &&
        bpf_program__type(program) == BPF_PROG_TYPE_TRACING)
      bpf_program__set_attach_target(program, 0, candidate->targets[i]);
  }
  return 0;
}

/* "CATEGORY/NAME" */
static struct bpf_link *attach_event(const struct bpf_program *program,
                                     const char *event) {
  size_t length = strcspn(event, "/");
  char category[32];

  snprintf(category, sizeof(category), "%.*s", (int)length, event);
  return bpf_program__attach_tracepoint(program, category, event + length + 1);
}

static struct bpf_link *attach_link(const struct bpf_program *program,
                                    const char *target) {
  const char *section = bpf_program__section_name(program);

  if (!target)
    return bpf_program__attach(program);
  switch (bpf_program__type(program)) {
  case BPF_PROG_TYPE_KPROBE:
    return bpf_program__attach_kprobe(program, !strcmp(section, "kretprobe"),
                                      target);
  case BPF_PROG_TYPE_TRACEPOINT:
    return attach_event(program, target);
  case BPF_PROG_TYPE_RAW_TRACEPOINT:
    return bpf_program__attach_raw_tracepoint(program, target);
  default:
    return bpf_program__attach(program);
  }
}

int attach_open(struct bpf_program *program, const char *target,
                struct attachment *ret_attachment) {
  struct attachment attachment = {.program = program};

  attachment.link = attach_link(program, target);
  if (!attachment.link)
    return -errno;
  *ret_attachment = attachment;
  return 0;
}

int attach_candidate(const struct bpf_object *object,
                     const struct hook_candidate *candidate,
                     struct attachment ret_attachments[HOOK_PROGRAMS_MAX]) {
  int err = 0;

  for (int i = 0; i < HOOK_PROGRAMS_MAX && candidate->programs[i] && !err; i++)
    err = attach_open(
        bpf_object__find_program_by_name(object, candidate->programs[i]),
        candidate->targets[i], &ret_attachments[i]);
  return err;
}

void attach_close(struct attachment *attachment) {
  bpf_link__destroy(attachment->link);
  *attachment = (struct attachment){0};
}

uint64_t attach_missed(const struct attachment *attachment) {
  struct bpf_prog_info info = {0};
  __u32 size = sizeof(info);

  if (!attachment->program ||
      bpf_obj_get_info_by_fd(bpf_program__fd(attachment->program), &info,
                             &size))
    return 0;
  return info.recursion_misses;
}

/* struct bpf_link_info of 6.7, of a link to a kprobe: headers may be older. */
struct kprobe_link_info {
  __u32 type, id, prog_id, unused;
  __u32 event_type, unused_too;
  __u64 func_name;
  __u32 name_len, offset;
  __u64 addr, missed;
};

#define LINK_TYPE_PERF_EVENT 7
#define EVENT_TYPE_KPROBE 3
#define EVENT_TYPE_KRETPROBE 4

/* Before 5.15 (b89fbfbb854c) what libbpf has is no link of the kernel's. */
uint64_t attach_missed_hits(const struct attachment *attachment) {
  struct kprobe_link_info info = {0};
  __u32 size = sizeof(info);

  if (!attachment->program ||
      bpf_program__type(attachment->program) != BPF_PROG_TYPE_KPROBE ||
      bpf_obj_get_info_by_fd(bpf_link__fd(attachment->link), &info, &size))
    return 0;
  return info.type == LINK_TYPE_PERF_EVENT &&
                 (info.event_type == EVENT_TYPE_KPROBE ||
                  info.event_type == EVENT_TYPE_KRETPROBE)
             ? info.missed
             : 0;
}
