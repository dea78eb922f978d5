/** Markdown to HTML: what a document consists of, and how it looks. Headings get the ids that GitHub gives them, so links work in both places. */
import { basename } from "node:path";
import GithubSlugger from "github-slugger";
import { Marked } from "marked";
import { escapeHtml, highlight } from "./highlight.mjs";

/** A document as tokens, with its title, and its headings of depth 2 and 3. Tokens of headings get an `id`. */
export function parseDocument(text) {
  const marked = new Marked();
  const tokens = marked.lexer(text);
  const slugger = new GithubSlugger();
  const headings = [];
  marked.walkTokens(tokens, (token) => {
    if (token.type !== "heading") return;
    token.id = slugger.slug(textOf(token.tokens));
    headings.push({ depth: token.depth, id: token.id, text: textOf(token.tokens) });
  });
  const title = headings.find(({ depth }) => depth === 1)?.text;
  if (title === undefined) throw new Error(`a document without a title: ${text.slice(0, 60)}`);
  return { title, tokens, headings: headings.filter(({ depth }) => depth === 2 || depth === 3) };
}

/** Addresses of links and images in tokens, as they stand there. */
export function linksOf(tokens) {
  const links = [];
  new Marked().walkTokens(tokens, ({ type, href }) => {
    if (type === "link" || type === "image") links.push(href);
  });
  return links;
}

/**
 * HTML of tokens. `resolve` makes an address of the site from a link of the document, `titleOf` gives the title of a document that a link
 * leads to: it replaces the name of a file where that is the text of the link.
 */
export function renderTokens(tokens, { resolve, titleOf }) {
  const marked = new Marked();
  marked.use({ renderer: rendererFor(resolve, titleOf) });
  return marked.parser(tokens);
}

/** What stands in tokens, without its formatting. */
export function textOf(tokens = []) {
  return tokens.map((token) => textOfOne(token)).join("");
}

/** A block of code of some kind. */
export function fenceOf(text, kind) {
  const fence = "`".repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
  return `${fence}${kind}\n${text}\n${fence}`;
}

function textOfOne(token) {
  if (token.type === "table") {
    const rows = [token.header, ...token.rows];
    return `${rows.map((row) => row.map((cell) => textOf(cell.tokens)).join(" ")).join("\n")}\n`;
  }
  if (token.type === "list") return token.items.map((item) => `${textOf(item.tokens)}\n`).join("");
  if (token.type === "html" || token.type === "space") return " ";
  if (token.type === "image") return token.text;
  if (token.tokens !== undefined) return textOf(token.tokens) + (token.type === "paragraph" ? "\n" : "");
  return unescapeEntities(token.text ?? "");
}

function unescapeEntities(text) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => named[name]);
}

/** Whether a text is the name of the document that it links to, with or without folders. */
function isNameOf(text, href) {
  return text.endsWith(".md") && basename(text) === basename(href.split("#")[0]);
}

function rendererFor(resolve, titleOf) {
  return {
    heading({ depth, id, tokens }) {
      const text = this.parser.parseInline(tokens);
      if (depth === 1) return `<h1 id="${id}">${text}</h1>\n`;
      const label = escapeHtml(`Link to ${textOf(tokens)}`);
      return `<h${depth} id="${id}">${text} <a class="anchor" href="#${id}" aria-label="${label}">#</a></h${depth}>\n`;
    },
    link({ href, title, text, tokens }) {
      const about = title ? ` title="${escapeHtml(title)}"` : "";
      const label = isNameOf(text, href) ? titleOf(href) : undefined;
      const inner = label === undefined ? this.parser.parseInline(tokens) : escapeHtml(label);
      return `<a href="${escapeHtml(resolve(href))}"${about}>${inner}</a>`;
    },
    image({ href, text }) {
      return `<img src="${escapeHtml(resolve(href))}" alt="${escapeHtml(text)}" loading="lazy">`;
    },
    code({ text, lang = "" }) {
      return `<pre><code>${highlight(text, lang.split(" ")[0])}</code></pre>\n`;
    },
    table(token) {
      return renderTable(token, (cell) => this.parser.parseInline(cell.tokens));
    },
  };
}

/**
 * A table of texts becomes a list of rows on a narrow screen, each cell under the name of its column: see page.css, which takes the name
 * from `data-label`. A table of figures stays a table and scrolls inside of its frame. Roles are spelled out because browsers drop
 * those of a table that is displayed as something else.
 */
function renderTable({ header, rows, align }, inline) {
  const isFigures = align.slice(1).some((side) => side === "right");
  const side = (at) => (align[at] ? ` class="${align[at]}"` : "");
  const titles = header.map((cell) => textOf(cell.tokens).trim());
  const head = header.map(
    (cell, at) => `<th role="columnheader" scope="col"${side(at)}>${inline(cell)}</th>`,
  );
  const cellOf = (cell, at) => {
    const label = titles[at] === "" ? "" : ` data-label="${escapeHtml(titles[at])}"`;
    return `<td role="cell"${side(at)}${label}>${inline(cell)}</td>`;
  };
  const body = rows.map((row) => `<tr role="row">${row.map(cellOf).join("")}</tr>`);
  const label = escapeHtml(`Table: ${titles.filter((title) => title !== "").join(", ")}`);
  return (
    `<div class="table ${isFigures ? "figures" : "texts"}"><table role="table" aria-label="${label}">\n` +
    `<thead role="rowgroup"><tr role="row">${head.join("")}</tr></thead>\n` +
    `<tbody role="rowgroup">${body.join("\n")}</tbody></table></div>\n`
  );
}
