// SPDX-License-Identifier: MIT
/* Attaches programs to hooks, by libbpf, and tells what they miss there. */
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

static struct bpf_link *attach_kprobe(const struct bpf_program *program,
                                      const char *function) {
  const char *section = bpf_program__section_name(program);
  LIBBPF_OPTS(bpf_kprobe_multi_opts, fprobe, .syms = &function, .cnt = 1);

  if (!strcmp(section, "kprobe.multi"))
    return bpf_program__attach_kprobe_multi_opts(program, NULL, &fprobe);
  return bpf_program__attach_kprobe(program, !strcmp(section, "kretprobe"),
                                    function);
}

static struct bpf_link *attach_link(const struct bpf_program *program,
                                    const char *target) {
  if (!target)
    return bpf_program__attach(program);
  switch (bpf_program__type(program)) {
  case BPF_PROG_TYPE_KPROBE:
    return attach_kprobe(program, target);
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

uint64_t attach_missed(struct attachment *attachment) {
  struct bpf_prog_info info = {0};
  __u32 size = sizeof(info);

  if (attachment->program &&
      !bpf_obj_get_info_by_fd(bpf_program__fd(attachment->program), &info,
                              &size))
    attachment->missed = info.recursion_misses;
  return attachment->missed;
}

/* struct bpf_link_info as of 6.7: headers may be older. */
struct link_info {
  __u32 type, id, prog_id, unused;
  union {
    struct {
      __u32 type, unused;
      __u64 name;
      __u32 name_len, offset;
      __u64 address, missed;
    } event;
    struct {
      __u64 addresses;
      __u32 count, flags;
      __u64 missed;
    } fprobe;
  };
};

enum { LINK_PERF_EVENT = 7, LINK_FPROBE = 8 };
enum { EVENT_KPROBE = 3, EVENT_KRETPROBE = 4 };

static uint64_t link_missed(const struct link_info *info) {
  if (info->type == LINK_FPROBE)
    return info->fprobe.missed;
  return info->type == LINK_PERF_EVENT && (info->event.type == EVENT_KPROBE ||
                                           info->event.type == EVENT_KRETPROBE)
             ? info->event.missed
             : 0;
}

/* Before 5.15 (b89fbfbb854c) libbpf's link of such a program is none of the
 * kernel's. */
uint64_t attach_missed_hits(struct attachment *attachment) {
  struct link_info info = {0};
  __u32 size = sizeof(info);

  if (attachment->program &&
      bpf_program__type(attachment->program) == BPF_PROG_TYPE_KPROBE &&
      !bpf_obj_get_info_by_fd(bpf_link__fd(attachment->link), &info, &size))
    attachment->missed_hits = link_missed(&info);
  return attachment->missed_hits;
}
