// SPDX-License-Identifier: MIT
// When to wake somebody, in PromQL; the numbers are to be changed by the site.

const MAJOR = "collectd_pagefault_ps_pagefaults_majflt_total";
const MINOR = "collectd_pagefault_ps_pagefaults_minflt_total";
const OPERATIONS = "collectd_slab_operations_total";
const COUNTERS = "collectd_bpfmem_derive_total";
const GAUGES = "collectd_bpfmem_gauge";
// They grow while files are read, and shrink when memory is needed; "other" are
// those and more.
const RECLAIMED = "other|dentry|.*inode.*|buffer_head|radix_tree_node|" +
  "kernfs_node_cache|btrfs_.*|xfs_.*|ext4_.*|nfs_.*";

/** Not where entry points are not counted, so that some caches drift. */
const growth = (/** @type {string} */ time) => ["alloc", "free"].map((way) =>
  `sum by (instance, slab) (increase(${OPERATIONS}{type="${way}",slab!~"${RECLAIMED}"}[${time}]))`)
  .join("\n- ") +
  `\nunless on (instance) ${GAUGES}{type="entry_points_uncounted"} > 0`;

/** Of few events none is worth waking somebody.
 * @param {string} probe @param {string} all */
const lostShare = (probe, all) =>
  `sum by (instance) (rate(${COUNTERS}{bpfmem="${probe}",type=~"events_missed|events_untracked|events_unfound"}[5m]))
/ (sum by (instance) (${all}) > 100)`;

/** Each holds where its expression is above its limit. */
export const rules = [
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
    expr: growth("1h"),
    limit: 100000,
    time: "3h",
    severity: "warning",
    summary: "{{ $labels.instance }}: cache {{ $labels.slab }} grows",
    description: "For hours, 100,000 objects more per hour are allocated than " +
      "freed, in a cache that the kernel does not shrink by itself.",
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
