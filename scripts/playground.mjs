/**
 * Builds the playground as one page that needs no server: examples/playground/ → build/playground/index.html, with the compiled core,
 * scripts and styles inside. Its policy lets these run, by their hashes, and nothing else; it connects to nothing.
 *
 *   npm run playground
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { licencesOf } from "./page.mjs";
import { bundlePage, PAGE_TARGET } from "./steps/bundle-page.mjs";
import { ROOT } from "./steps/root.mjs";

const FOLDER = join(ROOT, "examples/playground");
export const PLAYGROUND = join(ROOT, "build/playground/index.html");

/** The page. */
export async function playgroundText() {
  const script = (licencesOf(["uplot"]) + (await bundle("main.ts"))).replaceAll("</script", "<\\/script");
  const style = await bundle("page.css");
  const icon = readFileSync(join(ROOT, "src/dashboard/page/icon.svg"), "utf8").trim();
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}' 'wasm-unsafe-eval'`,
    `style-src '${hashOf(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts = {
    "{{policy}}": policy,
    "{{icon}}": `data:image/svg+xml,${encodeURIComponent(icon)}`,
    "<!-- style -->": `<style>${style}</style>`,
    "<!-- script -->": `<script>${script}</script>`,
  };
  const page = readFileSync(join(FOLDER, "index.html"), "utf8").replace(/^ +/gm, "");
  return page.replace(/\{\{\w+\}\}|<!-- \w+ -->/g, (place) => parts[place]);
}

function hashOf(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function bundle(file) {
  const alias = { "#core-module": join(ROOT, "src/entry/inline.ts") };
  return bundlePage(join(FOLDER, file), { format: "iife", target: PAGE_TARGET, alias });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  mkdirSync(dirname(PLAYGROUND), { recursive: true });
  writeFileSync(PLAYGROUND, await playgroundText());
  console.log(PLAYGROUND);
}
