// SPDX-License-Identifier: MIT
// The dashboard: what is shown, where, and what to do about it.

/**
 * @import {Dashboard, Panel, RowPanel} from "@grafana/schema"
 * @import {Source} from "./types.js"
 */
import {MISSED, datasource} from "./common.js";
import {asPaths, graph, ranking, row, stat} from "./panels.js";

const LOST = ["events_missed", "events_untracked", "events_unfound",
  "names_lost", "names_refused"];

/**
 * A click leads to the last week of a file or a cache. Its label is the name of the
 * frame, which no transformation changes.
 * @param {Source} source @param {string} variable @param {string} title
 */
const history = (source, variable, title) => ({
  title,
  url: `/d/${source.uid}?\${datasource:queryparam}&\${host:queryparam}` +
    `&var-${variable}=\${__series.name:percentencode}&from=now-7d&to=now`,
});

/** @param {Source} source */
const toFile = (source) => history(source, "file", "This file, for a week");
/** @param {Source} source */
const toCache = (source) => history(source, "cache", "This cache, for a week");

/** @param {Source} source */
const stalls = (source) => [
  graph({
    title: "Time stalled by file",
    description: "For which file programs wait: seconds per second that their " +
      "threads stood still because pages of it had to be read from the disk. " +
      "100 ms: one thread lost a tenth of its time; several seconds: as many " +
      "threads wait all the time. High for long: memory is too small for the " +
      "working set, or something else drives the file out of memory (look for " +
      "a file that began at the same time). High for seconds after a start or " +
      "a deployment: it is being read for the first time. No data: nothing " +
      "waited, or the kernel tells no times; see major faults below.",
    unit: "s", min: 0, stacked: true, transformations: asPaths,
    axis: "stalled per second", link: toFile(source),
  }, source.byFile("stalled")),
  ranking({
    title: "Files by time stalled in the range",
    description: "What all threads together lost. fuser or lsof on the file " +
      "tells which program.",
    what: "File", sum: "Stalled", unit: "s", decimals: 1,
    transformations: asPaths,
  }, source.counts("stalled")),
];

/** @param {Source} source */
const overview = (source) => [
  stat({
    title: "Time stalled",
    description: "Seconds per second that threads waited for pages of files, " +
      "all files together.",
    unit: "s", limits: [0.1, 1],
  }, source.total("stalled")),
  stat({
    title: "Major faults",
    description: "Faults per second that waited for a disk, on all files and " +
      "in swap.",
    unit: "short", decimals: 0, limits: [100, 1000],
  }, source.total("majflt")),
  stat({
    title: "Minor faults",
    description: "Faults per second that needed no disk. Each costs about a " +
      "microsecond: 100,000 per second are a tenth of a processor.",
    unit: "short", limits: [100000, 1000000],
  }, source.total("minflt")),
  stat({
    title: "Memory held by caches",
    description: "By those of the kernel's caches that have a series.",
    unit: "bytes", calcs: ["lastNotNull"],
  }, source.keptTotal("memory")),
  stat({
    title: "Events missed",
    description: "Events of the range that no program counted. Slab: they are " +
      "in no series; a few of 10,000 on a busy machine are to be expected. " +
      "Page faults: they are unattributed, and 0 is to be expected. If it is " +
      "more, try another value of Hooks.",
    unit: "short", decimals: 0, limits: [10000, 1000000], calcs: ["sum"],
  }, source.statisticTotal(["events_missed"])),
];

/** @param {Source} source */
const caches = (source) => [
  graph({
    title: "Memory held by cache",
    description: "What the kernel's caches take, by /proc/slabinfo. A line " +
      "that rises for hours and never falls is a leak. dentry, " +
      "*_inode_cache, buffer_head and radix_tree_node rise while files are " +
      "read and fall when memory is needed: no leak. For others, compare " +
      "with the release of the kernel or of the driver; kmalloc-* and skbuff " +
      "are often a driver's.",
    unit: "bytes", min: 0, stacked: true, calcs: ["lastNotNull", "max"],
    link: toCache(source),
  }, source.kept("memory")),
  ranking({
    title: "Caches by growth in the range",
    description: "Memory held at the end less that at the beginning, or when " +
      "the cache was first published: choose a range of hours.",
    what: "Host, cache", sum: "Growth", unit: "bytes",
    reducer: {id: "diff", name: "Difference"},
  }, source.memory()),
];

