// SPDX-License-Identifier: MIT
// The series as InfluxDB's collectd listener stores them, in both of its ways.

/**
 * @import {Event, Fault, Kept, Source, Target, Way} from "./types.js"
 */
import {
  MISSED, classes, datasource, datasourceVariable, hidden, lettered, notClass,
  queryVariable, stepVariable, topVariable,
} from "./common.js";

const plugin = "influxdb";
const HOST = `"host" =~ /^$host$/`;
const NO_FILE = `"instance" =~ /^(${classes})$/`;
const FILE = `"instance" =~ /^$file$/ AND "instance" !~ /^(${classes})$/`;
const BUCKET = "time($__interval)";

/** @param {string} query @param {string} alias @returns {Target} */
const ask = (query, alias) => ({
  refId: "A", datasource: datasource(plugin), rawQuery: true, query, alias,
  resultFormat: "time_series",
});

/** @typedef {[measurement: string, field: string]} From */

/**
 * The counts of each series and interval, or the rates; what is cumulative goes
 * back when collectd starts, which is no event.
 * @param {From} from @param {string} where
 * @param {string} as @param {boolean} perSecond
 */
function changes([measurement, field], where, as, perSecond) {
  const last = `last("${field}")`;
  const change = perSecond ? `non_negative_derivative(${last}, 1s)`
    : `non_negative_difference(${last})`;
  return `(SELECT ${change} AS "${as}" FROM "${measurement}" ` +
    `WHERE ${HOST} AND ${where} AND $timeFilter ` +
    `GROUP BY ${BUCKET}, "host", "instance", "type_instance" fill(none))`;
}

/** @param {string} what @param {string} from @param {string} by */
const select = (what, from, by) =>
  `SELECT ${what} FROM ${from} WHERE $timeFilter GROUP BY ${by}`;

/**
 * A variable with the names whose totals, as asked for, are the largest: InfluxQL
 * cannot choose series by what another query finds.
 * @param {string} name @param {string} totals by "instance"
 */
const largest = (name, totals) => hidden(queryVariable(plugin, name, name,
  `SELECT "instance", "top" FROM (SELECT top("total", "instance", $top) ` +
  `FROM (SELECT sum("total") AS "total" FROM ${totals} ` +
  `GROUP BY "instance") WHERE "total" > 0)`, {}));

/** @param {string} query */
const mark = (query) => ({target: {
  refId: "A", datasource: datasource(plugin), fromAnnotations: true, query,
  textColumn: "", tagsColumn: "",
}});

/**
 * Names of measurements and fields differ with the listener's
 * parse-multivalue-plugin.
 * @param {{
 *   name: string, file: string, uid: string, note: string,
 *   fault: (kind: Fault) => From, time: From, slab: From, own: From,
 * }} names
 * @returns {Source}
 */
