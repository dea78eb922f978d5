/** What a program that makes many breakers keeps of them. */
import { describe, expect, it } from "vitest";
import { outputOf } from "../program.ts";

/** A machine with other work takes several times as long. */
const LIMIT_MS = 120_000;
const HEAD = `
  import { CircuitBreaker, CircuitBreakerRegistry } from "bluesmoke";
  const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
  const collect = async () => { for (let n = 0; n < 4; n++) { await turn(2); gc(); } };
  const megabytes = () => { const { heapUsed, external, arrayBuffers } = process.memoryUsage(); return (heapUsed + external + arrayBuffers) / 2 ** 20; };
`;

/** Runs a program that may collect garbage; gives what it printed, as JSON. */
async function jsonOf(text: string): Promise<unknown> {
  return JSON.parse(await outputOf(HEAD + text, ["--expose-gc", "--max-old-space-size=400"], LIMIT_MS));
}

describe("breakers that belong to no registry", () => {
  it("are freed when they are dropped: 200,000 of them leave little", { timeout: LIMIT_MS }, async () => {
    const [ids, grown] = (await jsonOf(`
      const ids = new Set();
      const make = (count) => {
        for (let n = 0; n < count; n++) {
          const breaker = new CircuitBreaker("session " + n, n % 20 ? undefined : { detector: "consecutive_failures" });
          breaker.onFailure(breaker.tryAcquire());
          if (n % 10 === 0) breaker.forceOpen();
          if (n % 10 === 1) breaker.on("opened", () => breaker.reset());
          ids.add(breaker.id);
        }
      };
      make(4_000); await collect();
      const before = megabytes();
      for (let round = 0; round < 50; round++) { make(4_000); await collect(); }
      console.log(JSON.stringify([ids.size, megabytes() - before]));`)) as [number, number];
    expect(ids).toBeLessThan(20_000);
    expect(grown).toBeLessThan(8);
  });

  it("are freed when options or a clock refer to the object that holds them", {
    timeout: LIMIT_MS,
  }, async () => {
    const left = (await jsonOf(`
      class Client {
        cached = new Array(100).fill(0);
        breaker = new CircuitBreaker("api", { clock: () => (this.cached, 1_000), fallback: () => this.cached, classify: () => (this.cached, undefined) });
      }
      const refs = [];
      const make = async () => {
        for (let n = 0; n < 200; n++) {
          const client = new Client();
          await client.breaker.execute(() => n);
          refs.push(new WeakRef(client));
        }
      };
      await make(); await collect(); await collect();
      console.log(refs.filter((ref) => ref.deref()).length);`)) as number;
    expect(left).toBe(0);
  });

  it("are freed once, also if they are disposed of through a proxy", { timeout: LIMIT_MS }, async () => {
    const states = (await jsonOf(`
      let removed = [];
      const make = () => {
        for (let n = 0; n < 100; n++) {
          const breaker = new CircuitBreaker("a");
          new Proxy(breaker, {})[Symbol.dispose]();
        }
      };
      make(); await collect();
      const kept = new CircuitBreaker("kept");
      kept[Symbol.dispose]();
      const others = Array.from({ length: 200 }, () => new CircuitBreaker("b"));
      for (const other of others) other.onSuccess(other.tryAcquire());
      console.log(JSON.stringify([kept.tryAcquire(), new Set(others.map(({ id }) => id)).size, others.filter((o) => o.snapshot().calls !== 1).length]));`)) as number[];
    expect(states).toEqual([0, 200, 0]);
  });
});

describe("registries", () => {
  it("can be 20,000 in one process, and 20,000 more when these are dropped", {
    timeout: LIMIT_MS,
  }, async () => {
    const [kept, grown] = (await jsonOf(`
      const make = (count) => Array.from({ length: count }, (_, n) => {
        const registry = new CircuitBreakerRegistry({ defaults: { detector: { windowMs: 86_400_000 } } });
        registry.get("a").onSuccess(registry.get("a").tryAcquire());
        return registry;
      });
      let registries = make(20_000);
      const kept = registries.filter((registry) => registry.get("a").snapshot().calls === 1).length;
      registries = undefined; await collect();
      const before = megabytes();
      for (let round = 0; round < 5; round++) { make(2_000); await collect(); }
      console.log(JSON.stringify([kept, megabytes() - before]));`)) as [number, number];
    expect(kept).toBe(20_000);
    expect(grown).toBeLessThan(20);
  });

  it("keep nothing of breakers that were deleted, whatever options they had", {
    timeout: LIMIT_MS,
  }, async () => {
    const [size, grown, left] = (await jsonOf(`
      const registry = new CircuitBreakerRegistry();
      const refs = [];
      const round = () => {
        for (let n = 0; n < 2_000; n++) {
          const big = { bytes: new Array(50).fill(0) };
          const breaker = registry.get("tenant " + n, { decayMs: 5, fallback: () => big });
          breaker.on("opened", () => big);
          breaker.forceOpen();
          if (n % 100 === 0) refs.push(new WeakRef(big));
        }
        for (let n = 0; n < 2_000; n++) registry.delete("tenant " + n);
      };
      round(); await collect();
      const before = megabytes();
      for (let n = 0; n < 20; n++) { round(); await collect(); }
      console.log(JSON.stringify([registry.size, megabytes() - before, refs.filter((ref) => ref.deref()).length]));`)) as number[];
    expect(size).toBe(0);
    expect(grown).toBeLessThan(4);
    expect(left).toBe(0);
  });
});
