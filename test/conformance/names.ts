/** Names of endpoints that must come through every runtime unit by unit. */

/** All of them. */
export const NAMES: readonly [string, ...string[]] = [
  "payments",
  "café", // one character for the accent
  "cafe\u0301", // two: another name
  "支払い",
  "\u{1f50c}\u{1f4a8}", // outside the basic plane
  "\ud83d", // half of a character
  "straße/ﬁ",
  "\u0000",
  "مدفوعات",
  "ÿ".repeat(255), // the last unit that takes one byte
  "Ā".repeat(1_024), // the longest name there may be
  "__proto__",
];

/** The name at that place, and from the beginning again. */
export function nameAt(index: number): string {
  return NAMES[index % NAMES.length] ?? NAMES[0];
}
