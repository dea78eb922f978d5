/** Goes on after an error, so that all errors of a pipeline are reported at once. */
import { TrickleError } from "./diagnostic.ts";

/** Thrown where a part cannot be checked because of an error that is reported already. */
const FOLLOWS = Symbol("follows from another error");

export class ErrorRecovery {
  readonly #errors: TrickleError[] = [];
  /** Names whose definition or creation has an error: errors of their uses follow from it. */
  readonly #faulty = new Set<string>();

  /** Runs one part of the check. undefined: it has an error, which is kept. Anything but a TrickleError passes through. */
  attempt<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof TrickleError) this.#errors.push(error);
      else if (error !== FOLLOWS) throw error;
      return undefined;
    }
  }

  /** Errors of uses of these names are not reported. */
  markFaulty(...names: readonly string[]): void {
    for (const name of names) this.#faulty.add(name);
  }

  /** Ends the part of the check that runs, without an error, if the name is faulty. */
  skipIfFaulty(name: string): void {
    if (this.#faulty.has(name)) throw FOLLOWS;
  }

  /** Throws a TrickleError with all errors, if there are any. */
  finish(): void {
    if (this.#errors.length > 0) throw TrickleError.of(this.#errors);
  }
}
