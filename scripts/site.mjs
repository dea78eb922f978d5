/**
 * Builds the documents of the repository as a site of static files: build/site, which any server of files can serve, also below a path.
 * The playground is built into it, and the reference of the API is copied where `npm run docs` has built it.
 *
 *   npm run site
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { playgroundText } from "./playground.mjs";
import { assetTexts } from "./site/assets.mjs";
import { navigationOf, sequenceOf } from "./site/navigation.mjs";
import { renderPage } from "./site/page.mjs";
import { collectPages } from "./site/pages.mjs";
import { sectionsOf } from "./site/sections.mjs";
import { ROOT } from "./steps/root.mjs";

const SITE = join(ROOT, "build/site");
const REFERENCE = join(ROOT, "build/reference");

/**
 * Writes the site into a folder, which it empties first.
 * @returns addresses of the documents in it, relative to the folder
 */
export async function buildSite(folder) {
  const { pages, copies } = collectPages();
  const hasReference = existsSync(join(REFERENCE, "index.html"));
  const navigation = navigationOf(pages, { hasReference });
  const sequence = sequenceOf(navigation);
  rmSync(folder, { recursive: true, force: true });
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const page of pages.values()) write(page.address, renderPage(page, navigation, sequence));
  for (const path of copies) cpSync(join(ROOT, path), join(folder, path));
  for (const [name, text] of await assetTexts(sectionsOf(pages))) write(`assets/${name}`, text);
  write("playground/index.html", await playgroundText());
  if (hasReference) cpSync(REFERENCE, join(folder, "reference"), { recursive: true });
  return [...pages.values()].map(({ address }) => address);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const addresses = await buildSite(SITE);
  console.log(`${relative(process.cwd(), SITE) || "."}: ${addresses.length} pages`);
}
