/**
 * Access logs of Apache httpd: the combined format, with or without `%v` before it, and behind it `%D` (µs), or `%T` (s) where it
 * is named (`T=`, `seconds=`). Apache writes when the request began.
 */
import { combinedLineOf, namedFieldsOf } from "./combined-log.ts";
import { type LineFormat, outcomeOfStatus } from "./line-format.ts";

export const APACHE: LineFormat = {
  name: "apache",
  wholeSeconds: "start",
  parse(line) {
    const parsed = combinedLineOf(line);
    if (!parsed) return undefined;
    const { host, timeMs, path, status, rest } = parsed;
    const fields = namedFieldsOf(rest);
    const us = fields.get("D") ?? fields.get("us") ?? /(?<![\w."=])\d+(?![\w."])/.exec(rest)?.[0];
    const seconds = fields.get("T") ?? fields.get("seconds");
    const durationMs = seconds !== undefined ? Number(seconds) * 1_000 : Number(us) / 1_000;
    return { endpoint: host, startMs: timeMs, durationMs, outcome: outcomeOfStatus(status), path };
  },
};
