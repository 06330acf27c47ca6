// SPDX-License-Identifier: MIT
/* Asks the kernel for all that the candidate hooks need, and starts each probe
 * once: the kernel may refuse even what it has. */
#include "probe_list.h"

#include "kernel/features.h"
#include "kernel/refusal.h"
#include "probe.h"

#include <string.h>

/* The result of starting a probe, which ends at once. */
struct trial {
  const struct log *log;
  char refusal[REFUSAL_SIZE + 64]; /* empty: it started */
  bool uses[SETTINGS_HOOKS_COUNT];
};

struct list {
  FILE *out;
  struct features *info;
  bool verbose;
  enum settings_hooks wanted;
  const struct trial *trial;
};

/* Keeps an error as part of the list. */
static void take_log(void *arg, enum log_level level, const char *text) {
  struct trial *trial = arg;

  if (level == LOG_LEVEL_ERROR)
    snprintf(trial->refusal, sizeof(trial->refusal), "%s", text);
  else if (level != LOG_LEVEL_INFO)
    log_printf(trial->log, level, "%s", text);
}

/* "hook_event" */
static void take_stat(void *arg, const struct source_stat *stat) {
  struct trial *trial = arg;
  char name[32];

  for (int kind = 0; kind < SETTINGS_HOOKS_COUNT; kind++) {
    snprintf(name, sizeof(name), "hook_%s", settings_hooks_name(kind));
    if (!strcmp(stat->name, name))
      trial->uses[kind] = stat->value > 0;
  }
}

static struct trial try_probe(const struct probe *probe,
                              const struct settings_probe *settings,
                              struct features *info, const struct log *log) {
  struct trial trial = {.log = log};
  const struct probe_options options = {.hooks = settings->hooks,
                                        .max_tracked = settings->max_tracked,
                                        .sample_above = settings->sample_above,
                                        .kernel = info,
                                        .log = {take_log, &trial}};
  void *ctx;

  if (!probe->open(&options, &ctx)) {
    struct source source = probe->source(ctx);

    source.stats(source.ctx, take_stat, &trial);
    probe->close(ctx);
  }
  return trial;
}

/* The candidate that counts the event, or that was refused; else event->count.
 */
static unsigned find_used(const struct list *list,
                          const struct hook_event *event) {
  const struct trial *trial = list->trial;
  unsigned i = 0;

  for (;; i++) {
    i = hook_choose(event, i, list->wanted, features_exists, list->info);
    if (i >= event->count || trial->refusal[0] || event->is_free ||
        trial->uses[event->candidates[i].kind])
      return i;
  }
}

/* Prints lines of 80 columns. Lines after the first are indented more. */
static void print_wrapped(FILE *out, int indent, char *text) {
  char *rest = NULL, *word = strtok_r(text, " ", &rest);
  int column = fprintf(out, "%*s%s", indent, "", word);

  while ((word = strtok_r(NULL, " ", &rest))) {
    if (column + 1 + strlen(word) <= 80)
      column += fprintf(out, " %s", word);
    else
      column = fprintf(out, "\n%*s%s", indent + 2, "", word) - 1;
  }
  fputc('\n', out);
}

static void print_needs(const struct list *list,
                        const struct hook_candidate *candidate) {
  char text[512] = "";
  size_t used = 0;

  for (int i = 0; i < HOOK_NEEDS_MAX; i++) {
    const struct hook_need *need = &candidate->needs[i];

    if (need->kind != HOOK_NEEDS_NOTHING && used < sizeof(text))
      used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s",
                               used ? "," : "needs", hook_need_name(need->kind),
                               need->name);
  }
  if (used)
    print_wrapped(list->out, 16, text);
}

/* What the last candidate of the kind lacks. The last one needs least. */
static const struct hook_need *find_unmet(const struct list *list,
                                          const struct hook_event *event,
                                          enum settings_hooks kind) {
  const struct hook_need *unmet = NULL;

  for (unsigned i = 0; i < event->count; i++)
    if (event->candidates[i].kind == kind) {
      unmet = hook_unmet(&event->candidates[i], features_exists, list->info);
      if (!unmet)
        return NULL;
    }
  return unmet;
}

