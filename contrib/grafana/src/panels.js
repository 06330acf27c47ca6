// SPDX-License-Identifier: MIT
// Panels that look alike, whatever they are asked of.

/**
 * @import {Panel, RowPanel, DataTransformerConfig} from "@grafana/schema"
 * @import {Options as GraphOptions, FieldConfig as GraphFields} from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen"
 * @import {Options as StatOptions} from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen"
 * @import {Options as TableOptions, FieldConfig as TableFields} from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen"
 * @import {Target, Look} from "./types.js"
 */

/**
 * One of the words of the schema's enum that belongs here; its enums are types
 * only, as nothing of the schema is loaded.
 * @template {string | undefined} E
 * @param {`${NonNullable<NoInfer<E>>}`} value
 * @returns {E}
 */
const word = (value) => /** @type {any} */ (value);

/** A label has ~ for /; what has none is a class, or a file of the root. Of a long
 * path, legends cut off the end: so its head goes, at a / if there is one.
 * @type {DataTransformerConfig[]} */
export const asPaths = [
  ["/^(.*~)/", "/$1"],
  ["/~/g", "/"],
  ["/^(?=.{73}).+?(\\/.{0,70})$/", "\u2026$1"],
  ["/^(?=.{73}).*(.{71})$/", "\u2026$1"],
].map(([regex, renamePattern]) =>
  ({id: "renameByRegex", options: {regex, renamePattern}}));

/** @param {Look} look @returns {Partial<Panel>} */
const common = (look) => ({
  title: look.title,
  description: look.description,
  interval: "$step",
  transparent: false,
});

/** @param {Look} look */
const links = (look) => look.link === undefined ? [] : [look.link];

/**
 * @param {Look} look @param {Target[]} targets
 * @returns {Panel}
 */
export function graph(look, targets) {
  /** @type {GraphFields} */
  const custom = {
    drawStyle: word("line"),
    lineWidth: 1,
    fillOpacity: look.stacked ? 70 : 0,
    showPoints: word("never"),
    spanNulls: false,
    axisLabel: look.axis,
    stacking: {mode: word(look.stacked ? "normal" : "none"), group: "A"},
  };
  const calcs = look.calcs ?? ["mean", "max"];
  /** @type {GraphOptions} */
  const options = {
    // A table cuts off names: only where it has room. Most have a ranking beside.
    legend: look.wide ? {
      displayMode: word("table"),
      placement: "right",
      showLegend: true,
      calcs,
      sortBy: look.calcs ? "Last *" : "Mean",
      sortDesc: true,
      width: 440,
    } : {
      displayMode: word("list"),
      placement: "bottom",
      showLegend: true,
      calcs: look.calcs?.slice(0, 1) ?? [],
    },
    tooltip: {mode: word("multi"), sort: word("desc"), hideZeros: true},
  };
  return {
    ...common(look),
    type: "timeseries",
    targets,
    transformations: look.transformations ?? [],
    fieldConfig: {
      defaults: {
        unit: look.unit,
        min: look.min,
        max: look.max,
        color: {mode: word("palette-classic")},
        links: links(look),
        custom: {...custom},
      },
      overrides: [],
    },
    options: {...options},
  };
}

/**
 * One number, coloured by how bad it is.
 * @param {Look} look @param {Target[]} targets
 * @returns {Panel}
 */
export function stat(look, targets) {
  const [warn, bad] = look.limits ?? [null, null];
  /** @type {StatOptions} */
  const options = {
    colorMode: word("value"),
    graphMode: word("area"),
    justifyMode: word("auto"),
    orientation: word("auto"),
    percentChangeColorMode: word("standard"),
    reduceOptions: {values: false, calcs: [look.calcs?.[0] ?? "lastNotNull"]},
    showPercentChange: false,
    textMode: word("value"),
    wideLayout: true,
  };
  return {
    ...common(look),
    type: "stat",
    targets,
    fieldConfig: {
      defaults: {
        unit: look.unit,
        decimals: look.decimals,
        noValue: "0",
        color: {mode: word("thresholds")},
        thresholds: {
          mode: word("absolute"),
          steps: [
            {value: null, color: "green"},
            ...(warn === null ? [] : [{value: warn, color: "orange"}]),
            ...(bad === null ? [] : [{value: bad, color: "red"}]),
          ],
        },
      },
      overrides: [],
    },
    options: {...options},
  };
}

/**
 * The largest of what each series adds up to, or comes to.
 * @param {Look & {what: string, sum: string}} look @param {Target[]} targets
 * @returns {Panel}
 */
export function ranking(look, targets) {
  /** @type {TableFields} */
  const custom = {
    align: word("auto"),
    cellOptions: {type: word("auto")},
    inspect: false,
  };
  /** @type {TableOptions} */
  const options = {showHeader: true, frameIndex: 0};
  const reducer = look.reducer ?? {id: "sum", name: "Total"};
  return {
    ...common(look),
    type: "table",
    targets,
    transformations: [
      ...(look.transformations ?? []),
      {id: "reduce", options: {mode: "seriesToRows", reducers: [reducer.id]}},
      {id: "sortBy", options: {sort: [{field: reducer.name, desc: true}]}},
      {id: "limit", options: {limitField: 15}},
      {
        id: "organize",
        options: {renameByName: {Field: look.what, [reducer.name]: look.sum}},
      },
    ],
    fieldConfig: {
      defaults: {
        unit: look.unit,
        decimals: look.decimals,
        color: {mode: word("continuous-BlYlRd")},
        custom: {...custom},
      },
      overrides: [{
        matcher: {id: "byName", options: look.sum},
        properties: [
          {id: "custom.cellOptions", value: {type: "gauge", mode: "basic"}},
        ],
      }, {
        matcher: {id: "byName", options: look.what},
        properties: [
          {id: "custom.width", value: 340},
          {id: "custom.wrapText", value: true},
        ],
      }],
    },
    options: {...options},
  };
}

/** Folded, if it has its panels in it; else open, and they come after it.
 * @param {string} title @param {Panel[]} panels @returns {RowPanel} */
export const row = (title, panels = []) => ({
  type: "row",
  title,
  id: 0,
  collapsed: panels.length > 0,
  panels,
});
