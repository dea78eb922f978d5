/** Finding a breaker by its name, beside a `Map`. */
import { loadLibrary } from "../library.ts";
import { Random } from "../random.ts";
import type { Scale, Work } from "../section.ts";
import { counted, LOOP } from "../work.ts";
import { OPTIONS } from "./options.ts";

const FEW = 1_000;
const ORDER_SEED = 13;

interface Named {
  get(name: string): object | undefined;
}

/** Asks for one of `count` names at random, each a string that has been asked for before. */
function asking(count: number, names: readonly string[], named: Named): Work {
  const random = new Random(ORDER_SEED);
  const order = Uint32Array.from({ length: LOOP }, () => random.below(count));
  return counted(LOOP, LOOP, () => {
    let found = 0;
    for (let i = 0; i < LOOP; i++) if (named.get(names[order[i]!]!) !== undefined) found++; // below the lengths
    return found;
  });
}

function namesOf(count: number, { short }: Scale): string[] {
  return Array.from({ length: short ? Math.min(count, FEW) : count }, (_, number) => `endpoint ${number}`);
}

/** `registry.get(name)`; the caller keeps no object. */
export async function byRegistry(count: number, scale: Scale): Promise<Work> {
  const registry = (await loadLibrary(scale)).registry({ defaults: OPTIONS });
  const names = namesOf(count, scale);
  for (const name of names) registry.get(name);
  return asking(names.length, names, registry);
}

/** `Map.prototype.get`. */
export function byMap(count: number, scale: Scale): Work {
  const names = namesOf(count, scale);
  return asking(names.length, names, new Map(names.map((name, number) => [name, { name, number }])));
}
