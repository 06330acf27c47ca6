// SPDX-License-Identifier: MIT
/* mappings: the programs' walk, a fake here, beside /proc/self/maps, a text. */
#include "pagefault/mappings.h"

#include "kernel/log.h"

#include "check_main.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

FILE *__wrap_fopen(const char *path, const char *mode);

enum { PROGRAM_FD = 4711, ROUNDS = 5 };

struct mapping {
  uint64_t start, end;
};

/* What the kernel has: the second follows the first, without a gap. */
static const struct mapping tree[] = {{0x401000, 0x402000},
                                      {0x402000, 0x40a000},
                                      {0x7f5500000000, 0x7f5500021000},
                                      {0x7ffd12345000, 0x7ffd12366000}};

static const char maps[] =
    "00401000-00402000 r-xp 00001000 fe:00 4711    /usr/sbin/a daemon\n"
    "00402000-0040a000 rw-p 00002000 fe:00 4711    /usr/sbin/a daemon\n"
    "7f5500000000-7f5500021000 rw-p 00000000 00:00 0 \n"
    "7ffd12345000-7ffd12366000 rw-p 00000000 00:00 0        [stack]\n"
    "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";

static const char *text[ROUNDS + 1]; /* of each round; the last one stays */
static unsigned opened, asked;
static int run_error, open_error;
static uint64_t blind; /* the walk finds nothing there */
static char said[512];

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) {
  va_list args;

  ck_assert_ptr_null(log);
  ck_assert_int_eq(level, LOG_LEVEL_WARNING);
  ck_assert_str_eq(said, "");
  va_start(args, format);
  vsnprintf(said, sizeof(said), format, args);
  va_end(args);
}

static ssize_t read_nothing(void *cookie, char *buffer, size_t size) {
  (void)cookie;
  (void)buffer;
  (void)size;
  errno = EIO;
  return -1;
}

FILE *__wrap_fopen(const char *path, const char *mode) {
  const char *now = text[opened < ROUNDS ? opened : ROUNDS];
  const cookie_io_functions_t broken = {.read = read_nothing};

  opened++;
  ck_assert_str_eq(path, "/proc/self/maps");
  errno = open_error;
  if (open_error)
    return NULL;
  if (!now)
    now = maps;
  return *now ? fmemopen((char *)now, strlen(now), mode)
              : fopencookie(NULL, mode, broken);
}

int bpf_program__fd(const struct bpf_program *program) {
  ck_assert_ptr_null(program);
  return PROGRAM_FD;
}

static bool is_found(const uint64_t args[3]) {
  for (size_t i = 0; i < ARRAY_SIZE(tree); i++)
    if (tree[i].start <= args[0] && args[0] < tree[i].end)
      return args[0] != blind && tree[i].start == args[1] &&
             tree[i].end == args[2];
  return false;
}

/* As pf_check_mapping. */
int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts) {
  ck_assert_int_eq(fd, PROGRAM_FD);
  ck_assert_uint_eq(opts->ctx_size_in, 3 * sizeof(uint64_t));
  asked++;
  errno = run_error;
  if (run_error)
    return -run_error;
  opts->retval = is_found(opts->ctx_in);
  return 0;
}

static void setup(void) {
  memset(text, 0, sizeof(text));
  opened = asked = 0;
  run_error = open_error = 0;
  blind = 0;
  said[0] = '\0';
}

static int run_check(void) {
  return mappings_check(NULL, NULL);
}

/* At both ends of each, but for what is in the kernel's half. */
START_TEST(mappings_that_are_all_found_are_believed) {
  ck_assert_int_eq(run_check(), 0);
  ck_assert_uint_eq(opened, 1);
  ck_assert_uint_eq(asked, 2 * ARRAY_SIZE(tree));
  ck_assert_str_eq(said, "");
}
END_TEST

static void check_refused(uint64_t address, const char *mapping) {
  setup();
  blind = address;
  ck_assert_int_eq(run_check(), -EXDEV);
  ck_assert_uint_eq(opened, ROUNDS);
  ck_assert_msg(strstr(said, mapping), "%s: %s", mapping, said);
  ck_assert_ptr_nonnull(strstr(said, "hook event is refused"));
}

START_TEST(mappings_of_which_one_is_not_found_are_refused) {
  for (size_t i = 0; i < ARRAY_SIZE(tree); i++) {
    char mapping[64];

    snprintf(mapping, sizeof(mapping), "%" PRIx64 "-%" PRIx64, tree[i].start,
             tree[i].end);
    check_refused(tree[i].start, mapping);
    check_refused(tree[i].end - 1, mapping);
  }
}
END_TEST

/* The walk finds a mapping there, but another one. */
START_TEST(mappings_with_other_ends_are_refused) {
  for (unsigned i = 0; i <= ROUNDS; i++)
    text[i] =
        "00401000-0040a000 r-xp 00001000 fe:00 4711    /usr/sbin/daemon\n";
  ck_assert_int_eq(run_check(), -EXDEV);
  ck_assert_ptr_nonnull(strstr(said, "401000-40a000"));
}
END_TEST

/* Another thread has unmapped it between the list and the walk. */
START_TEST(mappings_that_went_are_looked_for_again) {
  for (unsigned rounds = 1; rounds < ROUNDS; rounds++) {
    setup();
    for (unsigned i = 0; i < rounds; i++)
      text[i] = "00300000-00301000 rw-p 00000000 00:00 0 \n";
    ck_assert_int_eq(run_check(), 0);
    ck_assert_uint_eq(opened, rounds + 1);
    ck_assert_str_eq(said, "");
  }
}
END_TEST

START_TEST(mappings_that_cannot_be_asked_for_are_an_error) {
  run_error = EPERM;
  ck_assert_int_eq(run_check(), -EPERM);
  ck_assert_uint_eq(asked, 1);
  setup();
  open_error = EACCES;
  ck_assert_int_eq(run_check(), -EACCES);
  ck_assert_uint_eq(opened, 1);
  ck_assert_str_eq(said, "");
}
END_TEST

/* A list that breaks off proves nothing. */
START_TEST(mappings_that_cannot_be_read_are_an_error) {
  text[0] = "";
  ck_assert_int_eq(run_check(), -EIO);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      mappings_that_are_all_found_are_believed,
      mappings_of_which_one_is_not_found_are_refused,
      mappings_with_other_ends_are_refused,
      mappings_that_went_are_looked_for_again,
      mappings_that_cannot_be_asked_for_are_an_error,
      mappings_that_cannot_be_read_are_an_error,
  };

  return suite_with("mappings", setup, NULL, tests, ARRAY_SIZE(tests));
}
