/**
 * Compiles assembly/ to build/*.wasm: `node scripts/wasm.mjs [TARGET …]`, the targets of asconfig.json; all of them unless given.
 *
 * Targets are compiled side by side, one thread for each processor. A thread compiles several one after the other: the
 * compiler is three times as fast once it is warm.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Sources of the targets that are no builds of the whole core. */
const SOURCES = {
  small: "assembly/small.ts",
  batch: "assembly/many.ts",
  ndjson: "assembly/ndjson/index.ts",
};
const CORE = "assembly/index.ts";

/** Compiles one target. @throws Error with what the compiler says. */
async function compile(target) {
  const { default: asc } = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([SOURCES[target] ?? CORE, "--target", target, "--baseDir", ROOT]);
  if (error) throw new Error(`${target}: ${stderr.toString() || error.message}`);
}

/** In a thread: compiles what it is sent. */
function serve(port) {
  port.on("message", async (target) => {
    try {
      await compile(target);
      port.postMessage({});
    } catch (error) {
      port.postMessage({ fault: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** Has one thread compile targets until none is left. @throws Error for the first that fails. */
async function compileRest(targets) {
  const worker = new Worker(fileURLToPath(import.meta.url));
  try {
    for (let target = targets.shift(); target !== undefined; target = targets.shift()) {
      const { fault } = await answerOf(worker, target);
      if (fault !== undefined) throw new Error(fault);
    }
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker, target) {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(target);
  });
}

async function main() {
  const known = Object.keys(JSON.parse(readFileSync(`${ROOT}asconfig.json`, "utf8")).targets);
  const given = process.argv.slice(2);
  const unknown = given.find((target) => !known.includes(target));
  if (unknown !== undefined) {
    throw new Error(`unknown target "${unknown}"; expected one of ${known.join(", ")}`);
  }
  const targets = given.length > 0 ? given : known;
  const threads = Math.min(availableParallelism(), targets.length);
  await Promise.all(Array.from({ length: threads }, () => compileRest(targets)));
}

if (isMainThread) {
  main().catch((error) => {
    console.error(`wasm: ${error.message}`);
    process.exitCode = 1;
  });
} else serve(parentPort);
