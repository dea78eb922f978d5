/** Progress of the benchmark, on stderr. */

/** One line that is written over on a terminal; elsewhere a line for each section. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  #section = "";
  #number = 0;

  constructor(stream: NodeJS.WriteStream, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  /** The next section begins. */
  begin(section: string): void {
    this.#section = section;
    this.#number++;
    if (!this.#stream.isTTY) this.#stream.write(`${this.#head()}\n`);
  }

  /** Shows the step of the section. */
  show(step: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${this.#head()}: ${step}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K");
  }

  #head(): string {
    return `[${this.#number}/${this.#total}] ${this.#section}`;
  }
}
