import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, limitBreakers } from "../../src/entry/main.ts";
import { Keys } from "../../src/http/keys.ts";
import { reportsOf } from "../breaker/fixture.ts";

/** Keys over a registry whose time a test sets. */
function keysOf(maximum: number) {
  const time = { ms: 1_000 };
  const breakers = new CircuitBreakerRegistry({ clock: () => time.ms });
  return { time, breakers, keys: new Keys(breakers, maximum) };
}

/** Uses the breaker of a key, so that it is not idle for a while. */
function use({ breaker }: { breaker: { tryAcquire(): number; onSuccess(ticket: number): void } }) {
  breaker.onSuccess(breaker.tryAcquire());
}

describe("the keys of a guard", () => {
  it("make a breaker for each, once", () => {
    const { keys, breakers } = keysOf(10);
    const entry = keys.find("a");
    expect(entry?.breaker).toBe(breakers.get("a"));
    expect(keys.find("a")).toBe(entry);
    expect(breakers.size).toBe(1);
  });

  it("evict an idle breaker where there are as many as there may be", () => {
    const { keys, breakers, time } = keysOf(2);
    use(keys.find("a")!);
    keys.find("b");
    expect(keys.find("c")).toBeDefined();
    expect([...breakers].map(({ name }) => name)).toEqual(["a", "c"]);
    time.ms += 20_000; // the window of a is empty
    expect(keys.find("d")).toBeDefined();
    expect(breakers.size).toBe(2);
  });

  it("evict no breaker while a request of it is out", () => {
    const { keys, breakers } = keysOf(2);
    keys.find("a")!.pending = 1;
    keys.find("b");
    keys.find("c");
    expect([...breakers].map(({ name }) => name)).toEqual(["a", "c"]);
  });

  it("evict no breaker that is open, or was switched", () => {
    const { keys, breakers } = keysOf(3);
    keys.find("a")!.breaker.trip();
    keys.find("b")!.breaker.disable();
    keys.find("c");
    for (const key of ["d", "e", "f"]) expect(keys.find(key)).toBeDefined();
    expect([...breakers].map(({ name }) => name)).toEqual(["a", "b", "f"]);
  });

  it("leave other breakers of the registry alone", () => {
    const { keys, breakers } = keysOf(2);
    for (let n = 0; n < 10; n++) breakers.get(`shard ${n}`);
    for (const key of ["a", "b", "c", "d"]) keys.find(key);
    expect(breakers.size).toBe(12);
  });

  it("have no breaker for a new key where none is idle, and warn once", async () => {
    const { keys } = keysOf(2);
    const { warnings } = await reportsOf(() => {
      for (const key of ["a", "b"]) use(keys.find(key)!);
      expect([keys.find("c"), keys.find("d")]).toEqual([undefined, undefined]);
    });
    expect(warnings.map(String)).toEqual([
      'Error: no breaker for "c": all 2 keys are in use; requests with new keys pass unguarded. ' +
        "Let key give fewer names (a template of the path), or raise maximumKeys",
    ]);
  });

  it("have none either where the registry itself has a limit", async () => {
    const { keys, breakers } = keysOf(100);
    limitBreakers(breakers, 1);
    use(keys.find("a")!);
    const { warnings } = await reportsOf(() => expect(keys.find("b")).toBeUndefined());
    expect(warnings).toHaveLength(1);
  });

  it("stay fast where very many are in use: so many are looked at, at most", () => {
    const { keys, breakers } = keysOf(1_000);
    for (let n = 0; n < 1_000; n++) use(keys.find(`k${n}`)!);
    const { now } = breakers;
    let looks = 0;
    breakers.now = () => {
      looks++;
      return now.call(breakers);
    };
    expect(keys.find("new")).toBeUndefined();
    expect(looks).toBeLessThanOrEqual(64);
  });
});
