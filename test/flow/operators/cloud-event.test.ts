import { describe, expect, it } from "vitest";
import type { BreakerRecord } from "../../../src/flow/operators/breaker-record.ts";
import { cloudEventOf } from "../../../src/flow/operators/cloud-event.ts";
import { BREAKER_CLOUD_EVENT_SCHEMA } from "../../../src/flow/operators/schema.ts";
import { faultsOf } from "../validate.ts";

const RECORD: BreakerRecord = {
  kind: "opened",
  endpoint: "api.example",
  from: "closed",
  to: "open",
  cause: "consecutive_failures",
  mode: "enabled",
  at_ms: 1_000.5,
  generation: 2,
  calls: 5,
  failures: 5,
  slow: 0,
  success_rate: 0,
  level: 1,
  share: 0,
  delay_ms: 1_000,
  retry_at_ms: 2_000.5,
  last_error: { name: "Error", message: "503 Service Unavailable", code: 503 },
};
const SOURCE = "https://example.com/shippers/7?zone=b%20c";

describe("a breaker event as a CloudEvent", () => {
  it("has the attributes that version 1.0 asks for, and the event as its data", () => {
    expect(cloudEventOf(RECORD, { source: SOURCE })).toEqual({
      specversion: "1.0",
      id: "api.example/2/1000.5",
      source: SOURCE,
      type: "bluesmoke.circuit_breaker.opened",
      subject: "api.example",
      time: "1970-01-01T00:00:01.000Z",
      datacontenttype: "application/json",
      data: RECORD,
    });
  });

  it("writes out what an attribute must not hold: controls, halves of a pair, noncharacters", () => {
    const endpoint = "a\nb\u{85}\ud800\uffff é 🚬";
    const event = cloudEventOf({ ...RECORD, endpoint }, { source: SOURCE });
    expect(event.subject).toBe("a\\u{a}b\\u{85}\\u{d800}\\u{ffff} é 🚬");
    expect(event.data.endpoint).toBe(endpoint);
    expect(faultsOf(BREAKER_CLOUD_EVENT_SCHEMA, event)).toEqual([]);
  });

  it.each(["", "two words", "100%", "ü", 7])(
    "refuses %j as a source, which is no URI reference",
    (source) => {
      expect(() => cloudEventOf(RECORD, { source: source as string })).toThrow(
        "source must be a URI reference",
      );
    },
  );

  it("does not fit its schema with another version, a type of somebody else or a broken event in it", () => {
    const right = cloudEventOf(RECORD, { source: SOURCE });
    const faults = (change: object): string[] =>
      faultsOf(BREAKER_CLOUD_EVENT_SCHEMA, { ...right, ...change });
    expect(faults({ specversion: "0.3" })).toHaveLength(1);
    expect(faults({ type: "com.example.opened" })).toHaveLength(1);
    expect(faults({ time: "today" })).toHaveLength(1);
    expect(faults({ data: { ...RECORD, level: -1 } })).toEqual(["$/data/level must be >= 0"]);
  });
});
