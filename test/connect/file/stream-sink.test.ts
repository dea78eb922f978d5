import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { StreamSink } from "../../../src/connect/file/stream-sink.ts";
import { CONGESTED_SIZE, WRITE_SIZE } from "../../../src/connect/stream/line-writer.ts";
import { eventOf, type Recorder } from "../support/recorder.ts";
import { started } from "../support/started.ts";

/** A stream whose writes end when a test says so. */
class SlowStream extends Writable {
  readonly written: string[] = [];
  #finish: ((error?: Error | null) => void) | undefined;

  constructor() {
    super({ decodeStrings: true });
  }

  override _write(text: string, _encoding: string, finish: (error?: Error | null) => void): void {
    this.written.push(String(text));
    this.#finish = finish;
  }

  /** Ends the write that is under way. */
  finish(error?: Error): void {
    this.#finish?.(error);
  }
}

async function slow(): Promise<{ stream: SlowStream; sink: StreamSink; recorder: Recorder }> {
  const stream = new SlowStream();
  const sink = new StreamSink("slow", async () => ({ stream, closes: true }));
  return { stream, sink, recorder: await started(sink) };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a sink on a stream", () => {
  it("acks when the stream says that it has written, and not before", async () => {
    const { stream, sink, recorder } = await slow();
    sink.onEvent(eventOf(1));
    await nextTurn();
    expect(stream.written).toEqual(["1\n"]);
    expect(recorder.answered).toBe(0);
    stream.finish();
    await recorder.until(({ answered }) => answered === 1);
    expect(recorder.acked).toEqual([1]);
    expect(recorder.durations[0]).toBeGreaterThanOrEqual(0);
    await sink.close();
  });

  it("writes the events of one turn together and a lone one without waiting", async () => {
    const { stream, sink } = await slow();
    for (const data of [1, 2, 3]) sink.onEvent(eventOf(data));
    await nextTurn();
    expect(stream.written).toEqual(["1\n2\n3\n"]);
    await sink.close();
  });

  it("is congested while the stream is slow, and says when it no longer is", async () => {
    const { stream, sink, recorder } = await slow();
    const data = "x".repeat(WRITE_SIZE);
    let count = 0;
    while (!sink.congested) {
      sink.onEvent(eventOf(data));
      count++;
      expect(count).toBeLessThanOrEqual(CONGESTED_SIZE / WRITE_SIZE);
    }
    expect(recorder.relievedCount).toBe(0);
    stream.finish();
    await recorder.until(({ relievedCount }) => relievedCount === 1);
    expect(sink.congested).toBe(false);
    await sink.close();
  });

  it("fails what JSON cannot say, and writes the rest", async () => {
    const { stream, sink, recorder } = await slow();
    sink.onEvent(eventOf(undefined));
    sink.onEvent(eventOf(10n));
    sink.onEvent(eventOf(1));
    await nextTurn();
    expect(recorder.rejected.map(({ meta }) => meta.error)).toEqual([
      "undefined has no form in JSON",
      "Do not know how to serialize a BigInt",
    ]);
    expect(stream.written).toEqual(["1\n"]);
    await sink.close();
  });

  it("fails everything once the disk is full, and still drains and closes", async () => {
    const { stream, sink, recorder } = await slow();
    sink.onEvent(eventOf(1));
    await nextTurn();
    sink.onEvent(eventOf(2));
    stream.finish(Object.assign(new Error("write failed"), { code: "ENOSPC" }));
    await sink.drain();
    sink.onEvent(eventOf(3));
    await sink.drain();
    const meta = { error: "cannot be written: no space left on the device", final: true };
    expect(recorder.failed).toEqual([1, 2, 3].map((data) => ({ data, meta })));
    await sink.close();
  });

  it("survives a reader that goes away: the events fail, the process lives", async () => {
    const child = spawn("true", { stdio: ["pipe", "ignore", "ignore"] });
    const sink = new StreamSink("stdout", async () => ({ stream: child.stdin, closes: false }));
    const recorder = await started(sink);
    await once(child, "exit");
    for (let i = 0; i < 3; i++) {
      sink.onEvent(eventOf(i));
      await nextTurn();
    }
    await sink.drain();
    await sink.close();
    expect(recorder.acked.length + recorder.failed.length).toBe(3);
    expect(recorder.failed.at(-1)?.meta.error).toMatch(/^cannot be written: /);
  });

  it("answers what was not written when it is closed without a drain", async () => {
    const { sink, recorder } = await slow();
    sink.onEvent(eventOf(1));
    await nextTurn();
    sink.onEvent(eventOf(2));
    await sink.close();
    expect(recorder.failed.map(({ data }) => data)).toEqual([1, 2]);
  });

  it("leaves a stream open that is not its own", async () => {
    const stream = new PassThrough();
    const sink = new StreamSink("stdout", async () => ({ stream, closes: false }));
    await started(sink);
    sink.onEvent(eventOf(1));
    await sink.drain();
    await sink.close();
    expect(stream.destroyed).toBe(false);
  });
});
