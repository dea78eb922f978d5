/** The folder of the repository, also for a compiled copy of this file somewhere in build. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** In no copy is there a bench/compare. */
const MARK = "bench/compare/package.json";

export const ROOT = fileURLToPath(rootAbove(new URL("..", import.meta.url)));

function rootAbove(folder: URL): URL {
  if (existsSync(new URL(MARK, folder))) return folder;
  const parent = new URL("..", folder);
  if (parent.href === folder.href) throw new Error(`there is no ${MARK} above ${import.meta.url}`);
  return rootAbove(parent);
}
