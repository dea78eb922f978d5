/** The tables of a section, as HTML. */
import type { Board } from "../goodput/scoreboard.ts";
import type { CaseResult, ComparisonResult, ReadingResult, SectionResult } from "../result.ts";
import {
  boardHead,
  boardRow,
  boardsOf,
  figure,
  grouped,
  peersOf,
  percent,
  targetOf,
  timesOf,
  verdictOf,
} from "../table.ts";
import { html, type Markup } from "./markup.ts";

const NONE: Markup = { html: "" };

/** The cases of a section. */
export function caseTable(section: SectionResult): Markup {
  const { operation, cases } = section;
  if (cases.length === 0) return NONE;
  const peers = peersOf(section);
  const head = [
    "",
    `ns/${operation}`,
    `${operation}s/s`,
    "spread",
    "× baseline",
    ...peers.map((peer) => `× ${peer}`),
  ];
  return table(
    head,
    cases.map((one) =>
      rowOf(
        one,
        peers.map((peer) => timesOf(one, peer)),
      ),
    ),
  );
}

function rowOf(
  { name, ns, operationsPerSecond, spread, baseline, ratio }: CaseResult,
  theirs: readonly string[],
): Markup {
  const times = ratio === null ? "" : baseline === name ? "1" : figure(ratio);
  return row([name, figure(ns), grouped(operationsPerSecond), percent(spread), times, ...theirs]);
}

/** The targets of a section. */
export function comparisonTable({ comparisons }: SectionResult): Markup {
  if (comparisons.length === 0) return NONE;
  return table(["target of", "", "", "spread", "target", ""], comparisons.map(rowOfComparison));
}

function rowOfComparison({ what, by, unit, value, spread, target, met }: ComparisonResult): Markup {
  const cells = [what, figure(value), unit === "times" ? "×" : unit, percent(spread)];
  return row([...cells, targetOf(by === "time" ? "≤" : "≥", target)], met);
}

/** The readings of a section. */
export function readingTable({ readings }: SectionResult): Markup {
  if (readings.length === 0) return NONE;
  return table(["reading", "", "", "target", ""], readings.map(rowOfReading));
}

function rowOfReading({ name, value, unit, target, met }: ReadingResult): Markup {
  return row([name, figure(value), unit, targetOf("≤", target)], met);
}

/** The tables of a simulation; each row has a bar of good, failed and refused calls. */
export function boardTables({ scoreboard }: SectionResult): Markup {
  if (scoreboard === undefined) return NONE;
  return html`<p class="key"><i class="of-good"></i>good<i class="of-failed"></i>failed<i class="of-refused"></i>refused, as shares of the calls that were offered</p>
${boardsOf(scoreboard).map(boardTable)}`;
}

function boardTable(board: Board): Markup {
  const rows = board.rows.map((one) => {
    const parts = (["good", "failed", "refused"] as const).map(
      (kind) => html`<i class="of-${kind}" style="width: ${(100 * one[kind]) / one.offered}%"></i>`,
    );
    const cells = boardRow(one).map((cell) => html`<td>${cell}</td>`);
    return html`<tr>${cells}<td><span class="parts">${parts}</span></td></tr>
`;
  });
  return table([...boardHead(board), ""], rows);
}

function table(head: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`;
}

/** `met` undefined: the table has no column for it. */
function row(cells: readonly string[], met?: boolean | null): Markup {
  const verdict =
    met === undefined ? NONE : html`<td class="${met === false ? "missed" : "met"}">${verdictOf(met)}</td>`;
  return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}${verdict}</tr>
`;
}
