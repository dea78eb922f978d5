/** Items that were read and wait to be pulled. */
import type { SourceItem } from "../protocol/source-and-sink.ts";

export class Inbox {
  #items: SourceItem[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  put(items: readonly SourceItem[]): void {
    for (const item of items) this.#items.push(item);
    if (items.length > 0) this.#wake();
  }

  /** There is no more: `take` says so once it is empty, or throws the error if there is one. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** Everything that waits, never nothing; waits until there is something. undefined: the end. For one caller at a time. */
  async take(): Promise<readonly SourceItem[] | undefined> {
    while (this.#items.length === 0) {
      if (this.#end !== undefined) return this.#ended(this.#end.error);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const items = this.#items;
    this.#items = [];
    return items;
  }

  #ended(error: unknown): undefined {
    if (error !== undefined) throw error;
    return undefined;
  }
}
