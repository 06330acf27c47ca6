// SPDX-License-Identifier: MIT
/* Programs to hooks: libbpf where it can, tracefs and perf where it cannot. */
#include "kernel/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

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
    if (candidate->target &&
        bpf_program__type(program) == BPF_PROG_TYPE_TRACING)
      bpf_program__set_attach_target(program, 0, candidate->target);
  }
  return 0;
}

static int attach_kprobe(struct bpf_program *program, const char *function,
                         struct attachment *attachment) {
  bool at_return = !strcmp(bpf_program__section_name(program), "kretprobe");
  int err = tracefs_event_add(bpf_program__name(program), function, at_return,
                              &attachment->event);

  if (err)
    return err;
  attachment->link =
      bpf_program__attach_perf_event(program, attachment->event.perf_fd);
  if (attachment->link)
    return 0;
  err = -errno;
  close(attachment->event.perf_fd);
  tracefs_event_remove(&attachment->event);
  return err;
}

int attach_open(struct bpf_program *program, const char *function,
                struct attachment *ret_attachment) {
  struct attachment attachment = {.program = program};
  int err = 0;

  switch (bpf_program__type(program)) {
  case BPF_PROG_TYPE_KPROBE:
    err = attach_kprobe(program, function, &attachment);
    break;
  default:
    attachment.link = bpf_program__attach(program);
    err = attachment.link ? 0 : -errno;
  }
  if (!err)
    *ret_attachment = attachment;
  return err;
}

void attach_close(struct attachment *attachment) {
  bpf_link__destroy(attachment->link);
  tracefs_event_remove(&attachment->event);
  *attachment = (struct attachment){0};
}

uint64_t attach_missed(const struct attachment *attachment) {
  struct bpf_prog_info info = {0};
  __u32 size = sizeof(info);

  if (!attachment->program)
    return 0;
  if (bpf_obj_get_info_by_fd(bpf_program__fd(attachment->program), &info,
                             &size))
    return 0;
  return info.recursion_misses + tracefs_event_missed(&attachment->event);
}
