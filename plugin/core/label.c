// SPDX-License-Identifier: MIT
/* Raw kernel name -> label, in this order:
 *
 * 1. "/" is "root". One leading '/' is dropped, any other becomes '~'.
 * 2. [A-Za-z0-9._+-] stay. Any other byte becomes '_' and makes the label
 * lossy.
 * 3. A label needs a hash if it is lossy, cut ("..."), empty, longer than 127
 * bytes, equal to a reserved word or to the label of a group, or has a dot at
 * its end. Then whole leading components are dropped until '@' and 8 hex digits
 * of the hash of the full raw name fit behind. A component that is longer than
 * that keeps its tail.
 *
 * A label names a directory of RRD files, and rrdcached -B refuses every path
 * with "../" in it: hence no dot at the end.
 *
 * '@' is itself lossy, so no name without a hash can look like one that has. */
#include "core/label.h"
#include "core/path.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ROOT "root"

enum {
  LABEL_MAX = LABEL_SIZE - 1,
  HASH_LENGTH = 1 + 8,
  HASHED_MAX = LABEL_MAX - HASH_LENGTH
};

/* FNV-1a, 64 bits. */
static uint64_t hash_name(const char *name) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
  return hash;
}

static bool is_cut(const char *name) {
  return strncmp(name, PATH_CUT, strlen(PATH_CUT)) == 0;
}

/* The part of the name that its label shows: without the first '/' and the mark
 * of a cut. */
static const char *body_of(const char *name) {
  if (is_cut(name))
    return name + strlen(PATH_CUT);
  return name + (name[0] == '/');
}

/* A comparison is faster than a search in a list: each read makes labels of the
 * names of all caches. */
static bool is_kept(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '-' && c <= '9' && c != '/') || c == '_' || c == '+';
}

static char map_byte(char c) {
  if (c == '/')
    return '~';
  return is_kept(c) ? c : '_';
}

static size_t map_bytes(const char *raw, char *label) {
  size_t length = 0;

  for (; raw[length]; length++)
    label[length] = map_byte(raw[length]);
  label[length] = '\0';
  return length;
}

static bool is_lossless(const char *body) {
  size_t length = 0;

  while (is_kept(body[length]) || body[length] == '/')
    length++;
  return length > 0 && length <= LABEL_MAX && !body[length] &&
         body[length - 1] != '.';
}

bool label_is_reserved(const char *label, const char *const *reserved) {
  for (; *reserved; reserved++)
    if (strcmp(label, *reserved) == 0)
      return true;
  return strcmp(label, ROOT) == 0;
}

/* The longest run of whole components at the end that leaves room for a hash.
 * It is empty only if `body` is. */
static const char *tail_of(const char *body) {
  size_t length = strlen(body);
  const char *tail, *slash;

  if (length <= HASHED_MAX)
    return body;
  tail = body + length - HASHED_MAX;
  slash = strchr(tail - 1, '/');
  return slash && slash[1] ? slash + 1 : tail;
}

void label_make_hashed(const char *name, char label[static LABEL_SIZE]) {
  const char *tail = tail_of(body_of(name));
  size_t length = map_bytes(tail[0] ? tail : "_", label);
  uint64_t hash = hash_name(name);
  uint32_t folded = (uint32_t)(hash >> 32) ^ (uint32_t)hash;

  snprintf(label + length, LABEL_SIZE - length, "@%08" PRIx32, folded);
}

void label_make(const char *name, const char *const *reserved,
                char label[static LABEL_SIZE]) {
  const char *body = body_of(name);

  if (strcmp(name, "/") == 0) {
    strcpy(label, ROOT);
    return;
  }
  if (!is_cut(name) && is_lossless(body)) {
    map_bytes(body, label);
    if (!label_is_reserved(label, reserved))
      return;
  }
  label_make_hashed(name, label);
}
