/* SPDX-License-Identifier: MIT */
/* Why the kernel said no, and what helps: one sentence for the log. */
#ifndef BPFMEM_KERNEL_REFUSAL_H
#define BPFMEM_KERNEL_REFUSAL_H

#include "core/settings.h"

#include <stddef.h>

struct features;
struct log;

/* `err` is a negative errno of a BPF or perf call, or of features_read(). Looks
 * at this process's capabilities, lockdown and limits. Writes a sentence:
 * cause; remedy. */
void refusal_explain(const struct features *kernel, int err, char *text,
                     size_t size);

/* Logs that the probe does not start by these hooks, and why. */
void refusal_report(const struct features *kernel, const char *probe,
                    enum settings_hooks hooks, int err, const struct log *log);

#endif
