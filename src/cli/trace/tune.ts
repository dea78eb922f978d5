/** `bluesmoke tune`: searches options that reach a goal on the calls of a trace. */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { fileFaultOf } from "../../connect/base/errors.ts";
import { type TuneResult, trafficOf, tunePageOf, tuneTextOf } from "../../replay/report/tune-report.ts";
import { DEFAULT_GOAL, type Goal, readGoal } from "../../replay/tune/goal.ts";
import { planOf, type TunePlan } from "../../replay/tune/plan.ts";
import { frontOf, search } from "../../replay/tune/search.ts";
import { type ExactAll, suggest } from "../../replay/tune/suggest.ts";
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
  const { seen, unseen } = plan;
  const parts = { seen, ...(unseen && { unseen }) };
  const pool = new ScorePool({ runs: plan.runs, outages: plan.outages, seed, parts }, threads);
  try {
    const result = await tuneWith(pool, plan, { goal, goalText, candidates, threads, seed });
    const traffic = { ...trafficOf(calls), timeoutMs: flags.timeout };
    await report({ ...result, traffic }, path, flags);
  } finally {
    await pool.close();
  }
  return EXIT.done;
}

interface Task {
  readonly goal: Goal;
  readonly goalText: string;
  readonly candidates: number;
  readonly threads: number;
  readonly seed: number;
}

async function tuneWith(pool: ScorePool, plan: TunePlan, task: Task): Promise<Omit<TuneResult, "traffic">> {
  const { goal, goalText, candidates, threads, seed } = task;
  const { seen, unseen } = plan;
  const startMs = performance.now();
  const tried = await search((options) => pool.scoreAll("runs", options), {
    goal,
    candidates,
    seed,
    slowMs: plan.slowMs,
  });
  const elapsedMs = performance.now() - startMs;
  const exactAll: ExactAll = (part, options) => pool.scoreAll(part, options);
  const [ofSeen, ofUnseen, suggestions] = await Promise.all([
    exactAll("seen", [{}]),
    unseen ? exactAll("unseen", [{}]) : [],
    suggest(tried, goal, exactAll, seen.count, unseen !== undefined),
  ]);
  return {
    goalText,
    goal,
    tried: tried.length,
    outcomes: tried.length * plan.runs.calls,
    elapsedMs,
    threads,
    seenCalls: callsIn(seen.weights),
    unseenCalls: unseen ? callsIn(unseen.weights) : 0,
    front: frontOf(tried),
    defaults: { seen: ofSeen[0]!, unseen: ofUnseen[0] },
    suggestions,
    warnings: plan.warnings,
  };
}

async function report(result: TuneResult, path: string, { html, json }: TuneFlags): Promise<void> {
  if (html !== undefined) await writePage(html, tunePageOf(result, basename(path)));
  process.stdout.write(`${json ? JSON.stringify(result) : tuneTextOf(result)}\n`);
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
