/** The result of a replay as text. */

import { counted, countOf, durationOf, shareOf, tableOf, timeOf } from "../text/format-text.ts";
import type { CallCounts, EndpointReplay, OpenTime, ReplayResult } from "../whatif/replay-calls.ts";
import { RECORDED_LIMIT, SIMULATED_LIMIT } from "./limits.ts";

/** Endpoints in the table, and openings below it. */
const MOST_ROWS = 50;

const HEAD = [
  "endpoint",
  "calls",
  "failed",
  "openings",
  "outages",
  "noticed after",
  "failed calls saved",
  "good calls refused",
];

/** Several lines, without a line break at the end. */
export function textReportOf(result: ReplayResult): string {
  const { endpoints, total, fromMs, toMs, isSimulated, warnings } = result;
  const shown = [...endpoints].sort((one, other) => other.calls - one.calls).slice(0, MOST_ROWS);
  const rows = shown.map((one) => rowOf(one.endpoint, one, one.openings.length, noticesOf([one])));
  const openings = endpoints.reduce((sum, one) => sum + one.openings.length, 0);
  const sum = rowOf("all", total, openings, noticesOf(endpoints));
  const hidden = endpoints.length - shown.length;
  return [
    `${counted(total.calls, "call")} of ${counted(endpoints.length, "endpoint")} in ${durationOf(toMs - fromMs)}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    "",
    tableOf([HEAD, ...rows, ...(endpoints.length > 1 ? [sum] : [])]),
    ...(hidden > 0 ? [`(${hidden} endpoints with fewer calls are in the sum)`] : []),
    "",
    ...openingLines(endpoints.flatMap((one) => one.openings)),
    isSimulated ? SIMULATED_LIMIT : RECORDED_LIMIT,
  ].join("\n");
}

function rowOf(
  name: string,
  counts: CallCounts,
  openings: number,
  notices: readonly [string, string],
): string[] {
  const { calls, succeeded, failed, goodRefused, failedSaved } = counts;
  const good = succeeded + goodRefused;
  return [
    name,
    countOf(calls),
    countOf(failed + failedSaved),
    countOf(openings),
    ...notices,
    `${countOf(failedSaved)} (${shareOf(failedSaved, failed + failedSaved)})`,
    `${countOf(goodRefused)} (${shareOf(goodRefused, good)})`,
  ];
}

/** How many outages, and how long it took at worst. */
function noticesOf(endpoints: readonly EndpointReplay[]): readonly [string, string] {
  const outages = endpoints.flatMap((one) => one.outages);
  const noticed = outages.flatMap(({ noticedAfterMs }) => noticedAfterMs ?? []);
  const missed = outages.length - noticed.length;
  if (outages.length === 0) return ["0", "-"];
  const worst = noticed.length === 0 ? "" : `<= ${durationOf(Math.max(...noticed))}`;
  return [countOf(outages.length), [worst, missed > 0 ? `${missed} missed` : ""].filter(Boolean).join(", ")];
}

function openingLines(openings: readonly OpenTime[]): string[] {
  if (openings.length === 0) return ["no openings", ""];
  const ordered = [...openings].sort((one, other) => one.atMs - other.atMs);
  const rows = ordered
    .slice(0, MOST_ROWS)
    .map((one) => [
      timeOf(one.atMs),
      one.endpoint,
      one.cause,
      `${one.failures} of ${one.calls} failed${one.slow > 0 ? `, ${one.slow} slow` : ""}`,
      one.closedMs === undefined ? "open at the end" : `open for ${durationOf(one.closedMs - one.atMs)}`,
    ]);
  const more = openings.length - rows.length;
  return [
    tableOf([["opened at", "endpoint", "cause", "window", ""], ...rows], 5),
    ...(more > 0 ? [`(${more} more openings)`] : []),
    "",
  ];
}
