/** The result of a replay as one page: styles and charts are inside, there is no script. */

import { counted, countOf, durationOf, shareOf, shortTimeOf, spanText, timeOf } from "../text/format-text.ts";
import type { EndpointReplay, ReplayResult } from "../whatif/replay-calls.ts";
import { BANDS, escaped, KINDS, keyOf, pageOf, tableHtml } from "./html.ts";
import { RECORDED_LIMIT, SIMULATED_LIMIT } from "./limits.ts";
import { SLICES, type TimelineSlice } from "./timeline.ts";

/** Charts on a page: endpoints with openings or outages first, then those with most calls. */
const MOST_CHARTS = 40;
/** Rows of the table of endpoints, and openings below a chart. */
const MOST_ROWS = 200;
const WIDTH = 960;
const HEIGHT = 112;
/** Height of the two bands below the bars: when the breaker was open, and when the endpoint was down. */
const BAND = 10;
/** Labels of the axis of time. */
const TICKS = 7;

interface Ranked {
  readonly endpoint: EndpointReplay;
  readonly slices: readonly TimelineSlice[];
  /** Of its heading; undefined: it has no chart. */
  readonly id: string | undefined;
}

/** The whole file. `slices`: of each endpoint, see timeline.ts. */
export function htmlReportOf(
  result: ReplayResult,
  slices: readonly (readonly TimelineSlice[])[],
  title: string,
): string {
  const { endpoints, total, fromMs, toMs, isSimulated, warnings } = result;
  const about = `${counted(total.calls, "call")} of ${counted(endpoints.length, "endpoint")}, ${spanText(fromMs, toMs)} (${durationOf(toMs - fromMs)}).`;
  const ranked = endpoints
    .map((endpoint, index) => ({ endpoint, slices: slices[index]! }))
    .sort((one, other) => rankOf(other.endpoint) - rankOf(one.endpoint))
    .map((one, index): Ranked => ({ ...one, id: index < MOST_CHARTS ? `endpoint-${index + 1}` : undefined }));
  const charts = ranked.filter(({ id }) => id).map((one) => chartOf(one, fromMs, toMs));
  const hidden = endpoints.length - charts.length;
  return pageOf(
    `${title}: replay`,
    `<main>
<h1>Replay of ${escaped(title)}</h1>
<p class="about">${escaped(about)}</p>
${warnings.map((warning) => `<p class="limit">Warning: ${escaped(warning)}</p>`).join("\n")}
${summaryOf(result, ranked)}
${keyOf([...KINDS, ...BANDS])}
${charts.join("\n")}
${hidden > 0 ? `<p class="limit">${counted(hidden, "endpoint")} with fewer calls ${hidden === 1 ? "has" : "have"} no chart.</p>` : ""}
<p class="limit">${escaped(isSimulated ? SIMULATED_LIMIT : RECORDED_LIMIT)}</p>
</main>`,
  );
}

function rankOf({ openings, outages, calls }: EndpointReplay): number {
  return (openings.length + outages.length > 0 ? 1e15 : 0) + calls;
}

function summaryOf({ endpoints, total }: ReplayResult, ranked: readonly Ranked[]): string {
  const row = (name: string, of: typeof total, all: readonly EndpointReplay[]) => [
    name,
    countOf(of.calls),
    countOf(of.failed + of.failedSaved),
    countOf(all.reduce((sum, one) => sum + one.openings.length, 0)),
    escaped(outagesText(all)),
    `${countOf(of.failedSaved)} (${shareOf(of.failedSaved, of.failed + of.failedSaved)})`,
    `${countOf(of.goodRefused)} (${shareOf(of.goodRefused, of.succeeded + of.goodRefused)})`,
  ];
  const rows = ranked.slice(0, MOST_ROWS).map(({ endpoint, id }) => {
    const name = escaped(endpoint.endpoint);
    return row(id ? `<a href="#${id}">${name}</a>` : name, endpoint, [endpoint]);
  });
  const head = [
    "endpoint",
    "calls",
    "failed",
    "openings",
    "outages",
    "failed calls saved",
    "good calls refused",
  ];
  const sum = endpoints.length > 1 ? [row("all", total, endpoints)] : [];
  return tableHtml("Endpoints", head, [...rows, ...sum]);
}

/** "2, noticed within 1.7 s" */
function outagesText(endpoints: readonly EndpointReplay[]): string {
  const outages = endpoints.flatMap((one) => one.outages);
  const noticed = outages.flatMap(({ noticedAfterMs }) => noticedAfterMs ?? []);
  const missed = outages.length - noticed.length;
  if (outages.length === 0) return "0";
  return [
    countOf(outages.length),
    ...(noticed.length > 0 ? [`noticed within ${durationOf(Math.max(...noticed))}`] : []),
    ...(missed > 0 ? [`${countOf(missed)} not noticed`] : []),
  ].join(", ");
}

