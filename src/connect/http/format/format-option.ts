/** The format of bodies that the options name. */
import { nameOption, optionError } from "../../../breaker/validate.ts";
import type { BodyFormat } from "./body-format.ts";
import { type ElasticOptions, elasticFormat } from "./elastic.ts";
import { type InfluxOptions, influxFormat } from "./influx.ts";
import { JSON_ARRAY } from "./json-array.ts";
import { NDJSON } from "./ndjson.ts";

/** `ndjson`: lines of JSON. `json`: one array. `elastic`: `_bulk`. `influx`: line protocol. */
export type FormatName = "ndjson" | "json" | "elastic" | "influx";

/** The format of the bodies, and the options of that format. */
export interface FormatOptions {
  /** Default "ndjson". */
  readonly format?: FormatName;
  /** For the format "elastic". */
  readonly elastic?: ElasticOptions;
  /** For the format "influx". */
  readonly influx?: InfluxOptions;
}

const NAMES: readonly FormatName[] = ["ndjson", "json", "elastic", "influx"];

/** @throws OptionError, also for options of a format that is not chosen */
export function formatOption(given: { readonly [Key in keyof FormatOptions]?: unknown }): BodyFormat {
  const name = nameOption("format", given.format, NAMES, "ndjson");
  for (const other of ["elastic", "influx"] as const) {
    if (other !== name && given[other] !== undefined) {
      throw optionError(other, `${other} is an option of the format "${other}", and the format is "${name}"`);
    }
  }
  if (name === "elastic") return elasticFormat(given.elastic);
  if (name === "influx") return influxFormat(given.influx);
  return name === "json" ? JSON_ARRAY : NDJSON;
}
