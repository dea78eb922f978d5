import { afterEach, describe, expect, it, vi } from "vitest";
import { Core } from "../../src/core/core.ts";
import {
  CircuitBreakerRegistry,
  configure,
  evictIdle,
  exportState,
  importState,
  isRegistryFullError,
  limitBreakers,
  type Overrides,
  type RegistryFullError,
  setOverrides,
} from "../../src/entry/main.ts";
import { manualClock, openByFailures } from "../../src/features/testing.ts";
import { Generator } from "../random/generator.ts";

const detector = {
  kind: "success_rate_over_time_window",
  minimumCalls: 3,
  windowMs: 100,
  buckets: 4,
} as const;
const defaults = { detector, backoff: { kind: "constant", delayMs: 50 }, decayMs: 80 } as const;

function setUp(maximum: number, overrides?: Overrides) {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, defaults });
  limitBreakers(registry, maximum);
  if (overrides) setOverrides(registry, overrides);
  return { clock, registry };
}

type Registry = ReturnType<typeof setUp>["registry"];

/** Makes a breaker of that name that somebody would miss for 100 ms. */
function use(registry: Registry, name: string) {
  const breaker = registry.get(name);
  breaker.onSuccess(breaker.tryAcquire());
  return breaker;
}

function refusal(action: () => void): RegistryFullError {
  try {
    action();
  } catch (error) {
    if (isRegistryFullError(error)) return error;
    throw error;
  }
  throw new Error("was not refused");
}

const names = (registry: Registry) => [...registry].map(({ name }) => name).sort();

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a registry with a limit", () => {
  it("lets an idle breaker go for a new one, and nothing else", () => {
    const { registry } = setUp(3);
    use(registry, "busy");
    openByFailures(registry.get("open"));
    registry.get("idle");
    registry.get("new");
    expect(names(registry)).toEqual(["busy", "new", "open"]);
    expect(registry.size).toBe(3);
  });

  it("refuses another key with an error that names the limit, and changes nothing, when none is idle", () => {
    const { registry, clock } = setUp(2);
    for (const name of ["a", "b"]) use(registry, name);
    const error = refusal(() => registry.get("c"));
    expect(error).toMatchObject({
      name: "RegistryFullError",
      code: "ERR_REGISTRY_FULL",
      endpoint: "c",
      maximumBreakers: 2,
      message: 'no breaker for "c": there are maximumBreakers (2), and too few are idle',
    });
    expect([names(registry), registry.has("c"), registry.get("a").snapshot().calls]).toEqual([
      ["a", "b"],
      false,
      1,
    ]);
    clock.advance(200);
    registry.get("c");
    expect(registry.size).toBe(2);
  });

  it("does not grow without end under a stream of new keys: the fault of registries that only grow", () => {
    const { registry, clock } = setUp(1_000);
    let refused = 0;
    for (let n = 0; n < 20_000; n++) {
      if (n % 100 === 0) clock.advance(1);
      try {
        use(registry, `key ${n}`);
      } catch (error) {
        if (!isRegistryFullError(error)) throw error;
        refused++;
      }
      expect(registry.size).toBeLessThanOrEqual(1_000);
    }
    expect(refused).toBeGreaterThan(1_000); // a key is busy for 100 ms, and 10,000 keys come in that time
    expect(refused).toBeLessThan(19_000);
  });

  it.each([1, 2, 3, 4])("does what one without a limit does (seed %i)", (seed) => {
    const { registry: limited, clock } = setUp(12);
    const free = new CircuitBreakerRegistry({ clock, defaults });
    const generator = new Generator(seed);
    let [refused, went] = [0, 0];
    for (let step = 0; step < 10_000; step++) {
      clock.advance([0, 0, 1, 4, 30, 150][generator.number() % 6]!);
      const name = `endpoint ${Math.min(generator.number() % 40, generator.number() % 40)}`;
      const failed = generator.number() % 100 < 40;
      const before = limited.size;
      const isNew = !limited.has(name);
      let pair: { breaker: ReturnType<Registry["get"]> };
      try {
        pair = { breaker: limited.get(name) };
      } catch (error) {
        if (!isRegistryFullError(error)) throw error;
        refused++;
        continue;
      }
      if (isNew && limited.size === before) went++;
      const tickets = [pair.breaker, free.get(name)].map((breaker) => {
        const ticket = breaker.tryAcquire();
        if (ticket > 0) failed ? breaker.onFailure(ticket) : breaker.onSuccess(ticket);
        return ticket > 0;
      });
      expect(tickets[0]).toBe(tickets[1]);
      expect(lasting(pair.breaker)).toEqual(lasting(free.get(name)));
    }
    expect(refused).toBeGreaterThan(10);
    expect(went).toBeGreaterThan(100);
  });

  it("keeps who is listened to, switched by hand, or configured otherwise", () => {
    const { registry } = setUp(4);
    registry.get("heard").on("opened", () => {});
    registry.get("forced").forceOpen();
    registry.get("special", { decayMs: 3 });
    configure(registry.get("configured"), { decayMs: 4 });
    refusal(() => registry.get("new"));
    configure(registry.get("configured"), { decayMs: 80 });
    registry.get("new");
    expect(names(registry)).toEqual(["forced", "heard", "new", "special"]);
  });

  it("lets one go that was made with overrides by its name: it comes back with them", () => {
    for (const overrides of [
      { b: { decayMs: 7 } },
      (name: string) => (name === "b" ? { decayMs: 7 } : undefined),
    ]) {
      const { registry } = setUp(1, overrides);
      for (const name of ["a", "b", "a", "b"]) {
        expect(registry.get(name).options.decayMs).toBe(name === "b" ? 7 : 80);
        expect(names(registry)).toEqual([name]);
      }
    }
  });

  it("lets an object go on whose breaker had to go, also where there is no room for it", () => {
    const { registry } = setUp(2);
    const held = registry.get("held");
    use(registry, "a");
    use(registry, "b");
    expect(registry.has("held")).toBe(false);
    expect(held.tryAcquire()).toBeGreaterThan(0);
    expect(registry.size).toBe(3);
    refusal(() => registry.get("c"));
  });

  it("makes room for an import, or refuses it and makes none of it", () => {
    const source = new CircuitBreakerRegistry({ defaults, clock: () => 1_000 });
    for (const name of ["x", "y"]) use(source, name);
    const data = exportState(source);
    const { registry, clock } = setUp(3);
    for (const name of ["a", "b"]) use(registry, name);
    refusal(() => importState(registry, data));
    expect(names(registry)).toEqual(["a", "b"]);
    clock.advance(200);
    use(registry, "a");
    registry.get("x"); // idle, but it is in the import
    importState(registry, data);
    expect(names(registry)).toEqual(["a", "x", "y"]);
    const large = new CircuitBreakerRegistry({ clock });
    limitBreakers(large, 1);
    expect(refusal(() => importState(large, data)).endpoint).toBe("x");
  });

  it("looks at no more than 256 names per ms and 64 a call when everything is busy, and goes on where it stopped", () => {
    const { registry, clock } = setUp(3_000);
    for (let n = 0; n < 3_000; n++) use(registry, `busy ${n}`);
    const looks = vi.spyOn(Core.prototype, "measure");
    for (let n = 0; n < 500; n++) refusal(() => registry.get(`new ${n}`));
    const atOnce = looks.mock.calls.length;
    expect(atOnce).toBeGreaterThanOrEqual(3_000); // one round, and not five hundred
    expect(atOnce).toBeLessThanOrEqual(3_000 + 500 * 64);
    for (let ms = 0; ms < 80; ms++) {
      clock.advance(1);
      refusal(() => registry.get("new"));
    }
    const later = looks.mock.calls.length - atOnce;
    expect(later).toBeGreaterThanOrEqual(3_000 * 5);
    expect(later).toBeLessThanOrEqual(80 * (256 + 64));
    clock.advance(100);
    looks.mockClear();
    for (let n = 0; n < 2_000; n++) use(registry, `new ${n}`);
    expect(looks.mock.calls.length).toBeLessThanOrEqual(3 * 3_000); // and not two thousand rounds
  });

  it("refuses a limit that is none", () => {
    for (const maximumBreakers of [0, -1, 1.5, 16_000_001, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => setUp(maximumBreakers)).toThrow(/^maximum must be a whole number from 1 to 16000000/);
    }
    expect(() => setUp("9" as never)).toThrow(TypeError);
  });
});

