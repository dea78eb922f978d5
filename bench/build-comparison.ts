/** Two builds of the library, case by case: how many times as long the newer one takes. */
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { processes } from "./process.ts";
import { Progress } from "./progress.ts";
import { type Pace, Scheduler } from "./scheduler.ts";
import type { Case, Reading, Section } from "./section.ts";
import { BUILD_SECTIONS } from "./sections/builds.ts";
import { intervalOfMedian, median } from "./statistics.ts";
import { align, figure, headerOf, targetOf, verdictOf } from "./table.ts";

/** Each pair of processes compiles the case anew; V8 may decide differently. */
const FULL = {
  pairs: 3,
  readings: 3,
  pace: { rounds: 5, timeMs: 60, firstWarmupMs: 250, warmupMs: 15 },
} as const;
const SHORT = {
  pairs: 1,
  readings: 1,
  pace: { rounds: 1, timeMs: 1, firstWarmupMs: 1, warmupMs: 0 },
} as const;
/** Slower than that is slower. */
const DEFAULT_BOUND = 1.05;

const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;

const HELP = `Measures two builds of the library in turns and prints how many times as long the newer one takes.

  npm run bench:builds -- OLD NEW [CASE…] [--json] [--short] [--list]

  OLD, NEW  paths of packages that are built, of version 0.1 or later; "." is this one
  CASE      only cases whose "section: name" contains that text
  --json    print JSON to stdout instead of a table
  --short   a few seconds: proves that every case works, its figures mean nothing
  --list    print the cases, and measure nothing
  --help    this
`;

const BUSY = "compare-builds: the machine is busy with other processes: many figures will be unclear\n";

/** The figures of one case. */
interface BuildRatio {
  readonly section: string;
  readonly case: string;
  readonly unit: string;
  readonly old: number;
  readonly new: number;
  /** The median over the rounds. */
  readonly ratio: number;
  /** Between these the ratio lies with 95 % certainty, as far as rounds are independent; of few rounds their extremes. */
  readonly low: number;
  readonly high: number;
  /** Of the best round of each: other processes disturb it least. */
  readonly best: number;
  /** The ratio is to be at most that; null: there is no bound. */
  readonly bound: number | null;
  readonly met: boolean | null;
  /** Whether all of the interval is on the same side of the bound. */
  readonly clear: boolean | null;
  readonly rounds: { readonly old: readonly number[]; readonly new: readonly number[] };
}

interface Builds {
  readonly old: string;
  readonly new: string;
}

/** One case of a section, or one reading. */
interface Entry {
  readonly section: Section;
  readonly one: Case | Reading;
}

/** Returns the exit code: 0, also where a bound is missed; 1 where a case is broken; 2 for a wrong argument. */
export async function main(args: readonly string[]): Promise<number> {
  const start = processes("./build-case.js");
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const chosen = choose(positionals.slice(values.list ? 0 : 2));
    if (values.list) {
      process.stdout.write(`${chosen.map(titleOf).join("\n")}\n`);
      return 0;
    }
    const builds = buildsOf(positionals);
    const pace = values.short ? SHORT : FULL;
    const progress = new Progress(process.stderr, chosen.length);
    if (loadavg()[0]! > availableParallelism()) process.stderr.write(BUSY); // three averages
    const broken: string[] = [];
    const ratios: BuildRatio[] = [];
    for (const entry of chosen) {
      progress.begin(titleOf(entry));
      const result = await measure(entry, builds, pace, values.short ?? false, start, broken);
      progress.clear();
      if (result !== undefined) ratios.push(result);
    }
    print(ratios, builds, values.json ?? false, values.short ?? false);
    for (const text of broken) process.stderr.write(`compare-builds: broken: ${text}\n`);
    return broken.length > 0 ? EXIT_BROKEN : 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`compare-builds: ${error.message}\nTry --help.\n`);
    return EXIT_USAGE;
  }
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        json: { type: "boolean" },
        short: { type: "boolean" },
        list: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function buildsOf([old, newer]: readonly string[]): Builds {
  if (old === undefined || newer === undefined) throw new UsageError("two paths are required: OLD NEW");
  for (const path of [old, newer]) {
    if (!existsSync(join(path, "package.json"))) throw new UsageError(`there is no package.json in ${path}`);
  }
  return { old: resolve(old), new: resolve(newer) };
}

