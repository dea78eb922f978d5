import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { BreakerRecord } from "../../../src/flow/operators/breaker-record.ts";
import { type BreakerCloudEvent, cloudEventOf } from "../../../src/flow/operators/cloud-event.ts";
import {
  BREAKER_CLOUD_EVENT_SCHEMA,
  BREAKER_EVENT_SCHEMA,
  INSIGHT_SCHEMA,
  type SchemaType,
  SIGNAL_SCHEMA,
} from "../../../src/flow/operators/schema.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import {
  type InsightRecord,
  recordOfInsight,
  recordOfSignal,
  type SignalRecord,
} from "../../../src/flow/protocol/records.ts";
import { graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { faultsOf } from "../validate.ts";
import { guarded, opened } from "./guarded.ts";

/** Compiles only where both types accept the same values. */
type Same<A, B> = [A, B] extends [B, A] ? true : never;
const SAME: [
  Same<SchemaType<typeof BREAKER_EVENT_SCHEMA>, BreakerRecord>,
  Same<SchemaType<typeof SIGNAL_SCHEMA>, SignalRecord>,
  Same<SchemaType<typeof INSIGHT_SCHEMA>, InsightRecord>,
  Same<SchemaType<typeof BREAKER_CLOUD_EVENT_SCHEMA>, BreakerCloudEvent>,
] = [true, true, true, true];

const FILES = {
  "breaker-event": BREAKER_EVENT_SCHEMA,
  signal: SIGNAL_SCHEMA,
  insight: INSIGHT_SCHEMA,
  "breaker-cloud-event": BREAKER_CLOUD_EVENT_SCHEMA,
};

describe("the schemas", () => {
  it.each(Object.entries(FILES))("%s.schema.json holds what the source says", (name, schema) => {
    const file = new URL(`../../../schemas/${name}.schema.json`, import.meta.url);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(schema);
  });

  it("fit the types of the records, or this file does not compile", () => {
    expect(SAME).toEqual([true, true, true, true]);
  });

  it.each(Object.values(FILES))("name every property as required and allow no other ($title)", (schema) => {
    expect([...schema.required].sort()).toEqual(Object.keys(schema.properties).sort());
    expect(schema.additionalProperties).toBe(false);
  });
});

describe("what a flow says fits its schema:", () => {
  /** As it is after a journey through JSON: what JSON lacks (NaN, Infinity, undefined) would be missed otherwise. */
  const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
  const faults = (schema: object, value: unknown): string[] => {
    expect(throughJson(value)).toEqual(value);
    return faultsOf(schema, value);
  };

  it("breaker events of every kind", async () => {
    const { graph, registry, cb, push, at } = await opened();
    push("probe", 2_000);
    at(2_001).ack(2);
    const breaker = registry.get("cb");
    breaker.forceOpen(2_010);
    for (const kind of ["circuit_breaker_disabled", "circuit_breaker_enabled"] as const)
      graph.signal({ kind, atMs: 2_020 });
    breaker.shadow(2_030);
    breaker.reset(2_040);
    const throttled = await guarded({ overload: "throttle", detector: { minimum_calls: 4 } });
    for (let id = 0; id < 12; id++) throttled.push("event", 1);
    const { out } = throttled;
    throttled.at(2);
    for (let id = 0; id < 12; id++) {
      if (id === 1) out.fail(id, {});
      else out.ack(id);
    }
    throttled.at(2_000);
    for (let id = 12; id < 24; id++) {
      throttled.push("event", 2_000);
      out.ack(id);
    }
    const all = [...cb.data, ...throttled.cb.data];
    const kinds = new Set(all.map((data) => (data as BreakerRecord).kind));
    expect([...kinds].sort()).toEqual([...BREAKER_EVENT_SCHEMA.properties.kind.enum].sort());
    for (const data of all) expect(faults(BREAKER_EVENT_SCHEMA, data)).toEqual([]);
    const events = all.map((data) => cloudEventOf(data as BreakerRecord, { source: "/shippers/7" }));
    for (const event of events) expect(faults(BREAKER_CLOUD_EVENT_SCHEMA, event)).toEqual([]);
    const own = events.slice(0, cb.data.length); // the others are of another breaker with the same name
    expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
  });

  it("signals of every kind", () => {
    for (const kind of SIGNAL_SCHEMA.properties.kind.enum) {
      expect(faults(SIGNAL_SCHEMA, recordOfSignal({ kind, atMs: 1.5 }))).toEqual([]);
      expect(faults(SIGNAL_SCHEMA, recordOfSignal({ kind, atMs: 0, endpoint: "api" }))).toEqual([]);
    }
  });

  it("insights of every kind, at an operator and at a source", async () => {
    const heard: Insight[] = [];
    const [a, b, sink] = [new Witness(), new Witness([], ["out", "nowhere"]), new HandSink("hold")];
    b.route = ({ data }) => (data === "released" ? "nowhere" : "out");
    const graph = graphOf({ a, b }, "in > a", "a > b", "b > out/out");
    graph.addSource({ transactional: true, onInsight: (insight) => heard.push(insight) });
    await started(graph, { out: sink });
    pushAll(graph, ["acked", "released", "failed"]);
    sink.ack(0, 3);
    sink.fail(1, { error: "no", retry_after_ms: 5 });
    sink.context.contraflow("trigger");
    await graph.drain();
    const insights = [...heard, ...a.insights];
    expect(new Set(insights.map(({ kind }) => kind)).size).toBe(INSIGHT_SCHEMA.properties.kind.enum.length);
    for (const insight of insights) expect(faults(INSIGHT_SCHEMA, recordOfInsight(insight))).toEqual([]);
  });
});

describe("a record that is not right", () => {
  it("does not fit: a key too many, one too few, another kind, a number that is none", async () => {
    const { cb, push, at } = await guarded();
    for (const n of [1, 2]) push(n, 10);
    for (const index of [0, 1]) at(20).fail(index);
    const right = cb.data[0] as Record<string, unknown>;
    const { level, ...short } = right;
    expect(level).toBe(1);
    expect(faultsOf(BREAKER_EVENT_SCHEMA, right)).toEqual([]);
    const faults = (value: unknown): string[] => faultsOf(BREAKER_EVENT_SCHEMA, value);
    expect(faults(short)).toEqual(["$ must have required property 'level'"]);
    expect(faults({ ...right, more: 1 })).toEqual(["$ must NOT have additional properties"]);
    expect(faults({ ...right, kind: "tripped" })).toEqual([
      "$/kind must be equal to one of the allowed values",
    ]);
    expect(faults({ ...right, calls: -1 })).toEqual(["$/calls must be >= 0"]);
    expect(faults({ ...right, delay_ms: "1" })).toEqual(["$/delay_ms must be number,null"]);
  });
});
