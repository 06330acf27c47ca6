// SPDX-License-Identifier: MIT
/* Any name -> a label that every writer can take, and a text for terminals. */
#include "bpfmem-top/display.h"
#include "core/label.h"
#include "fuzz.h"

#define NAME_MAX_SIZE 8192

static const char *const reserved[] = {"anon", "heap", "other", NULL};

static const char allowed[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+~@-";

static void check_label(const char *name) {
  char label[LABEL_SIZE], again[LABEL_SIZE];
  size_t length;

  label_make(name, reserved, label);
  length = strlen(label);
  HOLDS(length > 0 && length < LABEL_SIZE);
  HOLDS(strspn(label, allowed) == length);
  for (int i = 0; reserved[i]; i++)
    HOLDS(strcmp(label, reserved[i]));
  label_make(name, reserved, again);
  HOLDS(!strcmp(label, again));
}

/* A label without '@' stands for one path only: it can be read back. */
static void check_inverse(const char *name) {
  char label[LABEL_SIZE], path[LABEL_SIZE + 1] = "/", again[LABEL_SIZE];

  label_make(name, reserved, label);
  if (strchr(label, '@') || !strcmp(label, "root"))
    return;
  strcpy(path + 1, label);
  for (char *c = path; *c; c++)
    if (*c == '~')
      *c = '/';
  HOLDS(!strcmp(path + (name[0] != '/'), name));
  label_make(path, reserved, again);
  HOLDS(!strcmp(label, again));
}

static void check_display(const char *name, size_t size) {
  char *out = malloc(size + 1);
  size_t length;

  HOLDS(out);
  out[0] = '\0';
  display_printable(name, out, size);
  length = strlen(out);
  HOLDS(!size || length < size);
  for (size_t i = 0; i < length; i++)
    HOLDS(out[i] >= ' ' && out[i] <= '~');
  free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char name[NAME_MAX_SIZE];
  struct fuzz_input input = {data, size};
  size_t room = fuzz_byte(&input);

  fuzz_string(&input, name, sizeof(name));
  check_label(name);
  check_inverse(name);
  check_display(name, room);
  return 0;
}
