import { expect, it } from "vitest";
import { NullSink } from "../../src/connect/null.ts";
import { openSink } from "../../src/connect/open.ts";
import { eventOf, Recorder } from "./support/recorder.ts";

it("counts events and acks them at once", async () => {
  const sink = await openSink("null:");
  const recorder = new Recorder();
  await sink.start(recorder);
  sink.onEvent(eventOf(1));
  sink.onEvent(eventOf(undefined));
  expect(recorder.acked).toEqual([1, undefined]);
  expect(sink).toBeInstanceOf(NullSink);
  expect((sink as NullSink).count).toBe(2);
  expect(sink.congested).toBe(false);
  await sink.drain();
  await sink.close();
});
