/** Measures the cases of a section in turns, round after round, in another order each time. */

import { CaseWorker } from "./case-worker.ts";
import type { Scoreboard } from "./goodput/scoreboard.ts";
import { Random } from "./random.ts";
import { type Breakage, type ReadingResult, readingResult, resultsOf, type SectionResult } from "./result.ts";
import type { Case, Reading, Scale, Section } from "./section.ts";
import type { StartWorker } from "./worker-channel.ts";
import type { Assignment } from "./worker-protocol.ts";

/** How long to measure. */
export interface Pace {
  readonly rounds: number;
  /** Of one case in one round, at least. */
  readonly timeMs: number;
  /** Before the first round, so that the code is compiled. */
  readonly firstWarmupMs: number;
  /** Before every other round: another process has had the caches meanwhile. */
  readonly warmupMs: number;
}

/** Called with what the scheduler does now, as text. */
export type ReportProgress = (step: string) => void;

/** Seed of the order of the cases: it is the same in every run. */
const ORDER_SEED = 20;

/** The cases and readings of a section whose packages are installed. */
export interface Program {
  readonly cases: readonly Case[];
  readonly readings: readonly Reading[];
}

/** Measures a section. Never throws for a broken case: the result contains it. */
export async function runSection(
  section: Section,
  { cases, readings }: Program,
  scale: Scale,
  pace: Pace,
  start: StartWorker,
  report: ReportProgress,
): Promise<SectionResult> {
  const scheduler = new Scheduler(start, (one) => ({ section: section.name, case: one.name, ...scale }));
  report("preparing");
  scheduler.check(section, scale);
  await scheduler.run(cases, pace, scale.short, report);
  // The figures of a short run mean nothing, so its processes may disturb each other.
  if (scale.short) await Promise.all(readings.map((one) => scheduler.read(one)));
  else for (const one of readings) await scheduler.read(one);
  const scoreboard = await scheduler.play(section, scale, report);
  const { name, title, operation } = section;
  const here: readonly (Case | Reading)[] = [...cases, ...readings];
  const all: readonly (Case | Reading)[] = [...section.cases, ...(section.readings ?? [])];
  const missing = all.filter((one) => !here.includes(one)).map((one) => one.name);
  return {
    name,
    title,
    operation,
    ...resultsOf(section, scheduler.rounds),
    readings: all.flatMap(({ name }) => scheduler.readings.filter((one) => one.name === name)), // in their order
    ...(scoreboard !== undefined && { scoreboard }),
    missing: [...missing, ...(scoreboard?.missing ?? [])],
    broken: scheduler.broken,
  };
}

/** Starts the workers of cases and readings, and keeps their figures. */
export class Scheduler {
  /** ns for an operation, by case and round. */
  readonly rounds = new Map<string, number[]>();
  readonly readings: ReadingResult[] = [];
  readonly broken: Breakage[] = [];
  readonly #start: StartWorker;
  readonly #assignmentOf: (one: Case | Reading) => Assignment;
  readonly #random = new Random(ORDER_SEED);
  readonly #workers: CaseWorker[] = [];

  constructor(start: StartWorker, assignmentOf: (one: Case | Reading) => Assignment) {
    this.#start = start;
    this.#assignmentOf = assignmentOf;
  }

  /** Calls the check of the section. */
  check(section: Section, scale: Scale): void {
    try {
      section.check?.(scale);
    } catch (error) {
      this.#break(section.name, error);
    }
  }

  /** Plays the simulation of the section, if it has one. */
  async play(section: Section, scale: Scale, report: ReportProgress): Promise<Scoreboard | undefined> {
    let scoreboard: Scoreboard | undefined;
    await this.#try(section.name, async () => {
      scoreboard = await section.play?.(scale, report);
    });
    return scoreboard;
  }

  /** All rounds of the cases. */
  async run(cases: readonly Case[], pace: Pace, atOnce: boolean, report: ReportProgress): Promise<void> {
    if (atOnce) await Promise.all(cases.map((one) => this.#add(one)));
    else for (const one of cases) await this.#add(one);
    for (let round = 0; round < pace.rounds && cases.length > 0; round++) {
      report(`round ${round + 1} of ${pace.rounds}`);
      await this.#measure(pace.timeMs, round === 0 ? pace.firstWarmupMs : pace.warmupMs);
    }
    for (const worker of [...this.#workers]) {
      await this.#try(worker.name, () => worker.verify());
      worker.end();
    }
    this.#workers.length = 0;
  }

  /** Reads one number; a reading that is not possible here is left out. */
  async read(reading: Reading): Promise<void> {
    await this.#try(reading.name, async () => {
      const worker = await CaseWorker.start(reading.name, this.#assignmentOf(reading), this.#start);
      this.#workers.push(worker);
      const value = await worker.take();
      worker.end();
      if (value !== undefined) this.readings.push(readingResult(reading, value));
    });
  }

  async #add(one: Case): Promise<void> {
    await this.#try(one.name, async () => {
      this.#workers.push(await CaseWorker.start(one.name, this.#assignmentOf(one), this.#start));
      if (!this.rounds.has(one.name)) this.rounds.set(one.name, []);
    });
  }

  /** One round. */
  async #measure(timeMs: number, warmupMs: number): Promise<void> {
    this.#random.shuffle(this.#workers);
    for (const worker of [...this.#workers]) {
      await this.#try(worker.name, async () => {
        const ns = await worker.measure(timeMs, warmupMs);
        this.rounds.get(worker.name)?.push(ns);
      });
    }
  }

  async #try(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#break(name, error);
    }
  }

  /** Drops the figures of a broken case. */
  #break(name: string, error: unknown): void {
    this.broken.push({ case: name, error: error instanceof Error ? error.message : String(error) });
    this.rounds.delete(name);
    const index = this.#workers.findIndex((worker) => worker.name === name);
    if (index >= 0) this.#workers.splice(index, 1)[0]?.end();
  }
}
