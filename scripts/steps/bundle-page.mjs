/** Scripts and styles of pages: the dashboard, the playground, the site of the documents. */
import { build } from "esbuild";

/**
 * One file with all that it imports, minified. Licences are left out: `licencesOf` of scripts/page.mjs puts them at the top, in full.
 * `format` "iife" makes a plain script, since browsers load modules by servers only.
 */
export async function bundlePage(path, { format, target, alias = {} }) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    format,
    target,
    alias,
    ignoreAnnotations: true, // package.json says that nothing here has side effects; a page is nothing else
    legalComments: "none",
    charset: "utf8",
  });
  return outputFiles[0].text.trim(); // one entry point makes one file
}

/** The browsers that the dashboard and the playground are made for. */
export const PAGE_TARGET = ["es2022", "chrome108", "firefox115", "safari16.4"];
