/** Checks of the options of a run against its pipeline and against each other, before anything is opened. */
import { isOptionError } from "../../breaker/validate.ts";
import { resolveListenOptions } from "../../connect/base/listen-options.ts";
import { isHttp, isListener, isSecure, isUrl, STANDARD } from "../../connect/base/spec.ts";
import { resolveHttpOptions } from "../../connect/http/http-options.ts";
import { resolveTcpOptions } from "../../connect/tcp/tcp-options.ts";
import type { Program } from "../../trickle/program.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import { flagOf } from "../options/option.ts";
import type { RunOptions } from "../options/run-options.ts";
import { DASHBOARD_ADDRESS, RUN_TABLE } from "../options/run-table.ts";
import { portWarnings, sinksByPort } from "./ports.ts";

/** What follows from options and pipeline. */
export interface RunPlan {
  /** Sinks by port, as the user spelled them. */
  readonly ports: ReadonlyMap<string, string>;
  /** All sinks, with the one of `failed`. */
  readonly targets: readonly string[];
  /** For the user, before the run starts. */
  readonly warnings: readonly string[];
}

/**
 * @param path of the pipeline, or "-" for stdin
 * @throws CommandError for options that contradict each other or the pipeline, or that would change nothing
 */
export function planRun(path: string, options: RunOptions, program: Program): RunPlan {
  const { in: sources, failed, retries } = options;
  if (sources.length === 0)
    throw usage(
      "there is no source",
      "give --in SOURCE, such as a file, a URL or - for stdin; add --help for all",
    );
  if (path === STANDARD && sources.includes(STANDARD))
    throw usage("stdin cannot be both the pipeline and the source", "give a file for one of them");
  if (options.source.position !== undefined && sources.length > 1)
    throw usage("--position is for one source", "give one --in, or run once for each source");
  if (options.workers > 1 && (options.source.follow === true || options.source.position !== undefined))
    throw usage("--workers cannot follow a file or keep a position", "leave out --workers");
  if (options.workers > 1 && (options.rotateBytes ?? options.rotate) !== undefined)
    throw usage("--workers cannot rotate files", "leave out --workers");
  const ports = sinksByPort(options, program);
  const targets = [...ports.values(), ...(failed === undefined ? [] : [failed])];
  refuseIdleOptions(options, targets);
  const warnings = [
    ...program.warnings.map((warning) => warning.format()),
    ...portWarnings(ports, program, retries),
    ...(options.source.position !== undefined && failed === undefined
      ? ["warning: an event that has failed for good holds the position for ever: give --failed FILE"]
      : []),
    ...(options.tls.verify === false
      ? ["warning: --no-tls-verify: anyone on the way can read and change the events"]
      : []),
  ];
  return { ports, targets, warnings };
}

/** Options that would change nothing are a misunderstanding. */
function refuseIdleOptions(options: RunOptions, targets: readonly string[]): void {
  const { in: sources, http, tcp, tls, listen, dashboard, dashboardControls } = options;
  if (!sources.some(isListener))
    refuseIdle(listen, "options of servers of ours were given, but no source is listen:…", "--in listen:…");
  if (!targets.some(isHttp))
    refuseIdle(http, "options of HTTP requests were given, but no sink is a URL of HTTP", "--out URL");
  if (![...sources, ...targets].some(isUrl) && options.fleet === undefined)
    refuseIdle(tcp, "options of connections were given, but there is no URL", "--out URL");
  if (![...sources, ...targets].some(isSecure))
    refuseIdle(tls, "options of TLS were given, but no URL is https:// or tls://", "--out https://…");
  if (!sources.some((spec) => isListener(spec) && isSecure(spec)))
    refuseIdle(
      listen.tls ?? {},
      "a certificate for a server of ours was given, but no source is listen:https:// or listen:tls://",
      "--in listen:https://…",
    );
  refuseBadOptions(options);
  if (dashboardControls && dashboard === undefined)
    throw usage(
      "--dashboard-controls was given, but no --dashboard",
      `leave it out, or give --dashboard ${DASHBOARD_ADDRESS}`,
    );
}

/** Options that are right alone and wrong together, such as a key of another certificate. */
function refuseBadOptions({ http, tcp, tls, listen }: RunOptions): void {
  refuseBad("http", () => resolveHttpOptions({ ...http, tls }));
  refuseBad("tcp", () => resolveTcpOptions({ ...tcp, tls }));
  refuseBad("listen", () => resolveListenOptions(listen));
}

function refuseBad(part: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!isOptionError(error)) throw error;
    throw usage(flagsIn(error.message, part), "bluesmoke help run has all options");
  }
}

/** The message of a part with flags in place of the names that its options have in a program. */
function flagsIn(message: string, part: string): string {
  const flags = new Map<string, string>();
  for (const spec of RUN_TABLE) {
    const { to = "", kind } = spec;
    const name = to.startsWith(`${part}.`) ? to.slice(part.length + 1) : to;
    // A name of one word may be a word of the message: only secrets exclude each other.
    const isName = name !== to ? name.includes(".") || kind.isSecret : name.startsWith("tls.");
    if (isName && !flags.has(name)) flags.set(name, flagOf(spec).split(" ", 1)[0] ?? "");
  }
  return message.replace(/[a-z]+(?:\.[a-z]+)*/gi, (word) => flags.get(word) ?? word);
}

function refuseIdle(options: object, what: string, remedy: string): void {
  if (Object.keys(options).length > 0) throw usage(what, `leave them out, or give ${remedy}`);
}

function usage(message: string, hint: string): CommandError {
  return new CommandError(EXIT.usage, message, hint);
}
