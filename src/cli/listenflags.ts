/** How the options of servers of ours are read from the command line. */
import type { Option } from "commander";
import {
  type ListenOptions,
  type ResolvedListenOptions,
  resolveListenOptions,
} from "../connect/listenoptions.ts";
import { numberFlag } from "./flags.ts";

/** The names under which commander hands them over. */
export interface ListenFlags {
  readonly maxConnections?: number;
  readonly maxBody?: number;
  readonly maxRequests?: number;
  readonly patience?: number;
  readonly clientTimeout?: number;
}

const GROUP = "Servers of ours, where a source is listen:…:";

/** Their ranges are those of the source: it says what is wrong with a value. */
export function listenFlags(): readonly Option[] {
  const { maximumConnections, maximumBodyBytes, maximumRequests, patienceMs, timeoutMs } =
    resolveListenOptions({});
  return [
    flag(
      "--max-connections <number>",
      `clients at once, at most (default: ${maximumConnections})`,
      "maximumConnections",
    ),
    flag(
      "--max-body <bytes>",
      `of one request; a larger one gets 413 (default: ${maximumBodyBytes})`,
      "maximumBodyBytes",
    ),
    flag(
      "--max-requests <number>",
      `at once; a further one gets 503 (default: ${maximumRequests})`,
      "maximumRequests",
    ),
    flag(
      "--patience <ms>",
      `how long a request waits for the pipeline, until 503 (default: ${patienceMs})`,
      "patienceMs",
    ),
    flag("--client-timeout <ms>", `of a whole request to arrive (default: ${timeoutMs})`, "timeoutMs"),
  ];
}

/** Only what was given. */
export function listenOptionsOf(flags: ListenFlags): ListenOptions {
  const { maxConnections, maxBody, maxRequests, patience, clientTimeout } = flags;
  return {
    ...(maxConnections === undefined ? {} : { maximumConnections: maxConnections }),
    ...(maxBody === undefined ? {} : { maximumBodyBytes: maxBody }),
    ...(maxRequests === undefined ? {} : { maximumRequests: maxRequests }),
    ...(patience === undefined ? {} : { patienceMs: patience }),
    ...(clientTimeout === undefined ? {} : { timeoutMs: clientTimeout }),
  };
}

function flag(flags: string, description: string, name: keyof ResolvedListenOptions): Option {
  return numberFlag(flags, description, (value) => resolveListenOptions({ [name]: value })).helpGroup(GROUP);
}
