/* SPDX-License-Identifier: MIT */
/* One life of the plugin in which one call fails. */
#ifndef BPFMEM_INJECT_RUN_H
#define BPFMEM_INJECT_RUN_H

#include "inject.h"
#include "objects.h"

#include <stdbool.h>

struct run_options {
  const char *hooks;
  bool verbose; /* print the plugin's log in any case */
};

/* In memory that child and parent share. */
struct run_result {
  bool ended; /* it came to its end, which a crash does not */
  bool happened;
  inject_counts made;
  struct objects objects;
  char wrong[2048]; /* a sentence each; "" when all is well */
};

/* In a child of its own, in the current directory; the result stays valid until
 * the next run. A `point` of zeros lets every call succeed. */
const struct run_result *run(const struct inject_point *point,
                             const struct run_options *options);

#endif
