/** Checks of the options of a run against its pipeline and against each other, before anything is opened. */
import { isHttp, isListener, isUrl, STANDARD } from "../../connect/base/spec.ts";
import type { Program } from "../../trickle/program.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import type { RunOptions } from "../options/run-options.ts";
import { DASHBOARD_ADDRESS } from "../options/run-table.ts";
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
  ];
  return { ports, targets, warnings };
}

/** Options that would change nothing are a misunderstanding. */
function refuseIdleOptions(options: RunOptions, targets: readonly string[]): void {
  const { in: sources, http, tcp, listen, dashboard, dashboardControls } = options;
  if (!sources.some(isListener))
    refuseIdle(listen, "options of servers of ours were given, but no source is listen:…", "--in listen:…");
  if (!targets.some(isHttp))
    refuseIdle(http, "options of HTTP requests were given, but no sink is a URL of HTTP", "--out URL");
  if (![...sources, ...targets].some(isUrl))
    refuseIdle(tcp, "options of connections were given, but there is no URL", "--out URL");
  if (dashboardControls && dashboard === undefined)
    throw usage(
      "--dashboard-controls was given, but no --dashboard",
      `leave it out, or give --dashboard ${DASHBOARD_ADDRESS}`,
    );
}

function refuseIdle(options: object, what: string, remedy: string): void {
  if (Object.keys(options).length > 0) throw usage(what, `leave them out, or give ${remedy}`);
}

function usage(message: string, hint: string): CommandError {
  return new CommandError(EXIT.usage, message, hint);
}
