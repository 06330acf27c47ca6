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

/** What finds the moments to be marked, in the words of one data source. */
export type Annotation = Record<string, unknown>;

/** Where a click on a series or row leads to. */
export interface Link {
  title: string;
  url: string;
}

export interface Look {
  title: string;
  description: string;
  unit?: string;
  min?: number;
  max?: number;
  decimals?: number;
  stacked?: boolean;
  wide?: boolean; // as wide as the screen
  axis?: string;
  link?: Link;
  calcs?: string[];
  limits?: [number, number];
  /** Of a ranking: what each series comes to; the sum if it is not said. */
  reducer?: {id: string; name: string};
  transformations?: DataTransformerConfig[];
}

export type Fault = "minflt" | "majflt";
/** Faults, or seconds that threads waited in them. */
export type Event = Fault | "stalled";
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
  /** The $top busiest files of the range. */
  byFile(event: Event): Target[];
  /** Those that counted anything in the range, and all files as one. */
  byClass(kind: Fault): Target[];
  total(event: Event): Target[];
  /** Of the busiest files, what adds up to the counts of the range. */
  counts(event: Event): Target[];
  slabByCache(way: Way): Target[];
  /** What the kernel holds, by cache. */
  kept(kind: Kept): Target[];
  keptTotal(kind: Kept): Target[];
  /** Memory held, by host and cache, of all caches. */
  memory(): Target[];
  /** By probe and name. */
  statistic(names: string[]): Target[];
  statisticTotal(names: string[]): Target[];
  gauge(name: string): Target[];
  tableUse(): Target[];
  /** When collectd started, and when more than MISSED events a second were missed. */
  restarts: Annotation;
  missed: Annotation;
}
