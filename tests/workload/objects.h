// SPDX-License-Identifier: MIT
/* What the parts of the program `objects` share. */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

enum { PER_OBJECT_FDS = 2 };

struct object {
  int fds[PER_OBJECT_FDS]; /* -1 where there is none */
  long id;
};

/* Creates and destroys one object; false with errno when it could not. Index 0
 * comes first in both, and may do what all the others need. */
typedef bool object_step(struct object *object, size_t index);

struct kind {
  const char *name;
  const char *creates;
  object_step *create, *destroy;
};

extern const struct kind objects_of_files[], objects_of_memory[],
    objects_of_tasks[]; /* end with a kind without a name */

/* A name in the directory of the workload, valid until the next call. */
const char *objects_name(size_t index);

/* Closes what the object has open. */
bool objects_close(struct object *object, size_t index);

#endif