function chartOf({ endpoint, slices, id }: Ranked, fromMs: number, toMs: number): string {
  const most = Math.max(1, ...slices.map((slice) => KINDS.reduce((sum, [kind]) => sum + slice[kind], 0)));
  const width = WIDTH / SLICES;
  const spanMs = Math.max(toMs - fromMs, 1);
  const x = (ms: number) => ((Math.min(Math.max(ms, fromMs), toMs) - fromMs) / spanMs) * WIDTH;
  const bars = slices.flatMap((slice, index) => {
    let top = HEIGHT;
    return KINDS.map(([kind]) => {
      const height = (slice[kind] / most) * HEIGHT;
      top -= height;
      if (slice[kind] === 0) return "";
      const place = `x="${fixed(index * width)}" y="${fixed(top)}" width="${fixed(width)}" height="${fixed(height)}"`;
      return `<rect class="${kind}" ${place}><title>${escaped(tipOf(slice, fromMs + (index / SLICES) * spanMs))}</title></rect>`;
    });
  });
  const band = (kind: string, from: number, to: number, y: number, text: string) =>
    `<rect class="${kind}" x="${fixed(x(from))}" y="${y}" width="${fixed(Math.max(x(to) - x(from), 1.5))}" height="${BAND - 3}"><title>${escaped(text)}</title></rect>`;
  const open = endpoint.openings.map((one) =>
    band(
      "open",
      one.atMs,
      one.closedMs ?? toMs,
      HEIGHT + 3,
      `${timeOf(one.atMs)}: ${one.cause}, ${one.failures} of ${one.calls} failed`,
    ),
  );
  const down = endpoint.outages.map((one) =>
    band(
      "down",
      one.fromMs,
      one.toMs,
      HEIGHT + 3 + BAND,
      `down from ${timeOf(one.fromMs)}, ${noticeOf(one.noticedAfterMs)}`,
    ),
  );
  const name = escaped(endpoint.endpoint);
  const caption = captionOf(endpoint, most, spanMs / SLICES);
  return `<section aria-labelledby="${id}">
<h2 id="${id}" tabindex="-1">${name}</h2>
<p class="caption">${escaped(caption)}</p>
<figure>
<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT + 2 * BAND}" preserveAspectRatio="none" role="img" aria-label="Calls of ${name} over time: ${escaped(caption)}">
<line class="grid" x1="0" x2="${WIDTH}" y1="${HEIGHT + 0.5}" y2="${HEIGHT + 0.5}"/>
${[...bars, ...open, ...down].filter(Boolean).join("\n")}
</svg>
${axisOf(fromMs, toMs)}
</figure>
${openingsOf(endpoint)}
</section>`;
}

function axisOf(fromMs: number, toMs: number): string {
  const times = Array.from({ length: TICKS }, (_, tick) => fromMs + ((toMs - fromMs) * tick) / (TICKS - 1));
  return `<div class="axis" aria-hidden="true">${times.map((ms) => `<time>${shortTimeOf(ms, toMs - fromMs)}</time>`).join("")}</div>`;
}

/** What the dark band says, as a table that keys can open. */
function openingsOf({ openings, outages }: EndpointReplay): string {
  const tables: string[] = [];
  if (openings.length > 0) {
    const rows = openings
      .slice(0, MOST_ROWS)
      .map(({ atMs, cause, failures, calls, slow, closedMs, reopened }) => [
        timeOf(atMs),
        escaped(cause),
        `${countOf(failures)} of ${countOf(calls)} failed${slow > 0 ? `, ${countOf(slow)} slow` : ""}`,
        closedMs === undefined ? "open at the end" : durationOf(closedMs - atMs),
        countOf(reopened),
      ]);
    const head = ["opened at", "cause", "window", "not closed for", "failed probes"];
    const title = openings.length > MOST_ROWS ? `The first ${MOST_ROWS} openings` : "Openings";
    tables.push(tableHtml(title, head, rows, (column) => column < 3));
  }
  if (outages.length > 0) {
    const rows = outages
      .slice(0, MOST_ROWS)
      .map(({ fromMs, toMs, noticedAfterMs }) => [
        timeOf(fromMs),
        durationOf(toMs - fromMs),
        escaped(noticeOf(noticedAfterMs)),
      ]);
    const title = outages.length > MOST_ROWS ? `The first ${MOST_ROWS} outages` : "Outages";
    tables.push(tableHtml(title, ["down from", "for", "breaker"], rows, (column) => column === 2));
  }
  if (tables.length === 0) return "";
  const parts = [
    ...(openings.length > 0 ? [counted(openings.length, "opening")] : []),
    ...(outages.length > 0 ? [counted(outages.length, "outage")] : []),
  ];
  return `<details><summary>${parts.join(", ")}</summary>
${tables.join("\n")}
</details>`;
}

function captionOf(
  { calls, openings, outages, goodRefused, failedSaved }: EndpointReplay,
  most: number,
  barMs: number,
): string {
  const notices = outages.map(({ noticedAfterMs }) => noticeOf(noticedAfterMs));
  return [
    `${counted(calls, "call")}, at most ${countOf(most)} in a bar of ${durationOf(barMs)}`,
    counted(openings.length, "opening"),
    `${counted(failedSaved, "failed call")} saved`,
    `${counted(goodRefused, "good call")} refused`,
    ...(outages.length > 0
      ? [`${counted(outages.length, "outage")}: ${[...new Set(notices)].slice(0, 3).join("; ")}`]
      : []),
  ].join(" · ");
}

function noticeOf(afterMs: number | undefined): string {
  if (afterMs === undefined) return "not noticed";
  return afterMs === 0 ? "was not closed when it began" : `noticed after ${durationOf(afterMs)}`;
}

function tipOf(slice: TimelineSlice, atMs: number): string {
  const parts = KINDS.filter(([kind]) => slice[kind] > 0).map(
    ([kind, text]) => `${countOf(slice[kind])} ${text}`,
  );
  return `${timeOf(atMs)}: ${parts.join(", ")}`;
}

function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
