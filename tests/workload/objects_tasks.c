// SPDX-License-Identifier: MIT
/* Kinds of objects that are tasks, their memory areas or their requests. */

#define _GNU_SOURCE
#include "objects.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_end(void *arg) {
  pthread_mutex_lock(&hold);
  pthread_mutex_unlock(&hold);
  return arg;
}

static bool create_thread(struct object *object, size_t index) {
  pthread_attr_t attr;
  pthread_t thread;
  if (index == 0)
    pthread_mutex_lock(&hold);
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 64 << 10);
  errno = pthread_create(&thread, &attr, wait_for_end, NULL);
  object->id = (long)thread;
  return errno == 0;
}

static bool join_thread(struct object *object, size_t index) {
  if (index == 0)
    pthread_mutex_unlock(&hold);
  return pthread_join((pthread_t)object->id, NULL) == 0;
}

/* Every second page may be read: each page is an area of its own. */
static bool split_memory(size_t pages) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *memory = mmap(NULL, pages * page, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  for (size_t i = 0; i < pages; i += 2)
    if (mprotect(memory + i * page, page, PROT_READ) < 0)
      return false;
  return true;
}

/* A child copies as many areas, in a tree of nodes that are allocated and freed
 * in bulk (maple tree, 6.1). */
enum { CHILD_AREAS = 997 };

static bool fork_child(struct object *object) {
  object->id = fork();
  if (object->id == 0)
    for (;;)
      pause();
  return object->id > 0;
}

static bool create_child(struct object *object, size_t index) {
  return (index > 0 || split_memory(CHILD_AREAS)) && fork_child(object);
}

static bool end_child(struct object *object, size_t index) {
  (void)index;
  return kill((pid_t)object->id, SIGKILL) == 0 &&
         waitpid((pid_t)object->id, NULL, 0) == object->id;
}

/* What BPF keeps of a task: with its header it is just in the caches of 8 KiB,
 * and what we pass, which the kernel copies and frees, in those of 4. */
struct storage {
  char bytes[4090];
};

/* The kernel wants a description (BTF) of such a map. */
static int create_storage_map(void) {
  struct btf *types = btf__new_empty();
  int number = btf__add_int(types, "int", sizeof(int), BTF_INT_SIGNED);
  int byte = btf__add_int(types, "char", 1, BTF_INT_CHAR);
  int value = btf__add_array(types, number, byte, sizeof(struct storage));
  if (btf__load_into_kernel(types) != 0)
    return -1;
  LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC,
              .btf_fd = (unsigned)btf__fd(types),
              .btf_key_type_id = (unsigned)number,
              .btf_value_type_id = (unsigned)value);
  return bpf_map_create(BPF_MAP_TYPE_TASK_STORAGE, "storages", sizeof(int),
                        sizeof(struct storage), 0, &opts);
}

/* By kmalloc_nolock() and kfree_nolock() since 6.19 (f484f4a3e058). */
static bool store_for_child(struct object *object, size_t index) {
  static const struct storage storage;
  static int map = -1;
  int child;
  if (index == 0)
    map = create_storage_map();
  if (!fork_child(object))
    return false;
  child = (int)syscall(SYS_pidfd_open, (pid_t)object->id, 0);
  return child >= 0 &&
         bpf_map_update_elem(map, &child, &storage, BPF_NOEXIST) == 0 &&
         close(child) == 0;
}

/* A ring of io_uring for one submission at a time, which we overwrite. */
static struct {
  int fd, watched;
  struct io_uring_sqe *entries;
  unsigned *tail, *mask, *array;
} ring;

static void *map_ring(size_t size, off_t offset) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_POPULATE, ring.fd, offset);
  return memory == MAP_FAILED ? NULL : memory;
}

static bool open_ring(void) {
  struct io_uring_params params = {0};
  char *queue;
  ring.watched = eventfd(0, 0);
  ring.fd = (int)syscall(SYS_io_uring_setup, 8, &params);
  if (ring.fd < 0)
    return false;
  queue = map_ring(params.sq_off.array + params.sq_entries * sizeof(unsigned),
                   IORING_OFF_SQ_RING);
  ring.entries =
      map_ring(params.sq_entries * sizeof(*ring.entries), IORING_OFF_SQES);
  if (queue == NULL || ring.entries == NULL)
    return false;
  ring.tail = (unsigned *)(queue + params.sq_off.tail);
  ring.mask = (unsigned *)(queue + params.sq_off.ring_mask);
  ring.array = (unsigned *)(queue + params.sq_off.array);
  return true;
}

/* Waits for an event that never comes, so the request lives on. */
static bool submit_request(struct object *object, size_t index) {
  (void)object;
  if (index == 0 && !open_ring())
    return false;
  unsigned tail = *ring.tail, slot = tail & *ring.mask;
  ring.entries[slot] = (struct io_uring_sqe){.opcode = IORING_OP_POLL_ADD,
                                             .fd = ring.watched,
                                             .poll_events = POLLIN,
                                             .user_data = index};
  ring.array[slot] = slot;
  __atomic_store_n(ring.tail, tail + 1, __ATOMIC_RELEASE);
  return syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0) == 1;
}

static bool close_ring(struct object *object, size_t index) {
  (void)object;
  return index > 0 || close(ring.fd) == 0;
}

const struct kind objects_of_tasks[] = {
    {"threads", "a task_struct each", create_thread, join_thread},
    {"forks", "a task_struct and 997 memory areas each", create_child,
     end_child},
    {"storages", "a BPF task storage of 4,090 bytes each", store_for_child,
     end_child},
    {"requests", "an io_kiocb each, allocated in bulk", submit_request,
     close_ring},
    {0}};
