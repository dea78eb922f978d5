/** `bluesmoke tune`: searches options that reach a goal on the calls of a trace. */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { fileFaultOf } from "../../connect/base/errors.ts";
import { type TuneResult, trafficOf, tunePageOf, tuneTextOf } from "../../replay/report/tune-report.ts";
import { DEFAULT_GOAL, readGoal } from "../../replay/tune/goal.ts";
import { planOf } from "../../replay/tune/plan.ts";
import { frontOf, search } from "../../replay/tune/search.ts";
import { exactScore, suggest } from "../../replay/tune/suggest.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { loadTrace, type TraceFlags } from "./load-trace.ts";
import { ScorePool } from "./score-pool.ts";

export interface TuneFlags extends TraceFlags {
  readonly goal?: string;
  readonly candidates?: number;
  readonly threads?: number;
  readonly seed?: number;
  /** ms after which calls are given up. */
  readonly timeout?: number;
  readonly html?: string;
  readonly json?: boolean;
}

const DEFAULT_CANDIDATES = 1_000;

/** @throws CommandError when the trace cannot be read; OptionError for a bad goal */
export async function tune(path: string, flags: TuneFlags): Promise<ExitCode> {
  const { candidates = DEFAULT_CANDIDATES, threads = availableParallelism(), seed = 1 } = flags;
  const goalText = flags.goal ?? DEFAULT_GOAL;
  const goal = readGoal(goalText);
  const { calls } = await loadTrace(path, flags);
  const plan = planOf(calls, goal);
  const pool = new ScorePool({ runs: plan.runs, outages: plan.outages, seed }, threads);
  const startMs = performance.now();
  const tried = await search((options) => pool.scoreAll(options), {
    goal,
    candidates,
    seed,
    slowMs: plan.slowMs,
  }).finally(() => pool.close());
  const elapsedMs = performance.now() - startMs;
  const { seen, unseen } = plan;
  const result: TuneResult = {
    goalText,
    goal,
    tried: tried.length,
    outcomes: tried.length * plan.runs.calls,
    elapsedMs,
    threads,
    seenCalls: callsIn(seen.weights),
    unseenCalls: unseen ? callsIn(unseen.weights) : 0,
    front: frontOf(tried),
    defaults: { seen: exactScore(seen, {}), unseen: unseen && exactScore(unseen, {}) },
    suggestions: suggest(tried, goal, seen, unseen),
    traffic: { ...trafficOf(calls), timeoutMs: flags.timeout },
    warnings: plan.warnings,
  };
  if (flags.html !== undefined) await writePage(flags.html, tunePageOf(result, basename(path)));
  process.stdout.write(`${flags.json ? JSON.stringify(result) : tuneTextOf(result)}\n`);
  return EXIT.done;
}

function callsIn(weights: Uint32Array): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

async function writePage(path: string, html: string): Promise<void> {
  try {
    await writeFile(path, html);
  } catch (error) {
    throw new CommandError(EXIT.connection, `the page ${path} cannot be written: ${fileFaultOf(error)}`);
  }
}
