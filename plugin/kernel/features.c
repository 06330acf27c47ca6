// SPDX-License-Identifier: MIT
/* Feature tests of the running kernel; never its version number. */
#include "kernel/features.h"

#include "kernel/log.h"
#include "kernel/preempt.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KPROBES "/sys/bus/event_source/devices/kprobe"

/* Loads the given file, or the kernel's own BTF; NULL and errno on failure. */
static struct btf *load_btf(const char *path) {
  struct btf *btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
  __u32 types = btf ? btf__type_cnt(btf) : 0;

  if (!btf || types > 1)
    return btf;
  btf__free(btf);
  errno = EINVAL;
  return NULL;
}

/* Whether this process or the machine was short of something, whatever was
 * read. */
static bool is_shortage(int err) {
  return err == -EMFILE || err == -ENFILE || err == -ENOMEM;
}

int features_read(struct features *info) {
  log_libbpf_begin();
  if (info->btf)
    return 0;
  info->own = !access(FEATURES_OWN_BTF, R_OK);
  info->btf = load_btf(info->path);
  if (info->btf)
    return 0;
  info->error = errno == ESRCH ? -ENOENT : -errno;
  return is_shortage(info->error) ? info->error : -ENODATA;
}

/* include/linux/proc_ns.h: PROC_USER_INIT_INO, of the first one. */
#define FIRST_USER_NAMESPACE 0xeffffffd

bool features_in_user_namespace(void) {
  struct stat status;

  return !stat("/proc/self/ns/user", &status) &&
         status.st_ino != FIRST_USER_NAMESPACE;
}

