import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { FAILURE, REFUSED, SUCCESS } from "../../../src/replay/calls/call-trace.ts";
import { readTrace } from "../../../src/replay/formats/read-trace.ts";
import { record } from "../../../src/replay/record/recorder.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const nginx = (second: number, status: number, path = "/a") =>
  `10.0.0.1 - - [12/Mar/2026:06:25:${String(second).padStart(2, "0")} +0000] "GET ${path} HTTP/1.1" ${status} 6 "-" "-" 0.5`;

describe("reading a trace", () => {
  it("finds the format by the lines, and puts calls in the order of their starts", () => {
    const trace = readTrace(bytesOf([nginx(3, 200), nginx(1, 502), nginx(2, 200)].join("\n")));
    expect(trace.count).toBe(3);
    expect([...trace.outcomes]).toEqual([FAILURE, SUCCESS, SUCCESS]);
    expect([...trace.startMs].map((ms) => ms % 60_000)).toEqual([500, 1_500, 2_500]);
    expect(trace.endpoints).toEqual(["all"]);
    expect(trace.warnings).toEqual([]);
  });

  it("spreads the calls of a second over it in the order of their lines, where times are whole seconds", () => {
    const trace = readTrace(
      bytesOf([nginx(1, 200), nginx(1, 502), nginx(1, 503), nginx(1, 200), nginx(2, 200)].join("\n")),
    );
    expect([...trace.startMs].map((ms) => ms % 60_000)).toEqual([500, 750, 1_000, 1_250, 1_500]);
    expect([...trace.outcomes]).toEqual([SUCCESS, FAILURE, FAILURE, SUCCESS, SUCCESS]);
  });

  it("makes an endpoint of the first part of each path where it is told to", () => {
    const trace = readTrace(bytesOf([nginx(1, 200, "/a/1?x=/b"), nginx(2, 200, "/b/2")].join("\r\n")), {
      by: "path",
    });
    expect(trace.endpoints).toEqual(["/a", "/b"]);
  });

  it("leaves out a line that is cut off, and lines of another kind, and says so", () => {
    const cut = readTrace(bytesOf(`${nginx(1, 200)}\n${nginx(2, 200)}\n${nginx(3, 200).slice(0, 40)}`));
    expect(cut.warnings).toEqual(["line 3, the last one, is cut off: left out; 2 calls were read before it"]);
    const mixed = readTrace(bytesOf(`${nginx(1, 200)}\nhello\n${nginx(2, 200)}\n`));
    expect(mixed.warnings).toEqual(["1 line is not of the format nginx, the first is line 2: left out"]);
  });

  it("says that lines are far out of order", () => {
    const early = nginx(1, 200).replace("06:25", "06:20");
    expect(readTrace(bytesOf(`${nginx(1, 200)}\n${early}\n`)).warnings).toEqual([
      "1 line is out of order by more than a minute, the first is line 2: sorted",
    ]);
  });

  it("reads a HAR by host", () => {
    const entry = (startedDateTime: string, url: string, status: number, time: number) => ({
      startedDateTime,
      time,
      request: { method: "GET", url },
      response: { status },
    });
    const har = {
      log: {
        version: "1.2",
        entries: [
          entry("2026-03-12T06:25:24.500Z", "https://b.example:8443/x", 0, 30_000.5),
          entry("2026-03-12T06:25:24.000Z", "https://a.example/y", 200, 12.25),
        ],
      },
    };
    const trace = readTrace(bytesOf(JSON.stringify(har)));
    expect(trace.endpoints).toEqual(["b.example:8443", "a.example"]);
    expect([...trace.outcomes]).toEqual([SUCCESS, FAILURE]);
    expect([...trace.durationMs]).toEqual([12.25, 30_000.5]);
    expect(() => readTrace(bytesOf('{"log":{"entries":[{"time":1}]}}'))).toThrow(
      "an entry without start, URL or status at log.entries[0]; 0 calls were read before it",
    );
  });

  it("reads counters and rates of Prometheus, over a reset", () => {
    const answer = {
      status: "success",
      data: {
        resultType: "matrix",
        result: [
          {
            metric: { __name__: "http_requests_total", service: "api", code: "200" },
            values: [
              [1_000, "10"],
              [1_010, "30"],
              [1_020, "5"],
            ],
          },
          {
            metric: { service: "api", outcome: "error" },
            values: [
              [1_000, "0"],
              [1_010, "0.25"],
              [1_020, "0.25"],
            ],
          },
          {
            metric: { service: "api", outcome: "refused" },
            values: [
              [1_000, "NaN"],
              [1_010, "100000"],
            ],
          },
        ],
      },
    };
    const trace = readTrace(bytesOf(JSON.stringify(answer)));
    const sum = (outcome: number) =>
      trace.weights.reduce((all, weight, at) => all + (trace.outcomes[at] === outcome ? weight : 0), 0);
    expect([sum(SUCCESS), sum(FAILURE), sum(REFUSED)]).toEqual([25, 5, 1_000_000]);
    expect(trace.startMs[0]).toBeGreaterThanOrEqual(1_000_000);
    expect(trace.startMs.at(-1)).toBeLessThanOrEqual(1_020_000);
  });

  it("reads the calls of a recording, refusals too, from their ends and durations", () => {
    const registry = new CircuitBreakerRegistry({
      defaults: { detector: { kind: "consecutive_failures", failures: 1 } },
    });
    const recorder = record(registry);
    const breaker = registry.get("a");
    breaker.onSuccess(breaker.tryAcquire(1_000), 1_250, 250);
    breaker.onFailure(breaker.tryAcquire(1_260), 1_270);
    breaker.tryAcquire(1_280);
    const trace = readTrace(recorder.bytes());
    expect([...trace.startMs]).toEqual([1_000, 1_270, 1_280]);
    expect([...trace.durationMs]).toEqual([250, Number.NaN, Number.NaN]);
    expect([...trace.outcomes]).toEqual([SUCCESS, FAILURE, REFUSED]);
  });

  it.each([
    ["empty", "", undefined, "the trace is empty at byte 0; 0 calls were read before it"],
    [
      "foreign",
      "a,b\n1,2\n",
      undefined,
      /^the trace has none of the formats recording, ndjson.* at line 1; 0 calls/,
    ],
    [
      "foreign",
      "{}",
      "har",
      "the trace is JSON, but not of the format har, at byte 0; 0 calls were read before it",
    ],
    ["damaged", "{", "prometheus", /^the trace is no JSON/],
    [
      "truncated",
      '{"log":{"entries":[{"startedDateTime":"2024-01-01T00:00:00Z","request":{"url":"http://ä/',
      undefined,
      "the trace is a HAR that is cut off at byte 89; 0 calls were read before it",
    ],
    [
      "truncated",
      '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}',
      undefined,
      "the trace is an answer of Prometheus that is cut off at byte 72; 0 calls were read before it",
    ],
    [
      "damaged",
      '{"log":{"entries":[{"startedDateTime": oh }]}}',
      undefined,
      /^the trace is a HAR that is no JSON at byte \d+; 0 calls/,
    ],
    [
      "foreign",
      '{"status":"error","error":"bad query"}',
      undefined,
      'the trace is an error of Prometheus ("bad query") at byte 0; 0 calls were read before it',
    ],
    [
      "foreign",
      '{"status":"success","data":{"resultType":"vector","result":[]}}',
      undefined,
      "the trace is a vector of Prometheus; the answer of query_range is a matrix: at data.resultType; 0 calls",
    ],
    [
      "empty",
      "\n\n \n",
      undefined,
      "the trace is empty but for blanks at byte 4; 0 calls were read before it",
    ],
    ["foreign", "\x1f\x0b", undefined, /^the trace has none of the formats/],
    [
      "foreign",
      '\n{"a":1}\n{"a":2}',
      undefined,
      "the lines are JSON, but without a time and an outcome of a known name: say which are theirs by `fields`, at line 2; 0 calls",
    ],
    [
      "foreign",
      "x\ny\n",
      "envoy",
      "2 of 2 lines are not of the format envoy, the first at line 1; 0 calls were read before it",
    ],
  ] as const)("says what is wrong with a trace: %s %s", (fault, text, format, message) => {
    expect(() => readTrace(bytesOf(text), { format })).toThrow(
      expect.objectContaining({ code: "ERR_TRACE", fault }),
    );
    expect(() => readTrace(bytesOf(text), { format })).toThrow(message);
  });

  it.each([
    ["gzip", [0x1f, 0x8b, 8, 0]],
    ["zstd", [0x28, 0xb5, 0x2f, 0xfd, 4]],
  ] as const)("says that a trace is compressed: %s", (name, bytes) => {
    expect(() => readTrace(Uint8Array.from(bytes))).toThrow(
      `the trace is compressed (${name}): unpack it first, at byte 0; 0 calls were read before it`,
    );
  });
});
