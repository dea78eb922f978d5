import { expect, it } from "vitest";
import { CONSECUTIVE_OFFSET, STATE_OPEN } from "../../assembly/layout.ts";
import { createSharedBreaker } from "./threads-fixture.ts";

it("a streak of failures saturates, whatever it was before", () => {
  for (const streak of [0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const shared = createSharedBreaker(
      { detector: { kind: "consecutive_failures", failures: 1_000_000 } },
      1,
    );
    const cell = (shared.breaker + CONSECUTIVE_OFFSET) >>> 2;
    const ticket = shared.acquire(0, 5);
    shared.u32[cell] = streak;
    shared.u32[cell + 1] = shared.generation();
    shared.fail(0, ticket, 5);
    expect(shared.u32[cell]).toBe(0x8000_0000);
    expect(shared.state()).toBe(STATE_OPEN);
  }
});
