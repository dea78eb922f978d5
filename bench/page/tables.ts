/** The tables of a section, as HTML. */
import type { CaseResult, ComparisonResult, ReadingResult, SectionResult } from "../result.ts";
import { figure, grouped, peersOf, percent, targetOf, timesOf, verdictOf } from "../table.ts";
import { html, type Markup } from "./markup.ts";

const NONE: Markup = { html: "" };

/** What was measured. */
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

/** The targets of what was measured. */
export function comparisonTable({ comparisons }: SectionResult): Markup {
  if (comparisons.length === 0) return NONE;
  return table(["target of", "", "", "spread", "target", ""], comparisons.map(rowOfComparison));
}

function rowOfComparison({ what, by, unit, value, spread, target, met }: ComparisonResult): Markup {
  const cells = [what, figure(value), unit === "times" ? "×" : unit, percent(spread)];
  return row([...cells, targetOf(by === "time" ? "≤" : "≥", target)], met);
}

/** What was read. */
export function readingTable({ readings }: SectionResult): Markup {
  if (readings.length === 0) return NONE;
  return table(["reading", "", "", "target", ""], readings.map(rowOfReading));
}

function rowOfReading({ name, value, unit, target, met }: ReadingResult): Markup {
  return row([name, figure(value), unit, targetOf("≤", target)], met);
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
