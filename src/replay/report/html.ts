/** What the pages of replay and tune have in common. */
import type { TimelineSlice } from "./timeline.ts";

/** From the bottom of a bar to its top. */
export const KINDS: readonly (readonly [keyof TimelineSlice, string])[] = /* @__PURE__ */ (() => [
  ["succeeded", "succeeded"],
  ["unknown", "no outcome recorded"],
  ["failed", "failed"],
  ["failedSaved", "refused, would have failed"],
  ["goodRefused", "refused, would have succeeded"],
])();

/** The bands below the bars. */
export const BANDS: readonly (readonly [string, string])[] = /* @__PURE__ */ (() => [
  ["open", "breaker not closed"],
  ["down", "endpoint down"],
])();

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #556072; --paper: #fff; --line: #d8dee6; --link: #2a5fa8;
  --succeeded: #8fb9e6; --unknown: #c9d1db; --failed: #c3342a; --failedSaved: #3c8d5a; --goodRefused: #e0a020; --open: #1c2430; --down: #c3342a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --quiet: #9aa7b8; --paper: #14181f; --line: #313a47; --link: #84b0ea;
  --succeeded: #3f78b5; --unknown: #4b5563; --failed: #f0665a; --failedSaved: #57c27a; --goodRefused: #f0c04a; --open: #e4e9f0; --down: #f0665a; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 68rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 0; font-size: 1.1rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.about, .caption, .limit, .axis { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .75rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: right; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; } thead th { color: var(--quiet); font-weight: 500; }
th:first-child, td:first-child, .text { text-align: left; }
figure { margin: .5rem 0; }
svg { display: block; width: 100%; }
svg.timeline { height: 132px; shape-rendering: crispEdges; }
svg.scatter { min-width: 34rem; max-width: 52rem; }
.axis { display: flex; justify-content: space-between; font-size: 12px; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; width: fit-content; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; padding: 0; margin: .75rem 0; list-style: none; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.grid { stroke: var(--line); }
circle { fill: var(--succeeded); } circle.suggested { fill: var(--goodRefused); stroke: var(--ink); }
svg text { fill: var(--quiet); font-size: 12px; }
pre { overflow-x: auto; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 6px; font-size: 13px; line-height: 1.4; }
.succeeded { fill: var(--succeeded); background: var(--succeeded); }
.unknown { fill: var(--unknown); background: var(--unknown); }
.failed { fill: var(--failed); background: var(--failed); }
.failedSaved { fill: var(--failedSaved); background: var(--failedSaved); }
.goodRefused { fill: var(--goodRefused); background: var(--goodRefused); }
.open { fill: var(--open); background: var(--open); }
.down { fill: var(--down); background: var(--down); }
@media (max-width: 40rem) { .axis time:nth-child(even) { display: none; } body { margin: 1rem auto; padding: 0 .75rem; } }
`;

/** SHA-256 of the style, so that the policy allows it and nothing else; a test computes it anew. */
export const STYLE_HASH = "sha256-4Y30Fu6Efw5KjlnQb0OlI0d7O7JPUda9aCfjDp0abxs=";

/** A page without scripts that loads nothing; its style is the only one that its policy allows. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** A table; its first column has the names of the rows. Cells are HTML. */
export function tableHtml(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isText: (column: number) => boolean = () => false,
): string {
  const kind = (column: number) => (isText(column) ? ' class="text"' : "");
  const titles = head.map((title, column) => `<th scope="col"${kind(column)}>${escaped(title)}</th>`);
  const lines = rows.map(
    ([name, ...cells]) =>
      `<tr><th scope="row">${name}</th>${cells.map((cell, column) => `<td${kind(column + 1)}>${cell}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption>${escaped(caption)}</caption><thead><tr>${titles.join("")}</tr></thead><tbody>
${lines.join("\n")}
</tbody></table></div>`;
}

/** What the colours mean. */
export function keyOf(kinds: readonly (readonly [string, string])[]): string {
  return `<ul class="key">${kinds.map(([kind, text]) => `<li><i class="${kind}"></i>${text}</li>`).join("")}</ul>`;
}

/** Text in HTML. */
export function escaped(text: string): string {
  const codes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (letter) => codes[letter]!);
}
