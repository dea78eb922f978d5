/** From the ids of events to places in files. */

/** Events of one pull. */
interface Entry<File> {
  readonly file: File;
  readonly firstId: number;
  lastId: number;
  /** Offsets behind each event; undefined: only the one behind the last is known. */
  offsets: readonly number[] | undefined;
  lastOffset: number;
}

/** Pulls whose events are told apart; what is read beyond is kept as one: memory is bounded when nothing is acknowledged. */
const MOST_ENTRIES = 4_096;

export class Offsets<File> {
  #entries: Entry<File>[] = [];
  #count = 0;

  /** @param offsets behind each of the events that are handed over now: ids go on from the latest. */
  add(file: File, offsets: readonly number[]): void {
    const lastOffset = offsets.at(-1);
    if (lastOffset === undefined) return;
    const firstId = this.#count + 1;
    this.#count += offsets.length;
    const last = this.#entries.at(-1);
    if (last === undefined || this.#entries.length < MOST_ENTRIES) {
      this.#entries.push({ file, firstId, lastId: this.#count, offsets, lastOffset });
      return;
    }
    this.#entries[this.#entries.length - 1] = {
      file,
      firstId: last.firstId,
      lastId: this.#count,
      offsets: undefined,
      lastOffset,
    };
  }

  /** The place behind the event with this id, and all before: they are forgotten. undefined: it is not known. */
  take(id: number): { readonly file: File; readonly offset: number } | undefined {
    let found: { readonly file: File; readonly offset: number } | undefined;
    let ended = 0;
    for (const { file, firstId, lastId, offsets, lastOffset } of this.#entries) {
      if (firstId > id) break;
      if (lastId > id) {
        const offset = offsets?.[id - firstId];
        if (offset !== undefined) found = { file, offset };
        break;
      }
      found = { file, offset: lastOffset };
      ended++;
    }
    if (ended > 0) this.#entries = this.#entries.slice(ended);
    return found;
  }
}
