/**
 * What a write-ahead log costs.
 *
 * `node --import ./test/typescript.mjs scripts/wal-cost.mjs [--rounds 5] [--events 200000]`, after `npm run build:command`: the
 * rate of the command from a file to /dev/null, without a log and with one under each policy, in turns; medians and ratios.
 *
 * `... scripts/wal-cost.mjs --waiting 2`: the memory of a process while so many GB wait in its log, and after a restart.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { WriteAheadLog } from "../src/wal/log/log.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    events: { type: "string", default: "200000" },
    waiting: { type: "string" },
    folder: { type: "string", default: tmpdir() },
  },
});
const MAIN = join(import.meta.dirname, "../dist/cli/main.js");
const folder = mkdtempSync(join(values.folder, "bluesmoke-cost-"));
try {
  if (values.waiting === undefined) rates(Number(values.rounds), Number(values.events));
  else await memory(Number(values.waiting) * 1e9);
} finally {
  rmSync(folder, { recursive: true });
}

function rates(rounds, events) {
  const input = join(folder, "events.ndjson");
  const lines = Array.from(
    { length: events },
    (_, id) => `{"id":${id},"from":"SFO","to":"JFK","delay":${id % 97}}\n`,
  );
  writeFileSync(input, lines.join(""));
  const cases = ["without a log", "never", "interval", "always"].map((name) => ({
    name,
    pipeline: pipelineFor(name),
    rates: [],
    cpuMs: [],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { pipeline, rates, cpuMs } of cases) {
      const run = measure(pipeline, input, events);
      rates.push(run.rate);
      cpuMs.push(run.cpuMs);
    }
  }
  const base = median(cases[0].rates);
  for (const { name, rates, cpuMs } of cases) {
    const rate = median(rates);
    const columns = [
      name.padEnd(14),
      `${Math.round(rate).toLocaleString("en-US").padStart(9)} events/s`,
      `${(rate / base).toFixed(2)} of that without`,
      `${((median(cpuMs) * 1_000) / events).toFixed(1)} µs of processor time an event`,
    ];
    process.stdout.write(`${columns.join("  ")}\n`);
  }
}

function pipelineFor(name) {
  const path = join(folder, `${name.replaceAll(" ", "-")}.trickle`);
  const guard = "define qos::circuit_breaker operator cb; create operator cb;";
  const text =
    name === "without a log"
      ? `${guard} select event from in into cb; select event from cb into out;`
      : `define qos::wal operator log with dir = ${JSON.stringify(join(folder, "queue"))}, sync = "${name}" end;
         create operator log; ${guard} select event from in into log; select event from log into cb;
         select event from cb into out;`;
  writeFileSync(path, text);
  return path;
}

function measure(pipeline, input, events) {
  rmSync(join(folder, "queue"), { recursive: true, force: true });
  // The processor time of a machine with other load says more than the time on the wall.
  const report =
    "data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('cpu '+(user+system)/1e3)})";
  const args = [
    "--import",
    report,
    MAIN,
    "run",
    pipeline,
    "--in",
    input,
    "--out",
    "null",
    "--json",
    "--quiet",
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1e8 });
  const summary = status === 0 ? JSON.parse(stdout) : undefined;
  if (summary?.events.delivered !== events) throw new Error(`the run failed: ${stderr}`);
  return {
    rate: (events * 1_000) / summary.durationMs,
    cpuMs: Number(stderr.slice(stderr.lastIndexOf("cpu ") + 4)),
  };
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function memory(total) {
  const queue = join(folder, "queue");
  mkdirSync(queue);
  const text = `{"pad":"${"p".repeat(190)}"}`;
  let log = open(queue);
  report("empty", log);
  let next = 0.25;
  while (log.bytes < total) {
    for (let i = 0; i < 5_000; i++) log.append({ text, meta: undefined });
    await log.flush();
    if (log.bytes < next * total) continue;
    next += 0.25;
    report("filled", log);
  }
  await log.close();
  const started = performance.now();
  log = open(queue);
  process.stdout.write(`opened again in ${(performance.now() - started).toFixed(0)} ms\n`);
  report("opened", log);
  const all = log.waiting;
  for (let held = []; log.waiting > all / 2; ) {
    const records = await log.read();
    // Answers do not come in order: the latest 1,000 events stay open.
    held.push(...records.map(({ id }) => id));
    while (held.length > 1_000) log.ack(held.splice(Math.floor(Math.random() * held.length), 1)[0]);
    log.writeAcks();
  }
  report("half done", log);
  await log.close();
}

function open(queue) {
  return new WriteAheadLog({
    folder: queue,
    segmentBytes: 67_108_864,
    sync: "never",
    syncIntervalMs: 1_000,
    now: Date.now,
    onProblem: (line) => process.stdout.write(`${line}\n`),
    onLost: () => {},
  });
}

function report(what, log) {
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  process.stdout.write(
    `${what}: ${log.waiting.toLocaleString("en-US")} events in ${mb(log.bytes)}; heap ${mb(heapUsed)}, buffers ${mb(arrayBuffers)}, resident ${mb(rss)}\n`,
  );
}
