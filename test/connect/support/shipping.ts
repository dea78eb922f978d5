/** An HTTP sink at work. */
import { onTestFinished } from "vitest";
import type { HttpOptions } from "../../../src/connect/http/http-options.ts";
import { HttpSink } from "../../../src/connect/http/http-sink.ts";
import { eventOf, Recorder } from "./recorder.ts";

/** A sink that was started without a probe; it is closed when the test ends. */
export async function ship(
  url: string,
  options: HttpOptions = {},
): Promise<{ sink: HttpSink; recorder: Recorder }> {
  const sink = new HttpSink(url, { probe: false, ...options });
  const recorder = new Recorder();
  await sink.start(recorder);
  onTestFinished(() => sink.close());
  return { sink, recorder };
}

/** Hands over so many events; their data are the numbers from 0. */
export function push(sink: HttpSink, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  for (const number of numbers) sink.onEvent(eventOf(number));
  return numbers;
}
