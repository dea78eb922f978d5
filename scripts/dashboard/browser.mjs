/** Chromium of the tests in runtimes, which they install and unpack: see test/runtimes/chromium/engine.ts. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../steps/root.mjs";

const MODULES = join(ROOT, "test/runtimes/node_modules");

/** Starts it. @throws Error when the tests in Chromium have not run here. */
export async function openBrowser() {
  const home = readdirSync(MODULES).find((name) => /^\.chromium-[\d.]+$/.test(name));
  if (home === undefined)
    throw new Error("run npx vitest run test/runtimes/chromium first: it installs Chromium");
  const executablePath = join(MODULES, home, "chromium");
  const { chromium } = await import(pathToFileURL(join(MODULES, "playwright-core/index.mjs")).href);
  const isWhole = !spawnSync("ldd", [executablePath], { encoding: "utf8" }).stdout?.includes("not found");
  const env = isWhole ? process.env : { ...process.env, LD_LIBRARY_PATH: join(MODULES, home, "al2023/lib") };
  return chromium.launch({
    executablePath,
    env,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}
