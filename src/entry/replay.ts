/**
 * `bluesmoke/replay`: records the calls of a registry, and replays them.
 * @module bluesmoke/replay
 */
export {
  checkOptions,
  type Finding,
  type FindingKind,
  type Traffic,
} from "../replay/advice/check-options.ts";
export { type CallTrace, CallTraceBuilder } from "../replay/calls/call-trace.ts";
export { callsOf } from "../replay/calls/from-recording.ts";
export type { FieldNames } from "../replay/formats/ndjson.ts";
export { type ReadOptions, readTrace, type TraceFormat } from "../replay/formats/read-trace.ts";
export type { RecordedEndpoint, RecordingHeader } from "../replay/record/format.ts";
export { type Recorder, type RecordOptions, record } from "../replay/record/recorder.ts";
export { decodeRecording, type Recording } from "../replay/record/recording.ts";
export { type Repetition, repeatRecording } from "../replay/record/repeat.ts";
export { htmlReportOf } from "../replay/report/html-report.ts";
export { textReportOf } from "../replay/report/text-report.ts";
export { type Timeline, type TimelineSlice, timelineOf } from "../replay/report/timeline.ts";
export { isTraceError, type TraceError, type TraceFault } from "../replay/trace-error.ts";
export type { ModelOptions } from "../replay/whatif/endpoint-model.ts";
export { type Outage, outagesOf } from "../replay/whatif/outages.ts";
export {
  type CallCounts,
  type CallWatcher,
  type EndpointReplay,
  type NoticedOutage,
  type OpenTime,
  type ReplayOptions,
  type ReplayResult,
  replayCalls,
} from "../replay/whatif/replay-calls.ts";
