/* SPDX-License-Identifier: MIT */
/* Input of a libFuzzer target, taken apart front to back; zeros at its end. */
#ifndef BPFMEM_FUZZ_H
#define BPFMEM_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Called by libFuzzer, which has no header for it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_input {
  const uint8_t *data;
  size_t size;
};

static inline uint8_t fuzz_byte(struct fuzz_input *input) {
  if (!input->size)
    return 0;
  input->size--;
  return *input->data++;
}

static inline uint32_t fuzz_word(struct fuzz_input *input) {
  uint32_t word = 0;

  for (int i = 0; i < 4; i++)
    word = word << 8 | fuzz_byte(input);
  return word;
}

/* Up to the next NUL or the end, cut to `size` - 1 bytes. */
static inline void fuzz_string(struct fuzz_input *input, char *out,
                               size_t size) {
  size_t length = 0;
  uint8_t byte;

  while ((byte = fuzz_byte(input)))
    if (length < size - 1)
      out[length++] = (char)byte;
  out[length] = '\0';
}

/* What must hold, in builds with NDEBUG too. */
#define HOLDS(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,        \
              #condition);                                                     \
      abort();                                                                 \
    }                                                                          \
  } while (0)

#endif
