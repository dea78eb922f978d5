/** All policies in all scenarios and settings of a part of the grid. */
import { SCENARIOS, type Scenario } from "../../src/replay/scenario/scenarios.ts";
import { type Figures, mean, type Setting } from "../../src/replay/scenario/world.ts";
import { missingPeers } from "../peers.ts";
import { BLUESMOKE } from "./bluesmoke.ts";
import { FORMULAS } from "./formulas.ts";
import { PEER_POLICIES } from "./peers.ts";
import { type Policy, policyOfGates } from "./policy.ts";
import { simulate } from "./simulation.ts";

/** "short" proves that it works; "part" leaves out 3,000 calls a second and answers at once. */
export type Extent = "short" | "part" | "full";

/** One policy in one scenario and setting. */
export interface Cell extends Figures {
  readonly policy: string;
  readonly scenario: string;
  readonly setting: Setting;
}

/** One policy in all settings of a scenario. */
export interface Row extends Figures {
  readonly policy: string;
  /** Good calls as a share of those of the best policy: the mean over the settings. */
  readonly share: number;
  /** The same in the worst setting. */
  readonly leastShare: number;
}

/** The rows of a scenario, or of all of them. */
export interface Board {
  readonly name: string;
  readonly settings: number;
  readonly rows: readonly Row[];
}

export interface Scoreboard {
  readonly extent: Extent;
  readonly scenarios: readonly Board[];
  readonly sum: Board;
  readonly cells: readonly Cell[];
  /** Policies left out since their package is missing. */
  readonly missing: readonly string[];
}

const NONE = policyOfGates("none", () => ({ admit: () => 1, succeed() {}, fail() {} }));

/** In the order of the tables. */
export const POLICIES: readonly Policy[] = [NONE, ...BLUESMOKE, ...PEER_POLICIES, ...FORMULAS];

const LOADS: Readonly<Record<Extent, readonly number[]>> = {
  short: [30],
  part: [30, 300],
  full: [30, 300, 3_000],
};

const ANSWERS: Readonly<Record<Extent, readonly number[]>> = {
  short: [100],
  part: [100, 500],
  full: [0, 100, 500],
};

/** The settings of a scenario: what a failing call costs only where it changes anything. */
export function settingsOf(extent: Extent, { hasCapacity }: Scenario): readonly Setting[] {
  const isShort = extent === "short";
  const costs = hasCapacity && !isShort ? [0, 0.5] : [0];
  return LOADS[extent].flatMap((callsPerSecond) =>
    (isShort ? [1] : [1, 10]).flatMap((clients) =>
      ANSWERS[extent].flatMap((answerMs) =>
        costs.map((failureCost) => ({ callsPerSecond, clients, answerMs, failureCost })),
      ),
    ),
  );
}

/** Plays everything; `report` is called with each scenario before it begins. */
export async function playScoreboard(
  extent: Extent,
  report: (step: string) => void = () => {},
  scenarios: readonly Scenario[] = SCENARIOS,
): Promise<Scoreboard> {
  const absent = missingPeers();
  const isHere = ({ peer }: Policy) => peer === undefined || !absent.includes(peer);
  const policies = POLICIES.filter(isHere);
  const missing = POLICIES.filter((policy) => !isHere(policy)).map(({ name }) => name);
  const cells: Cell[] = [];
  for (const scenario of scenarios) {
    report(scenario.name);
    for (const setting of settingsOf(extent, scenario)) {
      for (const policy of policies) {
        const figures = await simulate(policy, scenario, setting);
        cells.push({ policy: policy.name, scenario: scenario.name, setting, ...figures });
      }
    }
  }
  const names = policies.map(({ name }) => name);
  const boards = scenarios.map(({ name }) =>
    boardOf(
      name,
      names,
      cells.filter((cell) => cell.scenario === name),
    ),
  );
  return { extent, scenarios: boards, sum: boardOf("all scenarios", names, cells), cells, missing };
}

function boardOf(name: string, policies: readonly string[], cells: readonly Cell[]): Board {
  const best = new Map<string, number>();
  for (const cell of cells) best.set(keyOf(cell), Math.max(cell.good, best.get(keyOf(cell)) ?? 0));
  return {
    name,
    settings: best.size,
    rows: policies.map((policy) => {
      const own = cells.filter((cell) => cell.policy === policy);
      const shares = own.map((cell) => (cell.good === 0 ? 0 : cell.good / best.get(keyOf(cell))!));
      const sum = (of: (cell: Cell) => number) => own.reduce((total, cell) => total + of(cell), 0);
      return {
        policy,
        offered: sum(({ offered }) => offered),
        good: sum(({ good }) => good),
        failed: sum(({ failed }) => failed),
        refused: sum(({ refused }) => refused),
        share: mean(shares) ?? 0,
        leastShare: Math.min(...shares),
        noticeMs: mean(own.flatMap(({ noticeMs }) => noticeMs ?? [])),
        recoverMs: mean(own.flatMap(({ recoverMs }) => recoverMs ?? [])),
      };
    }),
  };
}

function keyOf({ scenario, setting }: Cell): string {
  return `${scenario} ${Object.values(setting).join(" ")}`;
}
