/** Chromium from npm, without a window: where it lies, and how it is started. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FOLDER } from "../installer.ts";
import { start } from "../process.ts";

/** Root has no sandbox; there may be no GPU, and small machines have a small /dev/shm. */
const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
/** The package brings the libraries that bare machines lack, but unpacks them only where it believes to be on AWS. */
const BELIEVES_AWS = { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" };

/** What the tests use of playwright-core, whose types are not installed where this is checked. */
export interface Page {
  goto(url: string): Promise<unknown>;
  /** The value of an expression; waits for its promise. */
  evaluate<T>(expression: string): Promise<T>;
  waitForFunction(expression: string): Promise<unknown>;
  textContent(selector: string): Promise<string | null>;
  click(selector: string): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  /** Where sessions of the protocol of its tools come from. */
  context(): { newCDPSession(page: Page): Promise<ToolSession> };
  on(event: "pageerror", listener: (error: Error) => void): unknown;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): unknown;
  close(): Promise<void>;
}

/** What is used of the protocol of the developer tools. */
export interface ToolSession {
  send(method: "Performance.getMetrics"): Promise<{
    readonly metrics: readonly { readonly name: string; readonly value: number }[];
  }>;
  send(method: "Performance.enable" | "HeapProfiler.collectGarbage"): Promise<unknown>;
}

/** How a page looks. */
export interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
}

/** See `Page`. */
export interface Chromium {
  version(): string;
  newPage(options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Chromium> };
}

/**
 * Starts it. Ends with `close`, and with this process at the latest.
 * @param folder in whose node_modules it is; default: test/runtimes, as long as this file is not compiled elsewhere
 */
export async function launchChromium(folder = FOLDER): Promise<Chromium> {
  const playwright = join(folder, "node_modules", "playwright-core", "index.mjs");
  const { chromium } = (await import(pathToFileURL(playwright).href)) as Playwright;
  const executablePath = await unpackChromium(folder);
  const env = { ...process.env, ...librariesFor(executablePath) };
  return chromium.launch({ executablePath, env, args: SWITCHES });
}

/** Starts it once to see whether it can run here; its version. */
export async function chromiumVersion(): Promise<string> {
  const chromium = await launchChromium();
  const version = chromium.version();
  await chromium.close();
  return version;
}

/** Unpacks it unless an earlier run has; its executable. @throws Error when the package is missing. */
async function unpackChromium(folder: string): Promise<string> {
  const modules = join(folder, "node_modules");
  const manifest = readFileSync(join(modules, "@sparticuz", "chromium", "package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const home = join(modules, `.chromium-${version}`);
  const executable = join(home, "chromium");
  if (existsSync(executable)) return executable;
  // Elsewhere first: where its home exists, all of it is there.
  const unfinished = `${home}.${process.pid}`;
  mkdirSync(unfinished);
  const program = `import chromium from "@sparticuz/chromium"; await chromium.executablePath();`;
  await start(process.execPath, ["--input-type=module", "--eval", program], {
    folder,
    limitMs: 120_000,
    variables: { ...BELIEVES_AWS, TMPDIR: unfinished },
  });
  try {
    renameSync(unfinished, home);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(executable)) throw error; // else another process was faster
  }
  return executable;
}

/** Variables with which it finds the package's libraries, where the machine has not all of its own. */
function librariesFor(executable: string): Readonly<Record<string, string>> {
  const { stdout } = spawnSync("ldd", [executable], { encoding: "utf8" });
  if (stdout?.includes("not found") !== true) return {};
  return { LD_LIBRARY_PATH: join(executable, "..", "al2023", "lib") };
}
