/**
 * `bluesmoke/replay`: records the calls of a registry, and replays them.
 * @module bluesmoke/replay
 */
export type { RecordedEndpoint, RecordingHeader } from "../replay/record/format.ts";
export { type Recorder, type RecordOptions, record } from "../replay/record/recorder.ts";
export { decodeRecording, type Recording } from "../replay/record/recording.ts";
export { type Repetition, repeatRecording } from "../replay/record/repeat.ts";
export { isTraceError, type TraceError, type TraceFault } from "../replay/trace-error.ts";
