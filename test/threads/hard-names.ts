/** Names that are hard to keep apart or to store. */
import { generatorOf } from "./random.ts";

const UNITS = [
  "a",
  "b",
  "\0",
  "\u007f",
  "\u00ff",
  "\u0100",
  "\u00e9",
  "e\u0301",
  "愛",
  "\ud800",
  "\udfff",
  "😀",
  "\ufffd",
  "\u2028",
] as const;

/** A pool of different names: short and long ones, of one byte and of two, with halves of pairs. */
export function poolOf(size: number, seed: number): string[] {
  const next = generatorOf(seed);
  const pool = new Set<string>(["__proto__", "constructor", " ", "\ud800", "\udc00", "\ud800\udc00"]);
  for (const unit of ["x", "\u00ff", "愛", "\udead"]) {
    for (const length of [1_023, 1_024]) pool.add(unit.repeat(length));
  }
  while (pool.size < size) {
    const length = 1 + next(8);
    pool.add(Array.from({ length }, () => UNITS[next(UNITS.length)]).join(""));
  }
  return [...pool];
}
