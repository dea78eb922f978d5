/** InfluxDB: the line protocol of its versions 1, 2 and 3. */
import { nameOption, objectOption } from "../../../breaker/validate.ts";
import type { JsonEvent } from "../../../ndjson/event-line.ts";
import { textOption, textsOption } from "../../base/text-option.ts";
import type { BodyFormat } from "./body-format.ts";
import { fieldOf } from "./field.ts";
import { keyText, measurementText, tagText, valueText } from "./influx-line.ts";
import { PRECISIONS, type Precision, timeText } from "./influx-time.ts";
import { LineBody, lineOfText } from "./line-body.ts";

/** All are optional. A field of a field is named with a dot: `user.id`. */
export interface InfluxOptions {
  /** The measurement. Default: "events". */
  readonly measurement?: string;
  /** The field whose value is the measurement; where an event has none, `measurement` counts. */
  readonly measurementField?: string;
  /** Fields that become tags. Default: none. */
  readonly tags?: readonly string[];
  /** Fields that are written. Default: all that are neither tags nor time nor measurement, those of objects too. */
  readonly fields?: readonly string[];
  /** Fields whose whole numbers are floats: a field has one type. Default: none, and `3` is written as an integer. */
  readonly floats?: readonly string[];
  /** The field that has the time. Default: the endpoint takes the time at which it gets the event. */
  readonly time?: string;
  /** The unit of a time that is a number. Default: "ms". */
  readonly precision?: Precision;
}

const KEYS = ["measurement", "measurementField", "tags", "fields", "floats", "time", "precision"];
const ANSWER_BYTES = 16_384;
/** Of a reason that is quoted. */
const REASON_LENGTH = 300;

interface Rules {
  readonly measurement: string;
  readonly measurementField: string | undefined;
  readonly tags: readonly string[];
  readonly fields: readonly string[] | undefined;
  readonly floats: ReadonlySet<string>;
  readonly time: string | undefined;
  readonly precision: Precision;
  /** Those that are no fields by default. */
  readonly used: ReadonlySet<string | undefined>;
}

/** @throws OptionError */
export function influxFormat(options: unknown): BodyFormat {
  const rules = rulesOf(options);
  return {
    contentType: "text/plain; charset=utf-8",
    answerBytes: ANSWER_BYTES,
    faultIn,
    begin: (limit) => new LineBody(limit, (event) => [lineOfText(lineOf(event, rules))]),
    reasonIn,
  };
}

function rulesOf(options: unknown): Rules {
  const given = objectOption("influx", options, KEYS);
  const measurementField = textOption("influx.measurementField", given.measurementField);
  const tags = (textsOption("influx.tags", given.tags) ?? []).toSorted();
  const time = textOption("influx.time", given.time);
  return {
    measurement: textOption("influx.measurement", given.measurement) ?? "events",
    measurementField,
    tags,
    fields: textsOption("influx.fields", given.fields),
    floats: new Set(textsOption("influx.floats", given.floats)),
    time,
    precision: nameOption("influx.precision", given.precision, Object.keys(PRECISIONS) as Precision[], "ms"),
    used: new Set([...tags, time, measurementField]),
  };
}

/** @throws TypeError for an event that cannot be a line */
function lineOf({ data }: JsonEvent, rules: Rules): string {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new TypeError("an event must be an object to be a line of InfluxDB");
  }
  let line = measurementText(measurementOf(data, rules));
  for (const name of rules.tags) {
    const value = tagText(name, fieldOf(data, name));
    if (value !== undefined) line += `,${keyText(name)}=${value}`;
  }
  const fields = fieldsOf(data, rules);
  if (fields.length === 0) throw new TypeError("an event must have a field to be a line of InfluxDB");
  line += ` ${fields.join()}`;
  const { time, precision } = rules;
  return time === undefined ? line : `${line} ${timeText(time, fieldOf(data, time), precision)}`;
}

function measurementOf(data: object, { measurement, measurementField }: Rules): string {
  if (measurementField === undefined) return measurement;
  const name = fieldOf(data, measurementField) ?? measurement;
  if (typeof name === "string" && name !== "") return name;
  throw new TypeError(`the field ${measurementField} must be a string to be the measurement`);
}

/** Such as `a=1i`. */
function fieldsOf(data: object, rules: Rules): readonly string[] {
  const found: string[] = [];
  const add = (name: string, value: unknown): void => {
    const text = valueText(name, value, rules.floats.has(name));
    if (text !== undefined) found.push(`${keyText(name)}=${text}`);
  };
  if (rules.fields === undefined) eachField(data, "", rules.used, add);
  else for (const name of rules.fields) add(name, fieldOf(data, name));
  return found;
}

/** The fields of an object in an object have both names, with a dot between. */
function eachField(
  data: object,
  prefix: string,
  used: ReadonlySet<string | undefined>,
  add: (name: string, value: unknown) => void,
): void {
  for (const [key, value] of Object.entries(data)) {
    const name = `${prefix}${key}`;
    if (used.has(name)) continue;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      eachField(value, `${name}.`, used, add);
    } else add(name, value);
  }
}

/** The endpoint takes the unit of times from the query: without one it is ns. */
function faultIn({ searchParams }: URL): string | undefined {
  const isNs = ["ns", "n"].includes(searchParams.get("precision") ?? "ns");
  return isNs ? undefined : "has a precision: times are written in ns";
}

/** Version 1 has it under `error`, the others under `message`. */
function reasonIn(answer: string): string | undefined {
  try {
    const { error, message } = JSON.parse(answer);
    const reason: unknown = error ?? message;
    return typeof reason === "string" ? reason.slice(0, REASON_LENGTH) : undefined;
  } catch {
    return undefined;
  }
}
