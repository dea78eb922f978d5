/** The comparison as text. */
import { count, percent } from "../base/number-format.ts";
import { breakerLines } from "../view/report.ts";
import { ENDINGS, type Ending } from "../view/summary.ts";
import { type DemoSummary, type MeasuredSummary, wasted } from "./comparison.ts";

type Row = readonly [label: string, measure: (measurement: MeasuredSummary) => number | undefined];

const LABELS: Readonly<Record<Ending, string>> = {
  delivered: "  delivered",
  overflow: "  refused by the breaker, kept (overflow)",
  err: "  malformed (err)",
  failed: "  failed: the server did not take them",
  dropped: "  dropped",
  filtered: "  filtered",
};

const ROWS: readonly Row[] = [
  ["requests sent", ({ requests }) => requests.sent],
  ["  while the server was not healthy", ({ requests }) => wasted(requests)],
  ["events read", ({ summary }) => summary.events.read],
  ...ENDINGS.map((ending): Row => [LABELS[ending], ({ summary }) => summary.events[ending]]),
  ["  failed ones, sent again: tries", ({ summary }) => summary.resent],
  ["  the overflow, shipped again: delivered", ({ again }) => again?.events.delivered],
  [
    "events delivered in the end",
    ({ summary, again }) => summary.events.delivered + (again?.events.delivered ?? 0),
  ],
];

/** Several lines, without a line break at the end. */
export function tableOf(demo: DemoSummary): string {
  const { withBreaker, withoutBreaker } = demo;
  const measurements = withoutBreaker === null ? [withBreaker] : [withBreaker, withoutBreaker];
  const titles = ["with the breaker", "without"].slice(0, measurements.length);
  const rows = ROWS.map(([label, measure]) => [label, ...measurements.map(measure)] as const).filter(
    isWorthShowing,
  );
  return [
    lineOf("", titles),
    ...rows.map(([label, ...values]) =>
      lineOf(
        label,
        values.map((value) => (value === undefined ? "" : count(value))),
      ),
    ),
    "",
    ...breakerLines(withBreaker.summary),
    ...sparedLine(demo),
    accountLine(demo, measurements),
  ].join("\n");
}

function isWorthShowing([label, ...values]: readonly [string, ...(number | undefined)[]]): boolean {
  const isAlwaysShown = !label.startsWith(" ") || label === LABELS.delivered;
  return values.some((value) => value !== undefined && (value > 0 || isAlwaysShown));
}

function lineOf(label: string, cells: readonly string[]): string {
  return label.padEnd(46) + cells.map((cell) => cell.padStart(18)).join("");
}

function sparedLine({ spared, withoutBreaker }: DemoSummary): readonly string[] {
  if (spared === null || withoutBreaker === null) return [];
  const all = count(wasted(withoutBreaker.requests));
  return [
    `spared: ${count(spared.requests)} of ${all} requests to a server that was not healthy (${percent(spared.share)})`,
  ];
}

function accountLine({ accounted }: DemoSummary, measurements: readonly MeasuredSummary[]): string {
  const read = measurements.map(({ summary }) => count(summary.events.read)).join(" and ");
  return accounted
    ? `accounted for: all ${read}`
    : `ERROR: NOT ACCOUNTED FOR: some of ${read}. This is a fault of bluesmoke.`;
}
