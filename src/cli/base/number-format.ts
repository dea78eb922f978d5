/** Numbers as the command shows them. */

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** "200,000" */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** "1 event", "200,000 events" */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** "0.4 s", "83.0 s" */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** "81.3 %", of a share from 0 to 1. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** "64 MB" */
export function megabytes(bytes: number): string {
  return `${count(bytes / 1_000_000)} MB`;
}
