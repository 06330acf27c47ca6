/* SPDX-License-Identifier: MIT */
/* Options, their defaults and checks. The plugin and the live view share this
 * parser. The list of options is the table in settings.c. */
#ifndef BPFMEM_CORE_SETTINGS_H
#define BPFMEM_CORE_SETTINGS_H

#include "core/filter.h"
#include "core/groups.h"

#include <stdbool.h>
#include <stddef.h>

/* Which hook counts an event; AUTO tries the most exact first. */
enum settings_hooks {
  SETTINGS_HOOKS_AUTO,
  SETTINGS_HOOKS_FEXIT,
  SETTINGS_HOOKS_EVENT,      /* page faults only */
  SETTINGS_HOOKS_KPROBE,     /* slab only */
  SETTINGS_HOOKS_TRACEPOINT, /* slab only */
  SETTINGS_HOOKS_COUNT
};

struct settings_probe {
  bool collect;
  struct filter *filter;
  struct groups *groups; /* page faults only */
  unsigned max_series;
  unsigned max_tracked; /* page faults only; as given, not rounded */
  /* Page faults only: above so many faults per second and CPU, the hook EVENT
   * looks at a sample of them. 0: never. */
  unsigned sample_above;
  enum settings_hooks hooks;
  bool report_bytes; /* slab only */
};

struct settings {
  struct settings_probe pagefaults;
  struct settings_probe slab;
  bool report_statistics;
  char *btf;      /* a file of BTF in place of the kernel's own; NULL: none */
  unsigned given; /* options, as bits of their places in the table */
};

enum settings_type {
  SETTINGS_BOOL,
  SETTINGS_NUMBER,
  SETTINGS_STRING,
  SETTINGS_PAIR /* of strings */
};

struct settings_value {
  enum settings_type type;
  union {
    bool boolean;
    double number;
    const char *string;
    const char *pair[2];
  };
};

/* Fills in the defaults. 0 or -ENOMEM. settings_fini() accepts settings that
 * are all zero. */
int settings_init(struct settings *settings);
void settings_fini(struct settings *settings);

/* Sets one option. `block` is NULL at the top level, or "PageFaults" or "Slab".
 * Names compare without case, as collectd's do. `value` is NULL if there is no
 * value or too many, which is refused. Booleans and numbers may be quoted.
 * Returns 0, -ENOMEM, or -EINVAL with a sentence in `text` that names the
 * option, its block, the value and what is allowed. Returns 1 with a warning in
 * `text` for a value that is accepted but hardly meant: it has no effect, is a
 * pattern that can match nothing, or replaces one given before. */
int settings_set(struct settings *settings, const char *block, const char *key,
                 const struct settings_value *value, char *text, size_t size);

/* Whether such a block exists: for the caller's walk over a tree. */
bool settings_has_block(const char *block);
/* -EINVAL, and a sentence for a block that does not; `parent` is the block that
 * it stands in, or NULL. */
int settings_refuse_block(const char *parent, const char *block, char *text,
                          size_t size);

/* "auto", "fexit", "event", "kprobe", "tracepoint". */
const char *settings_hooks_name(enum settings_hooks hooks);

#endif
