// SPDX-License-Identifier: MIT
// What a source of series must be able to say, so that one dashboard fits all.
import type {
  DataQuery, DataTransformerConfig, VariableModel,
} from "@grafana/schema";

/** A query in the words of one data source. */
export type Target = Pick<DataQuery, keyof DataQuery> & {
  refId: string;
  datasource: {type: string; uid: string};
  legendFormat?: string; // Prometheus
  expr?: string;
  instant?: boolean;
  range?: boolean;
  rawQuery?: boolean; // InfluxDB
  query?: string;
  alias?: string;
  resultFormat?: "time_series" | "table";
  target?: string; // Graphite
  textEditor?: boolean;
};

export interface Look {
  title: string;
  description: string;
  unit?: string;
  min?: number;
  max?: number;
  decimals?: number;
  stacked?: boolean;
  below?: string; // refId of what is drawn below the line
  calcs?: string[];
  limits?: [number, number];
  /** Of a ranking: what each series comes to; the sum if it is not said. */
  reducer?: {id: string; name: string};
  transformations?: DataTransformerConfig[];
}

export type Fault = "minflt" | "majflt";
export type Way = "alloc" | "free";
export type Kept = "memory" | "objects";

/** Series are per second unless they are said to be counts. */
export interface Source {
  name: string; // of the data source, for people
  file: string;
  uid: string;
  plugin: string; // Grafana's name of the data source
  note: string;
  variables: VariableModel[];
  faultsByFile(kind: Fault): Target[];
  faultsByClass(kind: Fault): Target[];
  faultsTotal(kind: Fault): Target[];
  /** Counts of each file, which add up to those of the range. */
  faultCounts(kind: Fault): Target[];
  slabByCache(way: Way, refId: string): Target[];
  /** What the kernel holds, by cache. */
  kept(kind: Kept): Target[];
  /** Memory held, by host and cache, of all caches. */
  memory(): Target[];
  /** By probe and name. */
  statistic(names: string[]): Target[];
  statisticTotal(names: string[]): Target[];
  gauge(name: string): Target[];
  tableUse(): Target[];
}
