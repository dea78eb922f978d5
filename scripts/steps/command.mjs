/** The command: a file that starts, and files that it loads when it needs them; its packages are inside. */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";
import { COMMAND_CLIENTS, PROGRAMS } from "../entries.mjs";
import { PAGE_PACKAGES } from "../page.mjs";
import { ROOT } from "./root.mjs";

const FOLDER = join(ROOT, "dist/cli");

/** The command takes a client of undici: a few files of it instead of all, 300 kB less. */
const CLIENT_OF_UNDICI = {
  name: "client of undici",
  resolveId: (specifier) => (specifier === "undici" ? "\0undici" : null),
  load: (id) =>
    id === "\0undici"
      ? `import api from "undici/lib/api/index.js";
         import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
         import Client from "undici/lib/dispatcher/client.js";
         import buildConnector from "undici/lib/core/connect.js";
         Object.assign(Dispatcher.prototype, api); // as undici's own index.js does
         export { buildConnector, Client };`
      : null,
};

/** Builds dist/cli. */
export async function buildCommand() {
  rmSync(FOLDER, { recursive: true, force: true });
  const build = await rolldown({
    cwd: ROOT,
    input: PROGRAMS,
    platform: "node",
    external: [/^node:/, ...COMMAND_CLIENTS],
    plugins: [CLIENT_OF_UNDICI],
  });
  const { output } = await build.write({
    dir: FOLDER,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js", // all in one folder: see src/cli/version.ts
    minify: true,
    comments: { annotation: false, jsdoc: false, legal: false }, // licences are in THIRD-PARTY-LICENSES.txt
  });
  await build.close();
  chmodSync(join(FOLDER, "main.js"), 0o755);
  writeFileSync(join(FOLDER, "THIRD-PARTY-LICENSES.txt"), licences(packagesOf(output)));
}

/** Packages that write code which is in the package: the parser of trickle. */
const GENERATORS = ["peggy"];

/** Folders of the packages of which something is in the command. */
function packagesOf(output) {
  const files = output.flatMap(({ modules = {} }) => Object.keys(modules));
  const folders = files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
  // Inside of build/page.ts and build/grammar.ts.
  const generated = [...PAGE_PACKAGES, ...GENERATORS].map((name) => join(ROOT, "node_modules", name));
  return [...new Set([...folders, ...generated])].sort();
}

/** Names, versions and licences of those packages. @throws Error if one has no licence file. */
function licences(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
    if (file === undefined) throw new Error(`${relative(ROOT, folder)} has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  const title =
    "The package bluesmoke contains these packages, or parts of them: most in the command, uplot also in the page of the\ndashboard, peggy in the parser of trickle.\n";
  return [title, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}
