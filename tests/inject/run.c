// SPDX-License-Identifier: MIT
/* One life of the plugin in which one call fails, and what must hold then. */
#include "run.h"

#include "host.h"
#include "workload.h"

#include <sanitizer/lsan_interface.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds after which a run hangs, on an emulated machine, too. */
enum { RUN_TIMEOUT = 300, TRACKED = 64 };

static struct run_result *result;
static pid_t owner; /* of the result, with its children */

__attribute__((format(printf, 2, 3))) static void
expect(bool holds, const char *format, ...) {
  size_t used = strlen(result->wrong);
  va_list args;

  if (holds)
    return;
  va_start(args, format);
  vsnprintf(result->wrong + used, sizeof(result->wrong) - used, format, args);
  va_end(args);
  used = strlen(result->wrong);
  snprintf(result->wrong + used, sizeof(result->wrong) - used, "; ");
}

/* One clear message names a probe that does not start; what runs says how. */
static void judge_start(const char *probe) {
  char named[64], hook[64];
  unsigned errors;

  snprintf(named, sizeof(named), "bpfmem plugin: %s: ", probe);
  snprintf(hook, sizeof(hook), "%s: using hook", probe);
  errors = host_logged(HOST_ERROR, named);
  if (host_reads(probe)) {
    expect(host_logged(HOST_INFO, hook) == 1, "%s does not say its hook",
           probe);
    expect(!errors, "%s complains and starts", probe);
  } else
    expect(errors == 1, "%s: %u messages and does not start", probe, errors);
}

/* Whether what fails may fail for both: what libbpf has once learnt of the
 * kernel it believes for all objects; there may be too little memory for
 * either. */
static bool hits_both(const struct inject_point *point) {
  return point->for_good || point->kind == INJECT_BPF_TRIAL;
}

/* Calls whose error the plugin and libbpf pass on as it is. */
static bool is_passed_on(unsigned kind) {
  return kind < INJECT_BPF_TRIAL || kind == INJECT_PERF_EVENT_OPEN ||
         kind == INJECT_IOCTL || kind == INJECT_MMAP || kind == INJECT_EPOLL;
}

/* What fails is named by the message, or by that of libbpf in it. */
static void judge_cause(const struct inject_point *point) {
  bool any = host_logged(HOST_ERROR, "");

  expect(!any || point->phase != INJECT_INIT || !is_passed_on(point->kind) ||
             host_logged(HOST_ERROR, strerror(point->error)),
         "the messages do not tell the cause");
}

static void judge_init(int status, const struct inject_point *point) {
  bool any = host_reads("pagefault") || host_reads("slab");

  judge_start("pagefault");
  judge_start("slab");
  expect(any || hits_both(point), "neither probe goes on");
  expect(any == !status, "init returns %d", status);
  judge_cause(point);
}

/* Complains of a probe once, however often it fails; says once that it works
 * again. */
static void judge_reads(unsigned failed) {
  unsigned errors = host_logged(HOST_ERROR, "reading failed");
  unsigned again = host_logged(HOST_INFO, "reading works again");
  unsigned probes = (unsigned)__builtin_popcount(failed);

  expect(errors == probes, "%u probes failed to read, %u messages", probes,
         errors);
  expect(again == probes, "%u probes failed to read, %u recovered", probes,
         again);
}

/* Other processes fault and allocate, too: it may be more. What BPF missed, as
 * while another run changes a map on that CPU, is known for objects, and for
 * faults among what is unattributed. */
static void judge_sums(unsigned long faults, unsigned namespaces) {
  uint64_t counted = host_sum("pagefault-");
  uint64_t objects = host_sum("slab-uts_namespace/operations-alloc") +
                     host_sum("bpfmem-slab/derive-events_missed");

  expect(!host_reads("pagefault") || counted >= faults,
         "%lu faults, %lu counted", faults, (unsigned long)counted);
  expect(!host_reads("slab") || objects >= namespaces,
         "%u namespaces, %lu counted", namespaces, (unsigned long)objects);
}

static unsigned long work(void) {
  expect(!workload_namespaces(), "cannot make namespaces");
  return workload_fault();
}

/* Reads that differ: one has news; one takes idle files out of the table; one
 * gives their places back. A series shows what it counted in its second. */
static unsigned read_thrice(void) {
  unsigned failed = 0;

  for (int i = 0; i < 3; i++)
    failed |= host_read();
  return failed;
}

static void live(const struct inject_point *point) {
  unsigned failed, later;
  unsigned long faults;
  int status;

  inject_begin(INJECT_INIT);
  status = host_init();
  inject_end();
  judge_init(status, point);
  faults = work();
  later = read_thrice();
  faults += work();
  inject_begin(INJECT_READ);
  failed = read_thrice();
  inject_end();
  later |= read_thrice();
  expect(!later, "reads fail for no reason");
  judge_reads(failed);
  judge_sums(faults, 2 * WORKLOAD_NAMESPACES);
}

static void judge_end(unsigned fds) {
  unsigned now = objects_count_fds(), maps = objects_count_maps();
  const char *complaint = host_complaint();

  expect(now == fds, "%u descriptors before, %u after", fds, now);
  expect(!maps, "%u BPF maps stay mapped", maps);
  expect(!complaint, "%s", complaint ? complaint : "");
  expect(!__lsan_do_recoverable_leak_check(), "memory leaks");
}

static void life(const struct inject_point *point,
                 const struct run_options *options) {
  unsigned fds = objects_count_fds();
  char files[4096], regex[4200];
  int status;

  expect(getcwd(files, sizeof(files)), "no directory");
  snprintf(regex, sizeof(regex), "/^%s//", files);
  inject_arm(point);
  host_start();
  inject_begin(INJECT_CONFIG);
  status = host_config(regex, options->hooks, TRACKED);
  inject_end();
  if (status)
    expect(host_logged(HOST_ERROR, "bpfmem plugin: ") == 1,
           "refuses the configuration and does not say why");
  else
    live(point);
  expect(!host_shutdown(), "shutdown fails");
  judge_end(fds);
}

static void be_child(const struct inject_point *point,
                     const struct run_options *options) {
  alarm(RUN_TIMEOUT);
  objects_note_in(&result->objects);
  life(point, options);
  result->happened = inject_happened();
  memcpy(result->made, *inject_made(), sizeof(result->made));
  if (result->wrong[0] || options->verbose)
    fputs(host_log(), stderr);
  result->ended = true;
  _exit(0);
}

const struct run_result *run(const struct inject_point *point,
                             const struct run_options *options) {
  unsigned left;
  int status = 0;
  pid_t child;

  if (!result || owner != getpid())
    result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  owner = getpid();
  memset(result, 0, sizeof(*result));
  child = fork();
  if (!child)
    be_child(point, options);
  waitpid(child, &status, 0);
  expect(result->ended, "crashed, or hangs: status %#x", (unsigned)status);
  left = objects_await_gone(&result->objects);
  expect(!left, "%u of %u BPF objects stay", left, result->objects.count);
  return result;
}
