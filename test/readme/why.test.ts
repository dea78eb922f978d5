/** docs/why.md and the tables of README: what docs/from-*.md do not prove already. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CircuitBreakerRegistry, exportState, importState } from "../../src/entry/main.ts";
import { manualClock } from "../../src/entry/testing.ts";
import { loadPeer } from "./peers.ts";
import { tableOf } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");
const BENCH = readFileSync(join(ROOT, "bench/README.md"), "utf8");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const WHY = readFileSync(join(ROOT, "docs/why.md"), "utf8");
const CALLS = 100;
const DELAY_MS = 10_000;

/** What is used of opossum. */
interface OpossumBreaker {
  readonly opened: boolean;
  readonly halfOpen: boolean;
  fire(): Promise<unknown>;
  open(): void;
  shutdown(): void;
  toJSON(): { state: object };
}
type Opossum = new (fn: () => unknown, options?: object) => OpossumBreaker;

/** What is used of cockatiel. */
interface Policy {
  readonly state: number;
  execute(fn: () => unknown): Promise<unknown>;
  toJSON(): object;
}
interface Cockatiel {
  readonly handleAll: unknown;
  readonly CircuitState: Readonly<Record<"Closed" | "Open" | "HalfOpen", number>>;
  readonly ConsecutiveBreaker: new (failures: number) => object;
  readonly SamplingBreaker: new (options: object) => object;
  circuitBreaker(policy: unknown, options: object): Policy;
}

const opossum = async (): Promise<Opossum> => (await loadPeer<{ default: Opossum }>("opossum")).default;
const cockatiel = (): Promise<Cockatiel> => loadPeer<Cockatiel>("cockatiel");
const down = (): Promise<never> => Promise.reject(new Error("down"));
const never = (): Promise<never> => new Promise(() => {});

/** The first figure of the line of the result on Node 20 that begins so: the first section of results in the file. */
function measured(name: string): number {
  const line = BENCH.split("\n").find((one) => one.startsWith(`  ${name} `));
  expect(line, name).toBeDefined();
  return Number(/\s{2,}([\d,.]+)/.exec(line!.slice(2 + name.length))![1]!.replaceAll(",", "")); // every line has one
}

/** The numbers in the cells of a row. */
function figuresOf(row: string): number[][] {
  const line = WHY.split("\n").find((one) => one.startsWith(`| ${row}`));
  expect(line, row).toBeDefined();
  const cells = line!.split("|").slice(1, -1); // the line above
  return cells.map((cell) =>
    [...cell.matchAll(/\d[\d,]*/g)].map(([figure]) => Number(figure.replaceAll(",", ""))),
  );
}

function numberIn(cell: string): number {
  return Number(cell.replaceAll(",", ""));
}

afterEach(() => void vi.useRealTimers());

