/** Random sequences of calls: ours does what opossum does, down to each event with its arguments. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadOpossum, Ours } from "./peer.ts";
import { actionFrom, Dice, optionsFrom, Player, pass, pauseFrom } from "./random.ts";

const SEED = Number(process.env.BLUESMOKE_SEED ?? (process.env.CI ? 1 : Date.now() % 1_000_000_000));
const CASES = 300;
const STEPS = 80;

/** What the sequences have reached. */
const reached = new Map<string, number>();

async function play(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const options = optionsFrom(dice);
  const fallback = dice.below(6);
  const failing = dice.pick([10, 30, 50, 90]);
  const theirs = new Player(await loadOpossum(), options, fallback);
  const ours = new Player(Ours, options, fallback);
  for (let step = 0; step < STEPS; step++) {
    const action =
      step === STEPS - 1 ? ({ kind: "shutdown" } as const) : actionFrom(dice, step, failing, theirs.breaker);
    for (const player of [theirs, ours]) player.do(action);
    await pass(step < STEPS - 2 ? pauseFrom(dice) : 400);
    expect(ours.seen(), `after step ${step}, ${JSON.stringify(action)}`).toEqual(theirs.seen());
  }
  for (const line of theirs.log) {
    const kind = line.split(" ")[1]!;
    reached.set(kind, (reached.get(kind) ?? 0) + 1);
  }
}

describe("a random sequence of calls", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it(`has the same events, results, states and counts as with opossum, seed ${SEED}`, {
    timeout: 120_000,
  }, async () => {
    for (let n = 0; n < CASES; n++) {
      try {
        await play(SEED + n);
      } catch (error) {
        throw new Error(`BLUESMOKE_SEED=${SEED + n}: ${(error as Error).message}`, { cause: error });
      }
    }
    const kinds = [
      "open",
      "close",
      "halfOpen",
      "reject",
      "timeout",
      "fallback",
      "snapshot",
      "cacheHit",
      "shutdown",
    ];
    for (const kind of [...kinds, "coalesceCacheHit", "success", "failure"]) {
      expect(reached.get(kind) ?? 0, kind).toBeGreaterThan(20);
    }
  });
});