/** @param {Source} source */
const majors = (source) => [
  graph({
    title: "Major faults by file",
    description: "How often programs waited for the disk, per second. Many " +
      "faults and little time stalled: a fast disk. Empty: none.",
    unit: "short", min: 0, stacked: true, transformations: asPaths,
    axis: "per second", link: toFile(source),
  }, source.byFile("majflt")),
  ranking({
    title: "Files by major faults in the range",
    description: "Who waited for the disk, in all.",
    what: "File", sum: "Major faults", unit: "short",
    transformations: asPaths,
  }, source.counts("majflt")),
  graph({
    title: "Major faults by class",
    description: "On files, or on memory that was swapped out: major faults " +
      "of anon, heap and stack are swap-ins. Much of both: the machine has " +
      "too little memory; of swap only: see who grew.",
    wide: true, unit: "short", min: 0, stacked: true, axis: "per second",
  }, source.byClass("majflt")),
];

/** @param {Source} source */
const objects = (source) => [
  graph({
    title: "Objects in use by cache",
    description: "Falls while the memory held stays: slabs with few objects " +
      "each. Rises with it: something keeps objects.",
    wide: true, unit: "short", min: 0, stacked: true,
    calcs: ["lastNotNull", "max"],
    link: toCache(source),
  }, source.kept("objects")),
  graph({
    title: "Objects allocated by cache",
    description: "What the kernel works at: filp and names_cache are opened " +
      "files, dentry looked up names, skbuff the network, task_struct new " +
      "threads. As many are freed: work, no leak.",
    unit: "short", min: 0, stacked: true, axis: "per second",
    link: toCache(source),
  }, source.slabByCache("alloc")),
  graph({
    title: "Objects freed by cache",
    description: "A peak without one of objects allocated: the kernel takes " +
      "memory back, or a program with many files or sockets has ended.",
    unit: "short", min: 0, stacked: true, axis: "per second",
    link: toCache(source),
  }, source.slabByCache("free")),
];

/** @param {Source} source */
const minors = (source) => [
  graph({
    title: "Minor faults by file",
    description: "First touches of pages that are in memory already. Peaks " +
      "on libc, ld.so and shells are programs being started: look for what " +
      "starts them. A peak on one file is a program that maps it again and " +
      "again.",
    unit: "short", min: 0, stacked: true, transformations: asPaths,
    axis: "per second", link: toFile(source),
  }, source.byFile("minflt")),
  ranking({
    title: "Files by minor faults in the range",
    description: "Who touched most pages, in all.",
    what: "File", sum: "Minor faults", unit: "short",
    transformations: asPaths,
  }, source.counts("minflt")),
  graph({
    title: "Minor faults by class",
    description: "anon and heap are memory that programs ask for: a high " +
      "rate that never ends is a program that gives memory back and takes " +
      "it again (malloc's trim, short processes). unattributed: the kernel " +
      "counted it and no program did; below 1 % of all is normal.",
    wide: true, unit: "short", min: 0, stacked: true, axis: "per second",
  }, source.byClass("minflt")),
];

