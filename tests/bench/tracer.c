// SPDX-License-Identifier: MIT
/* Runs the tools that people use for want of this plugin. */
#define _GNU_SOURCE
#include "micro.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_SECONDS 60

/* What bpftrace attaches first to last is not told; the timer ticks when all
 * is there. */
#define READY                                                                  \
  " interval:ms:100 /@ticks < 3/ { @ticks++; printf(\"ready\\n\"); }"

/* An allocation's event has the name of the cache since 6.18. */
const struct tracer tracer_slab = {
    .name = "bpftrace, by cache",
    .argv =
        {"bpftrace", "-e",
         "tracepoint:kmem:kmem_cache_alloc { @a[str(args->name)] = count(); } "
         "tracepoint:kmem:kmem_cache_free { @f[str(args->name)] = count(); "
         "}" READY},
    .ready = "ready"};

/* Where an allocation's event has none: all functions that have the cache as
 * their first argument. */
const struct tracer tracer_slab_kprobe = {
    .name = "bpftrace, by cache",
    .argv = {"bpftrace", "-e",
             "kprobe:kmem_cache_alloc* "
             "{ @a[str(((struct kmem_cache *)arg0)->name)] = count(); } "
             "kprobe:kmem_cache_free "
             "{ @f[str(((struct kmem_cache *)arg0)->name)] = count(); }" READY},
    .ready = "ready"};

/* Which file natively nothing tells in one line. */
const struct tracer tracer_faults = {
    .name = "bpftrace, by program",
    .argv = {"bpftrace", "-e",
             "software:faults:1 { @[comm] = count(); }" READY},
    .ready = "ready"};

/* bpf-perf-tools-book's ffaults. */
const struct tracer tracer_ffaults = {
    .name = "bpftrace ffaults",
    .argv = {"bpftrace", "-e",
             "kprobe:handle_mm_fault { $vma = (struct vm_area_struct *)arg0; "
             "@[str($vma->vm_file->f_path.dentry->d_name.name)] = count(); "
             "}" READY},
    .ready = "ready"};

const struct tracer tracer_slabratetop = {.name = "slabratetop",
                                          .argv = {"slabratetop", "-C", "1"},
                                          .ready = "CACHE"};

struct tracing {
  const struct tracer *tracer;
  pid_t pid;
  int out;
};

/* -1: there is no such program. */
static pid_t spawn(const struct tracer *tracer, int out) {
  int failed[2];
  char byte;
  pid_t child;

  if (pipe2(failed, O_CLOEXEC))
    bench_die("pipe", errno);
  child = fork();
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(tracer->argv[0], (char *const *)tracer->argv);
    dprintf(out, "%s\n", strerror(errno));
    (void)!write(failed[1], "x", 1);
    _exit(127);
  }
  close(failed[1]);
  if (child > 0 && read(failed[0], &byte, 1) == 1) {
    waitpid(child, NULL, 0);
    child = -1;
  }
  close(failed[0]);
  return child;
}

static bool has_printed(const struct tracing *tracing, const char *text) {
  static char printed[65536];
  ssize_t size = pread(tracing->out, printed, sizeof(printed) - 1, 0);

  if (size < 0)
    return false;
  printed[size] = '\0';
  return strstr(printed, text);
}

/* The last line is the one that says why. */
static void show(const struct tracing *tracing) {
  char printed[4096], *line;
  ssize_t size = pread(tracing->out, printed, sizeof(printed), 0);

  if (size > 0 && printed[size - 1] == '\n')
    size--;
  printed[size > 0 && size < (ssize_t)sizeof(printed) ? size : 0] = '\0';
  line = strrchr(printed, '\n');
  printf("%s does not run here: %s\n", tracing->tracer->name,
         line ? line + 1 : printed);
}

static bool await(const struct tracing *tracing) {
  for (int i = 0; i < WAIT_SECONDS * 100; i++) {
    if (has_printed(tracing, tracing->tracer->ready))
      return true;
    if (waitpid(tracing->pid, NULL, WNOHANG))
      return false;
    usleep(10000);
  }
  kill(tracing->pid, SIGKILL);
  waitpid(tracing->pid, NULL, 0);
  return false;
}

static void forget(struct tracing *tracing) {
  close(tracing->out);
  free(tracing);
}

struct tracing *tracer_start(const struct tracer *tracer) {
  struct tracing *tracing = malloc(sizeof(*tracing));
  char path[] = "/tmp/bpfmem-bench-XXXXXX";

  bench_mount_tracefs();
  if (!tracing)
    bench_die("memory", ENOMEM);
  tracing->tracer = tracer;
  tracing->out = mkostemp(path, O_CLOEXEC | O_APPEND);
  if (tracing->out < 0 || unlink(path))
    bench_die(path, errno);
  tracing->pid = spawn(tracer, tracing->out);
  if (tracing->pid >= 0 && await(tracing))
    return tracing;
  show(tracing);
  forget(tracing);
  return NULL;
}

/* Whether it has ended after a while. */
static bool ends(pid_t pid) {
  for (int i = 0; i < 20; i++) {
    if (waitpid(pid, NULL, WNOHANG))
      return true;
    usleep(10000);
  }
  return false;
}

/* It prints what it counted, as somebody who looked would have it do. bpftrace
 * 0.17 does not always notice the first signal. */
void tracer_stop(struct tracing *tracing) {
  if (!tracing)
    return;
  for (int i = 0; i < 300; i++) {
    kill(tracing->pid, i < 250 ? SIGINT : SIGKILL);
    if (ends(tracing->pid))
      break;
  }
  forget(tracing);
}
