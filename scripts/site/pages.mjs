/** The pages of the site: the documents of the repository, and the files and folders that these link to. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join, posix } from "node:path";
import { ROOT } from "../steps/root.mjs";
import { isInternal, targetOf } from "./links.mjs";
import { fenceOf, linksOf, parseDocument } from "./markdown.mjs";

/** Where readers start; the other documents follow by links, and `docs/` as a whole. */
const DOCUMENTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "bench/README.md", "examples/README.md"];
const FOLDERS = ["docs", "docs/adr"];
const IMAGES = [".png", ".svg", ".jpg", ".webp"];
/** What a folder that is built or installed into holds besides its files. */
const LEFT_OUT = ["node_modules", "dist"];

/**
 * @returns pages by path in the repository, each with `address` (path in the site), `title`, `tokens`, `headings`, and functions over its
 * links, `resolve` and `titleOf`; and the paths of files
 * that are copied as they are
 * @throws Error when a document links to a file that there is not
 */
export function collectPages() {
  const pages = new Map();
  const copies = new Set();
  const waiting = [...DOCUMENTS, ...FOLDERS.flatMap(documentsIn)];
  for (const path of waiting) {
    if (pages.has(path) || copies.has(path)) continue;
    if (IMAGES.includes(extname(path))) {
      copies.add(path);
      continue;
    }
    const page = pageOf(path);
    pages.set(path, page);
    for (const target of page.targets) waiting.push(target);
  }
  for (const page of pages.values()) {
    page.resolve = (href) => addressFrom(page, href, (path) => pages.get(path)?.address ?? path);
    page.titleOf = (href) => titleAt(page.path, href, pages);
  }
  return { pages, copies };
}

function documentsIn(folder) {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".md"));
  return names.sort().map((name) => `${folder}/${name}`);
}

function pageOf(path) {
  const isDocument = path.endsWith(".md");
  const text = isDocument ? readFileSync(join(ROOT, path), "utf8") : listingOf(path);
  const page = { path, address: addressOf(path), isDocument, ...parseDocument(text) };
  page.targets = linksOf(page.tokens)
    .filter(isInternal)
    .map((href) => targetOf(path, href).path);
  return page;
}

/** Markdown that shows a file, or the files of a folder. */
function listingOf(path) {
  const absolute = join(ROOT, path);
  if (!statSync(absolute).isDirectory()) {
    const text = readFileSync(absolute, "utf8").trimEnd();
    return `# ${basename(path)}\n\nThe file \`${path}\`.\n\n${fenceOf(text, extname(path).slice(1))}\n`;
  }
  const names = readdirSync(absolute).filter((name) => !LEFT_OUT.includes(name));
  const lines = names.sort().map((name) => `- [${titleIn(path, name)}](${basename(path)}/${name})`);
  return `# ${path === "docs/adr" ? "Decisions" : path}\n\n${lines.join("\n")}\n`;
}

/** Title of a document, else the name of the file. */
function titleIn(folder, name) {
  if (!name.endsWith(".md")) return `\`${name}\``;
  return /^# (.*)$/m.exec(readFileSync(join(ROOT, folder, name), "utf8"))[1];
}

/** `docs/http.md` → `docs/http.html`, `docs/README.md` → `docs/index.html`, `examples/serve.mjs` → `examples/serve.mjs.html`. */
function addressOf(path) {
  if (basename(path) === "README.md") return posix.join(posix.dirname(path), "index.html");
  if (path.endsWith(".md")) return path.replace(/\.md$/, ".html");
  return statSync(join(ROOT, path)).isDirectory() ? `${path}/index.html` : `${path}.html`;
}

/** Title of the document that a link leads to; undefined when it leads elsewhere. */
function titleAt(from, href, pages) {
  if (!isInternal(href)) return undefined;
  const page = pages.get(targetOf(from, href).path);
  return page?.isDocument ? page.title : undefined;
}

/** The address in the site, as seen from a page, of what a link of it means. */
function addressFrom({ path: from, address: home }, href, addressIn) {
  if (!isInternal(href)) return href;
  const { path, fragment } = targetOf(from, href);
  const address = posix.relative(posix.dirname(home), addressIn(path));
  return fragment === "" ? address : `${address}#${fragment}`;
}
