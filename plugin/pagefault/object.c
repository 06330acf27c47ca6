// SPDX-License-Identifier: MIT
/* Opens, sizes and loads the page fault programs. */
#include "pagefault/object.h"

#include "kernel/attach.h"
#include "kernel/features.h"
#include "kernel/run.h"
#include "pagefault/hooks.h"

/* Only the bytes of the skeletons are used, as there are two of them: programs
 * and maps are found by name. */
#include "pagefault/pagefault.skel.h"
#include "pagefault/pagefault_probe.skel.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

static struct bpf_map *find_map(const struct pagefault_object *object,
                                const char *name) {
  return bpf_object__find_map_by_name(object->bpf, name);
}

static struct bpf_object *open_bytes(const struct hook_candidate *hook,
                                     const char *btf) {
  LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "pagefault_bpf",
              .btf_custom_path = features_btf_path(btf));
  size_t size;
  const void *bytes = hook_needs(hook, HOOK_NEEDS_KFUNC)
                          ? pagefault_bpf__elf_bytes(&size)
                          : pagefault_probe_bpf__elf_bytes(&size);

  return bpf_object__open_mem(bytes, size, &opts);
}

static uint32_t page_shift(void) {
  return (uint32_t)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
}

static int configure(const struct pagefault_object *object,
                     const struct pagefault_object_options *options) {
  unsigned cpus = options->cpus, slots_max = options->slots_max;
  const struct pf_config config = {.slots_max = slots_max,
                                   .stalls = options->stall != NULL,
                                   .own_btf = options->btf == NULL,
                                   .page_shift = page_shift()};
  uint64_t counts = (uint64_t)cpus * slots_max;
  unsigned files = slots_max - PF_SLOT_FILES;

  if (counts > UINT32_MAX)
    return -EOVERFLOW;
  bpf_map__set_max_entries(find_map(object, "pf_files"), files);
  bpf_map__set_max_entries(find_map(object, "pf_free"), files);
  bpf_map__set_max_entries(find_map(object, "pf_slots"), slots_max);
  bpf_map__set_max_entries(find_map(object, "pf_counts"), (uint32_t)counts);
  bpf_map__set_max_entries(find_map(object, "pf_stalled"), slots_max);
  bpf_map__set_max_entries(find_map(object, "pf_cpus"), cpus);
  return bpf_map__set_initial_value(find_map(object, PF_CONFIG_SECTION),
                                    &config, sizeof(config));
}

static int map_tables(struct pagefault_object *object) {
  int err = counters_open(find_map(object, "pf_slots"), COUNTERS_FROZEN,
                          &object->slots);

  if (!err)
    err = counters_open(find_map(object, "pf_counts"), COUNTERS_FROZEN,
                        &object->counts);
  if (!err)
    err = counters_open(find_map(object, "pf_stalled"), COUNTERS_FROZEN,
                        &object->stalled);
  if (!err)
    err = counters_open(find_map(object, "pf_cpus"), COUNTERS_FROZEN,
                        &object->cpus);
  /* If libbpf's own test tells it that the kernel has no global data, libbpf
   * leaves such data out and says nothing. */
  if (!err && pagefault_object_map(object, PF_STATS_SECTION) < 0)
    err = -EOPNOTSUPP;
  if (!err)
    err = counters_open(find_map(object, PF_READ_SECTION), COUNTERS_WRITE,
                        &object->read);
  return err ? err
             : counters_open(find_map(object, PF_STATS_SECTION),
                             COUNTERS_FROZEN, &object->stats);
}

static int select_programs(const struct pagefault_object *object,
                           const struct pagefault_object_options *options) {
  int err = attach_select(object->bpf, options->hook);

  if (!err && options->stall)
    err = attach_select(object->bpf, options->stall);
  return err ? err : run_select(object->bpf, "pf_change_slots");
}

int pagefault_object_open(const struct pagefault_object_options *options,
                          struct pagefault_object *ret_object) {
  int err;

  ret_object->bpf = open_bytes(options->hook, options->btf);
  if (!ret_object->bpf)
    return -errno;
  attach_select_none(ret_object->bpf);
  err = configure(ret_object, options);
  if (!err)
    err = select_programs(ret_object, options);
  if (!err)
    err = bpf_object__load(ret_object->bpf);
  if (err)
    return err;
  counters_unmap_data(ret_object->bpf);
  err = map_tables(ret_object);
  return err ? err
             : run_slots(run_fd(ret_object->bpf, "pf_change_slots"),
                         PF_SLOT_FILES, options->slots_max, PF_OFFER);
}

void pagefault_object_close(struct pagefault_object *object) {
  counters_close(&object->slots);
  counters_close(&object->counts);
  counters_close(&object->stalled);
  counters_close(&object->cpus);
  counters_close(&object->read);
  counters_close(&object->stats);
  bpf_object__close(object->bpf);
  *object = (struct pagefault_object){0};
}

/* Not by bpf(2), for the reason in kernel/run.h. */
void pagefault_object_begin(const struct pagefault_object *object) {
  struct pf_read *read = (void *)object->read.data;

  __atomic_store_n(&read->number, read->number + 1, __ATOMIC_RELAXED);
}

int pagefault_object_map(const struct pagefault_object *object,
                         const char *name) {
  return bpf_map__fd(find_map(object, name));
}

struct bpf_program *
pagefault_object_program(const struct pagefault_object *object,
                         const char *name) {
  return bpf_object__find_program_by_name(object->bpf, name);
}

struct pf_stats pagefault_object_stats(const struct pagefault_object *object) {
  struct pf_stats stats;

  counters_sum(&object->stats, 1, sizeof(stats) / sizeof(uint64_t),
               (uint64_t *)&stats);
  return stats;
}
