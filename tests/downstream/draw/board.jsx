// SPDX-License-Identifier: MIT
// Draws one dashboard, whose answers are in window.ANSWERS, with Grafana's own
// components, and tells in #told what is wrong with what is seen.
import React from "react";
import {createRoot} from "react-dom/client";
import {
  BigValue, GlobalStyles, PanelChrome, ThemeContext, TimeSeries, VizLayout,
} from "@grafana/ui";
import {TableNG} from "@grafana/ui/unstable";
import {
  FieldConfigOptionsRegistry, FieldType, applyFieldOverrides,
  cacheFieldDisplayNames, createTheme, dateTime, formattedValueToString,
  getFieldDisplayName, getFieldSeriesColor, reduceField, standardTransformers,
  standardTransformersRegistry, toDataFrame, transformDataFrame,
} from "@grafana/data";
import {firstValueFrom} from "rxjs";
import "uplot/dist/uPlot.min.css";

const {uid, panels, results, marks, from, to, offers, chosen} = window.ANSWERS;
const theme = createTheme({colors: {mode: "dark"}});
const CELL = {width: 1520 / 24, height: 37};
const faults = [];
const wrong = (panel, text) => faults.push(`${panel.title}: ${text}`);

const {reduceTransformer, renameByRegexTransformer, sortByTransformer,
  limitTransformer, organizeFieldsTransformer} = standardTransformers;
standardTransformersRegistry.setInit(() => [reduceTransformer,
  renameByRegexTransformer, sortByTransformer, limitTransformer,
  organizeFieldsTransformer].map((transformation) =>
  ({id: transformation.id, name: transformation.name,
    transformation: async () => transformation})));

// What Grafana knows of each setting is in no library: take them as they are.
const settings = new FieldConfigOptionsRegistry();
const setting = (path, isCustom = false) => settings.register({
  id: isCustom ? `custom.${path}` : path, path, isCustom, name: path,
  override: () => null, editor: () => null, process: (value) => value,
  shouldApply: ({type}) => !isCustom || type !== FieldType.time,
});
["unit", "min", "max", "decimals", "noValue", "color", "thresholds", "links",
  "displayName"].forEach((path) => setting(path));
["drawStyle", "lineWidth", "fillOpacity", "showPoints", "spanNulls", "axisLabel",
  "stacking", "align", "cellOptions", "inspect", "minWidth", "width",
  "wrapText"]
  .forEach((path) => setting(path, true));

// "${NAME:FORMAT}" of a link.
const replaceVariables = (text, scope) =>
  text.replace(/\$\{(\w+)(?:\.(\w+))?(?::(\w+))?\}/g, (whole, name, field, format) => {
    const value = name === "__series" && field === "name"
      ? scope.__dataContext.value.frame.name : chosen[name];
    if (value === undefined) throw Error(`${whole} is unknown`);
    return format === "queryparam" ? `var-${name}=${encodeURIComponent(value)}`
      : encodeURIComponent(value);
  });

const frameOf = (refId) => ({name, labels, points}) => toDataFrame({
  refId, name,
  fields: [
    {name: "Time", type: FieldType.time, values: points.map(([time]) => time * 1000)},
    {name: "Value", type: FieldType.number, labels,
      values: points.map(([, value]) => value), config: {displayNameFromDS: name}},
  ],
});

async function framesOf(panel) {
  const asked = panel.targets.flatMap((target, i) =>
    results[panel.id][i].map(frameOf(target.refId)));
  const data = await firstValueFrom(
    transformDataFrame(panel.transformations ?? [], asked));
  const frames = applyFieldOverrides({
    data, fieldConfig: panel.fieldConfig, replaceVariables, theme,
    timeZone: "utc", fieldConfigRegistry: settings,
  });
  cacheFieldDisplayNames(frames);
  return frames;
}

// Each series of a graph or row of a ranking, as it is called.
function check(panel, frames) {
  const fields = frames.flatMap((frame) => frame.fields
    .filter((field) => field.type === FieldType.number)
    .map((field) => ({field, frame, name: getFieldDisplayName(field, frame, frames)})));
  if (!fields.some(({field}) => field.values.some((value) => value !== null)))
    return wrong(panel, "no data");
  for (const {field} of fields)
    for (const value of field.values) {
      const text = formattedValueToString(field.display(value));
      if (/\d{5}|NaN|Infinity/.test(text)) wrong(panel, `does not scale: ${text}`);
    }
  const names = panel.type === "table"
    ? frames[0].fields[0].values : fields.map(({name}) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) wrong(panel, `twice: ${twice.join(" ")}`);
  if (names.some((name) => name === "" || name === "Value" || name.includes("~")))
    wrong(panel, `no good name: ${names.join(" ")}`);
  if (panel.type !== "timeseries") return;
  const colours = fields.map(({field}) => getFieldSeriesColor(field, theme).color);
  if (new Set(colours).size !== colours.length)
    wrong(panel, `the same colour: ${colours.join(" ")}`);
  if (panel.fieldConfig.defaults.links?.length > 0)
    for (const {field, frame} of fields) {
      const [{href}] = field.getLinks({valueRowIndex: 0});
      const [, what, label] = /var-(file|cache)=([^&]*)/.exec(decodeURI(href));
      // Graphite offers names with blanks for +.
      const offered = [label, label.replaceAll("+", " ")]
        .some((text) => offers[what].includes(text));
      if (!href.startsWith(`/d/${uid}?`) || !offered)
        wrong(panel, `${frame.name} leads to ${href}`);
    }
}

