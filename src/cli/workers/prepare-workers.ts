/** `--workers N`: opens and checks what a run in several threads needs. */

import { open, stat } from "node:fs/promises";
import { isListener, isPath, STANDARD } from "../../connect/base/spec.ts";
import { cutFile } from "../../connect/file/file-range.ts";
import { createSharedRegistry, type SharedRegistry } from "../../entry/threads.ts";
import type { LineRange } from "../../ndjson/ranges.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import type { RunOptions } from "../options/run-options.ts";
import { openFleet } from "../run/fleet.ts";
import { openSinks } from "../run/open.ts";
import { type CheckedRun, checkRun, type PreparedRun, withFleet } from "../run/prepare.ts";
import type { RunResult } from "../run/run-pipeline.ts";
import { RunWatch } from "../run/run-watch.ts";
import { RunState } from "../serve/run-state.ts";
import { openServers } from "../serve/servers.ts";
import type { Display } from "../view/display.ts";
import type { RunSnapshot } from "../view/snapshot.ts";
import { NO_EVENTS } from "../view/snapshot.ts";
import type { WorkerParts } from "./messages.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Operators that cannot be in several threads at once: one folder, one log. */
const SINGLE_OPERATORS = ["qos::wal"];

/** @throws as `prepare`, and CommandError for sources, sinks and pipelines that workers cannot share */
export async function prepareWorkers(path: string, options: RunOptions): Promise<PreparedRun> {
  const checked = await checkRun(path, options);
  await refuseUnshared(checked, options);
  const parts = await cutSources(options);
  const { sinks, failed } = await openSinks(checked.plan.ports, options); // checked here, never started
  const registry = createSharedRegistry({
    threads: parts.length,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const state = new RunState();
  const servers = await openServers(registry, state, options);
  const fleet = await openFleet(registry, options.fleet, options.tcp.probe !== false).catch(
    (error: unknown) => {
      servers.close();
      throw error;
    },
  );
  state.fleet = fleet.summary;
  const { plan, pipeline } = checked;
  const workers = parts.map(
    (ranges): WorkerParts => ({ pipeline, options, ports: plan.ports, ranges, handle: registry.handle() }),
  );
  const nothing: RunSnapshot = {
    ...NO_EVENTS,
    failedTo: failed?.name ?? null,
    sources: options.in.map((name) => ({ name, read: 0 })),
    sinks: Array.from(sinks, ([port, { name }]) => ({ port, name, taken: 0 })),
  };
  let pool: WorkerPool | undefined;
  return {
    notices: [...plan.warnings, ...servers.notices, ...fleet.notices],
    servers,
    state,
    stdoutIsTaken: false,
    reopen: () => pool?.reopen(),
    async run(display: Display, signal: AbortSignal): Promise<RunResult> {
      const snapshot = (): RunSnapshot => pool?.snapshot() ?? nothing;
      const watch = new RunWatch({ display, registry, accounting: () => snapshot().accounting, snapshot });
      pool = new WorkerPool({ registry, workers, nothing, signal, say: (line) => watch.say(line) });
      state.start(snapshot);
      fleet.watch((line) => watch.say(line));
      return withFleet(await finish(pool, watch, registry, signal), fleet);
    },
  };
}

async function finish(
  pool: WorkerPool,
  watch: RunWatch,
  registry: SharedRegistry,
  signal: AbortSignal,
): Promise<RunResult> {
  const { error, isCut, deadWorkers } = await pool.end();
  registry.poll();
  const summary = { ...watch.end(error, signal), deadWorkers };
  registry.detach();
  return { summary, error, isCut };
}

/** For each worker its range of each source; no more workers than there are ranges. */
async function cutSources({ in: paths, workers }: RunOptions): Promise<readonly (LineRange | undefined)[][]> {
  const cut = await Promise.all(paths.map((path) => cutFile(path, workers)));
  const count = Math.max(...cut.map((ranges) => ranges.length));
  return Array.from({ length: count }, (_, worker) => cut.map((ranges) => ranges[worker]));
}

async function refuseUnshared(
  { plan, program }: CheckedRun,
  { in: sources, record }: RunOptions,
): Promise<void> {
  if (record !== undefined)
    throw usage("--record requires one worker", "a recording holds the calls of one thread");
  for (const spec of sources) await refuseUncut(spec);
  for (const spec of plan.targets) {
    if (spec === STANDARD)
      throw usage(
        "--workers cannot write to stdout: it belongs to one thread",
        "give a file or a URL, or leave out --workers",
      );
    if (isPath(spec) && (await isOther(spec)))
      throw usage(
        `--workers cannot write to ${spec}: it is no regular file`,
        "give a file or a URL, or leave out --workers",
      );
  }
  const single = program.blueprint.nodes.find(
    (node) => node.kind === "operator" && SINGLE_OPERATORS.includes(node.type),
  );
  if (single !== undefined)
    throw usage(`--workers cannot run ${single.name}: its log belongs to one thread`, "leave out --workers");
}

/** Only lines of a regular file can be cut. */
async function refuseUncut(spec: string): Promise<void> {
  const hint = "give files of lines, or leave out --workers";
  if (spec === STANDARD) throw usage("--workers cannot share stdin", hint);
  if (!isPath(spec))
    throw usage(`--workers cannot share ${isListener(spec) ? "a server" : "a connection"}: ${spec}`, hint);
  if (await isOther(spec)) throw usage(`--workers cannot share ${spec}: it is no regular file`, hint);
  const start = await firstBytes(spec);
  if (COMPRESSED.some((magic) => start.subarray(0, magic.length).equals(magic)))
    throw usage(`--workers cannot share ${spec}: it is compressed`, hint);
  if (spec.endsWith(".json") && /^\uFEFF?\s*\[/.test(start.toString()))
    throw usage(`--workers cannot share ${spec}: it is one JSON array`, hint);
}

/** gzip, zstd */
const COMPRESSED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];
const START_SIZE = 4_096;

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0); // cutFile says why
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_SIZE), 0, START_SIZE, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** It is there, and no regular file. A folder has an error of its own. */
async function isOther(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

function usage(message: string, hint: string): CommandError {
  return new CommandError(EXIT.usage, message, hint);
}
