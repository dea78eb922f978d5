/** Options of servers of ours. */
import { numberOption, objectOption, wrongType } from "../../breaker/validate.ts";
import { resolveServerTls, type ServerTls, type ServerTlsOptions } from "./tls-options.ts";

/** All are optional. A value out of range is an OptionError. */
export interface ListenOptions {
  /** Connections at once; a further one is closed at once. 1 to 65,535; default 256. */
  readonly maximumConnections?: number;
  /** HTTP: bytes of one body, before and after decompression; a larger one is answered by 413. 1 to 268,435,456; default 2 MiB (2,097,152). */
  readonly maximumBodyBytes?: number;
  /** HTTP: requests that are read or wait for their answer at once; a further one is answered by 503. 1 to 10,000; default 64. */
  readonly maximumRequests?: number;
  /** HTTP: how long a request waits for the flow to take its events before it is answered by 503, in ms. 0 to 3,600,000; default 1,000. */
  readonly patienceMs?: number;
  /** HTTP: how long a client may take to send a request, in ms; a slower one is cut off. 100 to 3,600,000; default 30,000. */
  readonly timeoutMs?: number;
  /** HTTP: what `Retry-After` shall say, in ms, such as the time until the breaker lets a probe through. Default: one second. */
  readonly retryAfterMs?: () => number;
  /** For `listen:https://` and `listen:tls://`, which require it. A client that has not shaken hands after `timeoutMs` is cut off. */
  readonly tls?: ServerTlsOptions;
}

export interface ResolvedListenOptions extends Readonly<Required<Omit<ListenOptions, "tls">>> {
  /** Undefined: none was given. */
  readonly tls: ServerTls | undefined;
}

const KEYS = [
  "maximumConnections",
  "maximumBodyBytes",
  "maximumRequests",
  "patienceMs",
  "timeoutMs",
  "retryAfterMs",
  "tls",
];

/** @throws OptionError naming option, range and value. */
export function resolveListenOptions(options: ListenOptions | undefined): ResolvedListenOptions {
  const given = objectOption("options", options, KEYS);
  const whole = (name: string, from: number, to: number, fallback: number) =>
    numberOption(name, given[name], { from, to, whole: true }, fallback);
  return {
    maximumConnections: whole("maximumConnections", 1, 65_535, 256),
    maximumBodyBytes: whole("maximumBodyBytes", 1, 268_435_456, 2_097_152),
    maximumRequests: whole("maximumRequests", 1, 10_000, 64),
    patienceMs: whole("patienceMs", 0, 3_600_000, 1_000),
    timeoutMs: whole("timeoutMs", 100, 3_600_000, 30_000),
    retryAfterMs: clockOption(given.retryAfterMs),
    tls: resolveServerTls(given.tls),
  };
}

function clockOption(value: unknown): () => number {
  if (value === undefined) return () => 0;
  if (typeof value === "function") return value as () => number; // what it returns is checked where it is used
  throw wrongType("retryAfterMs", "a function", value);
}
