/** One page as HTML: header with search, navigation, the document, its headings. Works without its scripts, except for the search. */
import { posix } from "node:path";
import { escapeHtml } from "./highlight.mjs";
import { renderTokens, textOf } from "./markdown.mjs";

/** @param sequence the documents in reading order */
export function renderPage(page, navigation, sequence) {
  const to = (address) => posix.relative(posix.dirname(page.address), address);
  const root = to("index.html").replace(/index\.html$/, "");
  const title = page.address === "index.html" ? "bluesmoke" : `${page.title} – bluesmoke`;
  const menu = renderNavigation(page, navigation, to);
  const document = renderTokens(page.tokens, page);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(descriptionOf(page))}">
<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/theme.js"></script>
<script src="${root}assets/site.js" defer data-root="${root}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<button type="button" class="plain" id="menu" aria-expanded="false" aria-controls="navigation">Menu</button>
<a class="home" href="${to("index.html")}"><img src="${root}assets/icon.svg" alt="" width="24" height="24"><span>bluesmoke</span></a>
<search class="search">
<input id="search" type="search" role="combobox" placeholder="Search" aria-label="Search the documents" aria-keyshortcuts="/"
 aria-expanded="false" aria-controls="results" aria-autocomplete="list" autocomplete="off" spellcheck="false">
<div id="results" role="listbox" aria-label="Results" hidden></div>
<p id="found" class="unseen" role="status"></p>
</search>
<button type="button" class="plain" id="theme">Theme</button>
</header>
<div class="frame">
<nav id="navigation" aria-label="Documents">
${menu}
</nav>
<main id="content" tabindex="-1">
<article>
${document}</article>
${renderNeighbours(page, sequence, to)}</main>
${renderHeadings(page)}</div>
</body>
</html>
`;
}

function renderNavigation(page, navigation, to) {
  const item = ({ title, address }) => {
    const current = address === page.address ? ' aria-current="page"' : "";
    return `<li><a href="${to(address)}"${current}>${escapeHtml(title)}</a></li>`;
  };
  return navigation
    .map(({ title, items }) => `<h2>${escapeHtml(title)}</h2>\n<ul>\n${items.map(item).join("\n")}\n</ul>`)
    .join("\n");
}

function renderHeadings({ headings }) {
  if (headings.length < 2) return "";
  const items = headings.map(
    ({ depth, id, text }) => `<li class="depth-${depth}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav id="headings" aria-label="On this page"><h2>On this page</h2>\n<ul>\n${items.join("\n")}\n</ul>\n</nav>\n`;
}

function renderNeighbours({ path }, sequence, to) {
  const at = sequence.findIndex((item) => item.path === path);
  if (at < 0) return "";
  const link = (item, kind, label) =>
    item === undefined
      ? ""
      : `<a rel="${kind}" href="${to(item.address)}"><small>${label}</small>${escapeHtml(item.title)}</a>`;
  const both = [link(sequence[at - 1], "prev", "Previous"), link(sequence[at + 1], "next", "Next")].join("");
  return `<nav class="neighbours" aria-label="Previous and next document">${both}</nav>\n`;
}

/** The first paragraph, in one line. */
function descriptionOf({ title, tokens }) {
  const paragraph = tokens.find(({ type }) => type === "paragraph");
  const text = paragraph === undefined ? title : textOf(paragraph.tokens);
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
