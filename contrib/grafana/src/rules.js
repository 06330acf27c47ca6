// SPDX-License-Identifier: MIT
// When to wake somebody, in PromQL; the numbers are to be changed by the site.

const MAJOR = "collectd_pagefault_ps_pagefaults_majflt_total";
const STALLED = "collectd_pagefault_total_time_in_ms_total";
const MINOR = "collectd_pagefault_ps_pagefaults_minflt_total";
const OPERATIONS = "collectd_slab_operations_total";
const COUNTERS = "collectd_bpfmem_derive_total";
const GAUGES = "collectd_bpfmem_gauge";
// Their memory is the kernel's to take back: they grow for as long as files are
// read, and shrink when it is needed.
const RECLAIMED = "dentry|.*inode.*|buffer_head|radix_tree_node|kmalloc-rcl-.*|" +
  "kernfs_node_cache|btrfs_.*|xfs_.*|ext4_.*|nfs_.*|jbd2_.*";

/**
 * What a cache held at least in the last third of an hour, less the most of the
 * first third: what breathes within a third has none. One step, however high, has
 * it for the third between them; growth that ends, for that third longer than it
 * lasts. So what has it for an hour has been growing for more than half of one.
 */
const growth = (() => {
  const held = `collectd_slab_memory{type="held",slab!~"${RECLAIMED}"}`;
  return `sum by (instance, slab) (min_over_time(${held}[20m]))\n` +
    `- sum by (instance, slab) (max_over_time(${held}[20m] offset 40m))`;
})();

/** Of few events none is worth waking somebody.
 * @param {string} probe @param {string} all */
const lostShare = (probe, all) =>
  `sum by (instance) (rate(${COUNTERS}{bpfmem="${probe}",type=~"events_missed|events_untracked|events_unfound"}[5m]))
/ (sum by (instance) (${all}) > 100)`;

/** Each holds where its expression is above its limit. */
export const rules = [
  {
    name: "BpfmemFileStalls",
    expr: `sum by (instance, pagefault) (rate(${STALLED}{type="stalled"}[5m]))`,
    limit: 100,
    time: "5m",
    severity: "warning",
    summary: "{{ $labels.instance }}: programs wait for {{ $labels.pagefault }}",
    description: "Threads stand still for more than 100 ms of each second, as " +
      "pages of this file (~ stands for /) are read from the disk. Memory is too " +
      "small for what reads it, or something else drives it out, or the disk is " +
      "slow: see stalls_* of bpfmem's statistics.",
  },
  {
    name: "BpfmemMajorFaultStorm",
    expr: `sum by (instance, pagefault) (rate(${MAJOR}[5m]))`,
    limit: 300,
    time: "5m",
    severity: "warning",
    summary: "{{ $labels.instance }}: {{ $labels.pagefault }} thrashes",
    description: "More than 300 page faults per second wait for the disk on " +
      "this file (~ stands for /). Memory is too small for what reads it, or " +
      "something else drives it out. anon, heap, stack and shmem are no files " +
      "but memory that was swapped out.",
  },
  {
    name: "BpfmemSlabLeak",
    expr: growth,
    limit: 5000000,
    time: "1h",
    severity: "warning",
    summary: "{{ $labels.instance }}: cache {{ $labels.slab }} grows",
    description: "For an hour, the cache has held 5 MB more than 20 minutes " +
      "before, at any time: it grows by 15 MB an hour or more, and the kernel " +
      "does not shrink it by itself. Who allocates: alloc_traces in " +
      "/sys/kernel/debug/slab/CACHE, on a kernel booted with slab_debug=U.",
  },
  {
    name: "BpfmemSlabEventsLost",
    expr: lostShare("slab", `rate(${OPERATIONS}[5m])`),
    limit: 0.01,
    time: "10m",
    severity: "info",
    summary: "{{ $labels.instance }}: slab figures are incomplete",
    description: "More than 1 % of the events are in no series, or in none of " +
      "their own. Missed: try another value of Hooks in <Slab>. Untracked: " +
      "there are more caches than the table has room for.",
  },
  {
    name: "BpfmemFaultsLost",
    expr: lostShare("pagefault", `rate(${MINOR}[5m])`),
    limit: 0.01,
    time: "10m",
    severity: "info",
    summary: "{{ $labels.instance }}: page fault figures are incomplete",
    description: "More than 1 % of the faults are in no series of their own. " +
      "Missed or unfound: try another value of Hooks in <PageFaults>. " +
      "Untracked: raise MaxTracked.",
  },
  {
    name: "BpfmemNamesRefused",
    expr: `sum by (instance, bpfmem) (increase(${COUNTERS}{type="names_refused"}[6h]))`,
    limit: 0,
    time: "1d",
    severity: "info",
    summary: "{{ $labels.instance }}: no series for busy names ({{ $labels.bpfmem }})",
    description: "For a day there have been busy files or caches without a " +
      "series, as too many new names had appeared; they are counted in other. " +
      "Raise MaxSeries, put names that come and go together by Group, or choose " +
      "by File and Cache what is worth a series.",
  },
  {
    name: "BpfmemSilent",
    expr: `max by (instance) (${GAUGES}{type="read_seconds"} offset 15m)
unless max by (instance) (${GAUGES}{type="read_seconds"})`,
    limit: 0,
    time: "5m",
    severity: "info",
    summary: "{{ $labels.instance }}: bpfmem no longer publishes",
    description: "There were series 15 minutes ago and are none now: " +
      "collectd's log says why.",
  },
];

export const prometheusRules = () => ({
  groups: [{
    name: "bpfmem",
    rules: rules.map(({name, expr, limit, time, severity, summary, description}) => ({
      alert: name,
      expr: `(${expr})\n> ${limit}`,
      for: time,
      labels: {severity},
      annotations: {summary, description},
    })),
  }],
});

/**
 * A query, and whether it is above the limit. Grafana takes $NAME in such files
 * for a variable of its environment, but for $$.
 * @param {typeof rules[number]} rule @param {number} i
 */
const grafanaRule = (rule, i) => ({
  uid: `bpfmem-${i + 1}`,
  title: rule.name,
  condition: "B",
  data: [
    {
      refId: "A",
      relativeTimeRange: {from: 600, to: 0},
      datasourceUid: "prometheus",
      model: {refId: "A", expr: rule.expr, instant: true, range: false},
    },
    {
      refId: "B",
      relativeTimeRange: {from: 600, to: 0},
      datasourceUid: "__expr__",
      model: {
        refId: "B",
        type: "threshold",
        expression: "A",
        conditions: [{evaluator: {type: "gt", params: [rule.limit]}}],
      },
    },
  ],
  noDataState: "OK",
  execErrState: "Error",
  for: rule.time,
  labels: {severity: rule.severity},
  annotations: {
    summary: rule.summary.replaceAll("$labels", "$$$$labels"),
    description: rule.description,
  },
});

export const grafanaRules = () => ({
  apiVersion: 1,
  groups: [{
    orgId: 1,
    name: "bpfmem",
    folder: "bpfmem",
    interval: "1m",
    rules: rules.map(grafanaRule),
  }],
});
