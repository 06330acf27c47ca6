// SPDX-License-Identifier: MIT
// The series as InfluxDB's collectd listener stores them, in both of its ways.

/**
 * @import {Fault, Source, Target, Way} from "./types.js"
 */
import {
  classes, datasource, datasourceVariable, lettered, notClass, queryVariable,
  stepVariable, topVariable,
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
 * Names of measurements and fields differ with the listener's
 * parse-multivalue-plugin.
 * @param {{
 *   name: string, file: string, uid: string, note: string,
 *   fault: (kind: Fault) => From, slab: From, own: From,
 * }} names
 * @returns {Source}
 */
function influxdb({name, file, uid, note, fault, slab, own}) {
  const [faults] = fault("majflt");
  const [caches] = slab;

  /** @param {Way} way @param {boolean} perSecond */
  const operations = (way, perSecond) => changes(slab,
    `"type" = 'operations' AND "type_instance" = '${way}' AND ` +
    `"instance" =~ /^$cache$/`, way, perSecond);

  /** @param {string} where @param {string} as */
  const level = (where, as, [measurement, field] = slab) =>
    `(SELECT last("${field}") AS "${as}" FROM "${measurement}" ` +
    `WHERE ${HOST} AND ${where} AND $timeFilter ` +
    `GROUP BY ${BUCKET}, "host", "instance" fill(none))`;

  /** @param {string} type @param {string} name */
  const kept = (type, name) => level(`"type" = '${type}' AND ` +
    `"type_instance" = '${name}' AND "instance" =~ /^$cache$/`, name);
  const KEPT = {
    memory: kept("memory", "held"), objects: kept("objects", "active"),
  };

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
      stepVariable,
    ],
    faultsByFile: (kind) => [ask(
      select(`sum("faults")`, changes(fault(kind), FILE, "faults", true),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance")],
    faultsByClass: (kind) => lettered(
      ask(select(`sum("faults")`, changes(fault(kind), NO_FILE, "faults", true),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance"),
      ask(select(`sum("faults")`,
        changes(fault(kind), `"instance" !~ /^(${classes})$/`, "faults", true),
        `${BUCKET} fill(none)`), "files")),
    faultsTotal: (kind) => [ask(
      select(`sum("faults")`, changes(fault(kind), `"type" = 'ps_pagefaults'`,
        "faults", true), `${BUCKET} fill(none)`), "all")],
    faultCounts: (kind) => [ask(
      select(`sum("faults")`, changes(fault(kind), FILE, "faults", false),
        `"instance"`), "$tag_instance")],
    slabByCache: (way, refId) => [{
      ...ask(select(`sum("${way}")`, operations(way, true),
        `${BUCKET}, "instance" fill(none)`), "$tag_instance"),
      refId}],
    kept: (kind) => [ask(
      select(kind === "memory" ? `sum("held")` : `sum("active")`, KEPT[kind],
        `${BUCKET}, "instance" fill(none)`), "$tag_instance")],
    memory: () => [ask(
      select(`max("held")`, KEPT.memory,
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
  };
}

export const split = influxdb({
  name: "InfluxDB",
  file: "bpfmem-influxdb.json",
  uid: "bpfmem-influxdb",
  note: "Series of collectd's network plugin in InfluxDB 1, whose collectd " +
    "listener is as it is by default (parse-multivalue-plugin = \"split\").",
  fault: (kind) => [`pagefault_${kind}`, "value"],
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
  slab: ["slab", "value"],
  own: ["bpfmem", "value"],
});
