/**
 * What a thread may still do to memory from where it stands, as far as earlier runs have shown.
 *
 * A place is where a thread has stopped: its call and the instructions of its frames. For each place it is noted what was
 * accessed there and which place came next; so the future of a place is what was accessed at any place that can follow. An
 * access that no future of another thread conflicts with needs no other order: it may happen at once (a persistent set of one).
 * A search that learned something is repeated, so the last one rests on all that it found itself.
 */
const SETS = 16;
/** Words of memory that a plan may have in common. */
const LIMIT = SETS * 32;

interface Place {
  readonly reads: Uint32Array;
  readonly writes: Uint32Array;
  readonly next: Set<Place>;
  readonly laterReads: Uint32Array;
  readonly laterWrites: Uint32Array;
}

export class Futures {
  /** Whether something was learned since the last `close`. */
  hasGrown = false;
  readonly #places: Map<number, Place>[];
  readonly #numbers = new Map<number, number>();

  constructor(threads: number) {
    this.#places = Array.from({ length: threads }, () => new Map<number, Place>());
  }

  /** The place of a thread with that key. Two places with one key are one, which has the future of both. */
  at(thread: number, key: number): Place {
    const places = this.#places[thread]!;
    let place = places.get(key);
    if (!place) {
      const [reads, writes, laterReads, laterWrites] = Array.from({ length: 4 }, () => new Uint32Array(SETS));
      place = {
        reads: reads!,
        writes: writes!,
        laterReads: laterReads!,
        laterWrites: laterWrites!,
        next: new Set(),
      };
      places.set(key, place);
      this.hasGrown = true;
    }
    return place;
  }

  /** A thread accesses a word at that place. */
  note(place: Place, word: number, isRead: boolean, isWrite: boolean): void {
    const number = this.#numberOf(word);
    if (isRead) this.#add(place.reads, number);
    if (isWrite) this.#add(place.writes, number);
  }

  follow(place: Place, next: Place): void {
    if (place.next.has(next)) return;
    place.next.add(next);
    this.hasGrown = true;
  }

  /** Whether a thread at that place may still do what conflicts with an access to that word. */
  conflicts(place: Place, word: number, isWrite: boolean): boolean {
    const number = this.#numberOf(word);
    const set = number >>> 5;
    const bit = 1 << (number & 31);
    return ((place.laterWrites[set]! | (isWrite ? place.laterReads[set]! : 0)) & bit) !== 0;
  }

  /** Makes what was learned the future of all places. */
  close(): void {
    this.hasGrown = false;
    for (const places of this.#places) {
      for (const place of places.values()) {
        place.laterReads.set(place.reads);
        place.laterWrites.set(place.writes);
      }
      const order = [...places.values()].reverse();
      for (let isDone = false; !isDone; ) {
        isDone = true;
        for (const place of order) {
          for (const next of place.next) if (join(place, next)) isDone = false;
        }
      }
    }
  }

  #numberOf(word: number): number {
    let number = this.#numbers.get(word);
    if (number === undefined) {
      number = this.#numbers.size;
      if (number === LIMIT) throw new Error(`the explorer bears ${LIMIT} words in common`);
      this.#numbers.set(word, number);
    }
    return number;
  }

  #add(set: Uint32Array, number: number): void {
    const bit = 1 << (number & 31);
    const before = set[number >>> 5]!;
    if (before & bit) return;
    set[number >>> 5] = before | bit;
    this.hasGrown = true;
  }
}

/** Adds the future of the next place. Whether it was new. */
function join(place: Place, next: Place): boolean {
  let isNew = false;
  for (let set = 0; set < SETS; set++) {
    const reads = place.laterReads[set]! | next.laterReads[set]!;
    const writes = place.laterWrites[set]! | next.laterWrites[set]!;
    if (reads >>> 0 !== place.laterReads[set] || writes >>> 0 !== place.laterWrites[set]) isNew = true;
    place.laterReads[set] = reads;
    place.laterWrites[set] = writes;
  }
  return isNew;
}
