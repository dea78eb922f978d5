/** The report as one page that needs nothing else: styles, Chart.js, charts and results are inside. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Report } from "../report.ts";
import type { SectionResult } from "../result.ts";
import { ROOT } from "../root.ts";
import { headerOf } from "../table.ts";
import { html, jsonOf, type Markup, scriptOf } from "./markup.ts";
import { boardTables, caseTable, comparisonTable, readingTable } from "./tables.ts";

const FOLDER = join(ROOT, "bench", "page");
/** px of a bar with its distance to the next, and of the axis below. */
const BAR_HEIGHT = 30;
const AXIS_HEIGHT = 60;

/** The whole file. */
export function pageOf(report: Report): string {
  const { date, machine, short, rounds, command, sections } = report;
  const [about, versions] = headerOf(machine, false).split("\n") as [string, string]; // it has two lines
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bluesmoke: benchmark of ${date.slice(0, 10)}</title>
<style>${verbatim("style.css")}</style>
</head>
<body>
<h1>bluesmoke: benchmark</h1>
<p class="about"><code>${command}</code>, ${date}, ${rounds} rounds<br>${about}<br>${versions}</p>
${short ? html`<p class="warning">A short run: it proves that everything works, its figures mean nothing.</p>` : ""}
<p class="key"><i style="background: var(--baseline)"></i>baseline<i style="background: var(--case)"></i>what stands beside it<i style="background: var(--peer)"></i>another library. Bars are medians, whiskers reach from the first to the third quartile of the rounds. Less is better.</p>
${sections.map(sectionOf)}
<footer><p>What an operation is, and by which rules was measured: bench/README.md.</p></footer>
<script type="application/json" id="report">${jsonOf(report)}</script>
<script>${scriptOf(chartLibrary())}</script>
<script>${scriptOf(readFileSync(join(FOLDER, "charts.js"), "utf8"))}</script>
</body>
</html>
`.html;
}

function sectionOf(section: SectionResult): Markup {
  const { name, title, missing, broken } = section;
  return html`<section id="${name}">
<h2>${name}: ${title}</h2>
${groupsOf(section).map((group) => chartOf(section, group))}
${caseTable(section)}${comparisonTable(section)}${readingTable(section)}${boardTables(section)}
${missing.length > 0 ? html`<p>Left out, since the package is missing: ${missing.join("; ")}</p>` : ""}
${broken.map(({ case: where, error }) => html`<p class="missed">Broken: ${where}: ${error}</p>`)}
</section>
`;
}

/** The baselines of a section. */
function groupsOf({ cases }: SectionResult): readonly string[] {
  return [...new Set(cases.map(({ baseline, name }) => baseline ?? name))];
}

/** Filled by charts.js; the table below says the same where no script runs. */
function chartOf({ name, cases }: SectionResult, group: string): Markup {
  const bars = cases.filter((one) => (one.baseline ?? one.name) === group).length;
  return html`<div class="chart" style="height: ${bars * BAR_HEIGHT + AXIS_HEIGHT}px"><canvas data-section="${name}" data-group="${group}" role="img" aria-label="${name}, beside ${group}"></canvas></div>
`;
}

function verbatim(file: string): Markup {
  return { html: readFileSync(join(FOLDER, file), "utf8") };
}

/** Chart.js, as it is delivered for a plain script element. */
function chartLibrary(): string {
  const entry = createRequire(import.meta.url).resolve("chart.js");
  const source = readFileSync(join(dirname(entry), "chart.umd.min.js"), "utf8");
  return source.replace(/^\/\/# sourceMappingURL=.*$/m, ""); // a file that is not there
}
