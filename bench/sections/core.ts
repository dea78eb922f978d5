import { type BreakerMaker, findDifference, flatBreaker, objectBreaker } from "../byhand/agreement.ts";
import { chainByHand, chainByObject, chainRaw } from "../cases/chain.ts";
import { manyByHand, manyByObject, manyOfTheLibrary, manyRaw } from "../cases/many.ts";
import { oneByHand, oneObject, oneOfNothing, oneOfTheLibrary, oneRaw } from "../cases/one.ts";
import { askByHand, askLibrary, askRaw } from "../cases/refusal.ts";
import type { Case, Comparison, Scale, Section } from "../section.ts";

const ONE = "admit + report, one breaker";
const MANY = "admit + report, 100,000 at random";
const CHAIN = "admit + report, 100,000 as a chain";
const ADMITTED = "ask, admitted";
const REFUSED = "ask, refused";

const HAND = "by hand";
const OBJECT = "by hand, an object each";
const RAW = "Wasm";
const LIBRARY = "CircuitBreaker";

const CASES: readonly Case[] = [
  { name: `${ONE}, ${HAND}`, prepare: oneByHand },
  { name: `${ONE}, ${OBJECT}`, prepare: oneObject },
  { name: `${ONE}, ${RAW} that does nothing`, prepare: oneOfNothing },
  { name: `${ONE}, ${RAW}`, prepare: oneRaw },
  { name: `${ONE}, ${LIBRARY}`, prepare: oneOfTheLibrary },
  ...group(MANY, [
    [HAND, manyByHand],
    [OBJECT, manyByObject],
    [RAW, manyRaw],
    [LIBRARY, manyOfTheLibrary],
  ]),
  ...group(CHAIN, [
    [HAND, chainByHand],
    [OBJECT, chainByObject],
    [RAW, chainRaw],
  ]),
  ...group(ADMITTED, [
    [HAND, () => askByHand("admitted")],
    [RAW, () => askRaw("admitted")],
    [LIBRARY, () => askLibrary("admitted")],
  ]),
  ...group(REFUSED, [
    [HAND, () => askByHand("refused")],
    [RAW, () => askRaw("refused")],
    [LIBRARY, () => askLibrary("refused")],
  ]),
];

/** @param inlinesWasm whether the compiler of JavaScript inlines calls into Wasm: more is asked then */
const comparisonsOf = (inlinesWasm: boolean): readonly Comparison[] => [
  { ...between(`${ONE}: ${RAW} to by hand`, [ONE, RAW], [ONE, HAND]), target: inlinesWasm ? 1.6 : 2.5 },
  { ...between(`${ONE}: ${LIBRARY} to by hand`, [ONE, LIBRARY], [ONE, HAND]), target: 3 },
  { ...between(`${MANY}: ${RAW} to by hand`, [MANY, RAW], [MANY, HAND]), target: 1.3 },
  { ...between(`${MANY}: ${RAW} to objects`, [MANY, RAW], [MANY, OBJECT]), target: 0.25 },
  { ...between(`${CHAIN}: ${RAW} to by hand`, [CHAIN, RAW], [CHAIN, HAND]), target: 1 },
  { ...between(`ask, ${RAW}: refused to admitted`, [REFUSED, RAW], [ADMITTED, RAW]), target: 1 },
  { what: "ask, refused: tryAcquire", of: `${REFUSED}, ${LIBRARY}`, by: "time", target: 4 },
];

/** Cases of which the first is the baseline. */
function group(what: string, variants: readonly (readonly [string, Case["prepare"]])[]): readonly Case[] {
  const baseline = `${what}, ${variants[0]?.[0]}`;
  return variants.map(([who, prepare]) => ({ name: `${what}, ${who}`, baseline, prepare }));
}

function between(what: string, of: readonly [string, string], to: readonly [string, string]) {
  return { what, of: of.join(", "), to: to.join(", "), by: "time" } as const;
}

/** The baselines must do what the library does. */
function check({ short }: Scale): void {
  const makers: readonly BreakerMaker[] = [flatBreaker, objectBreaker];
  for (let seed = 1; seed <= (short ? 5 : 50); seed++) {
    for (const make of makers) {
      const difference = findDifference(seed, 400, make);
      if (difference !== undefined) throw new Error(`library and baseline disagree: ${difference}`);
    }
  }
}

/** Breakers alone, without a clock. `inlinesWasm`: the compiler of JavaScript inlines calls into Wasm. */
export function coreOf(inlinesWasm: boolean): Section {
  return {
    name: "core",
    title: "a decision and its outcome",
    operation: "call",
    cases: CASES,
    comparisons: comparisonsOf(inlinesWasm),
    check,
  };
}
