import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { deploy } from "../../src/embed/index.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { GraphBuilder } from "../../src/flow/graph/builder.ts";
import { compile } from "../../src/trickle/compile.ts";
import { HandSink } from "../flow/graph-fixture.ts";

const OPEN_ROAD = "select event from in into out;";

const GUARDED = `
define qos::circuit_breaker operator cb
with detector = { "kind": "consecutive_failures", "failures": 2 } end;
create operator cb;
select event from in into cb;
select event from cb into out;
select event from cb/overflow into out/overflow;
select event from cb/cb into out/cb;
`;

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

describe("deploy", () => {
  it("sends again what a sink failed, where it is told to", async () => {
    let tries = 0;
    const { finished, graph } = deploy(OPEN_ROAD, {
      sources: { list: [1] },
      sinks: {
        out: () => {
          tries++;
          if (tries === 1) throw new Error("not yet");
        },
      },
      retry: {},
    });
    expect(await finished).toMatchObject({ delivered: 1, failed: 0 });
    expect(graph.resent).toBe(1);
    const retry = { retries: -1 };
    expect(() => deploy(OPEN_ROAD, { sources: { list: [1] }, retry })).toThrow("retry.retries");
  });

  it("hands what a sink failed to the sink for that, with the reason", async () => {
    const kept: unknown[] = [];
    const { accounting, finished } = deploy(OPEN_ROAD, {
      sources: { feed: range(3) },
      sinks: {
        out: (data) => {
          if (data === 2) throw new Error("two is too much");
        },
      },
      failed: (data, meta) => void kept.push([data, meta?.failed]),
    });
    await finished;
    expect(kept).toEqual([[2, { error: "two is too much", tries: 1 }]]);
    expect(accounting).toMatchObject({ delivered: 2, failed: 1, deadLettered: 1 });
  });

  it("lets a breaker guard a function, and shows what it says", async () => {
    const registry = new CircuitBreakerRegistry();
    const refused: unknown[] = [];
    const told: unknown[] = [];
    const deployment = deploy(GUARDED, {
      registry,
      endpoint: "shop",
      sources: { feed: range(10) },
      sinks: {
        out: () => {
          throw new Error("down");
        },
        overflow: (data, meta) => void refused.push([data, meta]),
        cb: (data) => void told.push(data),
      },
    });
    expect(await deployment.finished).toMatchObject({ read: 10, failed: 2, overflow: 8 });
    expect(refused[0]).toMatchObject([3, { circuit_breaker: { endpoint: "shop", reason: "open" } }]);
    expect(told).toMatchObject([{ kind: "opened", endpoint: "shop" }]);
    expect(registry.get("shop").state).toBe("open");
  });

  it("takes a program or a graph as well as a text", async () => {
    const builder = new GraphBuilder();
    builder.addInput("in");
    builder.addOutput("out");
    builder.link({ node: "in", port: "out" }, { node: "out/out", port: "in" });
    for (const pipeline of [compile(OPEN_ROAD), builder.build()]) {
      const out = new HandSink("ack");
      await deploy(pipeline, { sources: { feed: range(3) }, sinks: { out } }).finished;
      expect(out.data).toEqual([1, 2, 3]);
    }
  });

  it("says what looks wrong, and refuses what is wrong", () => {
    const snippet = "create stream idle; select event from in into out;";
    const deployment = deploy(snippet, { sources: {} });
    expect(deployment.warnings.length).toBeGreaterThan(0);
    expect(() => deploy("select", { sources: {}, file: "mine.trickle" })).toThrow(/mine\.trickle:1/);
    return deployment.finished;
  });

  it("stops when it is told to, and a generator gets to its finally", async () => {
    let cleaned = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let n = 1; ; n++) yield n;
      } finally {
        cleaned = true;
      }
    }
    const seen: unknown[] = [];
    let resolve = (): void => {};
    const started = new Promise<void>((end) => {
      resolve = end;
    });
    const deployment = deploy(OPEN_ROAD, {
      sources: { feed: endless() },
      sinks: {
        out: (data) => {
          seen.push(data);
          if (data === 100) resolve();
        },
      },
    });
    await started;
    const accounting = await deployment.stop();
    expect(accounting.delivered).toBe(accounting.read);
    expect(seen.length).toBe(accounting.read);
    expect(cleaned).toBe(true);
  });

  it("stops while a source has nothing to say, and cancels its stream", async () => {
    let cancelled = false;
    const silent = new ReadableStream<unknown>({
      cancel: () => {
        cancelled = true;
      },
    });
    const stop = new AbortController();
    const sources = { silent, mute: new PassThrough({ objectMode: true }) };
    const deployment = deploy(OPEN_ROAD, { sources, signal: stop.signal });
    // Both are being read by then.
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await deployment.finished).toMatchObject({ read: 0 });
    expect(cancelled).toBe(true);
    expect(silent.locked).toBe(false);
  });
});
