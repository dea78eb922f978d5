/** Events that ended as failed, by the error of their latest try. */
import type { Meta } from "../protocol/event.ts";

/** More reasons than these are counted together: some have a time or a name in them. */
const MAXIMUM_REASONS = 8;
const OTHER_REASONS = "other reasons";

export class FailureReasons {
  readonly #counts = new Map<string, number>();

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  add({ error }: Meta, count = 1): void {
    const said = typeof error === "string" ? error : "no reason given";
    const isKnown = this.#counts.has(said) || this.#counts.size < MAXIMUM_REASONS;
    const reason = isKnown ? said : OTHER_REASONS;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }
}