describe("docs/why.md", () => {
  it("has the figures of bench/README.md", () => {
    const rounded = (...names: readonly string[]) => names.map((name) => Math.round(measured(name)));
    expect(figuresOf("an awaited call, ")).toEqual([
      rounded("await call()"),
      rounded("bluesmoke execute, success rate", "refused: bluesmoke"),
      rounded("opossum fire, lean", "refused: opossum"),
      rounded("cockatiel execute, consecutive", "cockatiel execute, sampling", "refused: cockatiel"),
    ]);
    expect(figuresOf("an awaited call leaves").slice(1)).toEqual([
      rounded("heap: await bluesmoke execute"),
      rounded("heap: await opossum fire"),
      rounded("heap: await cockatiel execute"),
    ]);
    expect(WHY).toContain(`a million breakers by name takes ${measured("resident, whole process")} MB`);
  });

  it("agrees with the tables of README", () => {
    const [awaited, refused, bytes] = tableOf(README, "a call").map((row) => row.slice(1).map(numberIn));
    const [, ...calls] = figuresOf("an awaited call, ");
    expect([awaited, refused]).toEqual([calls.map(([call]) => call), calls.map((cells) => cells.at(-1))]);
    expect(bytes).toEqual(figuresOf("an awaited call leaves").slice(1).flat());
    const goodput = tableOf(README, "policy").map(([policy = "", good = "", failed = ""]) => [
      policy,
      good,
      failed,
    ]);
    for (const [policy = "", good, failed] of goodput) {
      const name = policy
        .replaceAll("*", "")
        .replace('overload: "throttle"', "throttle")
        .replace("no breaker", "none");
      const line = BENCH.split("\n")
        .find((one) => one.startsWith(`  ${name} `))
        ?.split(/\s{2,}/);
      expect([good, failed].map((cell) => cell?.replaceAll("*", ""))).toEqual([line?.[2], line?.[5]]);
    }
    const weight = tableOf(readFileSync(join(ROOT, "docs/weight.md"), "utf8"), "program").map(
      ([, bytes]) => bytes,
    );
    expect(tableOf(README, "program, minified and compressed").map(([, bytes]) => bytes)).toEqual(weight);
  });

  it("is about the versions that are installed", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "bench/compare/package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    for (const peer of ["opossum", "cockatiel"]) {
      expect(WHY).toContain(`${peer} ${dependencies[peer]!.replace(/^\D+/, "")} `);
    }
  });

  it("is right that only this one opens while calls hang", async () => {
    const { circuitBreaker, handleAll, ConsecutiveBreaker, SamplingBreaker, CircuitState } =
      await cockatiel();
    const theirs = new (await opossum())(never, { timeout: false });
    const samplers = [new ConsecutiveBreaker(1), new SamplingBreaker({ threshold: 0.1, duration: 1_000 })];
    const policies = samplers.map((breaker) => circuitBreaker(handleAll, { halfOpenAfter: 1, breaker }));
    const clock = manualClock();
    const ours = new CircuitBreakerRegistry({ clock }).get("ours", {
      detector: { kind: "success_rate_over_time_window", hungAfterMs: 2_000 },
    });
    vi.useFakeTimers();
    for (let call = 0; call < CALLS; call++) {
      void theirs.fire();
      for (const policy of policies) void policy.execute(never);
      void ours.execute(never);
    }
    await vi.advanceTimersByTimeAsync(DELAY_MS);
    await clock.advance(4_000);
    ours.check();
    const states = [theirs.opened, ...policies.map(({ state }) => state), ours.state];
    expect(states).toEqual([false, CircuitState.Closed, CircuitState.Closed, "open"]);
    theirs.shutdown();
  });

  it("is right about timers of idle breakers", async () => {
    const { circuitBreaker, handleAll, ConsecutiveBreaker } = await cockatiel();
    const Theirs = await opossum();
    vi.useFakeTimers();
    const timersOf = (make: () => unknown) => {
      const before = vi.getTimerCount();
      make();
      return vi.getTimerCount() - before;
    };
    expect([
      timersOf(() => new CircuitBreakerRegistry().get("ours")),
      timersOf(() => new Theirs(down)),
      timersOf(() => circuitBreaker(handleAll, { halfOpenAfter: 1, breaker: new ConsecutiveBreaker(1) })),
    ]).toEqual([0, 2, 0]);
  });

  it("is right about how long an open breaker waits after a restart", async () => {
    const { circuitBreaker, handleAll, ConsecutiveBreaker, CircuitState } = await cockatiel();
    const Theirs = await opossum();
    vi.useFakeTimers({ now: 1_000_000 });
    const options = { halfOpenAfter: DELAY_MS, breaker: new ConsecutiveBreaker(1) };
    const policy = circuitBreaker(handleAll, options);
    await policy.execute(down).catch(() => {});
    const first = new Theirs(down, { resetTimeout: DELAY_MS });
    first.open();
    const registry = new CircuitBreakerRegistry({
      clock: Date.now,
      defaults: { detector: { kind: "consecutive_failures", failures: 1 }, backoff: [DELAY_MS] },
    });
    await registry
      .get("ours")
      .execute(down)
      .catch(() => {});
    await vi.advanceTimersByTimeAsync(4_000);
    const kept = { policy: policy.toJSON(), opossum: first.toJSON(), ours: exportState(registry) };

    await vi.advanceTimersByTimeAsync(DELAY_MS - 5_000); // the restart, a second before a probe may pass
    const another = circuitBreaker(handleAll, { ...options, initialState: kept.policy });
    const second = new Theirs(down, { ...kept.opossum, resetTimeout: DELAY_MS });
    const offsetMs = 5_000_000;
    const after = new CircuitBreakerRegistry({ clock: () => Date.now() + offsetMs });
    importState(after, kept.ours);
    expect(after.get("ours").retryAfterMs()).toBe(DELAY_MS - 4_000); // what was left when it was exported

    await vi.advanceTimersByTimeAsync(1_001);
    await another.execute(() => 1);
    expect([another.state, second.opened]).toEqual([CircuitState.Closed, true]);
    for (const breaker of [first, second]) breaker.shutdown();
  });
});
