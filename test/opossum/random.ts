/** Random calls of opossum and of ours side by side, on fake time. */
import { vi } from "vitest";
import type { Breaker, Ours } from "./peer.ts";

/** A source of whole numbers: xorshift32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
    for (let n = 0; n < 8; n++) this.below(2);
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** Whether one of so many cases. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** How a call of the guarded function ends. */
type End = "value" | "failure" | "filtered" | "throw" | "plain";

/** The argument of a call: what the function is to do. */
interface Order {
  readonly id: number;
  readonly end: End;
  /** ms. */
  readonly takesMs: number;
}

type Action =
  | { readonly kind: "fire"; readonly order: Order }
  | { readonly kind: "open" | "close" | "disable" | "enable" | "clearCache" | "shutdown" };

// Times are so chosen that no two ends fall into one ms, where the order of timers would decide: steps are multiples of 8, calls
// take one more, timeouts two more, and a circuit is open for four more. It is open for longer than a call takes, so that no late result
// meets a half-open circuit.
const UNIT_MS = 8;
const LONGEST_CALL_UNITS = 24;

const EVENTS = [
  "fire",
  "success",
  "failure",
  "timeout",
  "reject",
  "open",
  "close",
  "halfOpen",
  "semaphoreLocked",
  "healthCheckFailed",
  "cacheHit",
  "cacheMiss",
  "coalesceCacheHit",
  "coalesceCacheMiss",
  "shutdown",
];

/** Random options. */
export function optionsFrom(dice: Dice): Record<string, unknown> {
  const sliceMs = UNIT_MS * (1 + dice.below(20));
  const buckets = 1 + dice.below(10);
  const hasCache = dice.oneIn(5);
  const coalesces = dice.oneIn(5);
  return {
    name: "random",
    timeout: dice.oneIn(3) ? false : UNIT_MS * (1 + dice.below(LONGEST_CALL_UNITS)) + 2,
    resetTimeout: UNIT_MS * (LONGEST_CALL_UNITS + 2 + dice.below(40)) + 4,
    errorThresholdPercentage: dice.oneIn(6) ? dice.pick([0, 1, 99, 100]) : dice.below(101),
    volumeThreshold: dice.oneIn(2) ? dice.below(9) : undefined,
    rollingCountTimeout: sliceMs * buckets,
    rollingCountBuckets: buckets,
    rollingPercentilesEnabled: !dice.oneIn(4),
    enableSnapshots: !dice.oneIn(2),
    allowWarmUp: dice.oneIn(6),
    ...(dice.oneIn(2) && { errorFilter: (error: Error) => error.message.startsWith("filtered") }),
    ...(hasCache && { cache: true, cacheTTL: dice.oneIn(2) ? 0 : UNIT_MS * dice.below(60) + 5 }),
    ...(hasCache && dice.oneIn(2) && { cacheSize: 1 + dice.below(3) }),
    ...(coalesces && { coalesce: true, coalesceTTL: UNIT_MS * dice.below(60) + 5 }),
    ...(coalesces && { coalesceResetOn: ["error", "success", "timeout"].filter(() => dice.oneIn(2)) }),
    ...((hasCache || coalesces) && { cacheGetKey: ({ id }: Order) => `key ${id % 4}` }),
  };
}

/** One breaker under test, and all that can be seen of it. */
export class Player {
  readonly breaker: InstanceType<typeof Ours<[Order], unknown>>;
  /** What has happened, in its order. */
  readonly log: string[] = [];
  /** What callers got, and when. Calls that time out in one ms share a timer in ours, so their order says nothing. */
  readonly results: string[] = [];

