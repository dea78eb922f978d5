/** The result of a search as text and as a page. */
import { checkOptions } from "../advice/check-options.ts";
import type { CallTrace } from "../calls/call-trace.ts";
import { spanOf } from "../calls/call-trace.ts";
import { counted, countOf, durationOf, shareOf, tableOf } from "../text/format-text.ts";
import type { Score } from "../tune/evaluate.ts";
import type { Goal } from "../tune/goal.ts";
import { type Scored, worstNoticeOf } from "../tune/search.ts";
import { type Suggestion, wordsOf } from "../tune/suggest.ts";
import { escaped, PAGE_STYLE } from "./html.ts";
import { RECORDED_LIMIT } from "./limits.ts";

/** What a search has found. */
export interface TuneResult {
  readonly goalText: string;
  readonly goal: Goal;
  /** Options that were tried. */
  readonly tried: number;
  /** Outcomes that the search has replayed, and how long that took. */
  readonly outcomes: number;
  readonly elapsedMs: number;
  readonly threads: number;
  readonly seenCalls: number;
  readonly unseenCalls: number;
  /** By the share of good calls that are refused. */
  readonly front: readonly Scored[];
  /** The defaults of the library, for comparison. */
  readonly defaults: { readonly seen: Score; readonly unseen: Score | undefined };
  readonly suggestions: readonly Suggestion[];
  readonly warnings: readonly string[];
}

/** Rows of the front. */
const MOST_ROWS = 12;

/** Several lines, without a line break at the end. */
export function tuneTextOf(result: TuneResult): string {
  const { goalText, tried, outcomes, elapsedMs, threads, seenCalls, unseenCalls, warnings } = result;
  const rate = outcomes / Math.max(elapsedMs, 1) / 1_000;
  return [
    `goal: ${goalText}`,
    `tried ${countOf(tried)} options on ${counted(seenCalls, "call")} in ${durationOf(elapsedMs)} with ${counted(threads, "thread")} (${countOf(rate)} million outcomes a second)`,
    unseenCalls > 0
      ? `checked on ${counted(unseenCalls, "other call")} that the search has not seen`
      : "not checked on other calls",
    ...warnings.map((warning) => `warning: ${warning}`),
    "",
    "Best trade-offs on the calls that the search has seen:",
    tableOf(
      [
        ["", "good calls refused", "outage noticed after", "failed calls saved", "openings", "options"],
        ...evenly(result.front).map(({ options, score }, index) => [
          `${index + 1}`,
          ...scoreCells(score),
          wordsOf(options),
        ]),
      ],
      1,
      true,
    ),
    "",
    chartOf(result.front),
    "",
    ...result.suggestions.flatMap((one, index) => suggestionLines(one, index, result)),
    `The defaults: ${scoreText(result.defaults.seen)}${result.defaults.unseen ? `; on other calls: ${scoreText(result.defaults.unseen)}` : ""}`,
    "",
    RECORDED_LIMIT,
  ].join("\n");
}

/** At most MOST_ROWS, evenly spread. */
function evenly(front: readonly Scored[]): readonly Scored[] {
  if (front.length <= MOST_ROWS) return front;
  return Array.from(
    { length: MOST_ROWS },
    (_, row) => front[Math.round((row * (front.length - 1)) / (MOST_ROWS - 1))]!,
  );
}

function scoreCells(score: Score): string[] {
  return [
    shareOf(score.goodRefused, 1),
    noticeText(score),
    shareOf(score.failedSaved, 1),
    countOf(score.openings),
  ];
}

function noticeText(score: Score): string {
  const missed = score.missedMs.length > 0 ? `${score.missedMs.length} missed` : "";
  return [score.noticeMs > 0 || !missed ? durationOf(score.noticeMs) : "", missed].filter(Boolean).join(", ");
}

function scoreText(score: Score): string {
  return `${shareOf(score.goodRefused, 1)} of good calls refused, outages noticed after ${noticeText(score)}, ${shareOf(score.failedSaved, 1)} of failed calls saved`;
}

function suggestionLines(one: Suggestion, index: number, { unseenCalls }: TuneResult): string[] {
  const unseen = one.unseen && worse(one.seen, one.unseen);
  return [
    `${index + 1}. ${one.title}${one.reaches ? "" : " (misses the goal)"}`,
    `   ${one.words}`,
    `   ${JSON.stringify(one.options)}`,
    `   seen:   ${scoreText(one.seen)}`,
    ...(one.unseen && unseenCalls > 0
      ? [`   unseen: ${scoreText(one.unseen)}${one.reachesUnseen ? "" : ": misses the goal there"}${unseen}`]
      : []),
    ...checkOptions(one.options).map(({ message }) => `   warning: ${message}`),
    "",
  ];
}

/** A hint at over-fitting. */
function worse(seen: Score, unseen: Score): string {
  const isWorse =
    unseen.goodRefused > 2 * seen.goodRefused + 0.0005 ||
    worstNoticeOf(unseen) > 2 * worstNoticeOf(seen) + 500;
  return isWorse ? " (much worse than on the calls that were seen: the options are fitted to them)" : "";
}

const WIDTH = 60;
const HEIGHT = 12;

