import { describe, expect, it } from "vitest";
import { type InfluxOptions, influxFormat } from "../../../../src/connect/http/format/influx.ts";
import { HttpSink } from "../../../../src/connect/http/http-sink.ts";

/** The line of an event, without its line feed. */
function lineOf(data: unknown, options: InfluxOptions = {}): string {
  const body = influxFormat(options).begin(1_000_000);
  body.add({ data, text: undefined, raw: undefined });
  return Buffer.concat(body.take()).toString().slice(0, -1);
}

it.each(["ms", "u"])(
  "the format influx refuses the URL of a write in another unit than ns: %s",
  (precision) => {
    const make = () =>
      new HttpSink(`http://127.0.0.1/write?db=a&precision=${precision}`, { format: "influx" });
    expect(make).toThrow("has a precision: times are written in ns");
  },
);

describe("a line of InfluxDB", () => {
  it("has measurement, tags in order, fields and time", () => {
    const options = { measurement: "cpu", tags: ["region", "host"], fields: ["load", "cores"], time: "at" };
    expect(
      lineOf({ host: "a", region: "eu", load: 0.5, cores: 4, at: 1_700_000_000_001, more: 1 }, options),
    ).toBe("cpu,host=a,region=eu load=0.5,cores=4i 1700000000001000000");
  });

  it("has by default every value that is neither tag nor time, of objects in objects too", () => {
    const options: InfluxOptions = { tags: ["host"], time: "at", precision: "s", measurementField: "kind" };
    const data = {
      kind: "disk",
      host: "a",
      at: 1,
      used: { gb: 3, of: { "all parts": 1.5 } },
      ok: true,
      none: null,
    };
    expect(lineOf(data, options)).toBe("disk,host=a used.gb=3i,used.of.all\\ parts=1.5,ok=true 1000000000");
  });

  it.each([
    ["a,b =c", 'my\\,\\ m,a\\,b\\ \\=c=a\\,b\\ \\=c t="a,b =c"'],
    [
      'quote " and \\ inside',
      'my\\,\\ m,a\\,b\\ \\=c=quote\\ "\\ and\\ \\\\ inside t="quote \\" and \\\\ inside"',
    ],
  ])("escapes %j", (text, line) => {
    const data = { "a,b =c": text, t: text };
    expect(lineOf(data, { measurement: "my, m", tags: ["a,b =c"], fields: ["t"] })).toBe(line);
  });

  it("writes integers with i, floats without, and floats where a field has them", () => {
    expect(lineOf({ a: 3, b: 3.5, c: -0, d: 1e21, e: 1e-7 }, { floats: ["d"] })).toBe(
      "events a=3i,b=3.5,c=0i,d=1e+21,e=1e-7",
    );
    expect(lineOf({ a: 3 }, { floats: ["a"] })).toBe("events a=3");
  });

  it.each([
    ["ns", "1700000000123456789", "1700000000123456789"],
    ["us", 1_700_000_000_123_456, "1700000000123456000"],
    ["ms", 1.5, "1500000"],
    ["s", -1, "-1000000000"],
    ["ms", "2023-11-14T22:13:20.123456789Z", "1700000000123456789"],
    ["ms", "2023-11-14t23:13:20+01:00", "1700000000000000000"],
  ] as const)("has the time in ns: %s %j", (precision, at, ns) => {
    expect(lineOf({ v: 1, at }, { time: "at", precision })).toBe(`events v=1i ${ns}`);
  });

  it.each([
    [{ v: 1, at: 2 ** 60 }, "the field at must be a date, or a number of ns below 2^53 or in a string"],
    [{ v: 1 }, "the field at must be a date"],
    [{ v: 1, at: "yesterday" }, "the field at must be a date"],
    [{ v: 1, at: "2023-02-31T99:00:00Z" }, "the field at must be a date"],
    [{ at: 1 }, "an event must have a field"],
    [{ v: [1], at: 1 }, "the field v has no form in a line"],
    [{ v: 2 ** 53, at: 1 }, "the field v is a whole number beyond 2^53"],
    [{ v: Number.POSITIVE_INFINITY, at: 1 }, "the field v has no form in a line"],
    [{ v: 1, at: 1, host: "a\nb" }, '"a\\nb" has a line break'],
    [{ v: 1, at: 1, host: "a\\" }, '"a\\\\" ends with a backslash'],
    [{ v: 1, at: 1, host: {} }, "the field host has no form as a tag"],
    [{ "": 1, at: 1 }, "a name is empty"],
    ["text", "an event must be an object"],
    [[1], "an event must be an object"],
    [null, "an event must be an object"],
  ])("cannot be made of %j", (data, message) => {
    expect(() => lineOf(data, { time: "at", precision: "ns", tags: ["host"] })).toThrow(message);
  });

  it.each([
    [{ precision: "m" }, 'influx.precision must be one of "s", "ms", "us", "ns"'],
    [{ tags: "host" }, "influx.tags must be an array of strings"],
    [{ fields: [1] }, "influx.fields[0] must be a string of one character at least"],
    [{ tag: ["host"] }, 'unknown option "influx.tag"'],
  ])("is not made with the options %j", (options, message) => {
    expect(() => influxFormat(options)).toThrow(message);
  });
});
