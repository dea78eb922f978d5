import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { EventLog } from "../../src/dashboard/event-log.ts";

/** A log of a registry whose clock begins at 0. */
function logOf(): { registry: CircuitBreakerRegistry; log: EventLog; at(ms: number): void } {
  let now = 1;
  const registry = new CircuitBreakerRegistry({ clock: () => now });
  const log = new EventLog(registry, (atMs) => atMs + 1_000_000);
  const at = (ms: number) => {
    now = ms;
  };
  return { registry, log, at };
}

describe("the log of events", () => {
  it("hears nothing unless it is started, and nothing twice", () => {
    const { registry, log } = logOf();
    registry.get("a").trip();
    expect(log.since(0)).toEqual([]);
    log.start();
    log.start();
    registry.get("b").trip();
    log.stop();
    registry.get("c").trip();
    expect(log.since(0).map(({ endpoint, atMs }) => [endpoint, atMs])).toEqual([["b", 1_000_001]]);
  });

  it("gives entries from a number on", () => {
    const { registry, log } = logOf();
    log.start();
    for (const name of ["a", "b", "c"]) registry.get(name).trip();
    expect(log.next).toBe(4);
    expect(log.since(3).map(({ endpoint }) => endpoint)).toEqual(["c"]);
    expect(log.since(4)).toEqual([]);
  });

  it("forgets what is older than ten minutes", () => {
    const { registry, log, at } = logOf();
    log.start();
    registry.get("a").trip();
    at(400_000);
    registry.get("b").trip();
    log.expire(1_000_000 + 650_000);
    expect(log.since(0).map(({ endpoint }) => endpoint)).toEqual(["b"]);
    log.expire(1_000_000 + 2_000_000);
    expect(log.since(0)).toEqual([]);
    expect(log.next).toBe(3);
  });

  it("keeps 2,000 to 4,000 entries, the latest ones, however many come", () => {
    const { registry, log } = logOf();
    log.start();
    const breaker = registry.get("flapping");
    for (let n = 0; n < 5_000; n++) n % 2 === 0 ? breaker.trip() : breaker.reset();
    const entries = log.since(0);
    expect(entries.length).toBeGreaterThanOrEqual(2_000);
    expect(entries.length).toBeLessThan(4_000);
    expect(entries.at(-1)?.number).toBe(log.next - 1);
    expect(log.since(log.next - 2).map(({ number }) => number)).toEqual([log.next - 2, log.next - 1]);
  });
});
