import { afterEach, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, explain, tallyErrors } from "../../src/entry/main.ts";
import { manualClock } from "../../src/features/testing.ts";

const START_MS = Date.UTC(2026, 10, 30, 14, 2, 0);
const RESET = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
const REFUSED = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
const PLAIN = new Error("out of order");

const undo: (() => void)[] = [];
afterEach(() => {
  for (const stop of undo.splice(0)) stop();
});

function setUp() {
  const breakers = new CircuitBreakerRegistry({
    clock: manualClock(START_MS),
    defaults: { detector: { minimumCalls: 4 } },
  });
  undo.push(tallyErrors(breakers));
  const fail = async (name: string, ...errors: readonly unknown[]) => {
    for (const error of errors)
      await breakers
        .get(name)
        .execute(() => Promise.reject(error))
        .catch(() => {});
  };
  return { breakers, fail };
}

describe("the errors of an opening", () => {
  it("are told where one is that of more than half of the failures", async () => {
    const { breakers, fail } = setUp();
    await fail("payments", RESET, REFUSED, RESET, RESET);
    expect(explain(breakers.get("payments"))).toMatch(
      /^open since 14:02:00: 4 of 4 calls in 10 s failed \(0 % < 80 %\), most of them ECONNRESET; next probe in /,
    );
  });

  it("are told as all where they are the same, by name and message without a code", async () => {
    const { breakers, fail } = setUp();
    await fail("payments", PLAIN, PLAIN, PLAIN, PLAIN);
    expect(explain(breakers.get("payments"))).toContain("failed (0 % < 80 %), all of them out of order; ");
  });

  it("give way to the last error where none is that of more than half", async () => {
    const { breakers, fail } = setUp();
    await fail("payments", RESET, REFUSED, RESET, REFUSED);
    expect(explain(breakers.get("payments"))).toContain("last error: ECONNREFUSED: connect; ");
  });

  it("are those of each endpoint, and of its latest opening", async () => {
    const { breakers, fail } = setUp();
    await fail("stock", REFUSED, REFUSED, REFUSED, REFUSED);
    await fail("payments", RESET, RESET, RESET, RESET);
    breakers.get("payments").reset();
    await fail("payments", PLAIN, PLAIN, REFUSED, PLAIN);
    expect(explain(breakers.get("stock"))).toContain("all of them ECONNREFUSED");
    expect(explain(breakers.get("payments"))).toContain("most of them out of order");
  });

  it("are not told of an opening by `trip`, nor after the undo", async () => {
    const { breakers, fail } = setUp();
    await fail("payments", RESET, RESET);
    breakers.get("payments").trip();
    expect(explain(breakers.get("payments"))).not.toContain("of them");
    for (const stop of undo.splice(0)) stop();
    await fail("stock", RESET, RESET, RESET, RESET);
    expect(explain(breakers.get("stock"))).toContain("last error: ECONNRESET: read ECONNRESET; ");
  });
});
