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

/** A label has ~ for /; what has none is a class, or a file of the root.
 * @type {DataTransformerConfig[]} */
export const asPaths = [
  {id: "renameByRegex", options: {regex: "/^(.*~)/", renamePattern: "/$1"}},
  {id: "renameByRegex", options: {regex: "/~/g", renamePattern: "/"}},
];

/** @param {Look} look @returns {Partial<Panel>} */
const common = (look) => ({
  title: look.title,
  description: look.description,
  interval: "$step",
  transparent: false,
});

/**
 * @param {Look} look @param {Target[]} targets
 * @returns {Panel}
 */
export function graph(look, targets) {
  const below = look.below;
  /** @type {GraphFields} */
  const custom = {
    drawStyle: word("line"),
    lineWidth: 1,
    fillOpacity: look.stacked ? 70 : 0,
    showPoints: word("never"),
    spanNulls: false,
    stacking: {mode: word(look.stacked ? "normal" : "none"), group: "up"},
  };
  /** @type {GraphOptions} */
  const options = {
    legend: {
      displayMode: word("table"),
      placement: "right",
      showLegend: true,
      calcs: look.calcs ?? ["mean", "max"],
      sortBy: look.calcs?.includes("lastNotNull") ? "Last *" : "Mean",
      sortDesc: true,
      width: 420,
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
        color: {mode: word("palette-classic-by-name")},
        custom: {...custom},
      },
      overrides: below === undefined ? [] : [{
        matcher: {id: "byFrameRefID", options: below},
        properties: [
          {id: "custom.transform", value: "negative-Y"},
          {id: "custom.stacking", value: {mode: "normal", group: "down"}},
        ],
      }],
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
        decimals: 0,
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
        properties: [{id: "custom.minWidth", value: 260}],
      }],
    },
    options: {...options},
  };
}

/** @param {string} title @returns {RowPanel} */
export const row = (title) => ({
  type: "row",
  title,
  id: 0,
  collapsed: false,
  panels: [],
});
