// SPDX-License-Identifier: MIT
/* tally, rank and sampler on any stream of rows, beside the simplest model:
 * what the source counted is what all labels ever sunk sum to, each of them
 * only grows, and no read shows more rows than it may. */
#include "core/orders.h"
#include "core/sampler.h"
#include "fuzz.h"
#include "unit/fake_source.h"

#define LABELS_MAX 4096
#define CLASSES 3 /* with "other" */

static const char *const classes[] = {"anon", "heap", "other", NULL};
static const char *const names[] = {
    "/usr/lib/a.so", "/usr/lib/b.so", "/tmp/\xff odd", "/anon", "/other", "/",
    "...cut/c",      "/tmp/?",        "heap",          "d"};

struct label {
  char name[LABEL_SIZE];
  struct row_counts sunk;
};

static struct label labels[LABELS_MAX];
static unsigned label_count, rows;

static struct label *label_of(const char *name) {
  for (unsigned i = 0; i < label_count; i++)
    if (!strcmp(labels[i].name, name))
      return &labels[i];
  HOLDS(label_count < LABELS_MAX);
  strcpy(labels[label_count].name, name);
  labels[label_count].sunk = (struct row_counts){0};
  return &labels[label_count++];
}

static void sink(void *arg, const struct sampler_row *row) {
  struct label *label = label_of(row->label);

  (void)arg;
  rows++;
  HOLDS(!memcmp(row->before, &label->sunk, sizeof(label->sunk)));
  for (int i = 0; i < ROW_EVENT_COUNT; i++)
    HOLDS(row->total->events[i] >= label->sunk.events[i]);
  label->sunk = *row->total;
}

static uint64_t sunk(enum row_event event) {
  uint64_t sum = 0;

  for (unsigned i = 0; i < label_count; i++)
    sum += labels[i].sunk.events[event];
  return sum;
}

/* What the fake source has counted in slots that have an owner. */
static uint64_t counted(const struct fake_source *fake, enum row_event event) {
  uint64_t sum = 0;

  for (int i = 0; i < FAKE_SLOTS; i++)
    sum += fake->slots[i].owner ? fake->slots[i].events[event] : 0;
  return sum;
}

static void own(struct fuzz_input *input, struct fake_source *fake,
                unsigned slot) {
  static char free_names[FAKE_SLOTS][40];
  unsigned choice = fuzz_byte(input);

  if (choice < sizeof(names) / sizeof(names[0]))
    fake_own(fake, slot, ROW_ENTITY, names[choice]);
  else if (choice < 16)
    fake_own(fake, slot, ROW_CLASS, choice & 1 ? "anon" : "unknown");
  else {
    fuzz_string(input, free_names[slot], sizeof(free_names[slot]));
    fake_own(fake, slot, ROW_ENTITY, free_names[slot]);
  }
}

static void happen(struct fuzz_input *input, struct fake_source *fake) {
  unsigned slot = fuzz_byte(input) % FAKE_SLOTS;
  unsigned count = fuzz_byte(input);

  if (!fake->slots[slot].owner || count > 240)
    own(input, fake, slot);
  fake_happen(fake, slot, count, count & 1 ? fuzz_word(input) : 0);
}

static void read_once(struct sampler *sampler, struct fake_source *fake,
                      uint64_t now_ns, unsigned max_series) {
  int error;

  rows = 0;
  error = sampler_read(sampler, now_ns, sink, NULL);
  HOLDS(error == (fake->fail_after < 0 ? 0 : -EIO));
  HOLDS(error ? rows == 0 : rows >= CLASSES && rows <= CLASSES + max_series);
  if (error)
    return;
  HOLDS(sunk(ROW_FIRST) == counted(fake, ROW_FIRST));
  HOLDS(sunk(ROW_SECOND) == counted(fake, ROW_SECOND));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct fake_source fake;
  struct source source = fake_source(&fake);
  struct settings_probe settings = {.max_series = fuzz_byte(&input) % 9};
  struct sampler *sampler;
  uint64_t now_ns = 0;

  fake_init(&fake);
  label_count = 0;
  sampler = sampler_new(&source, &settings, classes, &orders_files);
  HOLDS(sampler);
  while (input.size) {
    unsigned choice = fuzz_byte(&input);

    if (choice & 3) {
      happen(&input, &fake);
      continue;
    }
    now_ns += (uint64_t)fuzz_byte(&input) * 60000000000;
    fake.fail_after = choice & 4 ? choice % FAKE_SLOTS : -1;
    read_once(sampler, &fake, now_ns, settings.max_series);
  }
  sampler_free(sampler);
  return 0;
}
