/** Explores one plan with one build of the core. */
import { decodeText } from "../../../src/core/wasm-text.ts";
import type { PlanMaker } from "./actor.ts";
import { compile } from "./code.ts";
import { Explorer, type Outcome } from "./explorer.ts";

/** A search that finds more states ends without a result: the largest plan has a fifth of them. */
const MAXIMUM_STATES = 20_000_000;

export function explore(make: PlanMaker, text: string): Outcome {
  const { world, plan } = make(text);
  const explorer = new Explorer(compile(decodeText(text)), world.buffer, plan, (address) =>
    world.nameOf(address),
  );
  return explorer.explore({ states: MAXIMUM_STATES });
}
