// SPDX-License-Identifier: MIT
/* Whether the kernel may preempt a task inside a BPF program. */
#include "kernel/preempt.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define MODES_FILE "/sys/kernel/debug/sched/preempt" /* since 5.13 */

/* These modes preempt: full, and lazy since 6.13 (7c70cb94d29c). The modes none
 * and voluntary do not. */
static bool mode_preempts(const char *mode) {
  return !strncmp(mode, "full", 4) || !strncmp(mode, "lazy", 4);
}

/* The mode in force stands in parentheses. NULL when there is none. */
static const char *mode_in_force(const char *modes) {
  const char *open = modes ? strchr(modes, '(') : NULL;

  return open ? open + 1 : NULL;
}

/* The last such word on the line counts, as for the kernel. */
static const char *mode_asked_for(const char *cmdline) {
  const char *const key = "preempt=", *found = cmdline, *mode = NULL;

  while (found && (found = strstr(found, key))) {
    bool is_word = found == cmdline || found[-1] == ' ';

    found += strlen(key);
    if (is_word)
      mode = found;
  }
  return mode;
}

/* A kernel that tells no mode is taken for what Debian, Fedora and Ubuntu
 * build: voluntary, and from the version that has it lazy. */
static bool judge_dynamic(const struct preempt_facts *facts) {
  const char *mode = mode_in_force(facts->modes);

  if (!mode)
    mode = mode_asked_for(facts->cmdline);
  return mode ? mode_preempts(mode) : facts->has_lazy;
}

/* The words are those of the kernel's init/Makefile. A kernel that cannot be
 * read is taken for one that may preempt: that costs time, but loses no events.
 */
bool preempt_judge(const struct preempt_facts *facts) {
  if (!facts->version || strstr(facts->version, " PREEMPT_RT"))
    return true;
  if (strstr(facts->version, " PREEMPT_DYNAMIC"))
    return judge_dynamic(facts);
  return strstr(facts->version, " PREEMPT");
}

/* The first line of a file; NULL when it cannot be read. */
static const char *read_line(const char *path, char *line, int size) {
  FILE *file = fopen(path, "re");
  const char *text = file ? fgets(line, size, file) : NULL;

  if (file)
    fclose(file);
  return text;
}

bool preempt_is_possible(bool has_lazy) {
  char modes[128], cmdline[4096];
  struct utsname name;
  const struct preempt_facts facts = {
      .version = uname(&name) ? NULL : name.version,
      .modes = read_line(MODES_FILE, modes, sizeof(modes)),
      .cmdline = read_line("/proc/cmdline", cmdline, sizeof(cmdline)),
      .has_lazy = has_lazy};

  return preempt_judge(&facts);
}
