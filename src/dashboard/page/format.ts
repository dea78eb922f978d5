/** Numbers and times as the page shows them. A number that is not there is a dash. */
import { NONE } from "../protocol.ts";

const DASH = "–";
/** Narrow no-break space: between a number and its unit. */
const GAP = "\u202f";
const WHOLE = /* @__PURE__ */ new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const TIME = /* @__PURE__ */ new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** A number a second: "0", "0.4", "12", "1,240", "12.4 k". */
export function perSecond(value: number): string {
  if (value === NONE) return DASH;
  if (value > 0 && value < 9.95) return value < 0.05 ? "<0.1" : value.toFixed(1);
  return whole(value);
}

/** A count: "1,240", "124 k", "12.4 M". */
export function whole(value: number): string {
  if (value === NONE) return DASH;
  if (value < 100_000) return WHOLE.format(value);
  if (value < 1_000_000) return `${WHOLE.format(value / 1_000)}${GAP}k`;
  return `${(value / 1_000_000).toFixed(value < 1e8 ? 1 : 0)}${GAP}M`;
}

/** A rate in ‱ as percent with one digit, rounded down: 99.96 must not read as 100. */
export function rateText(rate: number): string {
  return rate === NONE ? DASH : `${(Math.floor(rate / 10) / 10).toFixed(1)}${GAP}%`;
}

/** A share in ‰ as percent. */
export function shareText(share: number): string {
  return share === NONE ? DASH : `${Number((share / 10).toFixed(1))}${GAP}%`;
}

/** ms: "0.4 ms", "12 ms", "1.2 s". */
export function msText(ms: number): string {
  if (ms === NONE) return DASH;
  if (ms < 10) return `${Number(ms.toFixed(1))}${GAP}ms`;
  return ms < 1_000 ? `${Math.round(ms)}${GAP}ms` : `${(ms / 1_000).toFixed(1)}${GAP}s`;
}

/** Time until something, from ms: "4.1 s", "1:05 min", "2:10 h". */
export function durationText(ms: number, digits = 0): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 60) return `${(digits === 0 ? Math.ceil(seconds) : seconds).toFixed(digits)}${GAP}s`;
  const pair = (large: number, small: number) =>
    `${Math.floor(large)}:${String(Math.floor(small)).padStart(2, "0")}`;
  if (seconds < 3_600) return `${pair(seconds / 60, seconds % 60)}${GAP}min`;
  return `${pair(seconds / 3_600, (seconds / 60) % 60)}${GAP}h`;
}

/** "14:02:07", as the clock of the reader has it. */
export function timeText(atMs: number): string {
  return TIME.format(atMs);
}
