/** The guides for users of other circuit breakers: complete, and true of both sides. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CircuitBreaker, exportState, importState } from "../../src/entry/main.ts";
import { loadPeer, PEERS_FOLDER, providePeers } from "./peers.ts";
import { blocksOf, outputsOf } from "./programs.ts";
import { tableOf } from "./table.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const PATIENCE_MS = 60_000;

/** What is used of opossum. */
interface OpossumBreaker {
  readonly opened: boolean;
  readonly halfOpen: boolean;
  readonly stats: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly volumeThreshold: number;
  fire(...args: unknown[]): Promise<unknown>;
  open(): void;
  close(): void;
  shutdown(): void;
  on(kind: string, listener: () => void): void;
}
type Opossum = new (fn: (...args: never[]) => unknown, options?: object) => OpossumBreaker;

/** What is used of cockatiel. */
interface Policy {
  readonly state: number;
  execute<T>(fn: (context: { signal: AbortSignal }) => T, signal?: AbortSignal): Promise<Awaited<T>>;
  isolate(): { dispose(): void };
  onSuccess(listener: () => void): void;
}
interface Cockatiel {
  readonly handleAll: unknown;
  readonly CircuitBreakerPolicy: { readonly prototype: object };
  readonly CircuitState: Readonly<Record<"Closed" | "Open" | "HalfOpen", number>>;
  circuitBreaker(policy: unknown, options: object): Policy;
  handleType(type: unknown): unknown;
  readonly ConsecutiveBreaker: new (failures: number) => object;
  readonly SamplingBreaker: new (
    options: object,
  ) => { success(state: number): void; failure(state: number): boolean };
}

const down = (): Promise<never> => Promise.reject(new Error("down"));
const opossum = async (): Promise<Opossum> => (await loadPeer<{ default: Opossum }>("opossum")).default;
const cockatiel = (): Promise<Cockatiel> => loadPeer<Cockatiel>("cockatiel");
const sourceOf = (path: string): string => readFileSync(join(PEERS_FOLDER, "node_modules", path), "utf8");

/** The first column of the tables under these headings, in code. */
function namesIn(document: string, ...headings: readonly string[]): string[] {
  const text = readFileSync(join(DOCS, document), "utf8");
  return headings.flatMap((heading) => {
    const section = text.slice(text.indexOf(`\n## ${heading}\n`));
    return tableOf(section, document === "from-opossum.md" ? "opossum" : "cockatiel").map(
      ([cell]) => cell!.split(" ")[0]!,
    );
  });
}

function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))];
}

function membersOf(prototype: object): string[] {
  return Object.getOwnPropertyNames(prototype).filter(
    (name) => name !== "constructor" && !name.startsWith("_"),
  );
}

afterEach(() => void vi.useRealTimers());

describe.each(["from-opossum.md", "from-cockatiel.md"])("docs/%s", (document) => {
  it("has programs that print the same before and after", { timeout: PATIENCE_MS }, () => {
    providePeers();
    const text = readFileSync(join(DOCS, document), "utf8");
    const packages = join(PEERS_FOLDER, "node_modules");
    const name = document.replace(".md", "");
    const before = outputsOf(`${name}-before`, blocksOf(text, "js before"), packages);
    expect(before).toHaveLength(3);
    expect(before.every((output) => output.length > 1)).toBe(true);
    expect(outputsOf(`${name}-after`, blocksOf(text, "js after"))).toEqual(before);
  });
});

/** Percentages at which `requiredSuccessRate`, as `rateFor` gives it, opens a breaker when exactly so many of 100 calls have failed. */
function percentagesThatOpen(rateFor: (percentage: number) => number): number[] {
  return Array.from({ length: 99 }, (_, n) => n + 1).filter((percentage) => {
    const detector = {
      kind: "success_rate_over_count_window",
      calls: 100,
      minimumCalls: 100,
      requiredSuccessRate: rateFor(percentage),
    } as const;
    const breaker = new CircuitBreaker("exact", { detector });
    for (let call = 0; call < 100; call++) {
      const ticket = breaker.tryAcquire();
      if (call < percentage) breaker.onFailure(ticket);
      else breaker.onSuccess(ticket);
    }
    return breaker.state === "open";
  });
}

