/** A summary as text. */
import { turnsAway } from "../../flow/protocol/port-name.ts";
import { count, counted, seconds } from "../base/number-format.ts";
import { printable } from "../base/printable.ts";
import type { BreakerHistory } from "./history.ts";
import type { SinkSummary, SourceSummary } from "./snapshot.ts";
import { BREAKER_EVENTS, ENDINGS, type Ending, isAccountedFor, type Summary } from "./summary.ts";

/** Breakers that are listed one by one. */
const SHOWN_BREAKERS = 5;

/** Several lines, without a line break at the end. */
export function reportOf(summary: Summary): string {
  const { events, durationMs, eventsPerSecond } = summary;
  const width = count(events.read).length;
  const pace = `in ${seconds(durationMs)} (${count(eventsPerSecond)} events/s)`;
  return [
    ...(summary.end === "finished" ? [] : [`${summary.end} before the end of ${summary.source}`]),
    `${count(events.read)} read from ${placeOf(summary)} ${pace}`,
    ...sourceLines(summary, width),
    ...ENDINGS.filter((ending) => ending === "delivered" || events[ending] > 0).map(
      (ending) => `  ${count(events[ending]).padStart(width)} ${ending}${remarkOn(ending, summary)}`,
    ),
    ...(summary.recovered === 0
      ? []
      : [`  ${count(summary.recovered).padStart(width)} recovered from a log`]),
    ...logLines(summary, width),
    ...sinkLines(summary, width),
    ...(summary.resent === 0 ? [] : [`sent again: ${counted(summary.resent, "time")}`]),
    ...summary.sources.flatMap(answerLine),
    ...summary.sinks.flatMap(requestLine),
    ...breakerLines(summary),
    ...fleetLine(summary),
    accountLine(summary),
  ].join("\n");
}

/** Sums up `failures` or `statuses`: "HTTP 503 (120), timeout after 1000 ms (8)". */
function countsText(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return sorted.map(([what, times]) => `${what} (${count(times)})`).join(", ");
}

function remarkOn(ending: Ending, summary: Summary): string {
  const { sinks } = summary;
  const nameOf = (port: string): string | undefined => sinks.find((sink) => sink.port === port)?.name;
  switch (ending) {
    case "delivered":
      return deliveredTo(summary);
    case "overflow":
      return `: refused by a breaker, ${kept(nameOf("overflow"))}`;
    case "err":
      return `: malformed, ${kept(nameOf("err"))}`;
    case "failed":
      return `: ${countsText(summary.failures)}, ${keptOfFailed(summary)}`;
    case "dropped":
      return ": they came to a port that leads nowhere, or to stdout when its reader had gone";
    case "filtered":
      return ": left out by the pipeline";
  }
}

/** Where there is one sink for them; of several, each has a line of its own. */
function deliveredTo({ sinks }: Summary): string {
  const [sink, ...others] = sinks.filter(({ port }) => !turnsAway(port) && port !== BREAKER_EVENTS);
  return sink === undefined || others.length > 0 ? "" : ` to ${sink.name}`;
}

/** What each of several sinks has taken. */
function sinkLines({ sinks }: Summary, width: number): readonly string[] {
  if (sinks.length < 2) return [];
  return sinks.map(
    ({ port, name, taken }) => `  ${count(taken).padStart(width)} from port ${port} to ${name}`,
  );
}

function kept(name: string | undefined): string {
  return name === undefined ? "not kept" : `kept in ${name}`;
}

function keptOfFailed({ events, failedTo, deadLettered }: Summary): string {
  const isAll = failedTo === null || deadLettered >= events.failed;
  return isAll ? kept(failedTo ?? undefined) : `only ${count(deadLettered)} of them kept in ${failedTo}`;
}

function placeOf({ source, sources }: Summary): string {
  return sources.length > 1 ? counted(sources.length, "source") : source;
}

/** What each of several sources has given. */
function sourceLines({ sources }: Summary, width: number): readonly string[] {
  if (sources.length < 2) return [];
  return sources.map(({ name, read }) => `  ${count(read).padStart(width)} from ${name}`);
}

/** What waits in each log. */
function logLines({ logs }: Summary, width: number): readonly string[] {
  return logs
    .filter(({ waiting }) => waiting > 0)
    .map(
      ({ waiting, name }) =>
        `  ${count(waiting).padStart(width)} waiting in the log ${printable(name)}: the next run sends them`,
    );
}

function answerLine({ answers, name }: SourceSummary): readonly string[] {
  if (answers === undefined || Object.keys(answers).length === 0) return [];
  return [`requests answered at ${name}: ${countsText(answers)}`];
}

function requestLine({ name, requests, requestsFailed, statuses }: SinkSummary): readonly string[] {
  if (requests === undefined || requestsFailed === undefined) return [];
  const answers = countsText(statuses ?? {});
  return [
    `${counted(requests, "request")} to ${name}, ${count(requestsFailed)} failed${answers === "" ? "" : `; status: ${answers}`}`,
  ];
}

/** One line for each of the first few breakers that opened. */
export function breakerLines({
  breakers,
  breakerCount,
  breakersForcedOpen,
  breakerEventsFailed,
}: Summary): readonly string[] {
  const lines = breakers.slice(0, SHOWN_BREAKERS).map(breakerLine);
  const rest = breakers.length - lines.length;
  if (rest > 0) lines.push(`breakers: ${count(rest)} more opened`);
  const quiet = breakerCount - breakersForcedOpen;
  if (breakers.length === 0 && quiet > 0) lines.push(`${counted(quiet, "breaker")}, never opened`);
  if (breakersForcedOpen > 0) lines.push(`${counted(breakersForcedOpen, "breaker")}, forced open`);
  if (breakerEventsFailed > 0)
    lines.push(`${counted(breakerEventsFailed, "breaker event")} could not be written`);
  return lines;
}

function breakerLine({ endpoint, opened, openMs, state }: BreakerHistory): string {
  return `breaker ${printable(endpoint)}: opened ${counted(opened, "time")}, open for ${seconds(openMs)}, now ${state.replace("_", "-")}`;
}

function fleetLine({ fleet }: Summary): readonly string[] {
  if (fleet === undefined) return [];
  const { store, exchanges, failed, opened, lastError } = fleet;
  const failures = failed === 0 ? "" : `, ${count(failed)} failed (${printable(lastError ?? "")})`;
  return [
    `fleet at ${printable(store)}: ${counted(exchanges, "exchange")}${failures}; it opened ${counted(opened, "breaker")} here`,
  ];
}

function accountLine(summary: Summary): string {
  const { events, unaccounted, answeredTwice, deadWorkers } = summary;
  if (isAccountedFor(summary)) return `accounted for: all ${count(events.read)}`;
  if (deadWorkers > 0)
    return `ERROR: NOT ACCOUNTED FOR: ${count(unaccounted)} of ${count(events.read)}: ${counted(deadWorkers, "worker")} died before the end of them was known.`;
  const twice = answeredTwice === 0 ? "" : `, ${count(answeredTwice)} ANSWERED TWICE`;
  return `ERROR: NOT ACCOUNTED FOR: ${count(unaccounted)} of ${count(events.read)}${twice}. This is a fault of bluesmoke.`;
}
