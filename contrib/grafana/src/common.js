// SPDX-License-Identifier: MIT
// What the sources share: names of classes, kinds of variables.

/**
 * @import {VariableModel} from "@grafana/schema"
 * @import {Target} from "./types.js"
 */

/** How many events of a kind a second are worth a mark. */
export const MISSED = 10;

/** Memory that is no file; all else is one, or "other" files. */
export const CLASSES = ["anon", "heap", "hugetlb", "shmem", "special", "stack",
  "unattributed"];
export const classes = CLASSES.join("|");

/** The regular expression by which Grafana leaves the classes out of a list. */
export const notClass = (/** @type {string} */ prefix) =>
  `/^${prefix}((?!(?:${classes})$).*)$/`;

/** @param {string} plugin */
export const datasource = (plugin) =>
  ({type: plugin, uid: "${datasource}"});

/** @param {string} plugin @param {string} name @returns {VariableModel} */
export const datasourceVariable = (plugin, name) => ({
  name: "datasource",
  type: "datasource",
  label: name,
  query: plugin,
  refresh: 1,
  regex: "",
  skipUrlSync: false,
});

/**
 * @param {string} plugin @param {string} name @param {string} label
 * @param {string} query @param {Partial<VariableModel>} more
 * @returns {VariableModel}
 */
export const queryVariable = (plugin, name, label, query, more) => ({
  name,
  type: "query",
  label,
  datasource: datasource(plugin),
  query,
  refresh: 2, // with the range
  sort: 1,
  regex: "",
  multi: true,
  includeAll: true,
  current: {text: ["All"], value: ["$__all"], selected: true},
  ...more,
});

/** @param {string} name @param {string} label @param {string} value
 * @param {string} description @returns {VariableModel} */
export const textVariable = (name, label, value, description) => ({
  name,
  type: "textbox",
  label,
  description,
  query: value,
  current: {text: value, value, selected: true},
  options: [{text: value, value, selected: true}],
});

/** @param {string} name @param {string} label @param {string[]} values
 * @param {string} description @returns {VariableModel} */
export const choiceVariable = (name, label, values, description) => {
  const options = values.map((value, i) =>
    ({text: value, value, selected: i === 0}));
  return {
    name,
    type: "custom",
    label,
    description,
    query: values.join(","),
    current: options[0],
    options,
    multi: false,
    includeAll: false,
  };
};

export const stepVariable = choiceVariable("step", "Interval",
  ["10s", "1s", "2s", "5s", "20s", "30s", "60s"],
  "collectd's Interval: no point is finer");

export const topVariable = choiceVariable("top", "Top",
  ["10", "5", "20", "50"], "how many files or caches a picture shows");

/**
 * What the data source itself chose, such as the names of the busiest: not shown.
 * @param {VariableModel} variable @returns {VariableModel}
 */
export const hidden = (variable) =>
  ({...variable, hide: /** @type {any} */ (2), skipUrlSync: true});

/** Names the queries of a panel A, B, ... @param {Target[]} targets */
export const lettered = (...targets) => targets.map((target, i) =>
  ({...target, refId: String.fromCharCode(65 + i)}));
