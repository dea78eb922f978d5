/** The data of an event are parsed where an expression reads them, and nowhere else. */
import { describe, expect, it } from "vitest";
import type { Meta } from "../../src/flow/protocol/event.ts";
import { run } from "./deploy.ts";

/** An item whose data count how often they are read. */
class CountedItem {
  reads = 0;
  readonly text: string;
  readonly meta: Meta | undefined;

  constructor(text: string, meta?: Meta) {
    this.text = text;
    this.meta = meta;
  }

  get data(): unknown {
    this.reads++;
    return JSON.parse(this.text);
  }
}

/** How often the data of one event are read, and what the sinks of a pipeline got. */
async function counted(pipeline: string, text: string, meta?: Meta) {
  const { graph, sinks } = await run(pipeline);
  const item = new CountedItem(text, meta);
  graph.push(0, item as { data: unknown; meta?: Meta; text: string }, 0);
  const { reads } = item;
  const written = (port: string) =>
    sinks[port]?.events.map((event) => event.text ?? JSON.stringify(event.data));
  return { reads, out: written("out"), err: written("err"), sinks, accounting: graph.accounting };
}

const BREAKER = `define operator cb from qos::circuit_breaker; create operator cb;
  select event from in into cb; select event from cb into out;`;

describe("the data of an event are not read", () => {
  it.each([
    ["a select that passes everything on", "select event from in into out;", '{"a":1}'],
    ["streams", "create stream s; select event from in into s; select event from s into out;", '{"a":1}'],
    ["a breaker", BREAKER, '{"a":1}'],
    ["a condition on the metadata", "select event from in where present $x into out;", '{"a":1}'],
    ["two of them", "select event from in where $x == 1 into out having absent $y;", '{"a":1}'],
    ["a constant condition", "with on = true end; select event from in where args.on into out;", '{"a":1}'],
    ["a projection of metadata", 'select {"x": $x, "c": 1} from in into out;', '{"x":1,"c":1}'],
    ["a projection that `having` reads", 'select {"x": $x} from in into out having event.x == 1;', '{"x":1}'],
    [
      "an expression that decides before it",
      "select event from in where true or event.a into out;",
      '{"a":1}',
    ],
  ])("by %s", async (_, pipeline, out) => {
    const { reads, out: written } = await counted(pipeline, '{"a":1}', { x: 1 });
    expect(written).toEqual([out]);
    expect(reads).toBe(0);
  });

  it("where a condition on the metadata leaves the event out", async () => {
    const { reads, accounting } = await counted(
      "select event.a from in where present $y into out;",
      '{"a":1}',
    );
    expect(accounting).toMatchObject({ filtered: 1 });
    expect(reads).toBe(0);
  });
});

describe("the data of an event are read", () => {
  it.each(["select event from in where event.a == 1 into out;", "select event.a from in into out;"])(
    "by %s",
    async (pipeline) => {
      expect((await counted(pipeline, '{"a":1}')).reads).toBeGreaterThan(0);
    },
  );
});

describe("text that is no JSON, which a reader that does not validate lets pass", () => {
  it.each([
    "select event from in where event.a == 1 into out;",
    "select event.a from in into out;",
    "select event from in into out having event.a;",
    'select {"id": event.id, "x": $x} from in where $x == 1 into out;',
  ])("makes the event malformed where it is read: %s", async (pipeline) => {
    const { out, err, sinks, accounting } = await counted(pipeline, '{"a":', { x: 1 });
    expect(out).toEqual([]);
    expect(err).toEqual(['{"a":']);
    expect(sinks.err?.events[0]?.meta).toMatchObject({ x: 1, error: expect.stringMatching(/JSON/) });
    expect(accounting).toMatchObject({ read: 1, err: 1, inFlight: 0 });
  });

  it("makes the event malformed where an endpoint is read", async () => {
    const pipeline = BREAKER.replace(
      "qos::circuit_breaker;",
      "qos::circuit_breaker with endpoint = event.a end;",
    );
    const { err, accounting } = await counted(pipeline, '{"a":');
    expect(err).toEqual(['{"a":']);
    expect(accounting).toMatchObject({ read: 1, err: 1, inFlight: 0 });
  });

  it("passes where nothing reads it", async () => {
    expect((await counted(BREAKER, '{"a":')).out).toEqual(['{"a":']);
  });
});
