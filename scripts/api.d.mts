/** Types of api.mjs for the tests. */
export const REPORTS: string;
export function packageReports(): Map<string, string>;
export function reportsOf(entries: ReadonlyMap<string, string>): Map<string, string>;
