/** HTTP archives (HAR 1.2), as browsers save them: the endpoint is the host of the URL. */
import { type CallTraceBuilder, FAILURE, SUCCESS } from "../calls/call-trace.ts";
import { TraceError } from "../trace-error.ts";
import { outcomeOfStatus } from "./line-format.ts";

interface HarEntry {
  readonly startedDateTime?: unknown;
  readonly time?: unknown;
  readonly request?: { readonly url?: unknown };
  readonly response?: { readonly status?: unknown };
}

/** Whether a JSON value is a HAR. */
export function isHar(value: unknown): boolean {
  return Array.isArray((value as { log?: { entries?: unknown } } | null)?.log?.entries);
}

/** Adds all entries. @throws TraceError at one that is incomplete */
export function readHar(value: unknown, builder: CallTraceBuilder): void {
  const { entries } = (value as { log: { entries: readonly HarEntry[] } }).log;
  for (const [index, entry] of entries.entries()) {
    const startMs = Date.parse(String(entry?.startedDateTime));
    const status = Number(entry?.response?.status);
    const host = hostOf(entry?.request?.url);
    if (Number.isNaN(startMs) || Number.isNaN(status) || host === undefined) {
      throw new TraceError(
        "damaged",
        "an entry without start, URL or status",
        `log.entries[${index}]`,
        builder.count,
      );
    }
    const time = Number(entry.time);
    const outcome = outcomeOfStatus(status) === "success" ? SUCCESS : FAILURE;
    builder.add(host, startMs, time >= 0 ? time : Number.NaN, outcome);
  }
}

function hostOf(url: unknown): string | undefined {
  try {
    return new URL(String(url)).host || undefined;
  } catch {
    return undefined;
  }
}
