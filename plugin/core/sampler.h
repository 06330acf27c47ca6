/* SPDX-License-Identifier: MIT */
/* One read of one probe: source -> tally -> filter -> group -> label -> rank ->
 * sink.
 *
 * All events that the source ever counted are in the last totals of all labels
 * ever sunk. An entry outside the top N adds to "other". An entry that enters
 * the top N adds to its own row, from that read on. The total of an entry that
 * leaves it stands still. No total ever falls, with one exception: a name that
 * is so long out of the top N that rank forgets it starts anew at zero. */
#ifndef BPFMEM_CORE_SAMPLER_H
#define BPFMEM_CORE_SAMPLER_H

#include "core/settings.h"
#include "core/source.h"
#include "core/tally.h"

/* The row of all events that have no row of their own. */
#define SAMPLER_OTHER "other"

struct sampler_row {
  const char *label;
  enum row_kind kind;
  bool fresh;                      /* the read before did not sink this label */
  const struct row_counts *before; /* what was sunk last for it, or zero */
  const struct row_counts *total;  /* cumulative; never falls */
  const struct held *held;         /* NULL: not told in this read */
};

/* Called in ascending order of label within one read. */
typedef void sampler_sink(void *arg, const struct sampler_row *row);

struct sampler;

/* `settings` and its filter must outlive the sampler; `source` and `orders` are
 * copied. `classes` is a sorted, NULL-terminated array of static strings,
 * SAMPLER_OTHER among them. Each class is sunk in every read, from the first
 * on, even when it is zero. A ROW_CLASS that is not among them counts as
 * SAMPLER_OTHER. NULL when memory is short. */
struct sampler *sampler_new(const struct source *source,
                            const struct settings_probe *settings,
                            const char *const *classes,
                            const struct rank_orders *orders);
void sampler_free(struct sampler *sampler);

/* Harvests, ranks and sinks every class and every shown entity, changed or not.
 * `now_ns` is monotonic. Returns 0, -errno of the source, -ENOMEM, or -ERANGE
 * for a slot beyond slots_max. After an error nothing is sunk and nothing is
 * lost: the next read has it. It allocates memory only for names and slots that
 * it has not seen before. */
int sampler_read(struct sampler *sampler, uint64_t now_ns, sampler_sink *sink,
                 void *arg);

/* See rank_names_refused(). */
uint64_t sampler_names_refused(const struct sampler *sampler);

/* Statistics of the core only, not of the source: "names_refused" for lack of
 * budget (see rank.h), "names_tracked": entities held in memory. */
void sampler_stats(const struct sampler *sampler, source_take_stat *take,
                   void *arg);

#endif
