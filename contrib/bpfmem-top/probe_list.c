// SPDX-License-Identifier: MIT
/* Asks the kernel for all that the candidate hooks need. */
#include "probe_list.h"

#include "kernel/features.h"
#include "kernel/refusal.h"
#include "probe.h"

struct list {
  FILE *out;
  struct features *info;
  bool verbose;
};

static void print_needs(const struct list *list,
                        const struct hook_candidate *candidate) {
  for (int i = 0; i < HOOK_NEEDS_MAX; i++) {
    const struct hook_need *need = &candidate->needs[i];

    if (need->kind != HOOK_NEEDS_NOTHING)
      fprintf(list->out, "                needs %s %s\n",
              hook_need_name(need->kind), need->name);
  }
}

static void print_answer(const struct list *list,
                         const struct hook_event *event,
                         const struct hook_candidate *candidate, bool used,
                         enum settings_hooks wanted) {
  const struct hook_need *unmet =
      hook_unmet(candidate, features_exists, list->info);

  fprintf(list->out, "    %-10s  ", settings_hooks_name(candidate->kind));
  if (unmet)
    fprintf(list->out, "no: %s %s\n", hook_need_name(unmet->kind), unmet->name);
  else if (used)
    fprintf(list->out, "yes -> used\n");
  else if (!hook_is_wanted(event, candidate, wanted))
    fprintf(list->out, "yes, left out by -H %s\n", settings_hooks_name(wanted));
  else
    fprintf(list->out, "yes\n");
}

static void print_event(const struct list *list, const struct hook_event *event,
                        enum settings_hooks wanted) {
  unsigned used = hook_choose(event, 0, wanted, features_exists, list->info);

  fprintf(list->out, "  %s%s\n", event->name,
          used == event->count ? ": not counted" : "");
  for (unsigned i = 0; i < event->count; i++) {
    print_answer(list, event, &event->candidates[i], i == used, wanted);
    if (list->verbose)
      print_needs(list, &event->candidates[i]);
  }
}

static void print_probes(const struct list *list,
                         const struct settings *settings) {
  for (int id = 0; id < PROBE_COUNT; id++) {
    const struct settings_probe *own = probe_settings(settings, id);

    if (!own->collect)
      continue;
    fprintf(list->out, "%s\n", probes[id]->name);
    for (unsigned i = 0; i < probes[id]->events_count; i++)
      print_event(list, &probes[id]->events[i], own->hooks);
  }
}

int probe_list(FILE *out, const struct settings *settings, bool verbose,
               const struct log *log) {
  struct features info = {.path = settings->btf};
  struct list list = {.out = out, .info = &info, .verbose = verbose};
  int err = features_read(&info);

  if (err) {
    char text[512];

    refusal_explain(&info, err, text, sizeof(text));
    log_printf(log, LOG_LEVEL_ERROR, "%s", text);
    return err;
  }
  print_probes(&list, settings);
  if (!features_may_trace())
    fputs("This process lacks CAP_BPF and CAP_PERFMON: an answer may be \"no\" "
          "for lack of\npermission alone. Ask again as root.\n",
          out);
  features_forget(&info);
  return 0;
}
