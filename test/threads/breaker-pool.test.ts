import { describe, expect, it } from "vitest";
import { createSharedRegistry } from "../../src/entry/threads.ts";
import { configure } from "../../src/features/index.ts";

describe("a block of a shared registry that was used before", () => {
  it("gives a breaker that moves there a generation ahead of both: old tickets are late", () => {
    const defaults = { detector: { kind: "consecutive_failures", failures: 2 } } as const;
    const registry = createSharedRegistry({ threads: 2, clock: () => 0, defaults });
    registry.get("x", { halfOpen: { probes: 40 } });
    registry.delete("x");
    const breaker = registry.get("y");
    breaker.reset();
    breaker.reset();
    const ticket = breaker.tryAcquire(); // of generation 3
    for (let resets = 0; resets < 7; resets++) breaker.reset();
    configure(breaker, { halfOpen: { probes: 40 } });
    breaker.onFailure(ticket, undefined, undefined, 2);
    expect(breaker.snapshot()).toMatchObject({ state: "closed", generation: 11, late: 2 });
  });
});
