/** Starts a sink as a graph does. */
import type { Sink } from "../../../src/flow/protocol/source-and-sink.ts";
import { Recorder } from "./recorder.ts";

export async function started(sink: Sink): Promise<Recorder> {
  const recorder = new Recorder();
  await sink.start(recorder);
  sink.onSignal?.({ kind: "start", atMs: 0 });
  return recorder;
}
