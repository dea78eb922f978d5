/** Style and scripts of the pages. The scripts are plain ones, so the site also works from a folder without any server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { licencesOf } from "../page.mjs";
import { bundlePage } from "../steps/bundle-page.mjs";
import { ROOT } from "../steps/root.mjs";

const FOLDER = join(import.meta.dirname, "page");

/** @returns names and texts of the files */
export async function assetTexts(sections) {
  return [
    ["theme.js", await bundle("theme.mjs")],
    ["site.js", licencesOf(["minisearch"]) + (await bundle("main.mjs"))],
    ["site.css", await bundle("page.css")],
    ["icon.svg", readFileSync(join(ROOT, "src/dashboard/page/icon.svg"), "utf8")],
    ["sections.js", `globalThis.siteSections = ${JSON.stringify(sections)};\n`],
  ];
}

function bundle(file) {
  const target = ["es2022", "chrome123", "firefox120", "safari17.5"]; // the style has light-dark()
  return bundlePage(join(FOLDER, file), { format: "iife", target });
}
