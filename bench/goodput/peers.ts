/** opossum and cockatiel themselves; time is that of fake timers. */
import { createRequire } from "node:module";
import type { Call, Traffic } from "../../src/replay/scenario/gate.ts";
import { loadPeer } from "../peers.ts";
import type { Circumstances, Client, Instance, Policy } from "./policy.ts";

/** The used part of @sinonjs/fake-timers, which has no types. */
interface FakeTimers {
  install(options: { readonly now: number; readonly toFake: readonly string[] }): {
    tick(ms: number): void;
    uninstall(): void;
  };
}

/** What these packages use. The real `setImmediate` stays: see `flush`. */
const FAKED = ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"];
/** Not 0, which stands for "none" in places. */
const START_MS = 1_700_000_000_000;
/** Microtasks within which a refusal is known. */
const REFUSAL_TURNS = 8;

const FAILURE = new Error("failed");

/** `fire(fn)` calls `fn` if and when the breaker admits it, and settles after the breaker has counted the outcome. */
type Fire = (fn: () => Promise<void>) => Promise<unknown>;

/** A call that was made. */
interface OutCall {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Settles when the breaker has counted the outcome. */
  counted: Promise<void> | undefined;
}

/** A client of a breaker that answers by promises. A breaker may keep calls waiting before it decides. */
class PromiseClient implements Client {
  readonly #fire: Fire;
  readonly #traffic: Traffic;
  readonly #out = new Map<Call, OutCall>();
  #waiting = 0;

  constructor(fire: Fire, traffic: Traffic) {
    this.#fire = fire;
    this.#traffic = traffic;
  }

  offer(call: Call): Promise<void> | undefined {
    let out: OutCall | undefined;
    let counted: Promise<void> | undefined;
    let isDecided = false;
    const decide = () => {
      isDecided = true;
      this.#waiting--;
    };
    this.#waiting++;
    const fired = this.#fire(() => {
      decide();
      return new Promise<void>((resolve, reject) => {
        out = { resolve, reject, counted };
        this.#out.set(call, out);
        this.#traffic.begin(call);
      });
    });
    counted = fired.then(
      () => {},
      () => {
        if (isDecided) return;
        decide();
        this.#traffic.refuse(call);
      },
    );
    if (out !== undefined) out.counted = counted;
    return isDecided ? undefined : turns(() => isDecided);
  }

  settle(call: Call): Promise<void> {
    const out = this.#out.get(call)!; // it was made
    this.#out.delete(call);
    if (call.isGood) out.resolve();
    else out.reject(FAILURE);
    return this.#waiting === 0 ? out.counted! : out.counted!.then(flush);
  }
}

/** Some microtasks, until it is so. */
async function turns(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < REFUSAL_TURNS && !isSo(); turn++) await undefined;
}

/** All microtasks. */
function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Creates the breakers after time is faked, moves time before each event, and gives it back at the end. */
function instanceOf({ clients, traffic }: Circumstances, create: () => Fire): Instance {
  const { install } = createRequire(import.meta.url)("@sinonjs/fake-timers") as FakeTimers;
  const clock = install({ now: START_MS, toFake: FAKED });
  let passedMs = 0;
  return {
    clients: Array.from({ length: clients }, () => new PromiseClient(create(), traffic)),
    advance(nowMs) {
      const wholeMs = Math.floor(nowMs); // a Date has no fractions
      if (wholeMs === passedMs) return;
      clock.tick(wholeMs - passedMs);
      passedMs = wholeMs;
    },
    dispose: () => clock.uninstall(),
  };
}

/** The used part of opossum. */
interface Opossum {
  readonly default: new (
    action: (fn: () => Promise<void>) => Promise<void>,
    options: Readonly<Record<string, unknown>>,
  ) => { fire(fn: () => Promise<void>): Promise<unknown> };
}

/** opossum without what costs time: timeouts are those of the simulation. */
export function opossum(options: Readonly<Record<string, unknown>>): Policy {
  return {
    name: "opossum 10",
    peer: "opossum",
    async create(circumstances) {
      const { default: CircuitBreaker } = await loadPeer<Opossum>("opossum");
      return instanceOf(circumstances, () => {
        const breaker = new CircuitBreaker((fn) => fn(), {
          timeout: false,
          enableSnapshots: false,
          rollingPercentilesEnabled: false,
          rollingCountTimeout: 10_000,
          rollingCountBuckets: 10,
          ...options,
        });
        return (fn) => breaker.fire(fn);
      });
    },
  };
}

interface Cockatiel {
  readonly handleAll: unknown;
  circuitBreaker(
    policy: unknown,
    options: { readonly halfOpenAfter: unknown; readonly breaker: unknown },
  ): { execute(fn: () => Promise<void>): Promise<void> };
  readonly CountBreaker: new (options: object) => unknown;
}

/** cockatiel with a breaker and a delay of its own. */
export function cockatiel(
  make: (classes: Cockatiel) => { readonly halfOpenAfter: unknown; readonly breaker: unknown },
): Policy {
  return {
    name: "cockatiel 4",
    peer: "cockatiel",
    async create(circumstances) {
      const classes = await loadPeer<Cockatiel>("cockatiel");
      return instanceOf(circumstances, () => {
        const policy = classes.circuitBreaker(classes.handleAll, make(classes));
        return (fn) => policy.execute(fn);
      });
    },
  };
}

/** Each with the options with which it did best here, of those that bench/README.md lists. */
export const PEER_POLICIES: readonly Policy[] = [
  opossum({ errorThresholdPercentage: 15, volumeThreshold: 20, resetTimeout: 250 }),
  cockatiel(({ CountBreaker }) => ({
    halfOpenAfter: 3_000,
    breaker: new CountBreaker({ threshold: 0.25, size: 100, minimumNumberOfCalls: 20 }),
  })),
];
