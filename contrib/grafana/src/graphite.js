// SPDX-License-Identifier: MIT
// The series as write_graphite sends them by default: rates, a dot of a name as _.

/**
 * @import {Source, Target, Way} from "./types.js"
 */
import {
  CLASSES, classes, datasource, datasourceVariable, lettered, notClass,
  queryVariable, stepVariable, textVariable, topVariable,
} from "./common.js";

const plugin = "graphite";
const HOST = "$prefix$host.";

/** @param {string} target @returns {Target} */
const render = (target) =>
  ({refId: "A", datasource: datasource(plugin), target, textEditor: true});

/** @param {string} kind */
const files = (kind) => `exclude(${HOST}pagefault-$file.ps_pagefaults.${kind},` +
  ` '[.]pagefault-(${classes})[.]')`;

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
  faultsByFile: (kind) =>
    [render(plain(top(sumBy(files(kind), -3)), "pagefault"))],
  faultsByClass: (kind) => lettered(
    render(plain(sumBy(
      `${HOST}pagefault-{${CLASSES.join(",")}}.ps_pagefaults.${kind}`, -3),
    "pagefault")),
    render(`alias(sumSeries(${files(kind).replace("$file", "*")}), 'files')`)),
  faultsTotal: (kind) =>
    [render(`alias(sumSeries(${HOST}pagefault-*.ps_pagefaults.${kind}), 'all')`)],
  faultCounts: (kind) =>
    [render(plain(top(sumBy(counts(files(kind)), -3)), "pagefault"))],
  slabByCache: (way, refId) => [{
    ...render(plain(top(sumBy(operations(way), -2)), "slab")), refId}],
  kept: (kind) => [render(plain(top(sumBy(KEPT[kind], -2)), "slab"))],
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
};