describe("docs/from-opossum.md", () => {
  it("has programs that print the same with the drop-in", { timeout: PATIENCE_MS }, () => {
    providePeers();
    const programs = blocksOf(readFileSync(join(DOCS, "from-opossum.md"), "utf8"), "js before");
    const theirs = outputsOf("opossum-itself", programs, join(PEERS_FOLDER, "node_modules"));
    const redirected = programs.map((program) =>
      program.replace('from "opossum"', 'from "bluesmoke/opossum"'),
    );
    expect(redirected).not.toEqual(programs);
    expect(outputsOf("opossum-drop-in", redirected)).toEqual(theirs);
  });

  it("lists each difference of the drop-in that a test shows, and no other", () => {
    const section = readFileSync(join(DOCS, "from-opossum.md"), "utf8").split(
      "### What differs on purpose",
    )[1]!;
    const said = tableOf(section, "here").map(([cell]) => cell!);
    const tests = readFileSync(join(DOCS, "../test/opossum/differences.test.ts"), "utf8");
    const titles = found(tests, /(?:\bit|\]\))\(\s*"([^"]+)"/g);
    expect(titles.map((title) => title.replace("%s", "result").replace(": %j", "")).sort()).toEqual(
      said.sort(),
    );
  });

  it("gives a rate that does not open at exactly the percentage, as 1 - percentage / 100 does for 20 of 99", () => {
    expect(percentagesThatOpen((percentage) => 1 - percentage / 100)).toHaveLength(20);
    expect(percentagesThatOpen((percentage) => 1 - percentage / 100)[0]).toBe(18);
    expect(percentagesThatOpen((percentage) => (100 - percentage) / 100)).toEqual([]);
  });

  it("names the percentages at which opossum opens at exactly the percentage", async () => {
    const opening: number[] = [];
    for (let percentage = 1; percentage < 100; percentage++) {
      const breaker = new (await opossum())((fails) => (fails ? down() : Promise.resolve()), {
        errorThresholdPercentage: percentage,
        volumeThreshold: 100,
      });
      const fails = (call: number) => call >= 100 - percentage;
      for (let call = 0; call < 100; call++) await breaker.fire(fails(call)).catch(() => {});
      if (breaker.opened) opening.push(percentage);
      breaker.shutdown();
    }
    expect(opening).toEqual([7, 14, 28, 55, 56]);
  });

  it("opens here at a success, and at a mere ask, and never so in opossum", async () => {
    let nowMs = 1_000_000;
    const options = {
      clock: () => nowMs,
      detector: { kind: "success_rate_over_time_window", requiredSuccessRate: 0.5, minimumCalls: 4 },
    } as const;
    const bySuccess = new CircuitBreaker("success", options);
    for (let call = 0; call < 3; call++) bySuccess.onFailure(bySuccess.tryAcquire());
    expect(bySuccess.state).toBe("closed");
    bySuccess.onSuccess(bySuccess.tryAcquire());
    expect(bySuccess.state).toBe("open");
    const byAsk = new CircuitBreaker("ask", options);
    for (let call = 0; call < 6; call++) byAsk.onSuccess(byAsk.tryAcquire());
    nowMs += 9_000;
    for (let call = 0; call < 5; call++) byAsk.onFailure(byAsk.tryAcquire());
    expect(byAsk.state).toBe("closed");
    nowMs += 2_000;
    expect([byAsk.tryAcquire(), byAsk.state]).toEqual([0, "open"]);
    const theirs = new (await opossum())((fails) => (fails ? down() : Promise.resolve()), {
      volumeThreshold: 4,
    });
    for (const fails of [true, true, true, false]) await theirs.fire(fails).catch(() => {});
    expect(theirs.opened).toBe(false);
    theirs.shutdown();
  });

  it("changes nothing by a late result here, and half-opens again what was half-open when it was exported", async () => {
    let nowMs = 1_000_000;
    const options = { clock: () => nowMs, backoff: { kind: "constant", delayMs: 100 } } as const;
    const breaker = new CircuitBreaker("late", options);
    const early = breaker.tryAcquire();
    breaker.trip();
    nowMs += 100;
    const probe = breaker.tryAcquire();
    breaker.onSuccess(early);
    expect([probe > 0, breaker.state, breaker.snapshot().late]).toEqual([true, "half_open", 1]);
    const copy = new CircuitBreaker("copy", options);
    importState(copy, exportState(breaker));
    expect([copy.state, breaker.tryAcquire(), copy.tryAcquire() > 0]).toEqual(["half_open", 0, true]);
  });

  it("refuses a call over maximumPending without a failure, as opossum does not", async () => {
    const ours = new CircuitBreaker("busy", { maximumPending: 1 });
    const first = ours.execute(() => sleep(1));
    await expect(ours.execute(() => sleep(1))).rejects.toMatchObject({ reason: "busy" });
    await first;
    expect(ours.snapshot()).toMatchObject({ calls: 1, failures: 0 });
  });

  it("gives the function of wrap a signal where withSignal says so", async () => {
    const seen: unknown[] = [];
    const look = async (id: number, signal?: AbortSignal) =>
      void seen.push(id, signal instanceof AbortSignal);
    const breaker = new CircuitBreaker("signals");
    await breaker.wrap(look)(1);
    await breaker.wrap(look, { withSignal: ([id], signal) => [id, signal] })(2);
    expect(seen).toEqual([1, false, 2, true]);
  });

  it("is about the version that is installed, and lists every option of it with its default", async () => {
    const { version } = JSON.parse(sourceOf("opossum/package.json")) as { version: string };
    const text = readFileSync(join(DOCS, "from-opossum.md"), "utf8");
    expect(text).toContain(`opossum ${version}`);
    const internal = ["coalesceCache", "stats"];
    const options = found(
      sourceOf("opossum/lib/circuit.js") + sourceOf("opossum/lib/status.js"),
      /\boptions\.(\w+)/g,
    );
    expect(namesIn("from-opossum.md", "Options").sort()).toEqual(
      options.filter((one) => !internal.includes(one)).sort(),
    );
    const breaker = new (await opossum())(down);
    const defaults = { ...breaker.options, volumeThreshold: breaker.volumeThreshold };
    breaker.shutdown();
    const said = [...text.matchAll(/^\| `(\w+)` \(([\d,]+)\)/gm)];
    expect(said.length).toBeGreaterThan(5);
    for (const [, option, value] of said) {
      expect(defaults[option as keyof typeof defaults], option).toBe(Number(value!.replaceAll(",", "")));
    }
  });

  it("lists every method, property and event of it", async () => {
    const methods = [...membersOf((await opossum()).prototype as object), "isOurError", "newStatus"];
    expect(namesIn("from-opossum.md", "Methods").sort()).toEqual(methods.sort());
    const events = found(sourceOf("opossum/lib/circuit.js"), /emit\(\s*'(\w+)'/g);
    expect(namesIn("from-opossum.md", "Events").sort()).toEqual([...events, "snapshot"].sort());
  });

  it("opens at the first failure in opossum, and not before the minimum of calls here", async () => {
    const theirs = new (await opossum())(down);
    const ours = new CircuitBreaker("ours");
    await theirs.fire().catch(() => {});
    await ours.execute(down).catch(() => {});
    expect([theirs.opened, ours.state]).toEqual([true, "closed"]);
    await theirs.fire().catch(() => {}); // refused, and counted among those that the failures are a share of
    expect(theirs.stats).toMatchObject({ fires: 2, failures: 1, rejects: 1 });
    theirs.shutdown();
  });

  it("heals an open by hand in opossum, and here after a trip; forced open it stays open", async () => {
    const theirs = new (await opossum())(async () => 1, { resetTimeout: 1 });
    const ours = new CircuitBreaker("ours", { backoff: { kind: "constant", delayMs: 1 } });
    theirs.open();
    const tripped = new CircuitBreaker("tripped", { backoff: { kind: "constant", delayMs: 1 } });
    tripped.trip();
    expect(tripped.state).toBe("open");
    ours.forceOpen();
    await sleep(20);
    expect(theirs.halfOpen).toBe(true);
    expect(await tripped.execute(async () => 1)).toBe(1);
    await expect(ours.execute(async () => 1)).rejects.toMatchObject({
      retryAfterMs: Number.POSITIVE_INFINITY,
    });
    theirs.shutdown();
  });

  it("keeps failures after a close by hand in opossum, and none after a reset here", async () => {
    const theirs = new (await opossum())(down, { volumeThreshold: 3 });
    const detector = { kind: "success_rate_over_time_window", minimumCalls: 3 } as const;
    const ours = new CircuitBreaker("ours", { detector });
    for (let call = 0; call < 3; call++) {
      await theirs.fire().catch(() => {});
      await ours.execute(down).catch(() => {});
    }
    expect([theirs.opened, ours.state]).toEqual([true, "open"]);
    theirs.close();
    ours.reset();
    await theirs.fire().catch(() => {});
    await ours.execute(down).catch(() => {});
    expect([theirs.opened, ours.state]).toEqual([true, "closed"]);
    theirs.shutdown();
  });

  it("counts a call over capacity as a failure, and a filtered error as a success, in opossum", async () => {
    const full = new (await opossum())(() => sleep(1), { capacity: 1, volumeThreshold: 100 });
    await Promise.allSettled([full.fire(), full.fire()]);
    expect(full.stats).toMatchObject({ failures: 1, semaphoreRejections: 1 });
    const filtering = new (await opossum())(down, { errorFilter: () => true });
    await filtering.fire().catch(() => {});
    expect(filtering.stats).toMatchObject({ successes: 1, failures: 0 });
    for (const breaker of [full, filtering]) breaker.shutdown();
  });

  it("turns a success into a failure when a listener of opossum throws", async () => {
    const theirs = new (await opossum())(async () => 1);
    theirs.on("success", () => {
      throw new Error("listener");
    });
    await expect(theirs.fire()).rejects.toThrow("listener");
    theirs.shutdown();
  });
});

