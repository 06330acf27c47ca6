// SPDX-License-Identifier: MIT
// The series as write_graphite sends them by default: rates, a dot of a name as _.

/**
 * @import {Event, Source, Target, Way} from "./types.js"
 */
import {
  CLASSES, MISSED, classes, datasource, datasourceVariable, lettered, notClass,
  queryVariable, stepVariable, textVariable, topVariable,
} from "./common.js";

const plugin = "graphite";
const HOST = "$prefix$host.";

/** @param {string} target @returns {Target} */
const render = (target) =>
  ({refId: "A", datasource: datasource(plugin), target, textEditor: true});

/** How many hosts were read. @param {string} series */
const reads = (series) => `sumSeries(isNonNull(${series}))`;

/** Points that are neither null nor 0 are marked. @param {string} target */
const mark = (target) =>
  ({target: {...render(target), fromAnnotations: true}});

/** Of "pagefault-NAME" on each host. @param {Event} event @param {string} name */
const series = (event, name) => event === "stalled"
  ? `${HOST}pagefault-${name}.total_time_in_ms-stalled`
  : `${HOST}pagefault-${name}.ps_pagefaults.${event}`;

/** @param {Event} event */
const files = (event, name = "$file") =>
  `exclude(${series(event, name)}, '[.]pagefault-(${classes})[.]')`;

/** Sums over hosts, in seconds if they are a time.
 * @param {Event} event @param {string} series */
const byName = (event, series) => event === "stalled"
  ? sumBy(`scale(${series}, 0.001)`, -2) : sumBy(series, -3);

/** @param {Way} way */
const operations = (way) => `${HOST}slab-$cache.operations-${way}`;

/** Rates times time. @param {string} series */
const counts = (series) => `hitcount(${series}, '$__interval')`;

/** The sum over hosts, named by node @param {string} series @param {number} node */
const sumBy = (series, node) => `groupByNode(${series}, ${node}, 'sum')`;

/** @param {string} series */
const top = (series) => `highestAverage(maximumAbove(${series}, 0), $top)`;

/** "pagefault-LABEL", in a function or not, to LABEL.
 * @param {string} series @param {string} kind */
const plain = (series, kind) =>
  `aliasSub(${series}, '^.*?${kind}-([^,)]+).*$', '\\1')`;

const KEPT = {
  memory: `${HOST}slab-$cache.memory-held`,
  objects: `${HOST}slab-$cache.objects-active`,
};

/** @param {string[]} names */
const counters = (names) => `${HOST}bpfmem-*.derive-{${names.join(",")}}`;

/** @param {string} name @param {string} label @param {string} query
 * @param {object} more */
const variable = (name, label, query, more) =>
  queryVariable(plugin, name, label, query, {allValue: "*", ...more});

/** @type {Source} */
export const graphite = {
  name: "Graphite",
  file: "bpfmem-graphite.json",
  uid: "bpfmem-graphite",
  plugin,
  note: "Series of collectd's write_graphite as it is by default, with " +
    "StoreRates true and a Prefix that ends in a dot, or none.",
  variables: [
    datasourceVariable(plugin, "Graphite"),
    textVariable("prefix", "Prefix", "collectd.",
      "write_graphite's Prefix, with its dot; empty if there is none"),
    variable("host", "Host", "$prefix*", {regex: "/^(?!carbon$)(.*)$/"}),
    variable("file", "File", "$prefix$host.pagefault-*",
      {regex: notClass("pagefault-")}),
    variable("cache", "Cache", "$prefix$host.slab-*", {regex: "/^slab-(.*)$/"}),
    topVariable,
    stepVariable,
  ],
  byFile: (event) => [render(plain(top(byName(event, files(event))), "pagefault"))],
  byClass: (kind) => lettered(
    render(plain(`maximumAbove(${
      byName(kind, series(kind, `{${CLASSES.join(",")}}`))}, 0)`, "pagefault")),
    render(`alias(sumSeries(${files(kind, "*")}), 'files')`)),
  total: (event) => [render(`alias(${event === "stalled"
    ? `scale(sumSeries(${series(event, "*")}), 0.001)`
    : `sumSeries(${series(event, "*")})`}, 'all')`)],
  counts: (event) => [render(
    plain(top(byName(event, counts(files(event)))), "pagefault"))],
  slabByCache: (way) => [render(plain(top(sumBy(operations(way), -2)), "slab"))],
  kept: (kind) => [render(plain(top(sumBy(KEPT[kind], -2)), "slab"))],
  keptTotal: (kind) => [render(`alias(sumSeries(${KEPT[kind]}), 'all')`)],
  memory: () => [render(
    `aliasSub(aliasByNode(${KEPT.memory}, -3, -2), '[.]slab-', ' ')`)],
  statistic: (names) => [render(
    `aliasByNode(groupByNodes(${counters(names)}, 'sum', -2, -1), 0, 1)`)],
  statisticTotal: (names) =>
    [render(`alias(sumSeries(${counts(counters(names))}), 'all')`)],
  gauge: (name) => [render(`aliasByNode(${HOST}bpfmem-*.gauge-${name}, -3, -2)`)],
  tableUse: () => [render(`aliasByNode(divideSeriesLists(` +
    `sortByName(${HOST}bpfmem-*.gauge-tracked), ` +
    `sortByName(${HOST}bpfmem-*.gauge-tracked_max)), -3, -2)`)],
  // A read that has gauges and no rates yet is collectd's first, if rates follow.
  restarts: mark(`alias(multiplySeries(${reads(series("minflt", "other"))}, ` +
    `delay(diffSeries(${reads(`${HOST}bpfmem-pagefault.gauge-read_seconds`)}, ` +
    `${reads(series("minflt", "other"))}), 1)), 'collectd started')`),
  missed: mark(`alias(removeBelowValue(sumSeries(${
    counters(["events_missed"])}), ${MISSED}), 'events missed')`),
};