describe("evictIdle", () => {
  it("frees idle breakers, whose objects go on as before", () => {
    const { registry, clock } = setUp(100);
    const [idle, busy] = [registry.get("idle"), use(registry, "busy")];
    registry.get("open").trip();
    registry.get("special", { decayMs: 3 });
    expect([evictIdle(registry), names(registry)]).toEqual([1, ["busy", "open", "special"]]);
    expect([idle.state, idle.retryAfterMs(), idle.snapshot().calls, registry.has("idle")]).toEqual([
      "closed",
      0,
      0,
      false,
    ]);
    idle.onFailure(idle.tryAcquire());
    expect([idle.snapshot().failures, registry.get("idle").snapshot().failures]).toEqual([1, 1]);
    void clock.advance(200);
    expect(evictIdle(registry, undefined, { overridden: true })).toBe(3);
    expect([names(registry), busy.options]).toEqual([["open"], registry.get("new").options]);
  });

  it("refuses options that it does not know, and what is no time", () => {
    const { registry } = setUp(1);
    expect(() => evictIdle(registry, undefined, { overriden: true } as never)).toThrow(
      /^unknown option "overriden"/,
    );
    expect(() => evictIdle(registry, -1)).toThrow(RangeError);
  });
});

/** What of a snapshot outlives an eviction. */
function lasting(breaker: ReturnType<Registry["get"]>): object {
  return { ...breaker.snapshot(), generation: 0, late: 0, refused: 0, totals: 0 };
}
