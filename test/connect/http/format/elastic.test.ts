import { describe, expect, it } from "vitest";
import { HttpSink } from "../../../../src/connect/http/http-sink.ts";
import { type Answering, Endpoint } from "../../support/endpoint.ts";
import { eventOf } from "../../support/recorder.ts";
import { push, ship } from "../../support/shipping.ts";

/** Answers as `_bulk` does: a status for each event, in their order. */
function bulk(statuses: readonly number[], action = "create"): Answering {
  const items = statuses.map((status) => ({
    [action]:
      status < 300
        ? { _index: "logs", status }
        : { status, error: { type: "some_exception", reason: `because of ${status}` } },
  }));
  const errors = statuses.some((status) => status >= 300);
  return (response) => response.end(JSON.stringify({ took: 3, errors, items }));
}

const elastic = { format: "elastic", requestsInFlight: 1 } as const;

describe("the format elastic", () => {
  it("writes an action before each event, and ends with a line feed", async () => {
    const endpoint = await Endpoint.open(bulk([201, 201]));
    const { sink, recorder } = await ship(endpoint.url, elastic);
    for (const data of [{ a: "\n" }, { b: 2 }]) sink.onEvent(eventOf(data));
    await sink.drain();
    expect(endpoint.received[0]?.body).toBe('{"create":{}}\n{"a":"\\n"}\n{"create":{}}\n{"b":2}\n');
    expect(endpoint.received[0]?.headers["content-type"]).toBe("application/x-ndjson");
    expect(recorder.acked).toHaveLength(2);
  });

  it("names the index and the id of each event", async () => {
    const endpoint = await Endpoint.open(bulk([201, 200, 201], "index"));
    const options = { index: "logs", id: "user.id", action: "index" } as const;
    const { sink } = await ship(endpoint.url, { ...elastic, elastic: options });
    for (const data of [{ user: { id: 'a"b' } }, { user: { id: 7 } }, { "user.id": "flat" }])
      sink.onEvent(eventOf(data));
    await sink.drain();
    const lines = endpoint.received[0]?.body.trimEnd().split("\n") ?? [];
    expect(lines.filter((_, at) => at % 2 === 0).map((line) => JSON.parse(line))).toEqual(
      ['a"b', "7", "flat"].map((_id) => ({ index: { _index: "logs", _id } })),
    );
  });

  it("answers each event by its own status: 429 and 5xx fail, other 4xx reject", async () => {
    const endpoint = await Endpoint.open(bulk([201, 429, 400, 503, 200, 404]));
    const { sink, recorder } = await ship(endpoint.url, elastic);
    push(sink, 6);
    await sink.drain();
    expect(recorder.acked).toEqual([0, 4]);
    const failure = (data: number, status: number) => ({
      data,
      meta: { status, error: `HTTP ${status}: some_exception: because of ${status}` },
    });
    expect(recorder.failed).toEqual([failure(1, 429), failure(3, 503)]);
    expect(recorder.rejected).toEqual([failure(2, 400), failure(5, 404)]);
  });

  it("takes a conflict of create for a delivery of an earlier try, and one of index for a fault of the event", async () => {
    const endpoint = await Endpoint.open(bulk([409]));
    const { sink, recorder } = await ship(endpoint.url, elastic);
    push(sink, 1);
    await sink.drain();
    expect(recorder.acked).toEqual([0]);
    endpoint.answering = bulk([409], "index");
    push(sink, 1);
    await sink.drain();
    expect(recorder.rejected).toHaveLength(1);
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "<html>"],
    ["too few items", '{"errors":true,"items":[{"create":{"status":201}}]}'],
    ["an item without a status", '{"errors":true,"items":[{"create":{}},{"create":{"status":201}}]}'],
    ["items that are none", '{"errors":true,"items":[null,3]}'],
  ])("fails every event where the answer says %s", async (_, body) => {
    const endpoint = await Endpoint.open((response) => response.end(body));
    const { sink, recorder } = await ship(endpoint.url, elastic);
    push(sink, 2);
    await sink.drain();
    expect(recorder.acked).toEqual([]);
    expect(recorder.failed.map(({ meta }) => meta.status)).toEqual([200, 200]);
    expect(recorder.failed[0]?.meta.error).toMatch(/^the answer (is none )?of _bulk|^the answer is none/);
  });

  it("reads an answer of many kilobytes", async () => {
    const endpoint = await Endpoint.open(
      bulk(Array.from({ length: 1_000 }, (_, n) => (n === 999 ? 400 : 201))),
    );
    const { sink, recorder } = await ship(endpoint.url, { ...elastic, batchSize: 1_000 });
    push(sink, 1_000);
    await sink.drain();
    expect(recorder.acked).toHaveLength(999);
    expect(recorder.rejected.map(({ data }) => data)).toEqual([999]);
  });

  it("says why the whole request was refused", async () => {
    const body = { error: { type: "security_exception", reason: "missing authentication" }, status: 401 };
    const endpoint = await Endpoint.open((response) => response.writeHead(401).end(JSON.stringify(body)));
    const { sink, recorder } = await ship(endpoint.url, elastic);
    push(sink, 1);
    await sink.drain();
    expect(recorder.failed[0]?.meta.error).toBe("HTTP 401: security_exception: missing authentication");
  });

  it.each([[{}], [{ id: null }], [{ id: 2 ** 53 }], [{ id: {} }], ["text"], [{ id: "" }]])(
    "rejects an event without a usable id, alone: %j",
    async (data) => {
      const endpoint = await Endpoint.open(bulk([201]));
      const { sink, recorder } = await ship(endpoint.url, { ...elastic, elastic: { id: "id" } });
      sink.onEvent(eventOf(data));
      sink.onEvent(eventOf({ id: 1 }));
      await sink.drain();
      expect(recorder.rejected[0]?.meta.error).toMatch(
        /^the field id must be a string, or a number below 2\^53/,
      );
      expect(recorder.acked).toEqual([{ id: 1 }]);
    },
  );

  it.each([
    [{ format: "xml" }, 'format must be one of "ndjson", "json", "elastic", "influx", got "xml"'],
    [{ format: "elastic", elastic: { ids: "a" } }, 'unknown option "elastic.ids"'],
    [
      { format: "elastic", elastic: { index: "" } },
      "elastic.index must be a string of one character at least",
    ],
    [{ format: "elastic", elastic: { action: "update" } }, 'elastic.action must be one of "create", "index"'],
    [{ elastic: {} }, 'elastic is an option of the format "elastic", and the format is "ndjson"'],
    [{ format: "elastic", influx: {} }, 'influx is an option of the format "influx"'],
  ])("refuses the options %j", (options, message) => {
    expect(() => new HttpSink("http://127.0.0.1/", options as object)).toThrow(message);
  });
});
