import { Workbench } from "bluesmoke/flow/testing";
import { describe, expect, it } from "vitest";
import { Dedupe, dedupe } from "../../examples/dedupe.ts";

function makeDedupe(): Dedupe {
  return new Dedupe((data) => (data as { id: string }).id, 1_000);
}

describe("the operator of the example", () => {
  it("passes the first event of a key, and leaves out those that follow soon", async () => {
    const bench = await Workbench.of(makeDedupe());
    bench.push({ id: "a" }, { atMs: 0 });
    bench.push({ id: "b" }, { atMs: 500 });
    bench.push({ id: "a" }, { atMs: 900 });
    expect(bench.sink("out").data).toEqual([{ id: "a" }, { id: "b" }]);
    expect(await bench.end()).toMatchObject({ read: 3, delivered: 2, filtered: 1, inFlight: 0 });
  });

  it("forgets a key that was not seen for its window", async () => {
    const bench = await Workbench.of(makeDedupe());
    bench.push({ id: "a" }, { atMs: 0 });
    bench.push({ id: "b" }, { atMs: 600 });
    bench.signal("tick", 1_000);
    bench.push({ id: "a" }, { atMs: 1_000 });
    bench.push({ id: "b" }, { atMs: 1_000 });
    expect(bench.sink("out").data).toEqual([{ id: "a" }, { id: "b" }, { id: "a" }]);
  });

  it("sends what has no key to err", async () => {
    const bench = await Workbench.of(makeDedupe());
    bench.push(null);
    expect(bench.sink("err").events[0]?.meta).toMatchObject({ error: expect.stringContaining("TypeError") });
  });

  it("works in a graph that is built without trickle", async () => {
    const out: unknown[] = [];
    const { finished } = dedupe([{ id: 1 }, { id: 2 }, { id: 1 }], { out: (data) => void out.push(data) });
    expect(await finished).toMatchObject({ read: 3, delivered: 2, filtered: 1 });
    expect(out).toEqual([{ id: 1 }, { id: 2 }]);
  });
});
