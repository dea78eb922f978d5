import { describe, expect, it } from "vitest";
import { toTransformStream } from "../../src/embed/index.ts";

const EVEN = 'select { "n": event } from in where event % 2 == 0 into out;';
const OPEN_ROAD = "select event from in into out;";

function streamOf(values: Iterable<unknown>): ReadableStream<unknown> {
  const iterator = values[Symbol.iterator]();
  return new ReadableStream({
    pull: (controller) => {
      const { value, done } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* numbersTo(count: number): Generator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

async function collect(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const value of stream) all.push(value);
  return all;
}

/** The event loop goes round so many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("toTransformStream", () => {
  it("puts a pipeline between two streams", async () => {
    const transform = toTransformStream(EVEN);
    expect(await collect(streamOf([1, 2, 3, 4]).pipeThrough(transform))).toEqual([{ n: 2 }, { n: 4 }]);
    expect(await transform.deployment.finished).toMatchObject({
      read: 4,
      delivered: 2,
      filtered: 2,
      inFlight: 0,
    });
  });

  it("keeps the order of many, and makes the writer wait for the reader", async () => {
    let written = 0;
    function* counted(): Generator<number> {
      for (const n of numbersTo(20_000)) {
        written = n;
        yield n;
      }
    }
    const { writable, readable } = toTransformStream(OPEN_ROAD);
    const piping = streamOf(counted()).pipeTo(writable);
    await turns(200);
    // Nobody reads, so what flows in has come to rest, far from the end.
    expect(written).toBeLessThan(2_000);
    expect(await collect(readable)).toEqual([...numbersTo(20_000)]);
    await piping;
  });

  it("goes on as soon as the reader has taken a chunk, and not only at the next tick", async () => {
    const { writable, readable, deployment } = toTransformStream(OPEN_ROAD);
    const piping = streamOf(numbersTo(2_000)).pipeTo(writable);
    await turns(200);
    const { read } = deployment.accounting;
    const reader = readable.getReader();
    await reader.read();
    await turns(20);
    expect(deployment.accounting.read).toBeGreaterThan(read);
    await reader.cancel();
    await piping.catch(() => {});
  });

  it("gives other ports to other sinks", async () => {
    const odd: unknown[] = [];
    const transform = toTransformStream(`${EVEN} select event from in where event % 2 == 1 into out/odd;`, {
      port: "odd",
      sinks: { out: (data) => void odd.push(data) },
    });
    expect(await collect(streamOf([1, 2, 3]).pipeThrough(transform))).toEqual([1, 3]);
    expect(odd).toEqual([{ n: 2 }]);
  });

  it("stops when the reader cancels", async () => {
    const { writable, readable, deployment } = toTransformStream(OPEN_ROAD);
    const piping = streamOf(numbersTo(1_000_000)).pipeTo(writable);
    const reader = readable.getReader();
    expect((await reader.read()).value).toBe(1);
    await reader.cancel();
    const accounting = await deployment.finished;
    expect(accounting.delivered + accounting.failed).toBe(accounting.read);
    await expect(piping).rejects.toThrow("the flow has ended");
  });

  it("errors the readable side when the writable side is aborted", async () => {
    const { writable, readable, deployment } = toTransformStream(OPEN_ROAD);
    const reader = readable.getReader();
    const reading = expect(reader.read()).rejects.toThrow("no more");
    await writable.abort(new Error("no more"));
    await reading;
    expect(await deployment.finished).toMatchObject({ inFlight: 0 });
  });

  it("errors both sides when the flow fails", async () => {
    const broken = {
      name: "broken",
      congested: false,
      start: () => Promise.reject(new Error("cannot start")),
      onEvent() {},
      drain: async () => {},
      close: async () => {},
    };
    const { writable, readable, deployment } = toTransformStream(OPEN_ROAD, { sinks: { err: broken } });
    await expect(deployment.finished).rejects.toThrow("cannot start");
    await expect(readable.getReader().read()).rejects.toThrow("cannot start");
    await expect(writable.getWriter().write(1)).rejects.toThrow("cannot start");
  });
});
