// SPDX-License-Identifier: MIT
/* names: the ring is opened only when something is in it. Its two pages of
 * positions are those of a file in memory, libbpf's part is a fake. */
#include "pagefault/names.h"

#include "check_main.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static int fd, new_error, consume_result;
static unsigned opened, closed, consumed;
static unsigned long *consumer, *producer;
static size_t page_size;
static struct names names;
static char context;

static int on_name(void *ctx, void *record, size_t size) {
  (void)ctx;
  (void)record;
  (void)size;
  return 0;
}

struct ring_buffer *ring_buffer__new(int map_fd,
                                     ring_buffer_sample_fn sample_cb, void *ctx,
                                     const struct ring_buffer_opts *opts) {
  ck_assert_int_eq(map_fd, fd);
  ck_assert(sample_cb == on_name && ctx == &context && !opts);
  errno = new_error;
  if (new_error)
    return NULL;
  opened++;
  return (struct ring_buffer *)&context;
}

int ring_buffer__consume(struct ring_buffer *ring) {
  ck_assert_ptr_eq(ring, &context);
  consumed++;
  if (consume_result >= 0)
    *consumer = *producer;
  return consume_result;
}

void ring_buffer__free(struct ring_buffer *ring) {
  ck_assert_ptr_eq(ring, &context);
  closed++;
}

static void setup(void) {
  char *pages;

  page_size = (size_t)sysconf(_SC_PAGESIZE);
  fd = memfd_create("ring", 0);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(ftruncate(fd, (off_t)(2 * page_size)), 0);
  pages = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ck_assert_ptr_ne(pages, MAP_FAILED);
  consumer = (unsigned long *)pages;
  producer = (unsigned long *)(pages + page_size);
  new_error = 0;
  consume_result = 1;
  opened = closed = consumed = 0;
  ck_assert_int_eq(names_open(fd, on_name, &context, &names), 0);
}

static void teardown(void) {
  names_close(&names);
  munmap(consumer, 2 * page_size);
  close(fd);
}

START_TEST(names_read_of_an_empty_ring_opens_none) {
  ck_assert_int_eq(names_read(&names), 0);
  *consumer = *producer = 4711;
  ck_assert_int_eq(names_read(&names), 0);
  ck_assert_uint_eq(opened, 0);
}
END_TEST

START_TEST(names_read_takes_what_is_there_and_lets_go) {
  *producer = 24;
  ck_assert_int_eq(names_read(&names), 0);
  ck_assert(opened == 1 && consumed == 1 && closed == 1);
  ck_assert_int_eq(names_read(&names), 0);
  ck_assert_uint_eq(opened, 1);
  *producer = 48;
  ck_assert_int_eq(names_read(&names), 0);
  ck_assert(opened == 2 && consumed == 2 && closed == 2);
}
END_TEST

/* What could not be taken waits for the next read. */
START_TEST(names_read_that_fails_says_why) {
  *producer = 24;
  new_error = ENOMEM;
  ck_assert_int_eq(names_read(&names), -ENOMEM);
  ck_assert_uint_eq(consumed, 0);
  new_error = 0;
  consume_result = -EINVAL;
  ck_assert_int_eq(names_read(&names), -EINVAL);
  ck_assert_uint_eq(closed, 1);
  consume_result = 3;
  ck_assert_int_eq(names_read(&names), 0);
  ck_assert_uint_eq(closed, 2);
}
END_TEST

START_TEST(names_open_without_a_ring_fails) {
  struct names none = {0};

  ck_assert_int_eq(names_open(-1, on_name, NULL, &none), -EBADF);
  ck_assert_ptr_null(none.positions);
  names_close(&none);
}
END_TEST

START_TEST(names_close_unmaps) {
  const char *positions = names.positions;
  unsigned char resident;

  names_close(&names);
  for (int page = 0; page < 2; page++, positions += page_size) {
    ck_assert_int_eq(mincore((void *)positions, page_size, &resident), -1);
    ck_assert_int_eq(errno, ENOMEM);
  }
  names_close(&names);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      names_read_of_an_empty_ring_opens_none,
      names_read_takes_what_is_there_and_lets_go,
      names_read_that_fails_says_why,
      names_open_without_a_ring_fails,
      names_close_unmaps,
  };

  return suite_with("names", setup, teardown, tests, ARRAY_SIZE(tests));
}