// Marks over the graphs: that part of Grafana is in no library.
const drawMarks = (config) => config.addHook("draw", (plot) => {
  const {ctx, bbox} = plot;
  for (const {times, colour} of marks)
    for (const time of times) {
      const x = Math.round(plot.valToPos(time * 1000, "x", true));
      ctx.save();
      ctx.strokeStyle = theme.visualization.getColorByName(colour);
      ctx.fillStyle = ctx.strokeStyle;
      ctx.setLineDash([4, 4]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillRect(x - 3, bbox.top + bbox.height, 6, 5);
      ctx.restore();
    }
});

function Graph({panel, frames, width, height}) {
  return <TimeSeries frames={frames} structureRev={1} width={width} height={height}
    timeRange={{from: dateTime(from * 1000), to: dateTime(to * 1000), raw: {from, to}}}
    timeZone="utc" legend={panel.options.legend} options={panel.options}
    tweakAxis={(axis) => axis}>
    {(config) => {
      if (!config.marked) drawMarks(config);
      config.marked = true;
      return null;
    }}
  </TimeSeries>;
}

function Stat({panel, frames, width, height}) {
  const [calc] = panel.options.reduceOptions.calcs;
  return <div style={{display: "flex"}}>{frames.map((frame, i) => {
    const field = frame.fields[1];
    const value = reduceField({field, reducers: [calc]})[calc];
    return <BigValue key={i} width={width / frames.length} height={height}
      theme={theme} value={field.display(value)} textMode="value" justifyMode="auto"
      colorMode={panel.options.colorMode} graphMode={panel.options.graphMode}
      sparkline={frame.length > 1 ? {y: field, x: frame.fields[0]} : undefined} />;
  })}</div>;
}

const Ranking = ({frames, width, height}) =>
  <TableNG data={frames[0]} width={width} height={height} timeRange={{}}
    initialSortBy={[]} getActions={() => []} structureRev={1} />;

const KINDS = {timeseries: Graph, stat: Stat, table: Ranking};

class Safe extends React.Component {
  state = {};
  static getDerivedStateFromError = (error) => ({error});
  componentDidCatch(error) { wrong(this.props.panel, `cannot be drawn: ${error}`); }
  render() {
    return this.state.error ? String(this.state.error) : this.props.children;
  }
}

function Panel({panel, frames}) {
  const {x, w, h} = panel.gridPos;
  const place = {
    position: "absolute", left: x * CELL.width, top: panel.row * CELL.height,
  };
  if (panel.type === "row")
    return <h5 style={{...place, margin: 8}}>{"\u2304"} {panel.title}</h5>;
  const Kind = KINDS[panel.type];
  return <div className="panel" data-title={panel.title} style={place}><Safe panel={panel}>
    <PanelChrome width={w * CELL.width - 8} height={h * CELL.height - 8}
      title={panel.title} description={panel.description}>
      {(width, height) => <Kind {...{panel, frames, width, height}} />}
    </PanelChrome>
  </Safe></div>;
}

// Of a name whose end is cut off, nobody knows what it is.
function checkSeen() {
  for (const panel of document.querySelectorAll(".panel"))
    for (const part of panel.querySelectorAll("*"))
      if (part.childElementCount === 0 && part.textContent &&
          part.scrollWidth > part.clientWidth + 1 &&
          getComputedStyle(part).textOverflow === "ellipsis")
        wrong({title: panel.dataset.title}, `cut off: ${part.textContent}`);
  for (const table of document.querySelectorAll("[role=grid]"))
    if (table.scrollWidth > table.clientWidth)
      wrong({title: table.closest(".panel").dataset.title}, "wider than its panel");
}

async function main() {
  const drawn = [];
  for (const panel of panels) {
    const frames = panel.targets ? await framesOf(panel) : [];
    if (panel.targets) check(panel, frames);
    drawn.push(<Panel key={panel.id} panel={panel} frames={frames} />);
  }
  createRoot(document.getElementById("root")).render(
    <ThemeContext.Provider value={theme}><GlobalStyles />{drawn}</ThemeContext.Provider>);
  setTimeout(() => {
    checkSeen();
    const told = document.createElement("script");
    told.type = "text/plain";
    told.id = "told";
    told.textContent = JSON.stringify({
      faults, panels: panels.filter(({targets}) => targets).length,
    });
    document.body.append(told);
  }, 1500);
}
main();
