/** Whole processes: import and first call, and the version of the command. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadLibrary } from "../library.ts";
import { PEERS_FOLDER } from "../peers.ts";
import { ROOT } from "../root.ts";
import type { Scale, Work } from "../section.ts";
import { countedLater } from "../work.ts";

/** Programs are written here; git ignores it. */
const FOLDER = join(ROOT, "build", "startup");

/** Starts Node and waits for its end; an operation is one process. */
function processes(args: readonly string[]): Work {
  return countedLater(1, 0, () => exitCode(args));
}

function exitCode(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: "ignore",
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** A program of its own file, so that Node compiles no text of the command line. */
function program(name: string, lines: readonly string[]): Work {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}-${process.pid}.mjs`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return processes([path]);
}

/** An empty module. */
export function bareNode(): Work {
  return program("bare", ["export {};"]);
}

function peerEntry(name: string): string {
  return pathToFileURL(createRequire(join(PEERS_FOLDER, "package.json")).resolve(name)).href;
}

/** The library, a registry, a breaker, an awaited call. */
export async function ours(scale: Scale): Promise<Work> {
  const { entry, version } = await loadLibrary(scale);
  return program(`bluesmoke-${version}`, [
    `import { CircuitBreakerRegistry } from ${JSON.stringify(pathToFileURL(entry).href)};`,
    'const breaker = new CircuitBreakerRegistry().get("endpoint");',
    "if ((await breaker.execute(async () => 1)) !== 1) process.exit(1);",
  ]);
}

/** cockatiel, one awaited call. */
export function cockatiel(): Work {
  return program("cockatiel", [
    `import { circuitBreaker, ConsecutiveBreaker, handleAll } from ${JSON.stringify(peerEntry("cockatiel"))};`,
    "const breaker = circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(5) });",
    "if ((await breaker.execute(async () => 1)) !== 1) process.exit(1);",
  ]);
}

/** opossum, one awaited call; its timers are stopped by the end. */
export function opossum(): Work {
  return program("opossum", [
    `import CircuitBreaker from ${JSON.stringify(peerEntry("opossum"))};`,
    "const breaker = new CircuitBreaker(async () => 1, { timeout: false, enableSnapshots: false, rollingPercentilesEnabled: false });",
    "if ((await breaker.fire()) !== 1) process.exit(1);",
    "breaker.shutdown();",
  ]);
}

/** `bluesmoke --version`. */
export async function version(scale: Scale): Promise<Work> {
  const { command } = await loadLibrary(scale);
  return processes([command, "--version"]);
}
