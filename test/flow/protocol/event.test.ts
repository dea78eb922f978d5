import { describe, expect, it } from "vitest";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import { Select } from "../../../src/flow/operators/select.ts";
import { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { graphOf, HandSink, started } from "../graph-fixture.ts";

/** Parses its text when the data is asked for, and counts how often. */
class LazyItem {
  readonly text: string;
  reads = 0;

  constructor(text: string) {
    this.text = text;
  }

  get data(): unknown {
    this.reads++;
    return JSON.parse(this.text);
  }

  get raw() {
    const bytes = new TextEncoder().encode(this.text);
    return { bytes, start: 0, end: bytes.length };
  }
}

function lazy(text: string): { item: LazyItem; event: FlowEvent } {
  const item = new LazyItem(text);
  return { item, event: new FlowEvent(0, 1, 0, item) };
}

describe("the data of an event", () => {
  it("is not parsed by a graph in which nothing reads it", async () => {
    const graph = graphOf(
      { pass: new Passthrough(), select: new Select({}) },
      "in > pass",
      "pass > select",
      "select > out/out",
      "pass > out/copy",
    );
    const [out, copy] = [new HandSink("ack", "out"), new HandSink("ack", "copy")];
    await started(graph, { out, copy });
    const item = new LazyItem('{"a":1}');
    graph.push(0, item, 0);
    expect([out.events[0]?.text, copy.events[0]?.raw?.end]).toEqual(['{"a":1}', 7]);
    expect(item.reads).toBe(0);
  });

  it("is parsed by the first holder that reads it", () => {
    const { item, event } = lazy('{"a":1}');
    expect(event.copy().data).toEqual({ a: 1 });
    expect(item.reads).toBe(1);
  });

  it("takes the text away where something else replaces it", () => {
    const { event } = lazy('{"a":1.0}');
    event.data = { a: 1 };
    expect([event.text, event.raw, event.data]).toEqual([undefined, undefined, { a: 1 }]);
  });

  it("keeps the text where the value that was read is set again", () => {
    const item = { data: { a: 1 }, text: '{"a":1.0}' };
    const event = new FlowEvent(0, 1, 0, item);
    const { data } = event;
    event.data = data;
    expect(event.text).toBe('{"a":1.0}');
  });

  it("is not parsed to find out whether a new value is the one that was read", () => {
    const { item, event } = lazy("1");
    event.data = 2;
    expect([event.data, item.reads]).toEqual([2, 0]);
  });

  it("is what was read again once the changes are discarded", () => {
    const { event } = lazy('{"a":1}');
    event.data = "other";
    event.meta = { changed: true };
    event.discardChanges();
    expect([event.data, event.text, event.meta]).toEqual([{ a: 1 }, '{"a":1}', undefined]);
  });

  it("is what a sink put in its place", () => {
    const { item, event } = lazy('{"a":1}');
    event.replaceContent({ data: "written", text: '"written"' });
    expect([event.data, event.text, item.reads]).toEqual(["written", '"written"', 0]);
  });
});

describe("a select around data that does not parse", () => {
  it("sends the event to err with the text that was read", async () => {
    const graph = graphOf(
      { select: new Select({ project: ({ data }) => data }) },
      "in > select",
      "select > out/out",
      "select/err > out/err",
    );
    const err = new HandSink("ack", "err");
    await started(graph, { out: new HandSink(), err });
    graph.push(0, new LazyItem("{oops"), 0);
    expect(err.events.map(({ text, meta }) => [text, typeof meta?.error])).toEqual([["{oops", "string"]]);
  });
});
