/** Finds where the elements of a JSON array end, byte by byte, across chunks. Judges nothing else. */

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

export class ElementScanner {
  /** Open brackets and braces inside the element; both count alike, since JSON.parse checks them later. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #closed = false;

  /** The array's closing bracket was found: it is the last of the ends that `scan` returned. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Indexes in `chunk`, from `from` on, of the commas between elements and of the closing bracket. */
  scan(chunk: Uint8Array, from: number): number[] {
    const ends: number[] = [];
    for (let at = from; at < chunk.length && !this.#closed; at++) {
      const byte = chunk[at];
      if (this.#inString) this.#readString(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (byte === COMMA && this.#depth === 0) ends.push(at);
      else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) this.#depth++;
      else if ((byte === BRACE_CLOSE || byte === BRACKET_CLOSE) && this.#depth > 0) this.#depth--;
      else if (byte === BRACKET_CLOSE) {
        ends.push(at);
        this.#closed = true;
      }
    }
    return ends;
  }

  #readString(byte: number | undefined): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }
}
