// SPDX-License-Identifier: MIT
/* Reads at each interval, and draws at each interval and after each key. */
#include "screen.h"

#include "controls.h"
#include "display.h"
#include "paint.h"
#include "report.h"
#include "stop.h"

#include <errno.h>
#include <limits.h>
#include <ncurses.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <term.h>
#include <unistd.h>

/* How long a byte may wait for the rest of a key. */
#define ESCAPE_MS 25

struct screen {
  const struct options *options;
  struct view *const *views;
  struct controls controls;
  struct reading readings[PROBE_COUNT];
  bool has_reading[PROBE_COUNT];
  struct rows rows[PROBE_COUNT];
  char host[HOST_NAME_MAX + 1], release[sizeof(((struct utsname *)0)->release)];
  bool colours;
  uint64_t read_ns;
  unsigned intervals;
};

/* The screen that draws; the log finds it only here. */
static struct screen *current;

bool screen_is_possible(void) {
  int err;
  const char *move_cursor;

  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
      setupterm(NULL, STDOUT_FILENO, &err) != OK)
    return false;
  move_cursor = tigetstr("cup");
  return move_cursor && (intptr_t)move_cursor != -1;
}

bool screen_note(const char *text) {
  if (!current)
    return false;
  display_printable(text, current->controls.message,
                    sizeof(current->controls.message));
  return true;
}

static void name_system(struct screen *screen) {
  struct utsname name;

  if (uname(&name))
    return;
  display_printable(name.nodename, screen->host, sizeof(screen->host));
  display_printable(name.release, screen->release, sizeof(screen->release));
}

static int choose(struct screen *screen, enum probe_id id) {
  const struct controls *controls = &screen->controls;
  const struct rows_choice choice = {
      .filter = controls_filter(controls),
      .sort = controls->sort[id],
      .span = controls->form == LINE_TOTALS ? SPAN_START : SPAN_INTERVAL};

  return rows_choose(&screen->rows[id], &screen->readings[id], &choice);
}

static int draw(struct screen *screen) {
  struct paint paint = {.host = screen->host,
                        .release = screen->release,
                        .controls = &screen->controls,
                        .rows = screen->rows,
                        .rows_max = screen->options->limits_rows
                                        ? screen->options->rows_max
                                        : UINT_MAX,
                        .colours = screen->colours};

  for (int id = 0; id < PROBE_COUNT; id++)
    if (screen->has_reading[id]) {
      int err = choose(screen, (enum probe_id)id);

      if (err)
        return err;
      paint.readings[id] = &screen->readings[id];
    }
  paint_all(&paint);
  return 0;
}

/* Reads also while the view pauses, as counters and names would run out of
 * room. */
static void read_views(struct screen *screen) {
  for (int id = 0; id < PROBE_COUNT; id++) {
    struct view *view = screen->views[id];
    int err;

    if (!view)
      continue;
    if (screen->controls.pauses) {
      err = view_gather(view);
    } else {
      err = view_read(view, &screen->readings[id]);
      screen->has_reading[id] |= !err;
    }
    if (err)
      snprintf(screen->controls.message, sizeof(screen->controls.message),
               "%s cannot be read: %s", probes[id]->name, strerror(-err));
  }
  screen->intervals += !screen->controls.pauses;
  screen->read_ns = stop_now_ns();
}

static void take_keys(struct screen *screen) {
  for (int key = getch(); key != ERR; key = getch())
    if (key != KEY_RESIZE)
      controls_key(&screen->controls, key);
}

static bool is_done(const struct screen *screen) {
  const struct options *options = screen->options;

  return screen->controls.quits ||
         (options->count && screen->intervals >= options->count);
}

static int loop(struct screen *screen) {
  int err = draw(screen);

  while (!err && !is_done(screen)) {
    struct controls *controls = &screen->controls;
    uint64_t deadline =
        controls->hurries ? 0 : screen->read_ns + controls->interval_ns;
    enum stop_wake wake = stop_wait_input(STDIN_FILENO, deadline);

    if (wake == STOP_ASKED)
      break;
    if (wake == STOP_DEADLINE) {
      controls->hurries = false;
      read_views(screen);
    }
    take_keys(screen);
    err = draw(screen);
  }
  return err;
}

static void begin(struct screen *screen) {
  bool available[PROBE_COUNT];

  for (int id = 0; id < PROBE_COUNT; id++) {
    available[id] = screen->views[id] != NULL;
    if (screen->views[id])
      view_start(screen->views[id]);
  }
  controls_init(&screen->controls, screen->options, available);
  screen->read_ns = stop_now_ns();
  name_system(screen);
}

static int show(struct screen *screen) {
  SCREEN *terminal = newterm(NULL, stdout, stdin);
  int err;

  if (!terminal)
    return -ENOTTY;
  current = screen;
  cbreak();
  noecho();
  nodelay(stdscr, true);
  keypad(stdscr, true);
  set_escdelay(ESCAPE_MS);
  curs_set(0);
  screen->colours = paint_init();
  err = loop(screen);
  current = NULL;
  endwin();
  delscreen(terminal);
  return err;
}

/* Prints the last interval, if -n ended the view: the screen is gone then. */
static int print_last(const struct screen *screen) {
  const struct reading *readings[PROBE_COUNT];
  struct report report = {0};
  int err;

  for (int id = 0; id < PROBE_COUNT; id++)
    readings[id] = screen->has_reading[id] ? &screen->readings[id] : NULL;
  err = report_print(&report, stdout, screen->options, readings);
  report_fini(&report);
  if (!err && fflush(stdout))
    err = -errno;
  return err;
}

int screen_run(const struct options *options, struct view *const *views) {
  struct screen screen = {.options = options, .views = views};
  int err;

  begin(&screen);
  err = show(&screen);
  if (!err && options->count && screen.intervals >= options->count)
    err = print_last(&screen);
  for (int id = 0; id < PROBE_COUNT; id++)
    rows_fini(&screen.rows[id]);
  controls_fini(&screen.controls);
  return err;
}
