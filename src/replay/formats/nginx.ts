/**
 * Access logs of nginx: the combined format, with `$request_time` or `$upstream_response_time` behind it, bare (the last
 * number with a fraction) or named (`rt=`, `urt=`, `request_time=`, `upstream_response_time=`), and `$upstream_addr` or `$host`
 * named (`upstream=`, `ua=`, `host=`). Times in seconds; nginx writes the line when the request has ended.
 */
import { combinedLineOf, namedFieldsOf } from "./combined-log.ts";
import { type LineFormat, outcomeOfStatus } from "./line-format.ts";

const DURATIONS = ["urt", "upstream_response_time", "rt", "request_time"];
const ENDPOINTS = ["upstream", "upstream_addr", "ua", "uaddr", "host"];
const CLIENT_CLOSED_REQUEST = 499;

export const NGINX: LineFormat = {
  name: "nginx",
  wholeSeconds: "end",
  parse(line) {
    const parsed = combinedLineOf(line);
    if (!parsed) return undefined;
    const { host, timeMs, path, status, rest } = parsed;
    const fields = namedFieldsOf(rest);
    const named = DURATIONS.map((name) => secondsOf(fields.get(name))).find((value) => value >= 0);
    const bare = [...rest.matchAll(/(?<![\w."=])(\d+\.\d+)(?![\w."])/g)].at(-1)?.[1];
    const seconds = named ?? secondsOf(bare);
    if (Number.isNaN(seconds)) return undefined; // without times it may as well be Apache's
    const durationMs = Math.round(seconds * 1_000_000) / 1_000;
    return {
      endpoint: ENDPOINTS.map((name) => lastOf(fields.get(name))).find((one) => one) ?? host,
      startMs: timeMs - durationMs,
      durationMs,
      outcome: status === CLIENT_CLOSED_REQUEST ? "ignored" : outcomeOfStatus(status),
      path,
    };
  },
};

/** Several upstreams may have been asked, one after the other: `0.001, 0.250` or `10.0.0.1:80 : 10.0.0.2:80`. */
function lastOf(value: string | undefined): string | undefined {
  const last = value?.split(/[, ]+/).at(-1);
  return last === "-" ? undefined : last;
}

function secondsOf(value: string | undefined): number {
  const last = lastOf(value);
  return last === undefined || !/^\d+(\.\d+)?$/.test(last) ? Number.NaN : Number(last);
}
