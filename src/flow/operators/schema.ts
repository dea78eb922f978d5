/**
 * JSON Schemas (2020-12) of what moves in a flow besides the user's data. The files in schemas/ hold the same; tests
 * compare them, and the compiler compares each schema with the type of its record (`SchemaType`).
 */
import { CAUSES } from "../../breaker/events.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const TIME = { type: "number", minimum: 0, description: "ms, on the clock of the flow" } as const;
const COUNT = { type: "integer", minimum: 0 } as const;

const BREAKER_EVENT = {
  title: "Breaker event",
  description: "A circuit breaker has changed its state or its mode.",
  type: "object",
  properties: {
    kind: {
      enum: [
        "opened",
        "closed",
        "half_opened",
        "enabled",
        "disabled",
        "shadowed",
        "reset",
        "throttled",
        "restored",
      ],
    },
    endpoint: { type: "string", minLength: 1, maxLength: 1_024 },
    from: { enum: ["closed", "open", "half_open"] },
    to: { enum: ["closed", "open", "half_open"] },
    cause: { enum: CAUSES },
    mode: { enum: ["enabled", "disabled", "forced_open", "shadow"] },
    at_ms: TIME,
    generation: { type: "integer", minimum: 1, maximum: 4_194_303 },
    calls: COUNT,
    failures: COUNT,
    slow: COUNT,
    success_rate: { type: ["number", "null"], minimum: 0, maximum: 1, description: "null: no calls" },
    level: COUNT,
    share: { type: "number", minimum: 0, maximum: 1, description: "of the calls that passes from here on" },
    delay_ms: { type: ["number", "null"], minimum: 0, description: "null: for ever" },
    retry_at_ms: { type: ["number", "null"], minimum: 0, description: "null: never" },
    last_error: {
      type: ["object", "null"],
      description: "the failure that opened it; null: none did, or its error is not known",
      properties: {
        name: { type: "string" },
        message: { type: "string" },
        code: { type: ["string", "number", "null"], description: "null: it has none" },
      },
      required: ["name", "message", "code"],
      additionalProperties: false,
    },
  },
  required: [
    "kind",
    "endpoint",
    "from",
    "to",
    "cause",
    "mode",
    "at_ms",
    "generation",
    "calls",
    "failures",
    "slow",
    "success_rate",
    "level",
    "share",
    "delay_ms",
    "retry_at_ms",
    "last_error",
  ],
  additionalProperties: false,
} as const;

/** Of a `BreakerRecord`: the data of an event at the port `cb`. */
export const BREAKER_EVENT_SCHEMA = { $schema: DIALECT, ...BREAKER_EVENT } as const;

/** Of a `BreakerCloudEvent`. */
export const BREAKER_CLOUD_EVENT_SCHEMA = {
  $schema: DIALECT,
  title: "Breaker event as a CloudEvent",
  description: "CloudEvents 1.0, structured mode. The data is a breaker event.",
  type: "object",
  properties: {
    specversion: { enum: ["1.0"] },
    id: { type: "string", minLength: 1, description: "unique for the source" },
    source: { type: "string", minLength: 1, description: "a URI reference: whose breaker it is" },
    type: {
      enum: [
        "bluesmoke.circuit_breaker.opened",
        "bluesmoke.circuit_breaker.closed",
        "bluesmoke.circuit_breaker.half_opened",
        "bluesmoke.circuit_breaker.enabled",
        "bluesmoke.circuit_breaker.disabled",
        "bluesmoke.circuit_breaker.shadowed",
        "bluesmoke.circuit_breaker.reset",
        "bluesmoke.circuit_breaker.throttled",
        "bluesmoke.circuit_breaker.restored",
      ],
    },
    subject: { type: "string", minLength: 1, description: "the endpoint" },
    time: {
      type: "string",
      pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$",
      description: "RFC 3339, UTC",
    },
    datacontenttype: { enum: ["application/json"] },
    data: BREAKER_EVENT,
  },
  required: ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"],
  additionalProperties: false,
} as const;

/** Of a `SignalRecord`. */
export const SIGNAL_SCHEMA = {
  $schema: DIALECT,
  title: "Signal",
  description: "Control that moves forward, seen by every operator and sink.",
  type: "object",
  properties: {
    kind: {
      enum: ["start", "tick", "drain", "shutdown", "circuit_breaker_enabled", "circuit_breaker_disabled"],
    },
    at_ms: TIME,
    endpoint: { type: ["string", "null"], description: "null: every breaker is meant, or none" },
  },
  required: ["kind", "at_ms", "endpoint"],
  additionalProperties: false,
} as const;

/** Of an `InsightRecord`. */
export const INSIGHT_SCHEMA = {
  $schema: DIALECT,
  title: "Insight",
  description: "Contraflow: an answer to an event, or the state of a sink, that moves backward.",
  type: "object",
  properties: {
    kind: { enum: ["ack", "fail", "release", "trigger", "restore", "sink_start", "drained"] },
    at_ms: TIME,
    from: { type: "integer", minimum: -1, description: "node that sent it; -1: the input, to a source" },
    source: { type: "integer", minimum: -2, description: "of the answered event; below 0: no source" },
    id: { type: "integer", minimum: 0, description: "pull id of the answered event; 0: none" },
    ingest_ms: TIME,
    duration_ms: { type: ["number", "null"], minimum: 0, description: "null: not known" },
    meta: { type: ["object", "null"], description: "fail: error, and retry_after_ms where one was named" },
  },
  required: ["kind", "at_ms", "from", "source", "id", "ingest_ms", "duration_ms", "meta"],
  additionalProperties: false,
} as const;

/** The type of each `type` of JSON Schema. */
export interface TypesByName {
  /** Text. */
  readonly string: string;
  /** A finite number: JSON has no others. */
  readonly number: number;
  /** A whole number. */
  readonly integer: number;
  /** What is not known, or has no end. */
  readonly null: null;
  /** A record whose fields are not said. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** The TypeScript type of what a schema accepts, as far as the schemas of this file go: every property is required. */
export type SchemaType<Schema> = Schema extends { readonly enum: readonly (infer Value)[] }
  ? Value
  : Schema extends { readonly properties: infer Properties; readonly required: readonly (infer Key)[] }
    ?
        | { readonly [Name in keyof Properties & Key]: SchemaType<Properties[Name & keyof Properties]> }
        // With a list of types the other one is null.
        | (Schema extends { readonly type: readonly unknown[] } ? null : never)
    : Schema extends { readonly type: readonly (infer Name)[] }
      ? TypesByName[Name & keyof TypesByName]
      : Schema extends { readonly type: infer Name }
        ? TypesByName[Name & keyof TypesByName]
        : never;
