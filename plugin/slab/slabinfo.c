// SPDX-License-Identifier: MIT
/* Reads /proc/slabinfo as a whole, and its lines. */
#include "slab/slabinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Some 250 caches have a line of 120 bytes each; with room for more. */
#define SIZE_FIRST 65536

/* Takes a number in blanks, and moves *at behind it. */
static bool take_number(const char **at, uint64_t *ret_number) {
  const char *c = *at;
  uint64_t number = 0;

  while (*c == ' ')
    c++;
  if (*c < '0' || *c > '9')
    return false;
  while (*c >= '0' && *c <= '9')
    number = number * 10 + (uint64_t)(*c++ - '0');
  *at = c;
  *ret_number = number;
  return true;
}

/* "<active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables
 * ... : slabdata <active_slabs> <num_slabs> ...", unchanged since 2.6.10. */
static bool parse_numbers(const char *at, const char *end,
                          struct slabinfo_row *row) {
  static const char slabdata[] = ": slabdata";
  uint64_t all, active;
  const char *slabs;

  if (!take_number(&at, &row->objects) || !take_number(&at, &all) ||
      !take_number(&at, &row->object_size) ||
      !take_number(&at, &row->slab_objects) || !take_number(&at, &row->pages))
    return false;
  slabs = memmem(at, (size_t)(end - at), slabdata, strlen(slabdata));
  if (!slabs)
    return false;
  slabs += strlen(slabdata);
  return take_number(&slabs, &active) && take_number(&slabs, &row->slabs);
}

bool slabinfo_parse(const char **text, struct slabinfo_row *ret_row) {
  const char *line = *text, *end = strchr(line, '\n');
  struct slabinfo_row row = {.name = line};

  if (!end)
    return false;
  *text = end + 1;
  row.name_size = strcspn(line, " \n");
  if (!row.name_size || *line == '#' ||
      !parse_numbers(line + row.name_size, end, &row))
    return false;
  *ret_row = row;
  return true;
}

int slabinfo_open(struct slabinfo *ret_slabinfo) {
  int fd = open(SLABINFO, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return -errno;
  *ret_slabinfo = (struct slabinfo){.is_open = true, .fd = fd};
  return 0;
}

void slabinfo_close(struct slabinfo *slabinfo) {
  if (slabinfo->is_open)
    close(slabinfo->fd);
  free(slabinfo->text);
  *slabinfo = (struct slabinfo){0};
}

static int grow(struct slabinfo *slabinfo) {
  size_t size = slabinfo->size ? 2 * slabinfo->size : SIZE_FIRST;
  char *text = realloc(slabinfo->text, size);

  if (!text)
    return -ENOMEM;
  slabinfo->text = text;
  slabinfo->size = size;
  return 0;
}

/* Reads the whole text and terminates it. The kernel never tears a line. */
static int read_text(struct slabinfo *slabinfo) {
  size_t used = 0;
  ssize_t got;

  do {
    if (slabinfo->size - used < 4096 && grow(slabinfo))
      return -ENOMEM;
    got = pread(slabinfo->fd, slabinfo->text + used, slabinfo->size - used - 1,
                (off_t)used);
    if (got < 0)
      return -errno;
    used += (size_t)got;
  } while (got);
  slabinfo->text[used] = '\0';
  return 0;
}

int slabinfo_read(struct slabinfo *slabinfo, slabinfo_take *take, void *arg) {
  int err = read_text(slabinfo);
  struct slabinfo_row row;

  if (err)
    return err;
  for (const char *text = slabinfo->text; *text && strchr(text, '\n');)
    if (slabinfo_parse(&text, &row))
      take(arg, &row);
  return 0;
}
