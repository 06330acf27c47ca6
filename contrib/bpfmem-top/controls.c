// SPDX-License-Identifier: MIT
/* Turns keys into struct controls. */
#include "controls.h"

#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#define KEY_ESCAPE 27
#define KEY_DELETE 127
#define KEY_CTRL_H 8
#define KEY_CTRL_U 21
#define MS 1000000ull

/* The intervals through which + and - go. */
static const uint64_t intervals_ns[] = {
    100 * MS,  200 * MS,   500 * MS,   1000 * MS,  2000 * MS,
    5000 * MS, 10000 * MS, 30000 * MS, 60000 * MS, 300000 * MS};

#define INTERVAL_COUNT (sizeof(intervals_ns) / sizeof(intervals_ns[0]))

/* The order of < and >: the default, then the columns from left to right. */
static const enum column sorts[] = {COLUMN_HURT,    COLUMN_MINOR,  COLUMN_MAJOR,
                                    COLUMN_STALLED, COLUMN_ALLOC,  COLUMN_FREE,
                                    COLUMN_OBJECTS, COLUMN_GROWTH, COLUMN_HELD,
                                    COLUMN_EVENTS,  COLUMN_NAME};

#define SORT_COUNT ((int)(sizeof(sorts) / sizeof(sorts[0])))

static void say(struct controls *controls, const char *text) {
  snprintf(controls->message, sizeof(controls->message), "%s", text);
}

/* While the expression that is typed is invalid, the old one stays: false. */
static bool set_filter(struct controls *controls) {
  bool is_filtered = controls->filter[0] != '\0';
  regex_t regex = {0};

  controls->message[0] = '\0';
  if (is_filtered &&
      regcomp(&regex, controls->filter, REG_EXTENDED | REG_NOSUB)) {
    say(controls, "not a regular expression yet");
    return false;
  }
  if (controls->is_filtered)
    regfree(&controls->regex);
  controls->is_filtered = is_filtered;
  controls->regex = regex;
  return true;
}

static void show(struct controls *controls, bool files, bool caches) {
  const bool wanted[PROBE_COUNT] = {files, caches};
  bool any = false;

  for (int id = 0; id < PROBE_COUNT; id++)
    any |= wanted[id] && controls->available[id];
  if (!any) {
    say(controls,
        "this is not counted: not asked for, or refused by the kernel");
    return;
  }
  for (int id = 0; id < PROBE_COUNT; id++)
    controls->shown[id] = wanted[id] && controls->available[id];
  if (!controls->shown[controls->focus])
    controls->focus =
        controls->focus == PROBE_SLAB ? PROBE_PAGEFAULT : PROBE_SLAB;
}

void controls_init(struct controls *controls, const struct options *options,
                   const bool available[PROBE_COUNT]) {
  *controls = (struct controls){.form = options->form,
                                .interval_ns = options->interval_ns,
                                .focus = PROBE_PAGEFAULT};
  memcpy(controls->available, available, sizeof(controls->available));
  memcpy(controls->sort, options->sort, sizeof(controls->sort));
  if (options->filter_text)
    snprintf(controls->filter, sizeof(controls->filter), "%s",
             options->filter_text);
  set_filter(controls);
  show(controls, true, true);
}

void controls_fini(struct controls *controls) {
  if (controls->is_filtered)
    regfree(&controls->regex);
  controls->is_filtered = false;
}

const regex_t *controls_filter(const struct controls *controls) {
  return controls->is_filtered ? &controls->regex : NULL;
}

static void step_sort(struct controls *controls, int step) {
  enum column *sort = &controls->sort[controls->focus];
  int at = 0;

  while (sorts[at] != *sort)
    at++;
  do
    at = (at + step + SORT_COUNT) % SORT_COUNT;
  while (!column_is_of(sorts[at], controls->focus));
  *sort = sorts[at];
}

static void step_focus(struct controls *controls) {
  enum probe_id other =
      controls->focus == PROBE_SLAB ? PROBE_PAGEFAULT : PROBE_SLAB;

  if (controls->shown[other])
    controls->focus = other;
}

static void lengthen(struct controls *controls) {
  for (size_t i = 0; i < INTERVAL_COUNT; i++)
    if (intervals_ns[i] > controls->interval_ns) {
      controls->interval_ns = intervals_ns[i];
      return;
    }
}

static void shorten(struct controls *controls) {
  for (size_t i = INTERVAL_COUNT; i-- > 0;)
    if (intervals_ns[i] < controls->interval_ns) {
      controls->interval_ns = intervals_ns[i];
      return;
    }
}

static void toggle_form(struct controls *controls, enum line_form form) {
  controls->form = controls->form == form ? LINE_RATES : form;
}

static void begin_edit(struct controls *controls) {
  controls->edits = true;
  strcpy(controls->before, controls->filter);
}

static void edit_key(struct controls *controls, int key) {
  size_t length = strlen(controls->filter);

  switch (key) {
  case KEY_ESCAPE:
    strcpy(controls->filter, controls->before);
    controls->edits = false;
    break;
  case '\n':
  case '\r':
  case KEY_ENTER:
    controls->edits = !set_filter(controls);
    return;
  case KEY_BACKSPACE:
  case KEY_DELETE:
  case KEY_CTRL_H:
    controls->filter[length ? length - 1 : 0] = '\0';
    break;
  case KEY_CTRL_U:
    controls->filter[0] = '\0';
    break;
  default:
    if (key >= ' ' && key <= '~' && length + 1 < sizeof(controls->filter)) {
      controls->filter[length] = (char)key;
      controls->filter[length + 1] = '\0';
    }
  }
  set_filter(controls);
}

static void command_key(struct controls *controls, int key) {
  switch (key) {
  case 'q':
  case KEY_F(10):
    controls->quits = true;
    break;
  case '?':
  case 'h':
  case KEY_F(1):
    controls->helps = true;
    break;
  case 'f':
    show(controls, true, false);
    break;
  case 's':
    show(controls, false, true);
    break;
  case 'b':
    show(controls, true, true);
    break;
  case '\t':
    step_focus(controls);
    break;
  case '<':
  case KEY_LEFT:
    step_sort(controls, -1);
    break;
  case '>':
  case KEY_RIGHT:
    step_sort(controls, 1);
    break;
  case '/':
    begin_edit(controls);
    break;
  case 'p':
    controls->pauses = !controls->pauses;
    break;
  case 'c':
    toggle_form(controls, LINE_TOTALS);
    break;
  case 'e':
    toggle_form(controls, LINE_EXACT);
    break;
  case '+':
  case '=':
    lengthen(controls);
    break;
  case '-':
    shorten(controls);
    break;
  case ' ':
    controls->hurries = true;
    break;
  default:
    break;
  }
}

/* A message stays until the next key. */
void controls_key(struct controls *controls, int key) {
  if (controls->edits) {
    edit_key(controls, key);
    return;
  }
  controls->message[0] = '\0';
  if (controls->helps)
    controls->helps = false;
  else
    command_key(controls, key);
}
