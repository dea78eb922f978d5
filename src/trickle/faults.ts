/** The faults of a pipeline: all that can be found are told at once. */
import { TrickleError } from "./diagnostic.ts";

/** Thrown where something cannot be checked because of a fault that is known already. */
const FOLLOWS = Symbol("follows from another fault");

/** A hostile text may have as many faults as statements; nobody reads more than these. */
const MOST_FAULTS = 100;

export class Faults {
  readonly #errors: TrickleError[] = [];
  /** Names whose definition or creation has a fault: what is wrong with their users follows from it. */
  readonly #spoiled = new Set<string>();

  /** Does one part of the work. undefined: it has a fault, which is kept. What is no TrickleError passes through. */
  attempt<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof TrickleError) this.#errors.push(error);
      else if (error !== FOLLOWS) throw error;
      return undefined;
    }
  }

  /** Whoever uses these names is not to blame. */
  spoil(...names: readonly string[]): void {
    for (const name of names) this.#spoiled.add(name);
  }

  /** Ends a part of the work without a word where it uses a spoiled name. */
  passOver(name: string): void {
    if (this.#spoiled.has(name)) throw FOLLOWS;
  }

  /** Throws the first fault of the text, which knows of the others, if there is any. */
  settle(): void {
    const [first] = this.#errors.toSorted(byPlace);
    if (first === undefined) return;
    const others = this.#errors
      .flatMap(({ diagnostics }) => diagnostics)
      .filter((diagnostic) => diagnostic !== first.diagnostic)
      .sort(byPlace);
    throw first.with(others.slice(0, MOST_FAULTS - 1));
  }
}

interface Placed {
  readonly line: number;
  readonly column: number;
}

function byPlace(a: Placed, b: Placed): number {
  return a.line - b.line || a.column - b.column;
}
