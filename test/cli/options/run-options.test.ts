import { describe, expect, it } from "vitest";
import { merge, runOptionsOf } from "../../../src/cli/options/run-options.ts";
import { resolveHttpOptions } from "../../../src/connect/http/http-options.ts";

describe("the options of a run", () => {
  it("have empty parts where nothing was given, so that idle options are found", () => {
    const { http, tcp, listen, source, retries } = runOptionsOf({ in: ["a"] });
    expect({ http, tcp, listen, source }).toEqual({ http: {}, tcp: {}, listen: {}, source: {} });
    expect(retries).toBe(16);
  });

  it("have each value at its place", () => {
    const values = {
      in: ["a"],
      retries: 0,
      batchSize: 7,
      reconnects: 3,
      probe: false,
      maxBody: 9,
      maxLine: 5,
    };
    expect(runOptionsOf(values)).toMatchObject({
      retries: 0,
      http: { batchSize: 7 },
      tcp: { reconnect: { maximumRetries: 3 }, probe: false },
      listen: { maximumBodyBytes: 9 },
      source: { maximumLineBytes: 5 },
    });
  });
});

describe("the formats of bodies", () => {
  it("are options that the HTTP sink takes", () => {
    const { http } = runOptionsOf({
      format: "influx",
      influxMeasurement: "m",
      influxTag: ["host"],
      influxField: ["v"],
      influxTime: "t",
      influxPrecision: "ns",
    });
    expect(http).toEqual({
      format: "influx",
      influx: { measurement: "m", tags: ["host"], fields: ["v"], time: "t", precision: "ns" },
    });
    expect(resolveHttpOptions(http).format.contentType).toContain("text/plain");
    const elastic = runOptionsOf({
      format: "elastic",
      elasticIndex: "i",
      elasticId: "id",
      elasticAction: "index",
    });
    expect(() => resolveHttpOptions(elastic.http)).not.toThrow();
  });
});

describe("flags over a config file", () => {
  it("win, and lists are replaced", () => {
    expect(merge({ in: ["a", "b"], retries: 1, quiet: true }, { in: ["c"], retries: 2 })).toEqual({
      in: ["c"],
      retries: 2,
      quiet: true,
    });
  });

  it("win for single ports and headers", () => {
    const earlier = { port: { a: "1", b: "2" }, header: { x: "1" } };
    expect(merge(earlier, { port: { b: "3" } })).toEqual({ port: { a: "1", b: "3" }, header: { x: "1" } });
  });

  it("win where one says out and the other the port out", () => {
    expect(merge({ port: { out: "1", b: "2" } }, { out: "3" })).toEqual({ port: { b: "2" }, out: "3" });
    expect(merge({ overflow: "1" }, { port: { overflow: "2" } })).toEqual({ port: { overflow: "2" } });
    expect(merge({}, { out: "1", port: { out: "2" } })).toEqual({ out: "1", port: { out: "2" } });
  });
});
