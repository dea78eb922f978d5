/** What happens to the endpoint, and when. */

/** A time in which nothing changes. */
export interface Phase {
  readonly lengthMs: number;
  /** Calls offered, as a share of the load of the setting. Default 1. */
  readonly load?: number;
  /** Calls that the endpoint bears, as a share of the load of the setting. Default: any number. */
  readonly capacity?: number;
  /** What the endpoint does with calls beyond its capacity. "queue": they wait. Default: they fail. */
  readonly excess?: "queue";
  /** The share of calls that fail whatever the load. Default 0. */
  readonly failing?: number;
  /** No call is answered. Default false. */
  readonly hangs?: boolean;
  /** ms that every answer takes. Default: that of the setting. */
  readonly answerMs?: number;
}

export interface Scenario {
  readonly name: string;
  readonly phases: readonly Phase[];
  /** The trouble: from the first phase that is not healthy to the end of the last one. */
  readonly troubleFromMs: number;
  readonly troubleToMs: number;
  /** What a failing call costs changes the result: only with a capacity. */
  readonly hasCapacity: boolean;
}

const SECOND_MS = 1_000;
const HALF_A_MINUTE = 30 * SECOND_MS;
const MINUTE = 60 * SECOND_MS;

const healthy = (lengthMs: number): Phase => ({ lengthMs });
const down = (lengthMs: number): Phase => ({ lengthMs, failing: 1 });

/** The trouble ends `lastMs` before the end. */
function scenario(name: string, phases: readonly Phase[], lastMs: number): Scenario {
  const endMs = phases.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  return {
    name,
    phases,
    troubleFromMs: phases[0]!.lengthMs, // all of them begin healthy
    troubleToMs: endMs - lastMs,
    hasCapacity: phases.some(({ capacity }) => capacity !== undefined),
  };
}

/** Between 30 s without trouble before and after. */
function between(name: string, ...trouble: readonly Phase[]): Scenario {
  return scenario(name, [healthy(HALF_A_MINUTE), ...trouble, healthy(HALF_A_MINUTE)], HALF_A_MINUTE);
}

/** Before a minute without trouble. */
function before(name: string, ...trouble: readonly Phase[]): Scenario {
  return scenario(name, [healthy(HALF_A_MINUTE), ...trouble, healthy(MINUTE)], MINUTE);
}

const FLAP_MS = 5 * SECOND_MS;
const flaps = Array.from({ length: 6 }, (_, flap) =>
  (flap === 0 ? [] : [healthy(FLAP_MS)]).concat(down(FLAP_MS)),
);

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  between("a third of the capacity", { lengthMs: 2 * MINUTE, capacity: 1 / 3 }),
  before("full outage of 30 s", down(HALF_A_MINUTE)),
  before(
    "brownout: half, a tenth, full",
    { lengthMs: 40 * SECOND_MS, capacity: 1 / 2 },
    { lengthMs: 40 * SECOND_MS, capacity: 1 / 10 },
  ),
  between("every 2nd call fails at random", { lengthMs: MINUTE, failing: 1 / 2 }),
  between("every 3rd call fails at random", { lengthMs: MINUTE, failing: 1 / 3 }),
  between("every 10th call fails at random", { lengthMs: MINUTE, failing: 1 / 10 }),
  before("slow instead of failing", { lengthMs: MINUTE, capacity: 1 / 3, excess: "queue" }),
  before("hanging for 30 s", { lengthMs: HALF_A_MINUTE, hangs: true }),
  between("flapping every 5 s", ...flaps.flat()),
  before("recovery under a backlog", down(HALF_A_MINUTE), {
    lengthMs: HALF_A_MINUTE,
    load: 2, // the calls of the outage are made again
    capacity: 5 / 4,
  }),
];
