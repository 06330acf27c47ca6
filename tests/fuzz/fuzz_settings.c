// SPDX-License-Identifier: MIT
/* A list of options with any value: each is taken as given, or refused with a
 * sentence, and what is set is always in range. */
#include "core/settings.h"
#include "fuzz.h"

#include <errno.h>

static void take_name(struct fuzz_input *input, char *name, size_t size) {
  static const char *const known[] = {
      "CollectPageFaults",
      "CollectSlab",
      "ReportStatistics",
      "BTF",
      "File",
      "Cache",
      "IgnoreSelected",
      "MaxSeries",
      "MaxTracked",
      "ReportBytes",
      "Hooks",
      "PageFaults",
      "Slab",
      "RecoverMissed",
      "SampleAbove",
      "Group",
      "StockGroups",
  };
  unsigned choice = fuzz_byte(input);

  if (choice < sizeof(known) / sizeof(known[0]))
    snprintf(name, size, "%s", known[choice]);
  else
    fuzz_string(input, name, size);
}

/* Any bits: infinities, NaN and fractions, too. */
static double take_number(struct fuzz_input *input) {
  uint64_t bits = (uint64_t)fuzz_word(input) << 32;
  double number;

  if (fuzz_byte(input) & 1)
    return (double)(int32_t)fuzz_word(input);
  bits |= fuzz_word(input);
  memcpy(&number, &bits, sizeof(number));
  return number;
}

/* Expressions are fuzz_filter's: here they stay literals. */
static void take_value(struct fuzz_input *input, struct settings_value *value,
                       char *text, size_t size) {
  value->type = fuzz_byte(input) % 4;
  switch (value->type) {
  case SETTINGS_BOOL:
    value->boolean = fuzz_byte(input) & 1;
    break;
  case SETTINGS_NUMBER:
    value->number = take_number(input);
    break;
  case SETTINGS_PAIR:
    fuzz_string(input, text, size);
    value->pair[0] = "/(x)(y)(z)/";
    value->pair[1] = text;
    break;
  default:
    fuzz_string(input, text, size);
    if (text[0] == '/' && text[strlen(text) - 1] == '/')
      text[0] = 'x';
    value->string = text;
  }
}

static void check_range(const struct settings_probe *probe) {
  HOLDS(probe->max_series <= 1000);
  HOLDS(probe->hooks < SETTINGS_HOOKS_COUNT);
  HOLDS(probe->sample_above <= 1000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct settings settings;

  HOLDS(!settings_init(&settings));
  while (input.size) {
    char block[32], key[32], text[300], err[256] = "";
    struct settings_value value;
    bool top = fuzz_byte(&input) & 1;
    int status;

    take_name(&input, block, sizeof(block));
    take_name(&input, key, sizeof(key));
    take_value(&input, &value, text, sizeof(text));
    status = settings_set(&settings, top ? NULL : block, key, &value, err,
                          sizeof(err));
    HOLDS(status == 0 || ((status == -EINVAL || status == 1) && err[0]));
    HOLDS(strnlen(err, sizeof(err)) < sizeof(err));
    check_range(&settings.pagefaults);
    check_range(&settings.slab);
    HOLDS(settings.pagefaults.hooks <= SETTINGS_HOOKS_EVENT);
    HOLDS(settings.slab.hooks != SETTINGS_HOOKS_EVENT);
    HOLDS(settings.pagefaults.max_tracked >= 64 &&
          settings.pagefaults.max_tracked <= 1048576);
  }
  settings_fini(&settings);
  return 0;
}
