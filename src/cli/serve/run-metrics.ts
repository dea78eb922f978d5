/** The counts of a run in the text format of Prometheus, beside those of its breakers. */
import { escapeLabel } from "../../metrics/prometheus.ts";
import type { FleetSummary, RunSnapshot, SinkSummary } from "../view/snapshot.ts";
import { ENDINGS } from "../view/summary.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

const PREFIX = "bluesmoke_run";

/** Lines of the text, each with its line feed; none before the run has begun. */
export function runMetricsText(snapshot: RunSnapshot | undefined, fleet?: FleetSummary): string {
  if (snapshot === undefined) return fleetText(fleet) + processText();
  const { accounting, resent, sources, sinks, logs = [] } = snapshot;
  return [
    family("events_read_total", "counter", "Events that each source has read.", byName(sources)),
    family(
      "events_total",
      "counter",
      "Events that ended, by disposition; with those in flight they add up to the events read.",
      ENDINGS.map((disposition) => [{ disposition }, accounting[disposition]]),
    ),
    family("events_in_flight", "gauge", "Events that were read and have not ended.", [
      [{}, accounting.inFlight],
    ]),
    family("events_waiting", "gauge", "Events in each log that are not delivered.", [
      ...logs.map(({ name, waiting }): Sample => [{ log: name }, waiting]),
    ]),
    family("events_resent_total", "counter", "How often an event was sent again.", [[{}, resent]]),
    family("dead_letters_total", "counter", "Failed events that --failed has taken.", [
      [{}, accounting.deadLettered],
    ]),
    family("sink_events_total", "counter", "Events that each sink has taken.", ofSinks(sinks, "taken")),
    family(
      "sink_requests_total",
      "counter",
      "Requests that each HTTP sink has sent.",
      ofSinks(sinks, "requests"),
    ),
    family(
      "sink_requests_failed_total",
      "counter",
      "Requests of each HTTP sink that ended, and not in 2xx.",
      ofSinks(sinks, "requestsFailed"),
    ),
    family(
      "sink_responses_total",
      "counter",
      "Responses to each HTTP sink by status.",
      sinks.flatMap((sink) => statusesOf(sink.statuses, labelsOf(sink))),
    ),
    family(
      "source_responses_total",
      "counter",
      "Responses of each HTTP source by status.",
      sources.flatMap(({ name, answers }) => statusesOf(answers, { source: name })),
    ),
    fleetText(fleet),
    processText(),
  ].join("");
}

function fleetText(fleet: FleetSummary | undefined): string {
  if (fleet === undefined) return "";
  const { exchanges, failed, skipped, machines, refused, opened } = fleet;
  const results = Object.entries({ completed: exchanges, failed, skipped });
  return [
    family(
      "fleet_exchanges_total",
      "counter",
      "Exchanges with the store of the fleet, by result; breakers act alone where they fail.",
      results.map(([result, count]) => [{ result }, count]),
    ),
    family("fleet_machines", "gauge", "Other machines whose reports were read last.", [[{}, machines]]),
    family("fleet_opened_total", "counter", "Breakers that the fleet has opened here.", [[{}, opened]]),
    family("fleet_refused_total", "counter", "Reports and switches of the store that made no sense.", [
      [{}, refused],
    ]),
  ].join("");
}

/** Names that every dashboard of processes knows. */
function processText(): string {
  const startSeconds = (performance.timeOrigin / 1_000).toFixed(3);
  return (
    textOf("process_start_time_seconds", "gauge", "Start of the process since 1970.", [
      [{}, Number(startSeconds)],
    ]) +
    textOf("process_resident_memory_bytes", "gauge", "Memory of the process.", [
      [{}, process.memoryUsage.rss()],
    ])
  );
}

function byName(sources: RunSnapshot["sources"]): readonly Sample[] {
  return sources.map(({ name, read }) => [{ source: name }, read]);
}

function ofSinks(
  sinks: readonly SinkSummary[],
  key: "taken" | "requests" | "requestsFailed",
): readonly Sample[] {
  return sinks.flatMap((sink): Sample[] => {
    const value = sink[key];
    return value === undefined ? [] : [[labelsOf(sink), value]];
  });
}

function labelsOf({ port, name }: SinkSummary): Labels {
  return { port, sink: name };
}

function statusesOf(counts: Readonly<Record<string, number>> = {}, labels: Labels): readonly Sample[] {
  return Object.entries(counts).map(([status, count]) => [{ ...labels, status }, count]);
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  return textOf(`${PREFIX}_${name}`, type, help, samples);
}

function textOf(name: string, type: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return [`# HELP ${name} ${help}\n`, `# TYPE ${name} ${type}\n`, ...lines].join("");
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
