// SPDX-License-Identifier: MIT
/* Asks the kernel what is there; nothing of it is counted as a call. */
#include "objects.h"

#include <dirent.h>
#include <dlfcn.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct objects *noted;

/* Kernels free what nobody holds after a grace period or two. */
enum { PATIENCE_MS = 60000 };

void objects_note_in(struct objects *objects) {
  noted = objects;
}

/* Past the one that counts and fails. */
static long bpf(int command, union bpf_attr *attr) {
  static long (*next)(long number, ...);

  if (!next)
    next = (long (*)(long number, ...))dlsym(RTLD_NEXT, "syscall");
  return next(SYS_bpf, (long)command, attr, sizeof(*attr));
}

static int find_command(int command) {
  switch (command) {
  case BPF_PROG_LOAD:
    return BPF_PROG_GET_FD_BY_ID;
  case BPF_MAP_CREATE:
    return BPF_MAP_GET_FD_BY_ID;
  case BPF_LINK_CREATE:
  case BPF_RAW_TRACEPOINT_OPEN:
    return BPF_LINK_GET_FD_BY_ID;
  default:
    return 0;
  }
}

/* The offset of the id differs: programs and links have their type first. */
static unsigned id_of(int find, int fd) {
  union {
    struct bpf_prog_info prog;
    struct bpf_map_info map;
    struct bpf_link_info link;
  } info;
  union bpf_attr attr;

  memset(&info, 0, sizeof(info));
  memset(&attr, 0, sizeof(attr));
  attr.info.bpf_fd = (__u32)fd;
  attr.info.info = (uintptr_t)&info;
  attr.info.info_len = sizeof(info);
  if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
    return 0;
  if (find == BPF_PROG_GET_FD_BY_ID)
    return info.prog.id;
  return find == BPF_MAP_GET_FD_BY_ID ? info.map.id : info.link.id;
}

void objects_note(int command, int fd) {
  int find = find_command(command);
  unsigned id = find && noted ? id_of(find, fd) : 0;

  if (!id || noted->count == OBJECTS_MAX)
    return;
  noted->object[noted->count].find = find;
  noted->object[noted->count++].id = id;
}

static bool is_there(int find, unsigned id) {
  union bpf_attr attr;
  long fd;

  memset(&attr, 0, sizeof(attr));
  attr.prog_id = id; /* all ids are in that place */
  fd = bpf(find, &attr);
  if (fd >= 0)
    close((int)fd);
  return fd >= 0;
}

static unsigned count_there(const struct objects *objects) {
  unsigned count = 0;

  for (unsigned i = 0; i < objects->count; i++)
    count += is_there(objects->object[i].find, objects->object[i].id);
  return count;
}

unsigned objects_await_gone(const struct objects *objects) {
  unsigned left;

  for (int waited = 0; (left = count_there(objects)) && waited < PATIENCE_MS;
       waited += 20)
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  return left;
}

unsigned objects_count_fds(void) {
  DIR *dir = opendir("/proc/self/fd");
  unsigned count = 0;

  while (dir && readdir(dir))
    count++;
  if (dir)
    closedir(dir);
  return count;
}

/* Lines of a file that contain the text. */
static unsigned count_lines(const char *path, const char *text) {
  FILE *file = fopen(path, "re");
  unsigned count = 0;
  char line[512];

  while (file && fgets(line, sizeof(line), file))
    count += strstr(line, text) != NULL;
  if (file)
    fclose(file);
  return count;
}

unsigned objects_count_maps(void) {
  return count_lines("/proc/self/maps", "bpf-map");
}
