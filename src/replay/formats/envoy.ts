/**
 * Access logs of Envoy in its default format, and in that of Istio:
 *
 *   [start] "method path protocol" code flags [details - "reason"] received sent duration upstream-time "for" "agent" "id"
 *   "authority" "upstream" [upstream-cluster ...]
 *
 * The endpoint is the cluster, the upstream host or the authority: the first of them that is there.
 */
import { type LineFormat, outcomeOfStatus } from "./line-format.ts";

const LINE = /^\[(\d{4}-\d\d-\d\dT[\d:.]+Z)\] "([^"]*)" (\d+) (\S+) (.*)$/;
const NUMBERS = /(?:^| )(\d+) (\d+) (\d+) (\d+|-) (.*)$/;
/** Response flags: Envoy's own limits refused the request; the client went away. */
const REFUSED_FLAGS = /^(UO|RL|RLSE|OM)$/;
const CLIENT_FLAGS = /^(DC|DPE|DT|SI)$/;

export const ENVOY: LineFormat = {
  name: "envoy",
  parse(line) {
    const [, start, request, code, flagText, tail] = LINE.exec(line) ?? [];
    const [, , , duration, , quoted] = NUMBERS.exec(tail ?? "") ?? [];
    if (start === undefined || duration === undefined) return undefined;
    const flags = flagText!.split(",");
    const [, , , authority, upstream] = [...quoted!.matchAll(/"([^"]*)"/g)].map(([, value]) => value!);
    const cluster = /" (outbound\S*|inbound\S*)/.exec(quoted!)?.[1];
    const has = (pattern: RegExp) => flags.some((flag) => pattern.test(flag));
    return {
      endpoint: [cluster, upstream, authority].find((one) => one && one !== "-"),
      startMs: Date.parse(start),
      durationMs: Number(duration),
      outcome: has(REFUSED_FLAGS) ? "refused" : has(CLIENT_FLAGS) ? "ignored" : outcomeOfStatus(Number(code)),
      path: request!.split(" ")[1],
    };
  },
};