/** @param {Source} source */
const own = (source) => [
  graph({
    title: "Events lost or not told apart",
    description: "events_missed were counted by no program: above 1 % of " +
      "all, try another value of Hooks. events_untracked are in \"other\": " +
      "raise MaxTracked. events_unfound are faults whose mapping was gone, " +
      "in \"unattributed\". names_refused: more new names than a day allows; " +
      "raise MaxSeries, use Group, or select by File and Cache.",
    wide: true, unit: "short", min: 0,
  }, source.statistic(LOST)),
  graph({
    title: "Tables in use",
    description: "Files and caches known, of those that there is room for. " +
      "Near 100 %: what comes next is counted in \"other\"; raise MaxTracked.",
    unit: "percentunit", min: 0, max: 1, calcs: ["lastNotNull", "max"],
  }, source.tableUse()),
  graph({
    title: "Processors that sample",
    description: "Each 7th minor fault counts for seven there, as there are " +
      "more than SampleAbove per second: totals are exact, files' shares " +
      "an estimate. For exact ones raise SampleAbove.",
    unit: "short", min: 0,
  }, source.gauge("sampling")),
  graph({
    title: "Time of a read",
    description: "What collectd spends per read and probe. Some milliseconds " +
      "are normal; 100 ms or more: the machine has no processor left, or " +
      "MaxTracked is very large.",
    unit: "s", min: 0,
  }, source.gauge("read_seconds")),
  graph({
    title: "Allocator entry points not counted",
    description: "What goes through them is told by the objects in use, one " +
      "read later; collectd's log names the entry points, and the caches for " +
      "which it matters. What a cache holds is right in any case.",
    unit: "short", min: 0, decimals: 0, calcs: ["lastNotNull"],
  }, source.gauge("entry_points_uncounted")),
];

/**
 * Panels beside each other, with widths of 24 in all.
 * @template {Panel | RowPanel} P
 * @param {number} y @param {number} height @param {number[]} widths
 * @param {P[]} panels
 */
function place(y, height, widths, panels) {
  let x = 0;
  return panels.map((panel, i) => {
    const w = widths[i] ?? 24;
    const gridPos = {x, y, w, h: height};
    x += w;
    return {...panel, gridPos};
  });
}

/** @param {Source} source @returns {(Panel | RowPanel)[]} */
function panels(source) {
  const wide = [15, 9];
  const of = {
    major: majors(source), minor: minors(source), objects: objects(source),
    own: own(source),
  };
  let id = 0;
  /** @template {Panel | RowPanel} P @param {P} panel @returns {P} */
  const finish = (panel) => panel.type === "row"
    ? {...panel, id: ++id, panels: /** @type {any} */ (panel).panels.map(finish)}
    : {...panel, id: ++id, datasource: datasource(source.plugin)};
  return [
    // The questions of the one who is woken: what waits, what grows.
    ...place(0, 10, wide, stalls(source)),
    ...place(10, 4, [5, 5, 5, 5, 4], overview(source)),
    ...place(14, 10, wide, caches(source)),
    ...place(24, 1, [24], [row("Major faults: how often it waits")]),
    ...place(25, 10, wide, of.major.slice(0, 2)),
    ...place(35, 8, [24], of.major.slice(2)),
    ...place(43, 1, [24], [row("Kernel caches: objects")]),
    ...place(44, 10, [24], of.objects.slice(0, 1)),
    ...place(54, 10, [12, 12], of.objects.slice(1)),
    ...place(64, 1, [24], [row("Minor faults: what is being started", [
      ...place(65, 10, wide, of.minor.slice(0, 2)),
      ...place(75, 8, [24], of.minor.slice(2)),
    ])]),
    ...place(65, 1, [24], [row("bpfmem itself: can the numbers be trusted", [
      ...place(66, 8, [24], of.own.slice(0, 1)),
      ...place(74, 8, [6, 6, 6, 6], of.own.slice(1)),
    ])]),
  ].map(finish);
}

/** @param {string} name @param {string} iconColor @param {Source} source
 * @param {Source["restarts"]} query */
const annotation = (name, iconColor, source, query) => ({
  name, iconColor, enable: true, datasource: datasource(source.plugin), ...query,
});

/** @param {Source} source @returns {Dashboard} */
export const dashboard = (source) => ({
  uid: source.uid,
  title: `Page faults by file, slab objects by cache (${source.name})`,
  description: `bpfmem, a plugin of collectd. ${source.note}`,
  tags: ["bpfmem", "collectd"],
  editable: true,
  graphTooltip: /** @type {any} */ (1), // a cursor in all panels at once
  schemaVersion: 39,
  version: 1,
  time: {from: "now-1h", to: "now"},
  refresh: "30s",
  timezone: "browser",
  templating: {list: source.variables},
  annotations: {list: [
    annotation("collectd started", "blue", source, source.restarts),
    annotation(`More than ${MISSED} events/s missed`, "red", source, source.missed),
  ]},
  panels: panels(source),
});
