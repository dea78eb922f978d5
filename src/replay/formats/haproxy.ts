/**
 * Logs of HAProxy's `option httplog`, with or without the head of syslog:
 *
 *   client:port [accept date] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes - - flags counts queues "request"
 *
 * The endpoint is the backend. The date is that of the start, without a zone: it counts as UTC.
 */
import { type LineFormat, logTimeOf, outcomeOfStatus } from "./line-format.ts";

const LINE =
  /(?:^| )\S+:\d+ \[([^\]]+)\] \S+ ([^\s/]+)\/(\S+) (-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/\+?(\d+) (-?\d+) \+?\d+ \S+ \S+ (\S{4}) [\d/+]+ [\d/]+(?: \{[^}]*\}){0,2} "(.*)"?$/;

export const HAPROXY: LineFormat = {
  name: "haproxy",
  parse(line) {
    const parts = LINE.exec(line);
    if (!parts) return undefined;
    const [, date, backend, server, , , , , total, status, flags, request] = parts;
    const startMs = logTimeOf(date!);
    if (Number.isNaN(startMs)) return undefined;
    return {
      endpoint: backend,
      startMs,
      durationMs: Number(total),
      outcome: outcomeOf(server!, Number(status), flags!),
      path: request!.split(" ")[1],
    };
  },
};

/** C, c: the client ended it. Without a server: HAProxy itself answered, by a full queue (Q) or a rule (P, L, R). */
function outcomeOf(server: string, status: number, flags: string) {
  if (/^[Cc]/.test(flags)) return "ignored";
  if (server === "<NOSRV>" && /^s?Q|^.Q/.test(flags)) return "refused";
  if (server === "<NOSRV>" && /^[PLR]/.test(flags)) return "ignored";
  return outcomeOfStatus(status);
}
