// SPDX-License-Identifier: MIT
/* Dynamic kprobe events through tracefs. */
#include "kernel/tracefs.h"

#include "kernel/switches.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENT_GROUP "bpfmem_"

/* Tried, as access() asks for the real user and knows no capabilities. */
static const char *tracefs_root(void) {
  static const char *const roots[] = {"/sys/kernel/tracing",
                                      "/sys/kernel/debug/tracing"};
  char path[128];

  for (unsigned i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
    snprintf(path, sizeof(path), "%s/kprobe_events", roots[i]);
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);

    if (fd < 0)
      continue;
    close(fd);
    return roots[i];
  }
  return NULL;
}

bool tracefs_has_kprobes(void) {
  return tracefs_root() && !switches_are_off(SETTINGS_HOOKS_KPROBE);
}

static FILE *tracefs_open(const char *file, const char *mode) {
  const char *root = tracefs_root();
  char path[256];

  if (!root)
    return NULL;
  snprintf(path, sizeof(path), "%s/%s", root, file);
  return fopen(path, mode);
}

/* One command of the kernel's kprobe event syntax. 0 or -errno. */
static int kprobe_command(const char *command) {
  const char *root = tracefs_root();
  char path[128];
  int fd, err = 0;

  if (!root)
    return -ENOENT;
  snprintf(path, sizeof(path), "%s/kprobe_events", root);
  fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (write(fd, command, strlen(command)) < 0)
    err = -errno;
  close(fd);
  return err;
}

static int event_id(const struct tracefs_event *event) {
  char file[128];
  FILE *stream;
  int id = -1;

  snprintf(file, sizeof(file), "events/%s/id", event->name);
  stream = tracefs_open(file, "re");
  if (!stream)
    return -errno;
  if (fscanf(stream, "%d", &id) != 1)
    id = -EIO;
  fclose(stream);
  return id;
}

/* pid -1 on CPU 0: a program on a kprobe event runs on every CPU. */
static int open_perf(int id) {
  struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT,
                                 .size = sizeof(attr),
                                 .config = (uint64_t)id,
                                 .sample_period = 1,
                                 .disabled = 1};
  int fd =
      (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

  return fd < 0 ? -errno : fd;
}

int tracefs_event_add(const char *name, const char *function, bool at_return,
                      struct tracefs_event *ret_event) {
  struct tracefs_event event = {.perf_fd = -1};
  char command[256], type[16] = "p";
  int err;

  snprintf(event.name, sizeof(event.name), EVENT_GROUP "%d/%s", (int)getpid(),
           name);
  if (at_return)
    snprintf(type, sizeof(type), "r%d", TRACEFS_MAXACTIVE);
  snprintf(command, sizeof(command), "%s:%s %s", type, event.name, function);
  err = kprobe_command(command);
  if (err)
    return err;
  err = event_id(&event);
  if (err > 0)
    err = open_perf(err);
  if (err < 0) {
    tracefs_event_remove(&event);
    return err;
  }
  event.perf_fd = err;
  *ret_event = event;
  return 0;
}

void tracefs_event_remove(struct tracefs_event *event) {
  char command[80];

  if (!event->name[0])
    return;
  snprintf(command, sizeof(command), "-:%s", event->name);
  kprobe_command(command);
  event->name[0] = '\0';
}

/* kprobe_profile: "  name  hits  missed", name without its group. */
uint64_t tracefs_event_missed(const struct tracefs_event *event) {
  FILE *stream = event->name[0] ? tracefs_open("kprobe_profile", "re") : NULL;
  const char *own = strchr(event->name, '/');
  uint64_t missed = 0, value;
  char name[128];

  if (!stream)
    return 0;
  while (fscanf(stream, "%127s %*u %" SCNu64, name, &value) == 2)
    if (own && !strcmp(name, own + 1))
      missed = value;
  fclose(stream);
  return missed;
}

/* A line of kprobe_events: "p:bpfmem_42/entry handle_mm_fault". */
static void remove_if_ours(const char *line) {
  const char *name = strchr(line, ':');
  char command[80];

  if (!name || strncmp(name + 1, EVENT_GROUP, strlen(EVENT_GROUP)) != 0)
    return;
  snprintf(command, sizeof(command), "-:%.*s", (int)strcspn(name + 1, " \n"),
           name + 1);
  kprobe_command(command);
}

void tracefs_remove_stale(void) {
  FILE *stream = tracefs_open("kprobe_events", "re");
  char line[256];

  if (!stream)
    return;
  while (fgets(line, sizeof(line), stream))
    remove_if_ours(line);
  fclose(stream);
}
