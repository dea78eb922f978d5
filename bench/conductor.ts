/** Lets the cases of a section take turns, round after round, in another order each time. */
import { Chance } from "./chance.ts";
import type { OpenLine } from "./line.ts";
import { Player } from "./player.ts";
import { type Breakage, type ReadingResult, readingResult, resultsOf, type SectionResult } from "./result.ts";
import type { Case, Reading, Scale, Section } from "./section.ts";

/** How long to measure. */
export interface Pace {
  readonly rounds: number;
  /** Of one case in one round, at least. */
  readonly timeMs: number;
  /** Before the first round, so that the code is compiled. */
  readonly firstWarmupMs: number;
  /** Before every other: another process has had the caches meanwhile. */
  readonly warmupMs: number;
}

/** What happens, for whoever shows it. */
export type Tell = (what: string) => void;

/** The order of the cases in each round: by chance, the same in every run. */
const ORDER_SEED = 20;

/** What of a section can be measured here. */
export interface Program {
  readonly cases: readonly Case[];
  readonly readings: readonly Reading[];
}

/** Measures the cases and readings of a section whose packages are there. Never throws for a case that is broken: it is in the result. */
export async function conduct(
  section: Section,
  { cases, readings }: Program,
  scale: Scale,
  pace: Pace,
  open: OpenLine,
  tell: Tell,
): Promise<SectionResult> {
  const orchestra = new Orchestra(section, scale, open);
  tell("preparing");
  orchestra.check();
  // Where figures mean nothing nobody is disturbed by processes that start at the same time.
  if (scale.short) await Promise.all(cases.map((one) => orchestra.admit(one)));
  else for (const one of cases) await orchestra.admit(one);
  for (let round = 0; round < pace.rounds && cases.length > 0; round++) {
    tell(`round ${round + 1} of ${pace.rounds}`);
    await orchestra.play(pace.timeMs, round === 0 ? pace.firstWarmupMs : pace.warmupMs);
  }
  await orchestra.end();
  if (scale.short) await Promise.all(readings.map((one) => orchestra.read(one)));
  else for (const one of readings) await orchestra.read(one);
  const { name, title, operation } = section;
  const here: readonly (Case | Reading)[] = [...cases, ...readings];
  const all: readonly (Case | Reading)[] = [...section.cases, ...(section.readings ?? [])];
  const missing = all.filter((one) => !here.includes(one)).map((one) => one.name);
  return {
    name,
    title,
    operation,
    ...resultsOf(section, orchestra.rounds),
    readings: all.flatMap(({ name }) => orchestra.readings.filter((one) => one.name === name)), // in their order
    missing,
    broken: orchestra.broken,
  };
}

class Orchestra {
  readonly rounds = new Map<string, number[]>();
  readonly readings: ReadingResult[] = [];
  readonly broken: Breakage[] = [];
  readonly #section: Section;
  readonly #scale: Scale;
  readonly #open: OpenLine;
  readonly #chance = new Chance(ORDER_SEED);
  readonly #players: Player[] = [];

  constructor(section: Section, scale: Scale, open: OpenLine) {
    this.#section = section;
    this.#scale = scale;
    this.#open = open;
  }

  /** Asks the section whether its cases may be compared at all. */
  check(): void {
    try {
      this.#section.check?.(this.#scale);
    } catch (error) {
      this.#break(this.#section.name, error);
    }
  }

  async admit({ name }: Case): Promise<void> {
    const assignment = { section: this.#section.name, case: name, ...this.#scale };
    await this.#try(name, async () => {
      this.#players.push(await Player.start(assignment, this.#open));
      this.rounds.set(name, []);
    });
  }

  /** One round. */
  async play(timeMs: number, warmupMs: number): Promise<void> {
    this.#chance.shuffle(this.#players);
    for (const player of [...this.#players]) {
      await this.#try(player.name, async () => {
        const ns = await player.measure(timeMs, warmupMs);
        this.rounds.get(player.name)?.push(ns);
      });
    }
  }

  async end(): Promise<void> {
    for (const player of [...this.#players]) {
      await this.#try(player.name, () => player.verify());
      player.end();
    }
  }

  /** What cannot be read here is left out. */
  async read(reading: Reading): Promise<void> {
    const assignment = { section: this.#section.name, case: reading.name, ...this.#scale };
    await this.#try(reading.name, async () => {
      const player = await Player.start(assignment, this.#open);
      this.#players.push(player);
      const value = await player.take();
      player.end();
      if (value !== undefined) this.readings.push(readingResult(reading, value));
    });
  }

  async #try(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#break(name, error);
    }
  }

  /** Numbers of a case that is broken are not shown. */
  #break(name: string, error: unknown): void {
    this.broken.push({ case: name, error: error instanceof Error ? error.message : String(error) });
    this.rounds.delete(name);
    const place = this.#players.findIndex((player) => player.name === name);
    if (place >= 0) this.#players.splice(place, 1)[0]?.end();
  }
}
