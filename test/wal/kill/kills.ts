/** Kills processes that ship events through a log, and says what became of the events. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { ARRIVED, type ChildPlan, POSITION, randomOf, WINDOW } from "./plan.ts";

/** The longest time from the first event of a child to its kill, in ms. */
const LONGEST_LIFE_MS = 120;
const SYNCS = ["never", "interval", "always"] as const;

export interface KillOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  /** Called after each kill. */
  readonly onKill?: (kills: number) => void;
}

export interface KillReport {
  readonly kills: number;
  /** Events that the source handed over. */
  readonly events: number;
  /** Of these, the ones that never arrived. */
  readonly missing: readonly number[];
  /** Lines of the endpoint that are about no event of the source, or one whose text has changed. */
  readonly invented: readonly string[];
  /** Arrivals of events that had arrived before with an answer: the log sent them again after a kill. */
  readonly doubles: number;
  /** The most of them that one kill has caused: those of events that had arrived in the same life. */
  readonly mostDoubles: number;
  /** The most events that one source handed over although the source before had, too. */
  readonly mostHandedAgain: number;
  /** What the children said of their logs. */
  readonly problems: string;
  /** Of the last child, which was not killed. */
  readonly accounting: Record<string, number>;
}

/** Starts a child, kills it after a random time, and again; the last child may deliver what is left. */
export async function killAtRandom({ folder, kills, seed, onKill }: KillOptions): Promise<KillReport> {
  const program = await bundle(folder);
  const random = randomOf(seed);
  const ends: number[] = [];
  let problems = "";
  const child = (plan: ChildPlan): ChildProcess => {
    const started = spawn(process.execPath, [program, JSON.stringify(plan)]);
    started.stderr.on("data", (text) => {
      problems += text;
    });
    return started;
  };
  const sizeOf = (file: string): number => statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0;
  for (let kill = 1; kill <= kills; kill++) {
    const before = sizeOf(POSITION) + sizeOf(ARRIVED);
    const sync = SYNCS[kill % SYNCS.length] as (typeof SYNCS)[number];
    const running = child({ folder, sync, seed: seed + kill, run: kill });
    const ended = once(running, "exit");
    // Some die while they start.
    const isToStart = random() < 0.9;
    while (isToStart && running.exitCode === null && sizeOf(POSITION) + sizeOf(ARRIVED) === before)
      await sleep(2);
    await sleep(random() * LONGEST_LIFE_MS);
    running.kill("SIGKILL");
    const [code] = await ended;
    if (code !== null) throw new Error(`a child ended by itself with ${code}: ${problems}`);
    ends.push(linesIn(join(folder, ARRIVED)).length);
    onKill?.(kill);
  }
  const positions = linesIn(join(folder, POSITION)).map(Number);
  // The log may have events that the source has not heard of.
  const last = child({
    folder,
    sync: "never",
    seed,
    run: kills + 1,
    lastEvent: (positions.at(-1) ?? 0) + WINDOW,
  });
  let output = "";
  last.stdout?.on("data", (text) => {
    output += text;
  });
  const [code] = await once(last, "close");
  if (code !== 0) throw new Error(`the last child ended with ${code}: ${problems}`);
  return { ...judge(folder, ends), kills, problems, accounting: JSON.parse(output) };
}

/** Starts faster than the sources as they are. */
async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, "child.mjs");
  const entry = join(import.meta.dirname, "child.ts");
  await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile });
  return outfile;
}

type Judged = Pick<
  KillReport,
  "events" | "missing" | "invented" | "doubles" | "mostDoubles" | "mostHandedAgain"
>;

/** @param ends lines of the endpoint at each kill */
function judge(folder: string, ends: readonly number[]): Judged {
  const events = Number(linesIn(join(folder, POSITION)).at(-1));
  /** Line of the latest answered arrival, by number and child. */
  const arrivals = new Map<string, number>();
  const doublesOf = new Tally();
  /** Children whose sources handed an event over. */
  const runsOf = new Map<number, Set<number>>();
  const invented: string[] = [];
  for (const [line, text] of linesIn(join(folder, ARRIVED)).entries()) {
    const [, number, run, kind] = /^(\d+) (\d+) ([af])$/.exec(text) ?? [];
    const n = Number(number);
    if (kind === undefined || n < 1 || n > events) invented.push(text);
    const key = `${number} ${run}`;
    runsOf.set(n, (runsOf.get(n) ?? new Set()).add(Number(run)));
    const before = arrivals.get(key) ?? -1;
    if (kind === "a" && before >= 0) doublesOf.add(ends.findIndex((end) => before < end));
    arrivals.set(key, kind === "a" ? line : before);
  }
  const missing: number[] = [];
  for (let n = 1; n <= events; n++) if (!runsOf.has(n)) missing.push(n);
  const handedAgainBy = new Tally();
  for (const runs of runsOf.values()) {
    for (const run of [...runs].sort((a, b) => a - b).slice(1)) handedAgainBy.add(run);
  }
  const { sum: doubles, most: mostDoubles } = doublesOf;
  return { events, missing, invented, doubles, mostDoubles, mostHandedAgain: handedAgainBy.most };
}

class Tally {
  sum = 0;
  most = 0;
  readonly #counts = new Map<number, number>();

  add(key: number): void {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    this.sum++;
    this.most = Math.max(this.most, count);
  }
}

/** Whole lines. */
function linesIn(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}
