// SPDX-License-Identifier: MIT
/* A name with parts and any path: the label of a member is harmless and could
 * be the group's; that of another path could not. */
#include "core/groups.h"
#include "core/label.h"
#include "fuzz.h"

static const char *const reserved[] = {"anon", "heap", "other", NULL};

/* Expressions are fuzz_filter's; these bring any bytes. */
static const char *const patterns[] = {"/^/(a*)(.*)$/", "/^/x(.)(.*)y(.*)/",
                                       "/(b|c)(d)?(.)/", "/^(.*)/(.*)/(.*)$/"};

#define PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

static void check_member(const struct groups *groups, const char *name) {
  char label[LABEL_SIZE];

  HOLDS(name[0] && name[0] != '/' && name[0] != '.');
  label_make(name, reserved, label);
  HOLDS(strchr(label, '@') || groups_claim(groups, label));
}

static void check_other(const struct groups *groups, const char *path) {
  char label[LABEL_SIZE];

  label_make(path, reserved, label);
  if (!groups_claim(groups, label))
    return;
  label_make_hashed(path, label);
  HOLDS(strchr(label, '@'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char path[9000], name[GROUPS_NAME_SIZE];
  struct fuzz_input input = {data, size};
  struct groups *groups = groups_new();
  char template[160], text[256];

  HOLDS(groups);
  for (int i = 0; i < 3; i++) {
    const char *pattern = patterns[fuzz_byte(&input) % PATTERNS];
    int status;

    fuzz_string(&input, template, sizeof(template));
    text[0] = '\0';
    status = groups_add(groups, pattern, template, text, sizeof(text));
    HOLDS(!status || text[0]);
  }
  path[0] = '/';
  fuzz_string(&input, path + 1, sizeof(path) - 1);
  if (groups_name(groups, path, name, sizeof(name)))
    check_member(groups, name);
  else
    check_other(groups, path);
  groups_free(groups);
  return 0;
}
