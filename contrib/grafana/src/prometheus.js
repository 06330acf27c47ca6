// SPDX-License-Identifier: MIT
// The series as write_prometheus serves them.

/**
 * @import {Event, Source, Target, Way} from "./types.js"
 */
import {
  MISSED, classes, datasource, datasourceVariable, lettered, notClass, queryVariable,
  stepVariable, topVariable,
} from "./common.js";

const plugin = "prometheus";
const HOST = `instance=~"$host"`;
const OPERATIONS = "collectd_slab_operations_total";
const COUNTERS = "collectd_bpfmem_derive_total";
const GAUGES = "collectd_bpfmem_gauge";
/** @param {Event} event */
const metric = (event) => event === "stalled"
  ? "collectd_pagefault_total_time_in_ms_total"
  : `collectd_pagefault_ps_pagefaults_${event}_total`;
/** Milliseconds to seconds. @param {Event} event */
const unit = (event) => event === "stalled" ? " / 1000" : "";
const FILE = `${HOST},pagefault=~"$file",pagefault!~"${classes}"`;
const OTHERS = `${metric("minflt")}{${HOST},pagefault="other"}`;
const CACHE = `${HOST},slab=~"$cache"`;

/** @param {string} expr @param {string} legendFormat @returns {Target} */
const range = (expr, legendFormat) => ({
  refId: "A", datasource: datasource(plugin), expr, legendFormat, range: true,
});

/** @param {string} expr @param {string} legendFormat @returns {Target} */
const instant = (expr, legendFormat) => ({
  refId: "A", datasource: datasource(plugin), expr, legendFormat,
  instant: true, range: false,
});

/**
 * The busiest of the whole range, at each moment: topk() alone chooses anew for
 * each point. @param {string} by @param {string} series @param {string} factor
 */
const topRates = (by, series, factor = "") =>
  `sum by (${by}) (rate(${series}[$__rate_interval]))${factor}
  and on (${by}) topk($top, sum by (${by}) (increase(${series}[$__range] @ end())) > 0)`;

/** @param {Way} way */
const operations = (way) => `${OPERATIONS}{${CACHE},type="${way}"}`;

const KEPT = {
  memory: `collectd_slab_memory{${CACHE},type="held"}`,
  objects: `collectd_slab_objects{${CACHE},type="active"}`,
};

/** @param {string[]} names */
const counters = (names) => `${COUNTERS}{${HOST},type=~"${names.join("|")}"}`;

/** @param {string} name @param {string} label @param {string} query
 * @param {object} more */
const variable = (name, label, query, more) => ({
  ...queryVariable(plugin, name, label, query, {allValue: ".*", ...more}),
  definition: query,
  query: {
    qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery",
  },
});

/** @type {Source} */
export const prometheus = {
  name: "Prometheus",
  file: "bpfmem-prometheus.json",
  uid: "bpfmem-prometheus",
  plugin,
  note: "Series of collectd's write_prometheus, scraped with honor_labels, so " +
    "that instance is the host. Set the data source's scrape interval.",
  variables: [
    datasourceVariable(plugin, "Prometheus"),
    variable("host", "Host",
      `label_values(${metric("majflt")}, instance)`, {}),
    variable("file", "File",
      `label_values(${metric("majflt")}{instance=~"$host"}, pagefault)`,
      {regex: notClass("")}),
    variable("cache", "Cache",
      `label_values(${OPERATIONS}{instance=~"$host"}, slab)`, {}),
    topVariable,
    stepVariable,
  ],
  byFile: (event) => [range(
    topRates("pagefault", `${metric(event)}{${FILE}}`, unit(event)),
    "{{pagefault}}")],
  byClass: (kind) => lettered(
    range(`sum by (pagefault) (rate(${metric(kind)}{${HOST},pagefault=~"${classes}"}[$__rate_interval]))
  and on (pagefault) sum by (pagefault) (increase(${metric(kind)}{${HOST}}[$__range] @ end())) > 0`,
      "{{pagefault}}"),
    range(`sum (rate(${metric(kind)}{${HOST},pagefault!~"${classes}"}[$__rate_interval]))`,
      "files")),
  total: (event) => [range(
    `sum (rate(${metric(event)}{${HOST}}[$__rate_interval]))${unit(event)}`, "all")],
  counts: (event) => [instant(
    `topk(15, sum by (pagefault) (increase(${metric(event)}{${FILE}}[$__range]))${unit(event)} > 0)`,
    "{{pagefault}}")],
  slabByCache: (way) => [range(topRates("slab", operations(way)), "{{slab}}")],
  kept: (kind) => [range(
    `sum by (slab) (${KEPT[kind]})
  and on (slab) topk($top, sum by (slab) (avg_over_time(${KEPT[kind]}[$__range] @ end())))`,
    "{{slab}}")],
  keptTotal: (kind) => [range(`sum (${KEPT[kind]})`, "all")],
  memory: () => [range(`sum by (instance, slab) (${KEPT.memory})`,
    "{{instance}} {{slab}}")],
  statistic: (names) => [range(
    `sum by (bpfmem, type) (rate(${counters(names)}[$__rate_interval]))`,
    "{{bpfmem}} {{type}}")],
  statisticTotal: (names) =>
    [instant(`sum (increase(${counters(names)}[$__range]))`, "all")],
  gauge: (name) => [range(
    `max by (instance, bpfmem) (${GAUGES}{${HOST},type="${name}"})`,
    "{{instance}} {{bpfmem}}")],
  tableUse: () => [range(
    `${GAUGES}{${HOST},type="tracked"} / ignoring (type) ${GAUGES}{${HOST},type="tracked_max"}`,
    "{{instance}} {{bpfmem}}")],
  // One that grows in each read; only the first minute in which its start is seen.
  restarts: {
    expr: `max by (instance) (resets(${OTHERS}[10m])) > 0
  unless max by (instance) (resets(${OTHERS}[10m] offset 1m)) > 0`,
    step: "60s",
    titleFormat: "collectd started on {{instance}}",
  },
  missed: {
    expr: `sum by (instance, bpfmem) (rate(${counters(["events_missed"])}[2m])) > ${MISSED}`,
    step: "60s",
    titleFormat: "{{instance}}: events missed ({{bpfmem}})",
  },
};
