/**
 * The hash of names: HalfSipHash-1-3 over pairs of UTF-16 units (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012, with the 32-bit words of its reference code). Names come from data, and their sender must not be able to
 * make them collide: the key is random and leaves the memory of the registry nowhere.
 */

/** Hash of a name, 0..2^32 - 1. */
export function hashOf(name: string, key0: number, key1: number): number {
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = key0 ^ 0x6c796765;
  let v3 = key1 ^ 0x74656462;
  const { length } = name;
  // One round for each pair of units, one for what is left and the length, three to finish.
  const rounds = (length >> 1) + 1;
  for (let round = 0; round < rounds + 3; round++) {
    let word = 0;
    if (round < rounds) {
      const at = round * 2;
      const low = at < length ? name.charCodeAt(at) : 0;
      word = low | ((at + 1 < length ? name.charCodeAt(at + 1) : length) << 16);
    } else if (round === rounds) {
      v2 ^= 0xff;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}
