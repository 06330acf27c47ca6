// SPDX-License-Identifier: MIT
/* Opens, sizes and loads the slab programs. */
#include "slab/object.h"

#include "kernel/attach.h"
#include "kernel/features.h"
#include "kernel/run.h"
#include "slab/hooks.h"

/* Only the bytes of the skeletons are used, as there are two of them: programs
 * and maps are found by name. */
#include "slab/slab.skel.h"
#include "slab/slab_page.skel.h"

#include <errno.h>

static struct bpf_map *slab_object_map(const struct slab_object *object,
                                       const char *name) {
  return bpf_object__find_map_by_name(object->bpf, name);
}

static struct bpf_object *
slab_object_bytes(const struct slab_object_options *options) {
  LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "slab_bpf",
              .btf_custom_path = features_btf_path(options->btf));
  size_t size;
  const void *bytes = slab_hooks_need_kfunc(options->choice)
                          ? slab_bpf__elf_bytes(&size)
                          : slab_page_bpf__elf_bytes(&size);

  return bpf_object__open_mem(bytes, size, &opts);
}

static int slab_object_configure(const struct slab_object *object,
                                 const struct slab_object_options *options) {
  const struct slab_config *config = &options->config;

  bpf_map__set_max_entries(slab_object_map(object, "slab_counts"),
                           config->cpus * SLAB_SLOTS_MAX);
  bpf_map__set_max_entries(slab_object_map(object, "slab_lines"),
                           config->cpus * SLAB_PAIR_COUNT);
  bpf_map__set_autocreate(
      slab_object_map(object, "slab_calls"),
      slab_hooks_use(options->choice, SETTINGS_HOOKS_KPROBE));
  return bpf_map__set_initial_value(
      slab_object_map(object, SLAB_CONFIG_SECTION), config, sizeof(*config));
}

static int slab_object_select(const struct slab_object *object,
                              const struct slab_object_options *options) {
  int err = slab_hooks_select(options->choice, object->bpf);

  return err ? err : run_select(object->bpf, "slab_offer");
}

static int slab_object_map_tables(struct slab_object *object) {
  int err = counters_open(slab_object_map(object, "slab_slots"),
                          COUNTERS_FROZEN, &object->slots);

  if (!err)
    err = counters_open(slab_object_map(object, "slab_counts"), COUNTERS_FROZEN,
                        &object->counts);
  if (!err)
    err = counters_open(slab_object_map(object, SLAB_STATS_SECTION),
                        COUNTERS_FROZEN, &object->stats);
  return err ? err
             : counters_open(slab_object_map(object, "slab_lines"),
                             COUNTERS_WRITE, &object->lines);
}

int slab_object_open(const struct slab_object_options *options,
                     struct slab_object *ret_object) {
  int err;

  ret_object->bpf = slab_object_bytes(options);
  if (!ret_object->bpf)
    return -errno;
  attach_select_none(ret_object->bpf);
  err = slab_object_configure(ret_object, options);
  if (!err)
    err = slab_object_select(ret_object, options);
  if (!err)
    err = bpf_object__load(ret_object->bpf);
  if (err)
    return err;
  counters_unmap_data(ret_object->bpf);
  err = slab_object_map_tables(ret_object);
  return err ? err
             : run_slots(run_fd(ret_object->bpf, "slab_offer"), SLAB_SLOT_FIRST,
                         SLAB_SLOTS_MAX, /* change = */ 0);
}

int slab_object_release_slot(const struct slab_object *object, uint32_t index) {
  return run_slots(run_fd(object->bpf, "slab_offer"), index, index + 1,
                   /* change = */ 0);
}

void slab_object_close(struct slab_object *object) {
  counters_close(&object->slots);
  counters_close(&object->counts);
  counters_close(&object->stats);
  counters_close(&object->lines);
  bpf_object__close(object->bpf);
  object->bpf = NULL;
}

struct slab_stats slab_object_stats(const struct slab_object *object) {
  struct slab_stats stats;

  counters_sum(&object->stats, 1, sizeof(stats) / sizeof(uint64_t),
               (uint64_t *)&stats);
  return stats;
}
