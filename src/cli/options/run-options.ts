/** From the values of the command line and the config file to the options of a run. */
import type { Address } from "../../connect/base/address.ts";
import type { ListenOptions } from "../../connect/base/listen-options.ts";
import type { TlsOptions } from "../../connect/base/tls-options.ts";
import type { HttpOptions } from "../../connect/http/http-options.ts";
import type { SourceOptions } from "../../connect/open.ts";
import type { TcpOptions } from "../../connect/tcp/tcp-options.ts";
import type { Values } from "./option.ts";
import { RUN_TABLE } from "./run-table.ts";

/** Made of `RUN_TABLE`, whose texts say what each means. */
export interface RunOptions {
  /** The sources: paths, "-" for stdin, or URLs. */
  readonly in: readonly string[];
  readonly out?: string;
  readonly overflow?: string;
  readonly failed?: string;
  readonly retries: number;
  /** In s. */
  readonly retryFor: number;
  readonly maxWaiting: number;
  readonly again?: boolean;
  /** Sinks by port. */
  readonly port?: Readonly<Record<string, string>>;
  readonly append?: boolean;
  /** Threads; 1: only this one. */
  readonly workers: number;
  readonly endpoint?: string;
  readonly seed?: number;
  /** Path of a file for the recording of all calls. */
  readonly record?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** In s. */
  readonly stopTimeout?: number;
  readonly status?: Address;
  /** URL of the store of a fleet. */
  readonly fleet?: string;
  readonly dashboard?: Address;
  readonly dashboardControls?: boolean;
  readonly source: Pick<SourceOptions, "maximumLineBytes" | "validate" | "follow" | "position">;
  /** In bytes. */
  readonly rotateBytes?: number;
  /** In s. */
  readonly rotate?: number;
  readonly tcp: TcpOptions;
  readonly listen: ListenOptions;
  readonly http: HttpOptions;
  /** Of https:// and tls://. */
  readonly tls: TlsOptions;
}

/** Options of a part of the run: empty where none was given. */
const PARTS = ["source", "tcp", "listen", "http", "tls"];

/** The values at their places, with defaults where the parts have none of their own. */
export function runOptionsOf(values: Values): RunOptions {
  const options: Record<string, unknown> = Object.fromEntries(PARTS.map((part) => [part, {}]));
  options.in = [];
  for (const { key, initial, to = key } of RUN_TABLE) {
    if (Object.hasOwn(values, key)) put(options, to.split("."), values[key]);
    else if (initial !== undefined && to === key) options[key] = initial;
  }
  return options as unknown as RunOptions;
}

/**
 * Both, of which the later wins. Names in an object (ports, headers) are taken one by one, and a sink for `out` or
 * `overflow` wins over one for the port of that name, and the other way round.
 */
export function merge(earlier: Values, later: Values): Values {
  const merged: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    merged[key] = isPairs(value) && isPairs(merged[key]) ? { ...merged[key], ...value } : value;
  }
  for (const port of ["out", "overflow"]) {
    if (Object.hasOwn(later, port) && isPairs(earlier.port) && !Object.hasOwn(pairsIn(later), port))
      merged.port = without(pairsIn(merged), port);
    if (Object.hasOwn(pairsIn(later), port) && !Object.hasOwn(later, port)) delete merged[port];
  }
  return merged;
}

function pairsIn({ port }: Values): Readonly<Record<string, unknown>> {
  return isPairs(port) ? port : {};
}

function isPairs(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function without(pairs: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(pairs).filter(([key]) => key !== name));
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  if (target[first] === undefined) target[first] = {};
  put(target[first] as Record<string, unknown>, rest, value);
}