  constructor(Class: Breaker, options: Record<string, unknown>, fallback: number) {
    this.breaker = new Class((order: Order) => this.#act(order), { ...options });
    for (const event of EVENTS) this.breaker.on(event, (...args) => this.#note(event, args));
    this.breaker.on("fallback", (result, error) => this.#noteFallback(result, error));
    if (options.enableSnapshots) {
      this.breaker.status.on("snapshot", (stats) => this.#note("snapshot", [stats]));
    }
    if (fallback === 1) this.breaker.fallback((order: Order, error: Error) => `${order.id} ${error.message}`);
    if (fallback === 2) this.breaker.fallback(async () => Promise.reject(new Error("no fallback")));
    if (fallback === 3) this.breaker.fallback(() => Promise.resolve("elsewhere"));
  }

  do(action: Action): void {
    if (action.kind !== "fire") {
      this.breaker[action.kind]();
      return;
    }
    const { order } = action;
    let promise: Promise<unknown>;
    try {
      promise = this.breaker.fire(order);
    } catch (error) {
      promise = Promise.reject(error);
    }
    promise.then(
      (value) => this.results.push(lineOf("resolved", [order.id, value])),
      (error) => this.results.push(lineOf("rejected", [order.id, error])),
    );
  }

  /** All that its properties say. */
  seen(): unknown {
    const { breaker } = this;
    const { closed, opened, halfOpen, pendingClose, enabled, warmUp, isShutdown, volumeThreshold } = breaker;
    const { state, status } = breaker.toJSON();
    const { lastTimerAt: _, ...written } = state;
    return {
      ...{ closed, opened, halfOpen, pendingClose, enabled, warmUp, isShutdown, volumeThreshold },
      written,
      status,
      stats: breaker.stats,
      free: breaker.semaphore.count,
      window: breaker.status.window.map(({ latencyTimes, ...counts }) =>
        breaker.status.rollingPercentilesEnabled ? { ...counts, latencyTimes } : counts,
      ),
      log: this.log,
      results: this.results.sort(),
    };
  }

  #note(event: string, args: readonly unknown[]): void {
    this.log.push(lineOf(event, args));
  }

  /** That of a timeout follows in the turn of the shared timer. */
  #noteFallback(result: unknown, error: { readonly code?: string }): void {
    (error.code === "ETIMEDOUT" ? this.results : this.log).push(lineOf("fallback", [result, error]));
  }

  #act({ id, end, takesMs }: Order): unknown {
    const error = () => new Error(`${end} ${id}`);
    if (end === "throw") throw error();
    if (end === "plain") return id;
    return new Promise((resolve, reject) => {
      setTimeout(() => (end === "value" ? resolve(id) : reject(error())), takesMs);
    });
  }
}

function lineOf(what: string, args: readonly unknown[]): string {
  return `${Date.now()} ${what} ${args.map(textOf).join(" ")}`;
}

function textOf(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  if (value instanceof Error) return `${value.name} ${(value as { code?: string }).code} ${value.message}`;
  return JSON.stringify(value);
}

/** What to do next; `breaker` is opossum's, whose state the table of differences depends on. */
export function actionFrom(dice: Dice, id: number, failing: number, breaker: Player["breaker"]): Action {
  const kind = dice.below(40);
  // A warm-up wedges a half-open circuit of opossum, and a close by hand is judged anew in ours: see docs/from-opossum.md.
  if (kind === 0 && !breaker.warmUp) return { kind: "open" };
  if (kind === 1 && breaker.stats.fires === 0 && breaker.stats.failures === 0) return { kind: "close" };
  if (kind === 2) return { kind: breaker.enabled ? "disable" : "enable" };
  if (kind === 3) return { kind: "enable" };
  if (kind === 4) return { kind: "clearCache" };
  const fails = dice.below(100) < failing;
  // opossum throws an error thrown at once out of `fire` where it is disabled, and shares it whatever `coalesceResetOn` says.
  const mayThrow = breaker.enabled && !breaker.options.coalesceResetOn.includes("error");
  const end = fails
    ? dice.pick<End>(["failure", "failure", "filtered", mayThrow ? "throw" : "failure"])
    : dice.pick<End>(["value", "value", "plain"]);
  const takesMs = UNIT_MS * dice.below(LONGEST_CALL_UNITS) + 1;
  return { kind: "fire", order: { id, end, takesMs } };
}

/** Lets time pass, with all that comes due, and lets what is settled be heard. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

/** ms until the next action. */
export function pauseFrom(dice: Dice): number {
  if (dice.oneIn(3)) return 0;
  return UNIT_MS * (dice.oneIn(12) ? dice.below(120) : dice.below(6));
}
