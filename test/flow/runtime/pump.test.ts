import { describe, expect, it, onTestFinished, vi } from "vitest";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { graphOf, HandSink, ListSource } from "../graph-fixture.ts";

/** How often the event loop goes round while so many events are shipped, one a pull. */
async function turnsOf(count: number): Promise<number> {
  const graph = graphOf({}, "in > out/out");
  graph.attach("out", new HandSink());
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await runFlow({ graph, source: new ListSource(Array.from({ length: count }, (_, n) => [n])) });
  over = true;
  return turns;
}

describe("a source that always has something ready", () => {
  it("lets sockets and timers in between, also where the clock stands still while a program runs", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1);
    onTestFinished(() => now.mockRestore());
    expect(await turnsOf(40_000)).toBeGreaterThanOrEqual(9);
  });

  it("lets them in after a ms, however few events that were", async () => {
    let nowMs = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 2));
    onTestFinished(() => now.mockRestore());
    expect(await turnsOf(2_560)).toBeGreaterThanOrEqual(9);
  });
});