describe("docs/from-cockatiel.md", () => {
  it("is about the version that is installed, and lists its options, breakers and backoffs", () => {
    providePeers();
    const { version } = JSON.parse(sourceOf("cockatiel/package.json")) as { version: string };
    expect(readFileSync(join(DOCS, "from-cockatiel.md"), "utf8")).toContain(`cockatiel ${version}`);
    const declared = sourceOf("cockatiel/dist/CircuitBreakerPolicy.d.ts");
    const [, body] = /interface ICircuitBreakerOptions \{(.*?)^\}/ms.exec(declared)!; // the test is about it
    const files = ["breaker/ConsecutiveBreaker", "breaker/CountBreaker", "breaker/SamplingBreaker"];
    const backoffs = ["Constant", "Exponential", "Iterable", "Delegate"].map(
      (kind) => `backoff/${kind}Backoff`,
    );
    const classes = [...files, ...backoffs].flatMap((file) =>
      found(sourceOf(`cockatiel/dist/${file}.d.ts`), /export declare class (\w+)/g),
    );
    const names = namesIn("from-cockatiel.md", "Options");
    for (const name of [...found(body!, /^ {4}(\w+)\??:/gm), ...classes]) expect(names).toContain(name);
  });

  it("lists every policy, method, guard and event of it", async () => {
    const policy = sourceOf("cockatiel/dist/Policy.d.ts");
    const made = found(policy, /export declare (?:function|const) (\w+)/g).filter(
      (name) => name !== "circuitBreaker",
    );
    expect(namesIn("from-cockatiel.md", "Policies").sort()).toEqual(made.sort());
    const declared = sourceOf("cockatiel/dist/CircuitBreakerPolicy.d.ts");
    const events = found(declared, /^ {4}(?:readonly|get) (on\w+)/gm);
    expect(namesIn("from-cockatiel.md", "Events").sort()).toEqual(events.sort());
    const guards = found(sourceOf("cockatiel/dist/errors/Errors.d.ts"), /const (is\w+)/g);
    const own = found(declared, /^ {4}(?:get )?(\w+)(?:<T>)?\(.*\)/gm).filter(
      (name) => !/^(on|constructor)/.test(name),
    );
    expect(namesIn("from-cockatiel.md", "Methods").sort()).toEqual([...new Set([...own, ...guards])].sort());
  });

  it("takes the caller's own cancellation for a failure in cockatiel, and for nothing here", async () => {
    const { circuitBreaker, handleAll, ConsecutiveBreaker, CircuitState } = await cockatiel();
    const theirs = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) });
    const ours = new CircuitBreaker("ours", { detector: { kind: "consecutive_failures", failures: 1 } });
    const until = (signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const cancel = new AbortController();
    const calls = [
      theirs.execute(({ signal }) => until(signal), cancel.signal),
      ours.execute(({ signal }) => until(signal), { signal: cancel.signal }),
    ];
    cancel.abort();
    await Promise.allSettled(calls);
    expect([theirs.state, ours.state]).toEqual([CircuitState.Open, "closed"]);
  });

  it("keeps callers waiting for a probe in cockatiel, and refuses them here", async () => {
    const { circuitBreaker, handleAll, ConsecutiveBreaker } = await cockatiel();
    const theirs = circuitBreaker(handleAll, { halfOpenAfter: 1, breaker: new ConsecutiveBreaker(1) });
    const options = { detector: { kind: "consecutive_failures", failures: 1 }, backoff: [1] } as const;
    const ours = new CircuitBreaker("ours", options);
    await theirs.execute(down).catch(() => {});
    await ours.execute(down).catch(() => {});
    await sleep(20);
    const never = new Promise<string>(() => {});
    void theirs.execute(() => never);
    void ours.execute(() => never);
    const settled = (call: Promise<unknown>) =>
      Promise.race([call.then(String, (error: Error) => error.name), sleep(20).then(() => "waits")]);
    expect(await settled(theirs.execute(() => "in"))).toBe("waits");
    expect(await settled(ours.execute(() => "in"))).toBe("CircuitOpenError");
  });

  it("closes a half-open circuit by an error of another type in cockatiel", async () => {
    const { circuitBreaker, handleType, ConsecutiveBreaker, CircuitState } = await cockatiel();
    const theirs = circuitBreaker(handleType(RangeError), {
      halfOpenAfter: 1,
      breaker: new ConsecutiveBreaker(1),
    });
    await theirs.execute(() => Promise.reject(new RangeError())).catch(() => {});
    expect(theirs.state).toBe(CircuitState.Open);
    await sleep(20);
    await theirs.execute(() => Promise.reject(new TypeError())).catch(() => {});
    expect(theirs.state).toBe(CircuitState.Closed);
  });

  it("counts what is older than the window after an idle time in cockatiel", async () => {
    const { SamplingBreaker, CircuitState } = await cockatiel();
    vi.useFakeTimers();
    const theirs = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 });
    for (let second = 0; second < 10; second++) {
      vi.setSystemTime(1_000_000 + second * 1_000);
      theirs.failure(CircuitState.HalfOpen); // whatever it says, it counts
    }
    vi.setSystemTime(1_000_000 + 3_600_000);
    theirs.success(CircuitState.Closed);
    expect(theirs.failure(CircuitState.Closed)).toBe(true); // an hour later: one success, one failure
  });

  it("makes a call fail when a listener of cockatiel throws", async () => {
    const { circuitBreaker, handleAll, ConsecutiveBreaker } = await cockatiel();
    const theirs = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(5) });
    theirs.onSuccess(() => {
      throw new Error("listener");
    });
    await expect(theirs.execute(() => 1)).rejects.toThrow("listener");
  });
});