static void print_unmet(const struct list *list, const struct hook_need *need) {
  fprintf(list->out, "no: %s %s", hook_need_name(need->kind), need->name);
  if (need->kind == HOOK_NEEDS_FUNCTION)
    fprintf(list->out, ": %s", strerror(-features_error(list->info)));
  else if (need->kind == HOOK_NEEDS_KPROBE && !features_have_kprobes())
    fprintf(list->out, ": no kprobes here");
  fputc('\n', list->out);
}

/* Prints one line for each kind of hook. */
static void print_answer(const struct list *list,
                         const struct hook_event *event,
                         const struct hook_candidate *first, unsigned used) {
  const struct hook_need *unmet = find_unmet(list, event, first->kind);

  fprintf(list->out, "    %-10s  ", settings_hooks_name(first->kind));
  if (unmet)
    print_unmet(list, unmet);
  else if (!hook_is_wanted(event, first, list->wanted))
    fprintf(list->out, "yes, left out by -H %s\n",
            settings_hooks_name(list->wanted));
  else if (used == event->count)
    fprintf(list->out, "yes, but refused\n");
  else if (event->candidates[used].kind != first->kind)
    fprintf(list->out, "yes, after %s\n",
            settings_hooks_name(event->candidates[used].kind));
  else
    fprintf(list->out, "yes -> %s\n",
            list->trial->refusal[0] ? "refused" : "used");
}

static bool is_first_of_kind(const struct hook_event *event, unsigned index) {
  for (unsigned i = 0; i < index; i++)
    if (event->candidates[i].kind == event->candidates[index].kind)
      return false;
  return true;
}

static void print_event(const struct list *list,
                        const struct hook_event *event) {
  unsigned used = find_used(list, event);

  fprintf(list->out, "  %s%s\n", event->name,
          used == event->count ? ": not counted" : "");
  for (unsigned i = 0; i < event->count; i++) {
    const struct hook_candidate *candidate = &event->candidates[i];

    if (!is_first_of_kind(event, i))
      continue;
    print_answer(list, event, candidate, used);
    for (unsigned j = i; list->verbose && j < event->count; j++)
      if (event->candidates[j].kind == candidate->kind)
        print_needs(list, &event->candidates[j]);
  }
}

static void print_probe(const struct list *list, const struct probe *probe) {
  fprintf(list->out, "%s\n", probe->name);
  for (unsigned i = 0; i < probe->events_count; i++)
    print_event(list, &probe->events[i]);
}

/* 0 or -errno. */
static int list_probe(struct list list, const struct probe *probe,
                      const struct settings_probe *settings,
                      const struct log *log) {
  struct trial trial = try_probe(probe, settings, list.info, log);
  int err = features_read(list.info); /* again: a start gives it back */

  if (err)
    return err;
  list.wanted = settings->hooks;
  list.trial = &trial;
  print_probe(&list, probe);
  if (trial.refusal[0])
    print_wrapped(list.out, 0, trial.refusal);
  return 0;
}

int probe_list(FILE *out, const struct settings *settings, bool verbose,
               const struct log *log) {
  struct features info = {.path = settings->btf};
  const struct list list = {.out = out, .info = &info, .verbose = verbose};
  int err = features_read(&info);

  for (int id = 0; id < PROBE_COUNT && !err; id++) {
    const struct settings_probe *own = probe_settings(settings, id);

    if (own->collect)
      err = list_probe(list, probes[id], own, log);
  }
  if (err) {
    char text[REFUSAL_SIZE];

    refusal_explain(&info, err, text, sizeof(text));
    log_printf(log, LOG_LEVEL_ERROR, "%s", text);
  }
  features_forget(&info);
  return err;
}
