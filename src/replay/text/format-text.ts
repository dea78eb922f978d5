/** Numbers, times and tables as text. */
const WHOLE = /* @__PURE__ */ (() => new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 }))();

/** "1,234" */
export function countOf(value: number): string {
  return WHOLE.format(value);
}

/** "1 call", "1,234 calls" */
export function counted(value: number, noun: string): string {
  return `${countOf(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** "0.13 %" of all; "-" of none. */
export function shareOf(part: number, whole: number): string {
  if (whole === 0) return "-";
  const percent = (part / whole) * 100;
  return `${percent === 0 || percent >= 10 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
}

/** "250 ms", "1.3 s", "2 min" */
export function durationOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** A time since 1970 as a date; a time of another clock as it is. */
export function timeOf(ms: number): string {
  return ms > 1e11 ? new Date(ms).toISOString() : `${(ms / 1_000).toFixed(3)} s`;
}

/** A time on an axis of that length: as short as it can be told apart. */
export function shortTimeOf(ms: number, spanMs: number): string {
  if (!(ms > 1e11)) return durationOf(ms);
  const text = new Date(ms).toISOString();
  if (spanMs > 3 * 86_400_000) return text.slice(0, 10);
  return text.slice(11, spanMs > 3_600_000 ? 16 : spanMs > 10_000 ? 19 : 23);
}

/** "2025-12-01 14:39:59 to 14:49:59 UTC" */
export function spanText(fromMs: number, toMs: number): string {
  if (!(fromMs > 1e11)) return `${timeOf(fromMs)} to ${timeOf(toMs)}`;
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " "));
  return `${from} to ${to!.slice(0, 10) === from!.slice(0, 10) ? to!.slice(11) : to} UTC`;
}

/** Rows in columns: the first `left` ones to the left, the others to the right; not the last one, if `lastLeft`. */
export function tableOf(rows: readonly (readonly string[])[], left = 1, lastLeft = false): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < left || (lastLeft && column === row.length - 1)
            ? cell.padEnd(widths[column]!)
            : cell.padStart(widths[column]!),
        )
        .join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}