function influxdb({name, file, uid, note, fault, time, slab, own}) {
  const [faults] = fault("majflt");
  const [caches] = slab;

  /** @param {Event} event */
  const from = (event) => event === "stalled" ? time : fault(event);
  /** @param {Event} event */
  const type = (event) => event === "stalled"
    ? `"type" = 'total_time_in_ms'` : `"type" = 'ps_pagefaults'`;
  /** Seconds, of milliseconds. @param {Event} event */
  const sum = (event) =>
    `sum("faults")${event === "stalled" ? " / 1000" : ""}`;
  /** @param {Event} event @param {string} where @param {boolean} perSecond */
  const events = (event, where, perSecond) =>
    changes(from(event), `${type(event)} AND ${where}`, "faults", perSecond);

  /** @param {string} way */
  const operation = (way) => `"type" = 'operations' AND ` +
    `"type_instance" = '${way}' AND "instance" =~ /^$cache$/`;

  /** @param {string} where @param {string} as */
  const level = (where, as, [measurement, field] = slab) =>
    `(SELECT last("${field}") AS "${as}" FROM "${measurement}" ` +
    `WHERE ${HOST} AND ${where} AND $timeFilter ` +
    `GROUP BY ${BUCKET}, "host", "instance" fill(none))`;

  const KEPT = {memory: "held", objects: "active"};
  /** @param {Kept} kind */
  const isKept = (kind) => `"type" = '${kind}' AND ` +
    `"type_instance" = '${KEPT[kind]}' AND "instance" =~ /^$cache$/`;

  /** Of counters, and of levels: nearly enough to choose by.
   * @param {"spread" | "mean"} how @param {From} from @param {string} where */
  const totals = (how, [measurement, field], where) =>
    `(SELECT ${how}("${field}") AS "total" FROM "${measurement}" ` +
    `WHERE ${HOST} AND ${where} AND $timeFilter GROUP BY "host", "instance")`;

  /** @param {Event} event */
  const largestFiles = (event) => largest(`top_${event}`,
    totals("spread", from(event), `${type(event)} AND ${FILE}`));
  /** @param {Fault} kind */
  const largestClasses = (kind) => largest(`class_${kind}`,
    totals("spread", fault(kind), NO_FILE));
  /** @param {Way} way */
  const busiestCaches = (way) => largest(`top_${way}`,
    totals("spread", slab, operation(way)));
  /** @param {Kept} kind */
  const largestCaches = (kind) => largest(`top_${kind}`,
    totals("mean", slab, isKept(kind)));
  const among = (/** @type {string} */ variable) =>
    `"instance" =~ /^$${variable}$/`;

  /** @param {string[]} counters */
  const named = (counters) => `"type_instance" =~ /^(${counters.join("|")})$/`;

  /** @param {string} gauge */
  const gauge = (gauge) =>
    level(`"type" = 'gauge' AND "type_instance" = '${gauge}'`, gauge, own);

  /** @param {string} name @param {string} label @param {string} query
   * @param {object} more */
  const variable = (name, label, query, more) =>
    queryVariable(plugin, name, label, query, {allValue: ".*", ...more});

  /** @param {string} measurement */
  const values = (measurement) => `SHOW TAG VALUES FROM "${measurement}" ` +
    `WITH KEY = "instance" WHERE ${HOST}`;

  return {
    name,
    file,
    uid,
    plugin,
    note,
    variables: [
      datasourceVariable(plugin, "InfluxDB"),
      variable("host", "Host",
        `SHOW TAG VALUES FROM "${faults}" WITH KEY = "host"`, {}),
      variable("file", "File", values(faults), {regex: notClass("")}),
      variable("cache", "Cache", values(caches), {}),
      topVariable,
      stepVariable,
      ...[/** @type {Event} */ ("stalled"), /** @type {Event} */ ("majflt"),
        /** @type {Event} */ ("minflt")].map(largestFiles),
      largestClasses("majflt"),
      largestClasses("minflt"),
      busiestCaches("alloc"),
      busiestCaches("free"),
      largestCaches("memory"),
      largestCaches("objects"),
    ],
    byFile: (event) => [ask(
      select(sum(event), events(event, among(`top_${event}`), true),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance")],
    byClass: (kind) => lettered(
      ask(select(sum(kind), events(kind, among(`class_${kind}`), true),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance"),
      ask(select(sum(kind),
        events(kind, `"instance" !~ /^(${classes})$/`, true),
        `${BUCKET} fill(none)`), "files")),
    total: (event) => [ask(
      select(sum(event), events(event, `"instance" =~ /./`, true),
        `${BUCKET} fill(none)`), "all")],
    counts: (event) => [ask(
      select(sum(event), events(event, among(`top_${event}`), false),
        `"instance"`), "$tag_instance")],
    slabByCache: (way) => [ask(
      select(`sum("${way}")`,
        changes(slab, `${operation(way)} AND ${among(`top_${way}`)}`, way, true),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance")],
    kept: (kind) => [ask(
      select(`sum("kept")`,
        level(`${isKept(kind)} AND ${among(`top_${kind}`)}`, "kept"),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance")],
    keptTotal: (kind) => [ask(
      select(`sum("kept")`, level(isKept(kind), "kept"),
        `${BUCKET} fill(none)`), "all")],
    memory: () => [ask(
      select(`max("kept")`, level(isKept("memory"), "kept"),
        `${BUCKET}, "host", "instance" fill(none)`),
      "$tag_host $tag_instance")],
    statistic: (counters) => [ask(
      select(`sum("events")`, changes(own, named(counters), "events", true),
        `${BUCKET}, "instance", "type_instance" fill(none)`),
      "$tag_instance $tag_type_instance")],
    statisticTotal: (counters) => [ask(
      select(`sum("events")`, changes(own, named(counters), "events", false),
        BUCKET), "all")],
    gauge: (name) => [ask(
      select(`max("${name}")`, gauge(name),
        `${BUCKET}, "host", "instance" fill(none)`),
      "$tag_host $tag_instance")],
    tableUse: () => [ask(
      select(`max("tracked") / max("tracked_max")`,
        `${gauge("tracked")}, ${gauge("tracked_max")}`,
        `${BUCKET}, "host", "instance" fill(none)`),
      "$tag_host $tag_instance")],
    // A counter that grows in each read goes back.
    restarts: mark(`SELECT "change" FROM (SELECT difference("value") AS "change" ` +
      `FROM (SELECT "${fault("minflt")[1]}" AS "value" FROM "${fault("minflt")[0]}" ` +
      `WHERE ${HOST} AND "type" = 'ps_pagefaults' AND "instance" = 'other' ` +
      `AND $timeFilter) GROUP BY "host") WHERE "change" < 0`),
    missed: mark(`SELECT "events" FROM ${changes(own,
      named(["events_missed"]), "events", true)} WHERE "events" > ${MISSED}`),
  };
}

export const split = influxdb({
  name: "InfluxDB",
  file: "bpfmem-influxdb.json",
  uid: "bpfmem-influxdb",
  note: "Series of collectd's network plugin in InfluxDB 1, whose collectd " +
    "listener is as it is by default (parse-multivalue-plugin = \"split\").",
  fault: (kind) => [`pagefault_${kind}`, "value"],
  time: ["pagefault_value", "value"],
  slab: ["slab_value", "value"],
  own: ["bpfmem_value", "value"],
});

export const join = influxdb({
  name: "InfluxDB, join",
  file: "bpfmem-influxdb-join.json",
  uid: "bpfmem-influxdb-join",
  note: "Series of collectd's network plugin in InfluxDB 1, whose collectd " +
    "listener has parse-multivalue-plugin = \"join\".",
  fault: (kind) => ["pagefault", kind],
  time: ["pagefault", "value"],
  slab: ["slab", "value"],
  own: ["bpfmem", "value"],
});
