/* SPDX-License-Identifier: MIT */
/* Why the kernel refused, and what helps: one sentence for the log. */
#ifndef BPFMEM_KERNEL_REFUSAL_H
#define BPFMEM_KERNEL_REFUSAL_H

#include "core/settings.h"

#include <stddef.h>

struct features;
struct log;

/* `err` is a negative errno of a BPF or perf call, or of features_read(). Looks
 * at this process's capabilities, lockdown and limits, and writes a sentence:
 * cause; remedy. It adds what libbpf said last if that may tell more. */
void refusal_explain(const struct features *kernel, int err, char *text,
                     size_t size);

#define REFUSAL_SIZE 768

/* Hooks are tried in turn. Each reason why a hook could not be used is logged
 * once. It is not logged if the whole probe is refused for the same reason. */
struct refusal {
  const char *probe;
  const char *hook; /* "hook event"; its refusal is logged next */
  char text[REFUSAL_SIZE];
};

/* Keeps why a hook was refused. If another reason was kept, logs that first. */
void refusal_keep(struct refusal *refusal, const struct features *kernel,
                  const char *hook, int err, const struct log *log);
/* Logs the reason that was kept, if any: the next hook takes the place. */
void refusal_tell(struct refusal *refusal, const struct log *log);

/* Logs that the probe does not start by these hooks, and why. */
void refusal_report(const struct features *kernel, const char *probe,
                    enum settings_hooks hooks, int err, const struct log *log);

#endif
