// SPDX-License-Identifier: MIT
/* Kinds of objects that are the kernel's memory for what we give it: kmalloc
 * of a known size, freed at once or by kfree_rcu, and what rides on them. */

#define _GNU_SOURCE
#include "objects.h"

#include <linux/keyctl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* With a header of 48 bytes (struct msg_msg) it is in the caches of 2 KiB. */
struct message {
  long type;
  char text[1500];
};

/* A queue each: how much one may hold is the administrator's choice. */
static bool send_message(struct object *object, size_t index) {
  static const struct message message = {.type = 1};
  (void)index;
  object->id = msgget(IPC_PRIVATE, 0600);
  return object->id >= 0 && msgsnd((int)object->id, &message,
                                   sizeof(message.text), IPC_NOWAIT) == 0;
}

static bool receive_message(struct object *object, size_t index) {
  struct message message;
  (void)index;
  return msgrcv((int)object->id, &message, sizeof(message.text), 0,
                IPC_NOWAIT) == sizeof(message.text) &&
         msgctl((int)object->id, IPC_RMID, NULL) == 0;
}

/* An access control list takes 24 or more bytes and 8 for each entry; what we
 * pass, 4 and 8. With so many entries the list just is in the caches of 8 KiB,
 * and what we pass, which the kernel copies and frees, in those of 4. */
enum { ACL_ENTRIES = 511 };

static void fill_acl(struct posix_acl_xattr_entry *entries) {
  for (int i = 0; i < ACL_ENTRIES; i++)
    entries[i] = (struct posix_acl_xattr_entry){
        .e_tag = ACL_USER, .e_perm = ACL_READ, .e_id = 1000};
  entries[0].e_tag = ACL_USER_OBJ;
  entries[ACL_ENTRIES - 3].e_tag = ACL_GROUP_OBJ;
  entries[ACL_ENTRIES - 2].e_tag = ACL_MASK;
  entries[ACL_ENTRIES - 1].e_tag = ACL_OTHER;
}

/* tmpfs holds lists in memory alone, of any length; they are freed by kfree_rcu
 * (posix_acl_release) when the inode is. */
static bool create_acl(struct object *object, size_t index) {
  static struct {
    struct posix_acl_xattr_header header;
    struct posix_acl_xattr_entry entries[ACL_ENTRIES];
  } acl = {.header = {POSIX_ACL_XATTR_VERSION}};
  if (index == 0)
    fill_acl(acl.entries);
  object->fds[0] = memfd_create("acl", 0);
  return object->fds[0] >= 0 &&
         fsetxattr(object->fds[0], "system.posix_acl_access", &acl, sizeof(acl),
                   0) == 0;
}

/* The first is the session keyring that holds the others: it goes with us. */
static bool create_key(struct object *object, size_t index) {
  if (index == 0)
    object->id = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  else
    object->id = syscall(SYS_add_key, "user", objects_name(index), "secret", 6,
                         KEY_SPEC_SESSION_KEYRING);
  return object->id >= 0;
}

static bool unlink_key(struct object *object, size_t index) {
  return index == 0 || syscall(SYS_keyctl, KEYCTL_UNLINK, object->id,
                               KEY_SPEC_SESSION_KEYRING) == 0;
}

static bool create_timer(struct object *object, size_t index) {
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  int id;
  (void)index;
  if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) < 0)
    return false;
  object->id = id;
  return true;
}

static bool delete_timer(struct object *object, size_t index) {
  (void)index;
  return syscall(SYS_timer_delete, (int)object->id) == 0;
}

/* Datagrams wait in a pair of sockets; one alone would refuse them soon.
 */
enum { DATAGRAM_SIZE = 997 };
static int pair[2];

static bool open_pair(void) {
  const int room = 1 << 30;
  return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0 &&
         setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ==
             0;
}

static bool send_datagram(struct object *object, size_t index) {
  static const char datagram[DATAGRAM_SIZE];
  (void)object;
  if (index == 0 && !open_pair())
    return false;
  return send(pair[0], datagram, sizeof(datagram), MSG_DONTWAIT) ==
         sizeof(datagram);
}

static bool receive_datagram(struct object *object, size_t index) {
  char datagram[DATAGRAM_SIZE + 1];
  (void)object;
  (void)index;
  return recv(pair[1], datagram, sizeof(datagram), MSG_DONTWAIT) ==
         DATAGRAM_SIZE;
}

const struct kind objects_of_memory[] = {
    {"messages", "kmalloc of 2 KiB each, and kfree", send_message,
     receive_message},
    {"acls", "kmalloc of 8 KiB each, and kfree_rcu", create_acl, objects_close},
    {"keys", "a key_jar each", create_key, unlink_key},
    {"timers", "a posix_timers_cache each", create_timer, delete_timer},
    {"datagrams", "a skbuff_head_cache each", send_datagram, receive_datagram},
    {0}};
