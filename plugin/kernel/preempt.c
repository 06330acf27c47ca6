// SPDX-License-Identifier: MIT
/* Whether the kernel may preempt a task inside a BPF program. */
#include "kernel/preempt.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define MODES_FILE "/sys/kernel/debug/sched/preempt" /* since 5.13 */
#define SPACE " \t\n"

/* The rest of `text` from its next word on, and how long that word is. */
static const char *next_word(const char *text, size_t *ret_length) {
  text += strspn(text, SPACE);
  *ret_length = strcspn(text, SPACE);
  return *ret_length ? text : NULL;
}

static bool has_word(const char *text, const char *word) {
  size_t length;

  while (text && (text = next_word(text, &length))) {
    if (length == strlen(word) && !memcmp(text, word, length))
      return true;
    text += length;
  }
  return false;
}

/* full, and lazy since 6.13 (7c70cb94d29c); not none, not voluntary. */
static bool mode_preempts(const char *mode, size_t length) {
  return length == 4 &&
         (!memcmp(mode, "full", length) || !memcmp(mode, "lazy", length));
}

/* The mode in force stands in parentheses. NULL when there is none. */
static const char *mode_in_force(const char *modes, size_t *ret_length) {
  const char *open = modes ? strchr(modes, '(') : NULL;

  if (!open)
    return NULL;
  *ret_length = strcspn(open + 1, ")");
  return open + 1;
}

/* The last one on the line counts, as for the kernel. */
static const char *mode_asked_for(const char *cmdline, size_t *ret_length) {
  static const char key[] = "preempt=";
  const size_t key_length = sizeof(key) - 1;
  const char *mode = NULL;
  size_t length;

  while (cmdline && (cmdline = next_word(cmdline, &length))) {
    if (length >= key_length && !memcmp(cmdline, key, key_length)) {
      mode = cmdline + key_length;
      *ret_length = length - key_length;
    }
    cmdline += length;
  }
  return mode;
}

static bool judge_dynamic(const struct preempt_facts *facts) {
  size_t length;
  const char *mode = mode_in_force(facts->modes, &length);

  if (!mode)
    mode = mode_asked_for(facts->cmdline, &length);
  return mode ? mode_preempts(mode, length) : facts->has_lazy;
}

/* The words are those of the kernel's init/Makefile. One that cannot be read
 * stands for the kernel that may: that costs less than events. */
bool preempt_judge(const struct preempt_facts *facts) {
  if (!facts->version || has_word(facts->version, "PREEMPT_RT"))
    return true;
  if (has_word(facts->version, "PREEMPT_DYNAMIC"))
    return judge_dynamic(facts);
  return has_word(facts->version, "PREEMPT") ||
         has_word(facts->version, "PREEMPT_LAZY");
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
