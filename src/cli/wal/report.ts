/** A log as text. */
import type { LogReport, SegmentReport } from "../../wal/inspect.ts";
import { count, counted, seconds } from "../base/number-format.ts";
import { printable } from "../base/printable.ts";

/** Segments that are listed one by one, at each end. */
const SHOWN_SEGMENTS = 10;

/** Several lines, without a line break at the end. */
export function logText(report: LogReport, nowMs: number): string {
  const { segments, corrupt, lostAckBytes } = report;
  return [
    `${counted(report.waiting, "event")} waiting in ${printable(report.folder)}${sinceText(report, nowMs)}`,
    `${counted(segments.length, "segment")}, ${count(report.bytes)} bytes; done up to event ${count(report.position)}${userText(report)}`,
    ...segmentLines(segments),
    ...segments.flatMap(damageLine),
    ...corrupt.map(({ file, bytes }) => `set aside, damaged: ${file}, ${count(bytes)} bytes`),
    ...(lostAckBytes === 0
      ? []
      : [`acks: ${count(lostAckBytes)} bytes cannot be read: some delivered events are sent again`]),
  ].join("\n");
}

/** Nothing in the log is damaged, and nothing was set aside. */
export function isSound({ segments, corrupt, lostAckBytes }: LogReport): boolean {
  return corrupt.length === 0 && lostAckBytes === 0 && !segments.some(({ scan }) => scan?.isDamaged === true);
}

function sinceText({ oldestMs }: LogReport, nowMs: number): string {
  if (oldestMs === undefined) return "";
  return `, the oldest for ${durationText(Math.max(0, nowMs - oldestMs))} (${new Date(oldestMs).toISOString()})`;
}

/** "1.5 s", "4 minutes", "30 hours", "9 days" */
function durationText(ms: number): string {
  if (ms < 120_000) return seconds(ms);
  const minutes = ms / 60_000;
  if (minutes < 120) return counted(minutes, "minute");
  return minutes < 48 * 60 ? counted(minutes / 60, "hour") : counted(minutes / (24 * 60), "day");
}

function userText({ process }: LogReport): string {
  return process === undefined ? "; no process uses it" : `; process ${process} uses it`;
}

function segmentLines(segments: readonly SegmentReport[]): readonly string[] {
  const left = segments.length - 2 * SHOWN_SEGMENTS;
  if (left <= 0) return segments.map(segmentLine);
  return [
    ...segments.slice(0, SHOWN_SEGMENTS).map(segmentLine),
    `  ... ${count(left)} more`,
    ...segments.slice(-SHOWN_SEGMENTS).map(segmentLine),
  ];
}

function segmentLine({ file, bytes, firstId, lastId, waiting }: SegmentReport): string {
  const ids = lastId < firstId ? "no events" : `events ${count(firstId)} to ${count(lastId)}`;
  return `  ${file}  ${count(bytes)} bytes, ${ids}, ${count(waiting)} waiting`;
}

function damageLine({ file, scan }: SegmentReport): readonly string[] {
  if (scan === undefined || scan.badBytes === 0) return [];
  const what = scan.isDamaged
    ? "are damaged: the next run sets the segment aside and keeps what is whole"
    : "at the end are no whole event: it is being written, or the next run cuts it";
  return [`  ${file}: ${count(scan.badBytes)} bytes ${what}`];
}
