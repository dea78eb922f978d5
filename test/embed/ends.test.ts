import { once } from "node:events";
import { PassThrough, Readable, Writable } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { type DeployOptions, deploy, linesFrom } from "../../src/embed/index.ts";

const OPEN_ROAD = "select event from in into out;";

async function* numbersTo(count: number): AsyncGenerator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

/** What arrives at `out` when one source is deployed. */
async function shipped(feed: DeployOptions["sources"][string]): Promise<unknown[]> {
  const seen: unknown[] = [];
  await deploy(OPEN_ROAD, { sources: { feed }, sinks: { out: (data) => void seen.push(data) } }).finished;
  return seen;
}

describe("deploy reads from", () => {
  it("an iterable, of any length", async () => {
    expect(await shipped(range(2_000))).toEqual(range(2_000));
    expect(await shipped(new Set(["a"]))).toEqual(["a"]);
    expect(await shipped([])).toEqual([]);
  });

  it("an async generator", async () => {
    expect(await shipped(numbersTo(100))).toEqual(range(100));
  });

  it("a Web stream, whether or not it can be iterated", async () => {
    const stream = Readable.toWeb(Readable.from(range(100)));
    expect(await shipped({ getReader: () => stream.getReader() } as ReadableStream<unknown>)).toEqual(
      range(100),
    );
  });

  it("a Node stream in object mode", async () => {
    expect(await shipped(Readable.from(range(100)))).toEqual(range(100));
  });

  it("several sources side by side", async () => {
    const seen: unknown[] = [];
    const sources = { list: range(50), generator: numbersTo(50), stream: Readable.from(range(50)) };
    const accounting = await deploy(OPEN_ROAD, { sources, sinks: { out: (data) => void seen.push(data) } })
      .finished;
    expect(accounting).toMatchObject({ read: 150, delivered: 150 });
    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(range(50).flatMap((n) => [n, n, n]));
  });

  it("what throws, up to there, and rejects with what was thrown", async () => {
    const fault = new Error("dry");
    function* failing(): Generator<number> {
      yield 1;
      throw fault;
    }
    const seen: unknown[] = [];
    const deployment = deploy(OPEN_ROAD, {
      sources: { feed: failing() },
      sinks: { out: (data) => void seen.push(data) },
    });
    await expect(deployment.finished).rejects.toBe(fault);
    expect(seen).toEqual([1]);
    expect(deployment.accounting).toMatchObject({ read: 1, delivered: 1, inFlight: 0 });
  });

  it.each(["text", 5, null, {}])("nothing else, such as %j", (feed) => {
    const options = { sources: { feed }, sinks: {} } as unknown as DeployOptions;
    expect(() => deploy(OPEN_ROAD, options)).toThrow(
      /^sources\.feed must be a Source, a ReadableStream or an iterable/,
    );
  });
});

describe("deploy writes to", () => {
  it("a function, and fails the events that it throws on", async () => {
    const deployment = deploy(OPEN_ROAD, {
      sources: { feed: range(10) },
      sinks: {
        out: (data) => {
          if (Number(data) % 2 === 0) throw new Error("even");
        },
      },
    });
    expect(await deployment.finished).toMatchObject({ delivered: 5, failed: 5 });
  });

  it("an async function, so many calls at once and no more, and waits for them at the end", async () => {
    let pending = 0;
    let most = 0;
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
    const deployment = deploy(OPEN_ROAD, {
      sources: { feed: numbersTo(500) },
      sinks: {
        out: async (data) => {
          pending++;
          most = Math.max(most, pending);
          await turn();
          pending--;
          if (data === 500) throw new Error("the last");
        },
      },
    });
    expect(await deployment.finished).toMatchObject({ delivered: 499, failed: 1, inFlight: 0 });
    expect(most).toBe(64);
  });

  it("a Web stream, as fast as it takes, and closes it", async () => {
    const seen: unknown[] = [];
    let closed = false;
    const out = new WritableStream<unknown>({
      write: async (data) => {
        await null;
        seen.push(data);
      },
      close: () => {
        closed = true;
      },
    });
    await deploy(OPEN_ROAD, { sources: { feed: range(1_000) }, sinks: { out } }).finished;
    expect(seen).toEqual(range(1_000));
    expect(closed).toBe(true);
  });

  it("a Web stream that breaks: its events fail", async () => {
    const out = new WritableStream<unknown>({
      write: (data) => {
        if (data === 3) throw new Error("full");
      },
    });
    const accounting = await deploy(OPEN_ROAD, { sources: { feed: range(10) }, sinks: { out } }).finished;
    expect(accounting).toMatchObject({ delivered: 2, failed: 8 });
  });

  it("a Node stream, by Writable.toWeb", async () => {
    const through = new PassThrough({ objectMode: true });
    const seen: unknown[] = [];
    through.on("data", (data) => seen.push(data));
    const out = Writable.toWeb(through);
    await deploy(OPEN_ROAD, { sources: { feed: range(100) }, sinks: { out } }).finished;
    expect(seen).toEqual(range(100));
  });

  it("nothing else, and nowhere else", () => {
    const bad = { sources: {}, sinks: { out: 5 } } as unknown as DeployOptions;
    expect(() => deploy(OPEN_ROAD, bad)).toThrow(
      "sinks.out must be a Sink, a WritableStream or a function, got 5",
    );
    expect(() => deploy(OPEN_ROAD, { sources: {}, sinks: { cb: () => {} } })).toThrow("there is no out/cb");
  });

  it("ends a Node stream that has nothing to give when the flow is stopped, and one that was never read", async () => {
    for (const read of [true, false]) {
      for (const make of [(stream: Readable) => stream, (stream: Readable) => linesFrom(stream)]) {
        const stream = new Readable({ objectMode: true, read() {} });
        const closed = once(stream, "close");
        const stop = new AbortController();
        if (!read) stop.abort();
        const flow = deploy("select event from in into out;", {
          sources: { stream: make(stream) },
          sinks: { out: () => {} },
          signal: stop.signal,
        });
        await new Promise((resolve) => setImmediate(resolve));
        await flow.stop();
        await closed;
        expect(stream.destroyed).toBe(true);
      }
    }
  });

  it("cancels a web stream that was never read", async () => {
    const cancel = vi.fn();
    const stop = new AbortController();
    stop.abort();
    const stream = new ReadableStream({ cancel });
    await deploy("select event from in into out;", {
      sources: { stream },
      sinks: { out: () => {} },
      signal: stop.signal,
    }).finished;
    expect(cancel).toHaveBeenCalledOnce();
  });
});
