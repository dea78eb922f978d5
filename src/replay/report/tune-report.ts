/** The result of a search as text and as a page. */
import { checkOptions, type Traffic } from "../advice/check-options.ts";
import type { CallTrace } from "../calls/call-trace.ts";
import { spanOf } from "../calls/call-trace.ts";
import { counted, countOf, durationOf, shareOf, tableOf } from "../text/format-text.ts";
import type { Score } from "../tune/evaluate.ts";
import type { Goal } from "../tune/goal.ts";
import { type Scored, worstNoticeOf } from "../tune/search.ts";
import { type Suggestion, wordsOf } from "../tune/suggest.ts";
import { escaped, keyOf, pageOf, tableHtml } from "./html.ts";
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
  /** Of the whole trace, for warnings about options that cannot work. */
  readonly traffic: Traffic;
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

function suggestionLines(one: Suggestion, index: number, { unseenCalls, traffic }: TuneResult): string[] {
  const unseen = one.unseen && worse(one.seen, one.unseen);
  return [
    `${index + 1}. ${one.title}${one.reaches ? "" : " (misses the goal)"}`,
    `   ${one.words}`,
    `   ${JSON.stringify(one.options)}`,
    `   seen:   ${scoreText(one.seen)}`,
    ...(one.unseen && unseenCalls > 0
      ? [`   unseen: ${scoreText(one.unseen)}${one.reachesUnseen ? "" : ": misses the goal there"}${unseen}`]
      : []),
    ...warningsOf(one, traffic).map((warning) => `   warning: ${warning}`),
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
  const { goalText, tried, front, suggestions, seenCalls, unseenCalls, traffic, warnings } = result;
  return pageOf(
    `${title}: tune`,
    `<main>
<h1>Options for ${escaped(title)}</h1>
<p class="about">Goal: ${escaped(goalText)}. ${countOf(tried)} options tried on ${counted(seenCalls, "call")}, ${unseenCalls > 0 ? `checked on ${countOf(unseenCalls)} others` : "not checked on other calls"}.</p>
${warnings.map((warning) => `<p class="limit">Warning: ${escaped(warning)}</p>`).join("\n")}
${scatterOf(front, suggestions)}
${suggestions.map((one, index) => suggestionHtml(one, index, traffic)).join("\n")}
<p class="limit">${escaped(RECORDED_LIMIT)}</p>
</main>`,
  );
}

/** Room for the labels of the axes. */
const LEFT = 52;
const RIGHT = 24;
const TOP = 28;
const BOTTOM = 44;

function scatterOf(front: readonly Scored[], suggestions: readonly Suggestion[]): string {
  const [low, high] = scaleOf([
    ...front,
    ...suggestions.map(({ options, seen }) => ({ options, score: seen })),
  ]);
  const x = (share: number) =>
    LEFT +
    ((Math.log10(Math.min(Math.max(share, low), high)) - Math.log10(low)) /
      (Math.log10(high) - Math.log10(low))) *
      (CHART_WIDTH - LEFT - RIGHT);
  const bottom = CHART_HEIGHT - BOTTOM;
  const y = (share: number) => TOP + (1 - share) * (bottom - TOP);
  const dot = (score: Score, kind: string, text: string) =>
    `<circle class="${kind}" cx="${x(score.goodRefused).toFixed(1)}" cy="${y(score.failedSaved).toFixed(1)}" r="${kind ? 7 : 5}"><title>${escaped(`${text}: ${scoreText(score)}`)}</title></circle>`;
  const decades = Math.round(Math.log10(high / low));
  const ticks = Array.from({ length: decades + 1 }, (_, index) => low * 10 ** index);
  const number = ({ seen }: Suggestion, index: number) =>
    `<text x="${x(seen.goodRefused).toFixed(1)}" y="${(y(seen.failedSaved) - 11).toFixed(1)}" text-anchor="middle">${index + 1}</text>`;
  const rows = front.map(({ options, score }, index) => [
    String(index + 1),
    ...scoreCells(score).map(escaped),
    escaped(wordsOf(options)),
  ]);
  return `<h2>Best trade-offs on the calls that the search has seen</h2>
${keyOf([
  ["succeeded", "tried"],
  ["goodRefused", "suggested below"],
])}
<div class="scroll" tabindex="0" role="region" aria-label="Chart of the trade-offs"><svg viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" class="scatter" role="img" aria-label="Failed calls saved over good calls refused: the table below has the figures">
${ticks.map((tick) => `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${bottom}"/><text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${Number((tick * 100).toPrecision(2))} %</text>`).join("\n")}
${[0, 0.5, 1].map((share) => `<line class="grid" x1="${LEFT}" x2="${CHART_WIDTH - RIGHT}" y1="${y(share)}" y2="${y(share)}"/><text x="${LEFT - 6}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`).join("\n")}
${front.map(({ options, score }) => dot(score, "", wordsOf(options))).join("\n")}
${suggestions.map((one, index) => dot(one.seen, "suggested", `${index + 1}. ${one.title}`)).join("\n")}
${suggestions.map(number).join("\n")}
<text x="${CHART_WIDTH / 2}" y="${CHART_HEIGHT - 6}" text-anchor="middle">good calls refused (the left end: that or less)</text><text x="4" y="14">failed calls saved</text>
</svg></div>
<details><summary>${counted(front.length, "trade-off")} as a table</summary>
${tableHtml("Trade-offs", ["", ...SCORE_HEAD, "options"], rows, (column) => column === 5)}
</details>`;
}

const SCORE_HEAD = ["good calls refused", "outage noticed after", "failed calls saved", "openings"] as const;

function suggestionHtml(one: Suggestion, index: number, traffic: Traffic): string {
  const row = (name: string, score: Score) => [name, ...scoreCells(score).map(escaped)];
  return `<section aria-labelledby="suggestion-${index + 1}"><h2 id="suggestion-${index + 1}">${index + 1}. ${escaped(one.title)}${one.reaches ? "" : " (misses the goal)"}</h2>
<p>${escaped(one.words)}</p>
${warningsOf(one, traffic)
  .map((warning) => `<p class="limit">Warning: ${escaped(warning)}</p>`)
  .join("\n")}
<pre tabindex="0" role="region" aria-label="Options of suggestion ${index + 1}">${escaped(JSON.stringify(one.options, null, 2))}</pre>
${tableHtml(
  "Exact replays",
  ["", ...SCORE_HEAD],
  [row("calls seen by the search", one.seen), ...(one.unseen ? [row("other calls", one.unseen)] : [])],
)}</section>`;
}

/** What cannot work at the rate of the endpoint with the fewest calls. */
function warningsOf({ options }: Suggestion, traffic: Traffic): readonly string[] {
  return checkOptions(options, traffic).map(({ message }) => message);
}

/** What `checkOptions` is told about a trace: the rate of the endpoint with the fewest calls, and how long calls usually take. */
export function trafficOf(trace: CallTrace): Traffic {
  const [fromMs, toMs] = spanOf(trace);
  const counts = trace.endpoints.map(() => 0);
  for (let call = 0; call < trace.count; call++) counts[trace.endpoint[call]!]! += trace.weights[call]!;
  const rate = (Math.min(...counts.filter((calls) => calls > 0)) / Math.max(toMs - fromMs, 1)) * 1_000;
  const known = trace.durationMs.filter((ms) => ms > 0).sort();
  return {
    rate: Math.min(Math.max(Number(rate.toPrecision(3)), 1e-6), 1e9),
    ...(known.length > 0 && { latencyMs: known[known.length >>> 1]! }),
  };
}
