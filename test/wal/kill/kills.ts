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
  /** Arrivals of events that had arrived before, and whose arrival was answered. */
  readonly doubles: number;
  /** The most of them that one kill has caused. */
  readonly mostDoubles: number;
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
    const running = child({ folder, sync, seed: seed + kill });
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
  const last = child({ folder, sync: "never", seed, lastEvent: (positions.at(-1) ?? 0) + WINDOW });
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

type Judged = Pick<KillReport, "events" | "missing" | "invented" | "doubles" | "mostDoubles">;

/** @param ends lines of the endpoint at each kill */
function judge(folder: string, ends: readonly number[]): Judged {
  const events = Number(linesIn(join(folder, POSITION)).at(-1));
  const arrivedAt = new Map<number, number>();
  const causedBy = new Map<number, number>();
  const invented: string[] = [];
  const seen = new Set<number>();
  let doubles = 0;
  for (const [line, text] of linesIn(join(folder, ARRIVED)).entries()) {
    const [, number, kind] = /^(\d+) ([af])$/.exec(text) ?? [];
    const n = Number(number);
    if (kind === undefined || n < 1 || n > events) invented.push(text);
    seen.add(n);
    if (kind !== "a") continue;
    const before = arrivedAt.get(n);
    if (before !== undefined) {
      doubles++;
      const kill = ends.findIndex((end) => before < end);
      causedBy.set(kill, (causedBy.get(kill) ?? 0) + 1);
    }
    arrivedAt.set(n, line);
  }
  const missing: number[] = [];
  for (let n = 1; n <= events; n++) if (!seen.has(n)) missing.push(n);
  return { events, missing, invented, doubles, mostDoubles: Math.max(0, ...causedBy.values()) };
}

/** Whole lines. */
function linesIn(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}
