/**
 * Counts the source files and functions that are entered while a pipeline with one breaker is compiled, and while it is
 * deployed; docs/adr/0041 has the figures.
 *
 * `node --import ./test/typescript.mjs scripts/entered.mjs [--list]`, after `npm run build`. `--list` names the functions.
 */
import { Session } from "node:inspector/promises";

const TEXT = `define operator cb from qos::circuit_breaker
with
  endpoint = "a.example",
  detector = {"kind": "consecutive_failures", "failures": 5},
end;
create operator cb;
select event from in into cb;
select event from cb into out;
select event from cb/overflow into out/overflow;
select event from cb/cb into out/cb;
`;

const ROOT = new URL("../", import.meta.url).href;
/** Left out: what runs this script, and the generated parser, whose functions are rules of the grammar. */
const OUTSIDE = /^(scripts|test|node_modules|build)\//;

/** What `work` returns, the functions of src/ that it enters, by file, and the calls of all of them. */
async function entered(session, work) {
  await session.post("Profiler.takePreciseCoverage"); // what came before does not count
  const result = work();
  const coverage = await session.post("Profiler.takePreciseCoverage");
  const files = new Map();
  let calls = 0;
  for (const { url, functions } of coverage.result) {
    const file = url.startsWith(ROOT) ? url.slice(ROOT.length) : "node_modules/";
    if (OUTSIDE.test(file)) continue;
    const named = functions
      .filter(
        ({ functionName, ranges }) => ranges[0].count > 0 && (functionName || ranges[0].startOffset > 0),
      )
      .map(({ functionName, ranges }) => functionName || `(anonymous at ${ranges[0].startOffset})`);
    if (named.length > 0) files.set(file, named);
    calls += functions.reduce((sum, { ranges }) => sum + ranges[0].count, 0);
  }
  return { result, files, calls };
}

function report(what, { files, calls }) {
  const functions = [...files.values()].reduce((sum, names) => sum + names.length, 0);
  process.stdout.write(`${what}: ${files.size} files, ${functions} functions, ${calls} calls\n`);
  if (!process.argv.includes("--list")) return;
  for (const [file, names] of files) process.stdout.write(`  ${file}: ${names.join(", ")}\n`);
}

const { compile } = await import("../src/trickle/compile.ts");
const { CircuitBreakerRegistry } = await import("../src/entry/main.ts");
const registry = new CircuitBreakerRegistry({ clock: () => 0 });

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
const compiled = await entered(session, () => compile(TEXT));
report("compile", compiled);
const deployed = await entered(session, () => compiled.result.deploy({ registry }));
report("deploy", deployed);
const again = await entered(session, () => compiled.result.deploy({ registry }));
report("deploy again", again);
session.disconnect();
