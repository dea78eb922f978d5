/** The result of a replay as one page: styles and charts are inside, there is no script. */

import { counted, countOf, durationOf, shareOf, timeOf } from "../text/format-text.ts";
import type { EndpointReplay, ReplayResult } from "../whatif/replay-calls.ts";
import { escaped, KINDS, PAGE_STYLE } from "./html.ts";
import { RECORDED_LIMIT, SIMULATED_LIMIT } from "./limits.ts";
import { SLICES, type TimelineSlice } from "./timeline.ts";

/** Charts on a page: endpoints with openings or outages first, then those with most calls. */
const MOST_CHARTS = 40;
const WIDTH = 960;
const HEIGHT = 96;
/** Height of the two bands below the bars: when the breaker was open, and when the endpoint was down. */
const BAND = 8;

/** The whole file. `slices`: of each endpoint, see timeline.ts. */
export function htmlReportOf(
  result: ReplayResult,
  slices: readonly (readonly TimelineSlice[])[],
  title: string,
): string {
  const { endpoints, total, fromMs, toMs, isSimulated, warnings } = result;
  const about = `${counted(total.calls, "call")} of ${counted(endpoints.length, "endpoint")}, ${timeOf(fromMs)} to ${timeOf(toMs)} (${durationOf(toMs - fromMs)})`;
  const ranked = endpoints
    .map((endpoint, index) => ({ endpoint, slices: slices[index]! }))
    .sort((one, other) => rankOf(other.endpoint) - rankOf(one.endpoint));
  const charts = ranked.slice(0, MOST_CHARTS).map((one) => chartOf(one.endpoint, one.slices, fromMs, toMs));
  const hidden = endpoints.length - charts.length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: replay</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>Replay of ${escaped(title)}</h1>
<p class="about">${escaped(about)}</p>
${warnings.map((warning) => `<p class="limit">Warning: ${escaped(warning)}</p>`).join("\n")}
<div class="scroll">${summaryOf(result)}</div>
<p class="key">${KINDS.map(([kind, text]) => `<i class="${kind}"></i>${text}`).join("")}<i class="open"></i>breaker not closed<i class="down"></i>endpoint down</p>
${charts.join("\n")}
${hidden > 0 ? `<p class="limit">${hidden} endpoints with fewer calls have no chart.</p>` : ""}
<p class="limit">${escaped(isSimulated ? SIMULATED_LIMIT : RECORDED_LIMIT)}</p>
</body>
</html>
`;
}

function rankOf({ openings, outages, calls }: EndpointReplay): number {
  return (openings.length + outages.length > 0 ? 1e15 : 0) + calls;
}

function summaryOf({ endpoints, total }: ReplayResult): string {
  const openings = endpoints.reduce((sum, one) => sum + one.openings.length, 0);
  const { succeeded, failed, goodRefused, failedSaved } = total;
  const rows = [
    ["openings", countOf(openings)],
    ["failed calls saved", `${countOf(failedSaved)} (${shareOf(failedSaved, failed + failedSaved)})`],
    ["good calls refused", `${countOf(goodRefused)} (${shareOf(goodRefused, succeeded + goodRefused)})`],
  ];
  return `<table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join("")}</table>`;
}

function chartOf(
  endpoint: EndpointReplay,
  slices: readonly TimelineSlice[],
  fromMs: number,
  toMs: number,
): string {
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
      const place = `x="${fixed(index * width)}" y="${fixed(top)}" width="${fixed(width - 0.4)}" height="${fixed(height)}"`;
      return `<rect class="${kind}" ${place}><title>${escaped(tipOf(slice, fromMs + (index / SLICES) * spanMs))}</title></rect>`;
    });
  });
  const band = (kind: string, from: number, to: number, y: number, text: string) =>
    `<rect class="${kind}" x="${fixed(x(from))}" y="${y}" width="${fixed(Math.max(x(to) - x(from), 1))}" height="${BAND - 2}"><title>${escaped(text)}</title></rect>`;
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
  return `<figure>
<figcaption><b>${name}</b> <span>${escaped(captionOf(endpoint, most))}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 2 * BAND + 4}" role="img" aria-label="Calls of ${name} over time">
<line x1="0" x2="${WIDTH}" y1="${HEIGHT + 0.5}" y2="${HEIGHT + 0.5}" stroke="var(--line)"/>
${[...bars, ...open, ...down].filter(Boolean).join("\n")}
</svg>
</figure>`;
}

function captionOf(
  { calls, openings, outages, goodRefused, failedSaved }: EndpointReplay,
  most: number,
): string {
  const notices = outages.map(({ noticedAfterMs }) => noticeOf(noticedAfterMs));
  return [
    `${countOf(calls)} calls, at most ${countOf(most)} in a bar`,
    `${countOf(openings.length)} openings`,
    `${countOf(failedSaved)} failed calls saved`,
    `${countOf(goodRefused)} good calls refused`,
    ...(outages.length > 0
      ? [`${countOf(outages.length)} outages: ${[...new Set(notices)].slice(0, 3).join("; ")}`]
      : []),
  ].join(" · ");
}

function noticeOf(afterMs: number | undefined): string {
  return afterMs === undefined ? "not noticed" : `noticed after ${durationOf(afterMs)}`;
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
