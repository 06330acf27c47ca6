// SPDX-License-Identifier: MIT
// The dashboard: what is shown, where, and what to do about it.

/**
 * @import {Dashboard, Panel, RowPanel} from "@grafana/schema"
 * @import {Source} from "./types.js"
 */
import {datasource} from "./common.js";
import {asPaths, graph, ranking, row, stat} from "./panels.js";

const LOST = ["events_missed", "events_untracked", "events_unfound",
  "names_lost", "names_refused"];

/** @param {Source} source */
const overview = (source) => [
  stat({
    title: "Major faults",
    description: "Faults per second that waited for a disk, on all files and " +
      "in swap. Above some hundred, programs stand still: see below which " +
      "file it is.",
    unit: "faults/s", decimals: 0, limits: [100, 1000],
  }, source.faultsTotal("majflt")),
  stat({
    title: "Minor faults",
    description: "Faults per second that needed no disk. Each costs about a " +
      "microsecond: 100,000 per second are a tenth of a processor.",
    unit: "faults/s", decimals: 0, limits: [100000, 1000000],
  }, source.faultsTotal("minflt")),
  stat({
    title: "Events missed",
    description: "Events of the range that no program counted. Slab: they are " +
      "in no series; a few of 10,000 on a busy machine are to be expected. " +
      "Page faults: they are unattributed, and 0 is to be expected. If it is " +
      "more, try another value of Hooks.",
    decimals: 0, limits: [10000, 1000000], calcs: ["sum"],
  }, source.statisticTotal(["events_missed"])),
  stat({
    title: "Allocator entry points not counted",
    description: "What goes through them is told by the objects in use, one " +
      "read later; collectd's log names the entry points, and the caches for " +
      "which it matters. What a cache holds is right in any case.",
    decimals: 0, calcs: ["lastNotNull"],
  }, source.gauge("entry_points_uncounted")),
];

/** @param {Source} source */
const majors = (source) => [
  graph({
    title: "Major faults by file",
    description: "Which file thrashes: its pages were not in memory. High " +
      "for long and on the same file: memory is too small for the working " +
      "set, or something else drives the file out of memory (look for a file " +
      "whose faults began at the same time). High for seconds after a start " +
      "or a deployment: it is being read for the first time. Empty: none.",
    unit: "faults/s", min: 0, stacked: true, transformations: asPaths,
  }, source.faultsByFile("majflt")),
  ranking({
    title: "Files by major faults in the range",
    description: "Who waited for the disk, in all. With one host chosen, " +
      "fuser or lsof on the file tells which program.",
    what: "File", sum: "Major faults", transformations: asPaths,
  }, source.faultCounts("majflt")),
  graph({
    title: "Major faults by class",
    description: "On files, or on memory that was swapped out: major faults " +
      "of anon, heap and stack are swap-ins. Much of both: the machine has " +
      "too little memory; of swap only: see who grew.",
    unit: "faults/s", min: 0, stacked: true,
  }, source.faultsByClass("majflt")),
];

/** @param {Source} source */
const minors = (source) => [
  graph({
    title: "Minor faults by file",
    description: "First touches of pages that are in memory already. Peaks " +
      "on libc, ld.so and shells are programs being started: look for what " +
      "starts them. A peak on one file is a program that maps it again and " +
      "again.",
    unit: "faults/s", min: 0, stacked: true, transformations: asPaths,
  }, source.faultsByFile("minflt")),
  ranking({
    title: "Files by minor faults in the range",
    description: "Who touched most pages, in all.",
    what: "File", sum: "Minor faults", transformations: asPaths,
  }, source.faultCounts("minflt")),
  graph({
    title: "Minor faults by class",
    description: "anon and heap are memory that programs ask for: a high " +
      "rate that never ends is a program that gives memory back and takes " +
      "it again (malloc's trim, short processes). unattributed: the kernel " +
      "counted it and no program did; below 1 % of all is normal.",
    unit: "faults/s", min: 0, stacked: true,
  }, source.faultsByClass("minflt")),
];

/** @param {Source} source */
const slab = (source) => [
  graph({
    title: "Memory held by cache",
    description: "What the kernel's caches take, by /proc/slabinfo. A line " +
      "that rises for hours and never falls is a leak. dentry, " +
      "*_inode_cache, buffer_head and radix_tree_node rise while files are " +
      "read and fall when memory is needed: no leak. For others, compare " +
      "with the release of the kernel or of the driver; kmalloc-* and skbuff " +
      "are often a driver's.",
    unit: "bytes", min: 0, stacked: true, calcs: ["lastNotNull", "max"],
  }, source.kept("memory")),
  ranking({
    title: "Caches by growth in the range",
    description: "Memory held at the end less that at the beginning, or when " +
      "the cache was first published: choose a range of hours.",
    what: "Host, cache", sum: "Growth", unit: "bytes",
    reducer: {id: "diff", name: "Difference"},
  }, source.memory()),
  graph({
    title: "Objects in use by cache",
    description: "Falls while the memory held stays: slabs with few objects " +
      "each. Rises with it: something keeps objects.",
    unit: "short", min: 0, calcs: ["lastNotNull", "max"],
  }, source.kept("objects")),
  graph({
    title: "Slab objects allocated (up) and freed (down) by cache",
    description: "What the kernel works at: filp and names_cache are opened " +
      "files, dentry looked up names, skbuff the network, task_struct new " +
      "threads. High on both sides is work, not a leak.",
    unit: "short", stacked: true, below: "B",
  }, [...source.slabByCache("alloc", "A"), ...source.slabByCache("free", "B")]),
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
    unit: "short", min: 0,
  }, source.statistic(LOST)),
  graph({
    title: "Tables in use",
    description: "Files and caches known, of those that there is room for. " +
      "Near 100 %: what comes next is counted in \"other\"; raise MaxTracked.",
    unit: "percentunit", min: 0, max: 1, calcs: ["lastNotNull", "max"],
  }, source.tableUse()),
  graph({
    title: "Processors on which page faults are sampled",
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
];

/**
 * Panels beside each other, with widths of 24 in all.
 * @param {number} y @param {number} height @param {number[]} widths
 * @param {(Panel | RowPanel)[]} panels
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
  const [byFile, byClass] = [[15, 9], [24]];
  const of = {
    major: majors(source), minor: minors(source), slab: slab(source),
  };
  const all = [
    ...place(0, 4, [6, 6, 6, 6], overview(source)),
    ...place(4, 1, [24], [row("Major faults: what waits for the disk")]),
    ...place(5, 10, byFile, of.major.slice(0, 2)),
    ...place(15, 8, byClass, of.major.slice(2)),
    ...place(23, 1, [24], [row("Slab caches: what the kernel keeps")]),
    ...place(24, 10, byFile, of.slab.slice(0, 2)),
    ...place(34, 9, [24], of.slab.slice(2, 3)),
    ...place(43, 11, [24], of.slab.slice(3)),
    ...place(54, 1, [24], [row("Minor faults")]),
    ...place(55, 10, byFile, of.minor.slice(0, 2)),
    ...place(65, 8, byClass, of.minor.slice(2)),
    ...place(73, 1, [24], [row("bpfmem itself")]),
    ...place(74, 8, [24], own(source).slice(0, 1)),
    ...place(82, 8, [8, 8, 8], own(source).slice(1)),
  ];
  return all.map((panel, i) => panel.type === "row"
    ? {...panel, id: i + 1}
    : {...panel, id: i + 1, datasource: datasource(source.plugin)});
}

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
  panels: panels(source),
});
