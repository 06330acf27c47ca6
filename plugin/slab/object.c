// SPDX-License-Identifier: MIT
/* Opens, sizes and loads the slab programs. */
#include "slab/object.h"

#include "kernel/attach.h"
#include "kernel/features.h"

/* The skeletons give the bytes; what is in them is found by name, as there are
 * two of them. */
#include "slab/slab.skel.h"
#include "slab/slab_page.skel.h"

#include <errno.h>

static struct bpf_map *find_map(const struct slab_object *object,
                                const char *name) {
  return bpf_object__find_map_by_name(object->bpf, name);
}

static struct bpf_object *
open_bytes(const struct slab_object_options *options) {
  LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "slab_bpf",
              .btf_custom_path = features_btf_path(options->btf));
  size_t size;
  const void *bytes = options->kfunc ? slab_bpf__elf_bytes(&size)
                                     : slab_page_bpf__elf_bytes(&size);

  return bpf_object__open_mem(bytes, size, &opts);
}

static int configure(struct slab_object *object,
                     const struct slab_object_options *options) {
  unsigned tokens =
      options->config.copies > 1 ? options->cpus * SLAB_TOKENS : 1;
  int err =
      bpf_map__set_initial_value(find_map(object, SLAB_CONFIG_SECTION),
                                 &options->config, sizeof(options->config));

  if (!err)
    err = bpf_map__set_max_entries(find_map(object, "slab_counts"),
                                   options->cpus * SLAB_SLOTS_MAX);
  if (!err)
    err = bpf_map__set_max_entries(find_map(object, "slab_tokens"), tokens);
  return err ? err
             : bpf_map__set_autocreate(find_map(object, "slab_calls"),
                                       options->kprobes);
}

int slab_object_open(const struct slab_object_options *options,
                     struct slab_object *ret_object) {
  struct slab_object object = {.bpf = open_bytes(options),
                               .lines.cpus = options->config.line_cpus};
  int err;

  if (!object.bpf)
    return -errno;
  err = configure(&object, options);
  if (err) {
    slab_object_close(&object);
    return err;
  }
  attach_select_none(object.bpf);
  *ret_object = object;
  return 0;
}

int slab_object_release_slot(const struct slab_object *object, uint32_t index) {
  return bpf_map__update_elem(find_map(object, "slab_free"), NULL, 0, &index,
                              sizeof(index), BPF_ANY);
}

int slab_object_load(struct slab_object *object) {
  int err = bpf_object__load(object->bpf);

  if (!err)
    err = counters_open_frozen(find_map(object, "slab_slots"), &object->slots);
  if (!err)
    err =
        counters_open_frozen(find_map(object, "slab_counts"), &object->counts);
  if (!err)
    err = counters_open_frozen(find_map(object, SLAB_STATS_SECTION),
                               &object->stats);
  if (!err)
    err = slab_lines_open(object->bpf, &object->lines);
  for (uint32_t i = SLAB_SLOT_CACHES; i < SLAB_SLOTS_MAX && !err; i++)
    err = slab_object_release_slot(object, i);
  return err;
}

void slab_object_close(struct slab_object *object) {
  counters_close(&object->slots);
  counters_close(&object->counts);
  counters_close(&object->stats);
  slab_lines_close(&object->lines);
  bpf_object__close(object->bpf);
  object->bpf = NULL;
}

const struct slab_slot *slab_object_slots(const struct slab_object *object) {
  return object->slots.data;
}

struct slab_stats slab_object_stats(const struct slab_object *object) {
  struct slab_stats stats;

  counters_sum(&object->stats, 1, sizeof(stats) / sizeof(uint64_t),
               (uint64_t *)&stats);
  return stats;
}
