/** A set of whole numbers as ranges: small where most of the numbers follow one another. */

/** From `from` to `to`, both included. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

export class RangeSet {
  /** Disjoint, not adjacent, in their order. */
  #ranges: { from: number; to: number }[] = [];

  /** The ranges in their order. */
  get ranges(): readonly IdRange[] {
    return this.#ranges;
  }

  has(id: number): boolean {
    const range = this.#ranges[this.#firstBehind(id) - 1];
    return range !== undefined && id <= range.to;
  }

  /** Adds the numbers of a range. Returns how many of them are new. */
  add(from: number, to = from): number {
    const index = this.#firstBehind(from);
    const before = this.#ranges[index - 1];
    const next = this.#ranges[index];
    const isApart = next === undefined || next.from > to + 1;
    if (before === undefined || before.to < from - 1 || !isApart) return this.#join(from, to);
    const added = Math.max(0, to - Math.max(before.to, from - 1));
    before.to += added;
    return added;
  }

  /** As `add`, whatever there is. */
  #join(from: number, to: number): number {
    // The ranges that overlap the new one, or are next to it, become one.
    const last = this.#firstBehind(to + 1);
    let first = last;
    let known = 0;
    let low = from;
    let high = to;
    while (first > 0) {
      const range = this.#ranges[first - 1];
      if (range === undefined || range.to < from - 1) break;
      known += Math.max(0, Math.min(range.to, to) - Math.max(range.from, from) + 1);
      low = Math.min(low, range.from);
      high = Math.max(high, range.to);
      first--;
    }
    this.#ranges.splice(first, last - first, { from: low, to: high });
    return to - from + 1 - known;
  }

  /** The lowest number from `id` on that is not in the set. */
  firstMissing(id: number): number {
    const range = this.#ranges[this.#firstBehind(id) - 1];
    return range !== undefined && id <= range.to ? range.to + 1 : id;
  }

  /** Removes all numbers below `id`. */
  removeBelow(id: number): void {
    const kept = this.#ranges.filter(({ to }) => to >= id);
    const [first] = kept;
    if (first !== undefined && first.from < id) kept[0] = { from: id, to: first.to };
    this.#ranges = kept;
  }

  /** How many numbers from `from` to `to` are in the set. */
  countIn(from: number, to: number): number {
    return this.#ranges.reduce(
      (sum, range) => sum + Math.max(0, Math.min(range.to, to) - Math.max(range.from, from) + 1),
      0,
    );
  }

  /** Index of the first range that begins behind `id`. */
  #firstBehind(id: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.from ?? 0) <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