bool features_may(enum features_capability capability) {
  struct __user_cap_header_struct header = {.version =
                                                _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

  if (features_in_user_namespace() || syscall(SYS_capget, &header, data))
    return false;
  return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

bool features_may_trace(void) {
  return features_may(CAPABILITY_SYS_ADMIN) ||
         (features_may(CAPABILITY_BPF) && features_may(CAPABILITY_PERFMON));
}

const char *features_btf_path(const char *path) {
  if (path || features_may(CAPABILITY_SYS_ADMIN) ||
      access(FEATURES_OWN_BTF, R_OK))
    return path;
  return FEATURES_OWN_BTF;
}

void features_rest(struct features *info) {
  btf__free(info->btf);
  free(info->symbols);
  info->btf = NULL;
  info->symbols = NULL;
}

void features_forget(struct features *info) {
  features_rest(info);
  *info = (struct features){.path = info->path};
  /* glibc would keep for good the 12 MiB or so that were read of the kernel,
   * here and by libbpf. */
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

static bool is_zero(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  char value = '1';

  if (fd < 0)
    return false;
  (void)!read(fd, &value, 1);
  close(fd);
  return value == '0';
}

/* Kprobes at a function's entry are built on ftrace, if the kernel has it.
 * While trampolines use ftrace, 5.10 does not let it be switched off; 6.12
 * does. */
bool features_are_off(enum settings_hooks kind) {
  switch (kind) {
  case SETTINGS_HOOKS_KPROBE:
    return is_zero(FEATURES_SWITCH_KPROBES) || is_zero(FEATURES_SWITCH_FTRACE);
  case SETTINGS_HOOKS_FEXIT:
    return is_zero(FEATURES_SWITCH_FTRACE);
  default:
    return false;
  }
}

static bool has_function(const struct features *info, const char *name) {
  return btf__find_by_name_kind(info->btf, name, BTF_KIND_FUNC) > 0;
}

/* Loads and attaches an empty program. Kernels without trampolines or
 * CONFIG_FPROBE, and policies that forbid them, refuse only then. 0 or -errno.
 */
static int try_program(enum bpf_prog_type type, struct bpf_prog_load_opts *opts,
                       const struct bpf_link_create_opts *link_opts) {
  const struct bpf_insn empty[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
      {.code = BPF_JMP | BPF_EXIT},
  };
  int prog = bpf_prog_load(type, "bpfmem_try", "Dual MIT/GPL", empty,
                           sizeof(empty) / sizeof(empty[0]), opts);
  int link, err;

  if (prog < 0)
    return prog;
  link = bpf_link_create(prog, 0, opts->expected_attach_type, link_opts);
  err = link < 0 ? link : 0;
  close(prog);
  if (link >= 0)
    close(link);
  return err;
}

static enum features_answer try_fentry(struct features *info,
                                       const char *function) {
  int id = btf__find_by_name_kind(info->btf, function, BTF_KIND_FUNC);
  LIBBPF_OPTS(bpf_prog_load_opts, opts,
              .expected_attach_type = BPF_TRACE_FENTRY,
              .attach_btf_id = (__u32)id);
  int err = features_are_off(SETTINGS_HOOKS_FEXIT)
                ? -ENOLINK
                : try_program(BPF_PROG_TYPE_TRACING, &opts, NULL);

  if (err)
    info->error = err;
  return err ? FEATURES_NO : FEATURES_YES;
}

static bool can_fprobe(const char *function) {
  LIBBPF_OPTS(bpf_prog_load_opts, opts,
              .expected_attach_type = BPF_TRACE_KPROBE_MULTI);
  LIBBPF_OPTS(bpf_link_create_opts, link_opts, .kprobe_multi.syms = &function,
              .kprobe_multi.cnt = 1);

  return !try_program(BPF_PROG_TYPE_KPROBE, &opts, &link_opts);
}

/* Programs are attached by type ids of the kernel's own BTF. */
static bool can_fentry(struct features *info, const char *function) {
  if (!info->own || info->fentry == FEATURES_NO ||
      !has_function(info, function))
    return false;
  if (info->fentry == FEATURES_UNKNOWN)
    info->fentry = try_fentry(info, function);
  return info->fentry == FEATURES_YES;
}

/* BTF describes tracepoint X by the type btf_trace_X: a pointer to a prototype
 * whose first parameter is the data pointer. NULL when there is none. */
static const struct btf_type *tracepoint_proto(const struct features *info,
                                               const char *tracepoint) {
  char name[128];
  int id;

  snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
  id = btf__find_by_name_kind(info->btf, name, BTF_KIND_TYPEDEF);
  if (id < 0)
    return NULL;

  const struct btf_type *pointer =
      btf__type_by_id(info->btf, btf__type_by_id(info->btf, id)->type);

  return btf__type_by_id(info->btf, pointer->type);
}

/* Whether its third argument is a pointer to a struct kmem_cache. */
static bool has_cache_arg(const struct features *info, const char *tracepoint) {
  const struct btf_type *proto = tracepoint_proto(info, tracepoint), *type;

  if (!proto || btf_vlen(proto) <= 3)
    return false;
  type = btf__type_by_id(info->btf, btf_params(proto)[3].type);
  if (!btf_is_ptr(type))
    return false;
  type = btf__type_by_id(info->btf, btf__resolve_type(info->btf, type->type));
  return btf_is_struct(type) &&
         !strcmp(btf__name_by_offset(info->btf, type->name_off), "kmem_cache");
}

/* All lines "ADDRESS TYPE NAME"; NULL when they cannot be read. */
static char *read_symbols(void) {
  FILE *file = fopen("/proc/kallsyms", "re");
  char buffer[16384]; /* each read costs; procfs suggests 1024 */
  char *text = NULL;
  size_t size = 0;

  if (!file)
    return NULL;
  setvbuf(file, buffer, _IOFBF, sizeof(buffer));
  if (getdelim(&text, &size, '\0', file) < 0) {
    free(text);
    text = NULL;
  }
  fclose(file);
  return text;
}

/* Addresses read as zero without the right to see them (kptr_restrict). A
 * symbol that has a module's name behind it belongs to that module, not to the
 * kernel. */
static bool is_visible(const char *text, const char *name_end) {
  const char *line = name_end;

  while (line > text && line[-1] != '\n')
    line--;
  return line[strspn(line, "0")] != ' ';
}

/* /proc/kallsyms has more than 100,000 lines. To read it takes as long as all
 * else. So it is read once, and only for what nothing else tells. */
static bool has_symbol(struct features *info, const char *symbol) {
  const char *found;
  char name[128];

  if (!info->symbols)
    info->symbols = read_symbols();
  snprintf(name, sizeof(name), " %s\n", symbol);
  found = info->symbols ? strstr(info->symbols, name) : NULL;
  return found && is_visible(info->symbols, found);
}

bool features_have_kprobes(void) {
  return !access(KPROBES, F_OK) && !features_are_off(SETTINGS_HOOKS_KPROBE);
}

/* A file of BTF may hold only types, without functions. */
static bool can_kprobe(struct features *info, const char *function) {
  return features_have_kprobes() &&
         (has_function(info, function) || has_symbol(info, function));
}

/* Whether BTF has the name. The kernel's own has all functions that other files
 * call, and all variables per CPU. A file may hold only types, without them. */
static bool has_in_btf(struct features *info, const char *name, __u32 kind) {
  return btf__find_by_name_kind(info->btf, name, kind) > 0 ||
         (info->path && has_symbol(info, name));
}

static bool preempts(struct features *info) {
  if (info->preemption == FEATURES_UNKNOWN) {
    bool has_lazy = has_in_btf(info, "resched_curr_lazy", BTF_KIND_FUNC);

    info->preemption =
        preempt_is_possible(has_lazy) ? FEATURES_YES : FEATURES_NO;
  }
  return info->preemption == FEATURES_YES;
}

/* "enum.value" */
static bool has_enum_value(const struct features *info, const char *path) {
  size_t length = strcspn(path, ".");
  const struct btf_type *type;
  char name[64];
  int id;

  snprintf(name, sizeof(name), "%.*s", (int)length, path);
  id = btf__find_by_name_kind(info->btf, name, BTF_KIND_ENUM);
  type = id < 0 ? NULL : btf__type_by_id(info->btf, (__u32)id);
  for (int i = 0; type && i < btf_vlen(type); i++)
    if (!strcmp(btf__name_by_offset(info->btf, btf_enum(type)[i].name_off),
                path + length + 1))
      return true;
  return false;
}

static bool type_has_field(const struct btf *btf, const struct btf_type *type,
                           const char *field) {
  for (int i = 0; i < btf_vlen(type); i++) {
    const struct btf_member *member = &btf_members(type)[i];
    const char *name = btf__name_by_offset(btf, member->name_off);
    const struct btf_type *inner = btf__type_by_id(btf, member->type);

    if (!strcmp(name, field))
      return true;
    if (!*name && btf_is_composite(inner) && type_has_field(btf, inner, field))
      return true;
  }
  return false;
}

/* "struct.field", where the field may stand in an anonymous part. */
static bool has_field(const struct features *info, const char *path) {
  char type[64];
  size_t length = strcspn(path, ".");
  int id;

  snprintf(type, sizeof(type), "%.*s", (int)length, path);
  id = btf__find_by_name_kind(info->btf, type, BTF_KIND_STRUCT);
  return id > 0 && type_has_field(info->btf, btf__type_by_id(info->btf, id),
                                  path + length + 1);
}

/* 0 if tracefs does not have the event. */
static unsigned long long event_id(const char *event) {
  unsigned long long id = 0;
  char path[128];
  FILE *file;

  snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", event);
  file = fopen(path, "re");
  if (file && fscanf(file, "%llu", &id) != 1)
    id = 0;
  if (file)
    fclose(file);
  return id;
}

/* Tries, as a policy or kernel.perf_event_paranoid may forbid such events. CPU
 * 0 is the one on which libbpf opens them. */
static bool can_open_event(const char *event) {
  struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT,
                                 .size = sizeof(attr),
                                 .config = event_id(event),
                                 .disabled = 1};
  int fd = attr.config ? (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
                                      PERF_FLAG_FD_CLOEXEC)
                       : -1;

  if (fd < 0)
    return false;
  close(fd);
  return true;
}

bool features_exists(void *ctx, const struct hook_need *need) {
  struct features *info = ctx;

  switch (need->kind) {
  case HOOK_NEEDS_FUNCTION:
    return can_fentry(info, need->name);
  case HOOK_NEEDS_KPROBE:
    return can_kprobe(info, need->name);
  case HOOK_NEEDS_FPROBE:
    return can_fprobe(need->name);
  case HOOK_NEEDS_TRACEPOINT:
    return tracepoint_proto(info, need->name);
  case HOOK_NEEDS_CACHE_ARG:
    return has_cache_arg(info, need->name);
  case HOOK_NEEDS_KFUNC:
    return info->own && has_function(info, need->name);
  case HOOK_NEEDS_CODE:
    return has_function(info, need->name);
  case HOOK_NEEDS_SYMBOL:
    return has_symbol(info, need->name);
  case HOOK_NEEDS_FIELD:
    return has_field(info, need->name);
  case HOOK_NEEDS_VALUE:
    return has_enum_value(info, need->name);
  case HOOK_NEEDS_PREEMPTION:
    return preempts(info);
  case HOOK_NEEDS_NO_PREEMPTION:
    return !preempts(info);
  case HOOK_NEEDS_PREEMPTION_AT: /* since 7.2, under SRCU, of which BTF knows */
    return preempts(info) &&
           has_in_btf(info, "tracepoint_srcu_srcu_data", BTF_KIND_VAR);
  case HOOK_NEEDS_EVENT:
    return can_open_event(need->name);
  default:
    return true;
  }
}

int features_error(const struct features *info) {
  return info->error ? info->error : -EOPNOTSUPP;
}
