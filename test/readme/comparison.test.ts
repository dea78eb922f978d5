/** The guides for users of other circuit breakers: complete, and true of both sides. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CircuitBreaker } from "../../src/entry/main.ts";
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
    expect(before).toHaveLength(2);
    expect(before.every((output) => output.length > 1)).toBe(true);
    expect(outputsOf(`${name}-after`, blocksOf(text, "js after"))).toEqual(before);
  });
});

describe("docs/from-opossum.md", () => {
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