/** Good calls refused to the right on a scale of powers of ten, failed calls saved upwards. */
function chartOf(front: readonly Scored[]): string {
  const rows = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => " "));
  const [low, high] = scaleOf(front);
  for (const { score } of front) {
    const x = Math.round(
      ((Math.log10(Math.max(score.goodRefused, low)) - Math.log10(low)) /
        (Math.log10(high) - Math.log10(low))) *
        (WIDTH - 1),
    );
    const y = HEIGHT - 1 - Math.round(score.failedSaved * (HEIGHT - 1));
    rows[y]![x] = "o";
  }
  const axis = `good calls refused: ${shareOf(low, 1)} or less to ${shareOf(high, 1)}`;
  return [
    "failed calls saved",
    ...rows.map(
      (row, index) =>
        `${index === 0 ? "100 %" : index === HEIGHT - 1 ? "  0 %" : "     "} |${row.join("").trimEnd()}`,
    ),
    `      +${"-".repeat(WIDTH)}`,
    `       ${axis}`,
  ].join("\n");
}

/** Bounds of the axis to the right: powers of ten. */
function scaleOf(front: readonly Scored[]): readonly [number, number] {
  const shares = front.map(({ score }) => score.goodRefused).filter((share) => share > 0);
  const low = 10 ** Math.floor(Math.log10(Math.max(1e-6, Math.min(1e-3, ...shares))));
  const high = 10 ** Math.ceil(Math.log10(Math.max(low * 10, ...shares)));
  return [low, high];
}

const CHART_WIDTH = 720;
const CHART_HEIGHT = 360;

/** The whole file. */
export function tunePageOf(result: TuneResult, title: string): string {
  const { goalText, tried, front, suggestions, seenCalls, unseenCalls, warnings } = result;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: tune</title>
<style>${PAGE_STYLE}
circle { fill: var(--succeeded); } circle.suggested { fill: var(--goodRefused); stroke: var(--ink); }
text { fill: var(--quiet); font-size: 12px; } pre { overflow-x: auto; }
</style>
</head>
<body>
<h1>Options for ${escaped(title)}</h1>
<p class="about">${escaped(goalText)}. ${countOf(tried)} options tried on ${counted(seenCalls, "call")}, checked on ${countOf(unseenCalls)} others.</p>
${warnings.map((warning) => `<p class="limit">Warning: ${escaped(warning)}</p>`).join("\n")}
${scatterOf(front, suggestions)}
${suggestions.map(suggestionHtml).join("\n")}
<p class="limit">${escaped(RECORDED_LIMIT)}</p>
</body>
</html>
`;
}

function scatterOf(front: readonly Scored[], suggestions: readonly Suggestion[]): string {
  const [low, high] = scaleOf(front);
  const x = (share: number) =>
    40 +
    ((Math.log10(Math.min(Math.max(share, low), high)) - Math.log10(low)) /
      (Math.log10(high) - Math.log10(low))) *
      (CHART_WIDTH - 60);
  const y = (share: number) => 10 + (1 - share) * (CHART_HEIGHT - 50);
  const dot = (score: Score, kind: string, text: string) =>
    `<circle class="${kind}" cx="${x(score.goodRefused).toFixed(1)}" cy="${y(score.failedSaved).toFixed(1)}" r="${kind ? 7 : 5}"><title>${escaped(`${text}: ${scoreText(score)}`)}</title></circle>`;
  const decades = Math.round(Math.log10(high / low));
  const ticks = Array.from({ length: decades + 1 }, (_, index) => low * 10 ** index);
  const bottom = CHART_HEIGHT - 40;
  return `<figure><figcaption><b>Best trade-offs</b> <span>of the calls that the search has seen</span></figcaption>
<svg viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" role="img" aria-label="Failed calls saved over good calls refused">
${ticks.map((tick) => `<line x1="${x(tick)}" x2="${x(tick)}" y1="10" y2="${bottom}" stroke="var(--line)"/><text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${shareOf(tick, 1)}</text>`).join("\n")}
${[0, 0.5, 1].map((share) => `<line x1="40" x2="${CHART_WIDTH - 20}" y1="${y(share)}" y2="${y(share)}" stroke="var(--line)"/><text x="34" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`).join("\n")}
${front.map(({ options, score }) => dot(score, "", wordsOf(options))).join("\n")}
${suggestions.map((one, index) => dot(one.seen, "suggested", `${index + 1}. ${one.title}`)).join("\n")}
<text x="${CHART_WIDTH / 2}" y="${CHART_HEIGHT - 4}" text-anchor="middle">good calls refused</text><text x="44" y="22">failed calls saved</text>
</svg></figure>`;
}

function suggestionHtml(one: Suggestion, index: number): string {
  const row = (name: string, score: Score) =>
    `<tr><th>${name}</th>${scoreCells(score)
      .map((cell) => `<td>${escaped(cell)}</td>`)
      .join("")}</tr>`;
  return `<h2>${index + 1}. ${escaped(one.title)}${one.reaches ? "" : " (misses the goal)"}</h2>
<p>${escaped(one.words)}</p>
<pre>${escaped(JSON.stringify(one.options, null, 2))}</pre>
<div class="scroll"><table><tr><th></th><th>good calls refused</th><th>outage noticed after</th><th>failed calls saved</th><th>openings</th></tr>${row("calls seen by the search", one.seen)}${one.unseen ? row("other calls", one.unseen) : ""}</table></div>`;
}

/** Calls a second of the endpoint with the fewest, for `checkOptions`. */
export function slowestRateOf(trace: CallTrace): number {
  const [fromMs, toMs] = spanOf(trace);
  const counts = trace.endpoints.map(() => 0);
  for (let call = 0; call < trace.count; call++) counts[trace.endpoint[call]!]! += trace.weights[call]!;
  return (Math.min(...counts.filter((calls) => calls > 0)) / Math.max(toMs - fromMs, 1)) * 1_000;
}
