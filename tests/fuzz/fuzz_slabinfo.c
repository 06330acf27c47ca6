// SPDX-License-Identifier: MIT
/* Any text as /proc/slabinfo: each line is taken once or left out, within its
 * bounds, and what is written as the kernel writes it comes back. */
#include "fuzz.h"
#include "slab/slabinfo.h"

#include <inttypes.h>

static void check_text(const char *text) {
  const char *at = text, *before;
  struct slabinfo_row row;
  size_t lines = 0, left = 0;

  for (const char *c = text; *c; c++)
    lines += *c == '\n';
  while (strchr(at, '\n')) {
    before = at;
    if (slabinfo_parse(&at, &row)) {
      HOLDS(row.name == before && row.name_size);
      HOLDS(row.name + row.name_size < at);
      HOLDS(!memchr(row.name, ' ', row.name_size));
    }
    HOLDS(at > before && at[-1] == '\n');
    left++;
  }
  HOLDS(left == lines);
  HOLDS(!slabinfo_parse(&at, &row));
}

static void check_written(struct fuzz_input *input) {
  uint64_t objects = fuzz_word(input), slabs = fuzz_word(input);
  unsigned each = fuzz_byte(input), pages = fuzz_byte(input);
  struct slabinfo_row row;
  const char *at;
  char line[256];

  snprintf(line, sizeof(line),
           "%-17s %6" PRIu64 " %6" PRIu64
           " %6u %4u %4u : tunables %4u %4u %4u : slabdata %6" PRIu64
           " %6" PRIu64 " %6u\n",
           "dentry", objects, objects + 1, 192, each, pages, 0, 0, 0, slabs,
           slabs, 0);
  at = line;
  HOLDS(slabinfo_parse(&at, &row) && !*at);
  HOLDS(row.objects == objects && row.slabs == slabs);
  HOLDS(row.slab_objects == each && row.pages == pages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  char *text;

  check_written(&input);
  text = malloc(input.size + 1);
  HOLDS(text);
  memcpy(text, input.data, input.size);
  text[input.size] = '\0';
  check_text(text);
  free(text);
  return 0;
}
