/** Sources that wait before their first pull. */
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";

/** Its first pull, which comes when all sinks have started, waits until `open` resolves. */
export class GatedSource implements Source {
  readonly name: string;
  readonly #source: Source;
  readonly #open: () => Promise<void>;
  #isOpen = false;

  constructor(source: Source, open: () => Promise<void>) {
    this.name = source.name;
    this.#source = source;
    this.#open = open;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (!this.#isOpen) await this.#open();
    this.#isOpen = true;
    return this.#source.pull();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
