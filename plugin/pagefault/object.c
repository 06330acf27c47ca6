// SPDX-License-Identifier: MIT
/* Opens, sizes and loads the page fault programs. */
#include "pagefault/object.h"

#include "kernel/attach.h"
#include "kernel/features.h"
#include "pagefault/hooks.h"

/* The skeletons give the bytes; what is in them is found by name, as there are
 * two of them. */
#include "pagefault/pagefault.skel.h"
#include "pagefault/pagefault_tracepoint.skel.h"

#include <errno.h>
#include <sys/mman.h>

/* Threads in a fault at a time for which the hash has room: all, or those whose
 * place in pf_stashed is taken. */
#define STASHED_MAX 16384
#define STASHED_APART_MAX 4096

static struct bpf_map *find_map(const struct pagefault_object *object,
                                const char *name) {
  return bpf_object__find_map_by_name(object->bpf, name);
}

static bool by_tracepoint(const struct pagefault_object_options *options) {
  return options->hook->kind == SETTINGS_HOOKS_TRACEPOINT;
}

static struct bpf_object *
open_bytes(const struct pagefault_object_options *options) {
  LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "pagefault_bpf",
              .btf_custom_path = features_btf_path(options->btf));
  size_t size;
  const void *bytes = by_tracepoint(options)
                          ? pagefault_tracepoint_bpf__elf_bytes(&size)
                          : pagefault_bpf__elf_bytes(&size);

  return bpf_object__open_mem(bytes, size, &opts);
}

/* Maps that the hook does not use are not made. */
static void size_stash(const struct pagefault_object *object,
                       const struct hook_candidate *hook) {
  struct bpf_map *hash = find_map(object, "pf_stash");
  bool stashes = pagefault_hooks_last(hook) > 0;
  bool places = hook != &pagefault_old_kprobe;

  if (!hash)
    return;
  bpf_map__set_autocreate(hash, stashes);
  bpf_map__set_max_entries(hash, places ? STASHED_APART_MAX : STASHED_MAX);
}

static int configure(const struct pagefault_object *object,
                     const struct pagefault_object_options *options) {
  unsigned slots = options->config.slots_max, files = slots - PF_SLOT_FILES;

  bpf_map__set_max_entries(find_map(object, "pf_files"), files);
  bpf_map__set_max_entries(find_map(object, "pf_free"), files);
  bpf_map__set_max_entries(find_map(object, "pf_slots"), slots);
  bpf_map__set_max_entries(find_map(object, "pf_counts"),
                           options->cpus * slots);
  bpf_map__set_max_entries(find_map(object, "pf_cpus"), options->cpus);
  size_stash(object, options->hook);
  return bpf_map__set_initial_value(find_map(object, PF_CONFIG_SECTION),
                                    &options->config, sizeof(options->config));
}

/* By tracepoint there is none: what is seen there is kept with the owner. */
static int map_stashed(struct pagefault_object *object) {
  void *stashed = NULL;
  int err = counters_open_variable(object->bpf, ".bss", "pf_stashed", PROT_READ,
                                   PF_PLACES * sizeof(*object->stashed),
                                   &object->bss, &stashed);

  object->stashed = stashed;
  return err == -ENOENT ? 0 : err;
}

static int map_tables(struct pagefault_object *object,
                      const struct pagefault_object_options *options) {
  int err = counters_open(find_map(object, "pf_slots"), &object->slots);

  if (!err)
    err = map_stashed(object);
  if (!err)
    err = pagefault_lines_open(object->bpf, options->cpus,
                               options->config.slots_max, &object->lines);
  if (!err)
    err = counters_open_frozen(find_map(object, "pf_counts"), &object->counts);
  if (!err)
    err = counters_open_frozen(find_map(object, "pf_cpus"), &object->cpus);
  /* Where a probe of libbpf's tells it that the kernel has no global data, it
   * leaves them out and says nothing. */
  if (!err && pagefault_object_map(object, PF_STATS_SECTION) < 0)
    err = -EOPNOTSUPP;
  return err ? err
             : counters_open_frozen(find_map(object, PF_STATS_SECTION),
                                    &object->stats);
}

int pagefault_object_open(const struct pagefault_object_options *options,
                          struct pagefault_object *ret_object) {
  int err;

  ret_object->bpf = open_bytes(options);
  if (!ret_object->bpf)
    return -errno;
  attach_select_none(ret_object->bpf);
  err = configure(ret_object, options);
  if (!err)
    err = attach_select(ret_object->bpf, options->hook);
  if (!err)
    err = bpf_object__load(ret_object->bpf);
  return err ? err : map_tables(ret_object, options);
}

void pagefault_object_close(struct pagefault_object *object) {
  counters_close(&object->slots);
  counters_close(&object->counts);
  counters_close(&object->cpus);
  counters_close(&object->stats);
  counters_close(&object->bss);
  pagefault_lines_close(&object->lines);
  bpf_object__close(object->bpf);
  *object = (struct pagefault_object){0};
}

int pagefault_object_map(const struct pagefault_object *object,
                         const char *name) {
  return bpf_map__fd(find_map(object, name));
}

struct pf_stats pagefault_object_stats(const struct pagefault_object *object) {
  struct pf_stats stats;

  counters_sum(&object->stats, 1, sizeof(stats) / sizeof(uint64_t),
               (uint64_t *)&stats);
  return stats;
}
