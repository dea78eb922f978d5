/** Options of connections that we open ourselves. */
import { numberOption, objectOption } from "../../breaker/validate.ts";
import { flagOption } from "../base/flag.ts";
import { type ClientTls, resolveTls, type TlsOptions } from "../base/tls-options.ts";
import { type ReconnectOptions, type ReconnectRules, resolveReconnect } from "./reconnect.ts";

/** All are optional. A value out of range is an OptionError. */
export interface TcpOptions {
  /**
   * How long a try to connect may take, and how long a write may make no progress before the connection is given up,
   * in ms. 1 to 3,600,000; default 10,000.
   */
  readonly timeoutMs?: number;
  /** When a lost connection is tried again. */
  readonly reconnect?: ReconnectOptions;
  /** Where the URL is tls://. */
  readonly tls?: TlsOptions;
  /** Whether the start fails when the first try does. False: it is a lost connection like any later one. Default true. */
  readonly probe?: boolean;
}

export interface ResolvedTcpOptions {
  readonly timeoutMs: number;
  readonly rules: ReconnectRules;
  readonly tls: ClientTls;
  readonly probe: boolean;
}

/** @throws OptionError naming option, range and value. */
export function resolveTcpOptions(options: TcpOptions | undefined): ResolvedTcpOptions {
  const given = objectOption("options", options, ["timeoutMs", "reconnect", "tls", "probe"]);
  const range = { from: 1, to: 3_600_000, whole: true };
  return {
    timeoutMs: numberOption("timeoutMs", given.timeoutMs, range, 10_000),
    rules: resolveReconnect(given.reconnect),
    tls: resolveTls(given.tls),
    probe: flagOption("probe", given.probe, true),
  };
}