function choose(texts: readonly string[]): readonly Entry[] {
  const all = BUILD_SECTIONS.flatMap((section) =>
    [...section.cases, ...(section.readings ?? [])]
      .filter(({ ofBuild }) => ofBuild)
      .map((one): Entry => ({ section, one })),
  );
  if (texts.length === 0) return all;
  for (const text of texts) {
    if (all.some((entry) => titleOf(entry).includes(text))) continue;
    throw new UsageError(`no case contains "${text}"; --list prints the cases`);
  }
  return all.filter((entry) => texts.some((text) => titleOf(entry).includes(text)));
}

function titleOf({ section, one }: Entry): string {
  return `${section.name}: ${one.name}`;
}

async function measure(
  entry: Entry,
  builds: Builds,
  { pairs, readings, pace }: { readonly pairs: number; readonly readings: number; readonly pace: Pace },
  short: boolean,
  start: ReturnType<typeof processes>,
  broken: string[],
): Promise<BuildRatio | undefined> {
  const { section, one } = entry;
  // The scheduler tells its cases apart by name: the two builds of a case are two cases.
  const sides = (["old", "new"] as const).map((side) => ({ ...one, name: side }));
  const scheduler = new Scheduler(start, ({ name }) => ({
    section: section.name,
    case: one.name,
    short,
    build: builds[name as keyof Builds],
  }));
  if (isReading(one)) {
    for (let time = 0; time < readings; time++) {
      for (const side of sides) await scheduler.read(side as Reading);
    }
  } else {
    for (let pair = 0; pair < pairs; pair++) await scheduler.run(sides as Case[], pace, false, () => {});
  }
  for (const { case: side, error } of scheduler.broken) broken.push(`${titleOf(entry)}, ${side}: ${error}`);
  const [old, newer] = sides.map(({ name }) =>
    isReading(one)
      ? scheduler.readings.filter((reading) => reading.name === name).map(({ value }) => value)
      : (scheduler.rounds.get(name) ?? []),
  ) as [number[], number[]]; // two sides
  if (old.length === 0 || newer.length !== old.length) return undefined;
  const ratios = newer.map((value, round) => value / old[round]!); // as many
  const ratio = median(ratios);
  const [low, high] = intervalOfMedian(ratios);
  const given = one.buildBound ?? DEFAULT_BOUND;
  const bound = Number.isFinite(given) ? given : null;
  return {
    section: section.name,
    case: one.name,
    unit: isReading(one) ? one.unit : "ns",
    old: median(old),
    new: median(newer),
    ratio,
    low,
    high,
    best: Math.min(...newer) / Math.min(...old),
    bound,
    met: bound === null ? null : ratio <= bound,
    clear: bound === null ? null : high <= bound || low > bound,
    rounds: { old, new: newer },
  };
}

function isReading(one: Case | Reading): one is Reading {
  return "take" in one;
}

function print(ratios: readonly BuildRatio[], builds: Builds, json: boolean, short: boolean): void {
  const machine = describeMachine();
  if (json) {
    const report = { format: 1, date: new Date().toISOString(), short, machine, ...builds, cases: ratios };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const bounded = ratios.filter(({ met }) => met !== null);
  const met = bounded.filter((one) => one.met && one.clear).length;
  const missed = bounded.filter((one) => !one.met && one.clear).length;
  const rows = ratios.map((one) => [
    `${one.section}: ${one.case}`,
    figure(one.old),
    figure(one.new),
    one.unit,
    one.ratio.toFixed(2),
    `${one.low.toFixed(2)} to ${one.high.toFixed(2)}`,
    one.best.toFixed(2),
    targetOf("≤", one.bound),
    short ? "" : one.clear === false ? "unclear" : verdictOf(one.met),
  ]);
  process.stdout.write(
    `${headerOf(machine, short)}\nold: ${builds.old}\nnew: ${builds.new}\n\n${align([["", "old", "new", "", "new/old", "95 %", "best", "bound", ""], ...rows])}\n\nof ${bounded.length} with a bound: ${met} met, ${missed} not met, ${bounded.length - met - missed} unclear\n`,
  );
}
