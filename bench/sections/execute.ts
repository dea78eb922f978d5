import { bare, byHand, chained, ours, oursInARow, tryCatch } from "../cases/execute.ts";
import { cockatiel, cockatielRefusing, opossum, opossumRefusing } from "../cases/peers.ts";
import { rejectedBare, rejectedByUs } from "../cases/rejection.ts";
import type { Section } from "../section.ts";

const BARE = "await call()";
const OURS = "bluesmoke execute, success rate";
const CONSECUTIVE = "cockatiel execute, consecutive";
const SAMPLING = "cockatiel execute, sampling";
const OPOSSUM = "opossum fire, lean";
const REFUSED = "refused: await a rejected promise";

/** Promises behind breakers. */
export const execute: Section = {
  name: "execute",
  title: "an awaited call behind a breaker",
  operation: "call",
  cases: [
    { name: BARE, prepare: bare },
    { name: "await call().then(v => v)", prepare: chained },
    { name: "async wrapper with try and catch", prepare: tryCatch },
    { name: "async wrapper with a breaker by hand", prepare: byHand },
    { name: OURS, prepare: ours },
    { name: "bluesmoke execute, failures in a row", prepare: oursInARow },
    { name: CONSECUTIVE, peer: "cockatiel", prepare: () => cockatiel("consecutive") },
    { name: SAMPLING, peer: "cockatiel", prepare: () => cockatiel("sampling") },
    { name: OPOSSUM, peer: "opossum", prepare: opossum },
    { name: REFUSED, baseline: REFUSED, prepare: rejectedBare },
    { name: "refused: bluesmoke", baseline: REFUSED, prepare: rejectedByUs },
    { name: "refused: cockatiel", baseline: REFUSED, peer: "cockatiel", prepare: cockatielRefusing },
    { name: "refused: opossum", baseline: REFUSED, peer: "opossum", prepare: opossumRefusing },
  ],
  comparisons: [
    addedBy("consecutive", CONSECUTIVE),
    addedBy("sampling", SAMPLING),
    { ...addedBy("opossum", OPOSSUM), what: "added to the bare call: bluesmoke to opossum" },
  ],
};

function addedBy(kind: string, to: string) {
  const what = `added to the bare call: bluesmoke to cockatiel, ${kind}`;
  return { what, of: OURS, to, above: BARE, by: "time", target: 1 } as const;
}
