import { describe, expect, it } from "vitest";
import { MalformedSink } from "../../../src/cli/run/malformed.ts";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { Item } from "../../../src/ndjson/item.ts";
import { LineReader } from "../../../src/ndjson/line-reader.ts";
import { compile } from "../../../src/trickle/compile.ts";

describe("malformed events without a sink", () => {
  it("are told with their reason, also one that is nested deeper than it can be written", async () => {
    const said: string[] = [];
    const graph = compile("select event.n from in into out;").deploy({
      registry: new CircuitBreakerRegistry(),
    });
    graph.attach("err", new MalformedSink((line) => said.push(line)));
    await graph.start(0);
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
    for (const data of [{ m: 1 }, { m: deep }]) graph.push(0, { data }, 0);
    expect(said[0]).toBe('malformed: pipeline.trickle:1:14: `event.n` is absent: {"m":1}');
    expect(said[1]).toMatch(/^malformed: pipeline\.trickle:1:14: `event\.n` is absent: \(RangeError: /);
    expect(graph.accounting).toMatchObject({ read: 2, err: 2, inFlight: 0 });
  });

  it("are told by their text where they are no JSON, which a reader that does not validate lets pass", async () => {
    const said: string[] = [];
    const graph = compile("select event.n from in into out;").deploy({
      registry: new CircuitBreakerRegistry(),
    });
    graph.attach("err", new MalformedSink((line) => said.push(line)));
    await graph.start(0);
    const items: Item[] = [];
    new LineReader({ validate: false }).feed(Buffer.from('{"n":\n\xff\n', "latin1"), items);
    for (const item of items) graph.push(0, item, 0);
    expect(said[0]).toMatch(/^malformed: .*JSON.*: \{"n":$/);
    expect(said[1]).toBe("malformed: not valid UTF-8: (SyntaxError: not valid UTF-8)");
    expect(graph.accounting).toMatchObject({ read: 2, err: 2, inFlight: 0 });
  });
});
