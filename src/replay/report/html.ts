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

export const PAGE_STYLE = /* @__PURE__ */ (() => `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --paper: #fff; --line: #d8dee6;
  --succeeded: #7fb3e6; --unknown: #c9d1db; --failed: #c3342a; --failedSaved: #3c8d5a; --goodRefused: #e0a020; --open: #1c2430; --down: #c3342a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --quiet: #9aa7b8; --paper: #14181f; --line: #313a47;
  --succeeded: #3f78b5; --unknown: #4b5563; --failed: #f0665a; --failedSaved: #57c27a; --goodRefused: #f0c04a; --open: #e4e9f0; --down: #f0665a; } }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
p.about, figcaption span, .limit { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1.5rem 0; }
svg { display: block; width: 100%; height: auto; background: none; }
.key i { display: inline-block; width: .8em; height: .8em; margin: 0 .35em 0 1em; }
${[...KINDS.map(([kind]) => kind), "open", "down"].map((kind) => `.${kind} { fill: var(--${kind}); background: var(--${kind}); }`).join("\n")}
`)();

/** Text in HTML. */
export function escaped(text: string): string {
  const codes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (letter) => codes[letter]!);
}
