// SPDX-License-Identifier: MIT
/* Sets how many minor faults an event stands for. */
#include "pagefault/sampling.h"

#include "kernel/perf.h"

/* Back below half of the rate, or it would change with each read. */
static unsigned wanted(double rate, unsigned period, unsigned above) {
  if (rate > above)
    return SAMPLING_PERIOD;
  return rate < above / 2.0 ? 1 : period;
}

static unsigned update_cpu(struct perf_counter *minor, unsigned cpu,
                           unsigned above) {
  unsigned period = perf_period(minor, cpu);
  unsigned next = wanted(perf_rate(minor, cpu), period, above);

  if (period && next != period && perf_set_period(minor, cpu, next))
    return period;
  return period ? next : 0;
}

unsigned sampling_update(struct perf_counter *minor, unsigned above) {
  unsigned cpus = 0;

  for (unsigned cpu = 0; above && cpu < perf_cpus(minor); cpu++)
    cpus += update_cpu(minor, cpu, above) == SAMPLING_PERIOD;
  return cpus;
}
