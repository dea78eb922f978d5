/** `bluesmoke run`: ships the events of a source through a pipeline. */

import { codeOf } from "../connect/errors.ts";
import { refuseSharedFiles } from "../connect/file/same-file.ts";
import type { HttpOptions } from "../connect/http/httpoptions.ts";
import type { ListenOptions } from "../connect/listenoptions.ts";
import { openSink, openSource } from "../connect/open.ts";
import { isHttp, isListener, isUrl, STANDARD } from "../connect/spec.ts";
import type { TcpOptions } from "../connect/tcp/tcpoptions.ts";
import { CircuitBreakerRegistry } from "../entry/main.ts";
import type { Sink, Source } from "../flow/ends.ts";
import { turnsAway } from "../flow/graph/portname.ts";
import type { Program } from "../trickle/program.ts";
import { DeadLetterSink, DeadLetterSource } from "./dead-letter.ts";
import { type Display, openDisplay } from "./display.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { CommandError, faultOf } from "./fault.ts";
import { Interrupt, STOPPING } from "./interrupt.ts";
import type { LivePage } from "./live-page.ts";
import { openPage, type PageFlags } from "./page-flags.ts";
import { loadPipeline } from "./pipeline.ts";
import { type PortOptions, portWarnings, sinksByPort } from "./ports.ts";
import { reportOf } from "./report.ts";
import { ship } from "./shipment.ts";
import { exitCodeOf, isAccountedFor } from "./summary.ts";

export interface RunOptions extends PortOptions, PageFlags {
  /** The sources: paths, "-" for stdin, or URLs. */
  readonly in: readonly string[];
  /** The sink for events that another sink failed. */
  readonly failed?: string;
  /** How often an event is sent again. */
  readonly retries: number;
  /** The sources hold what an earlier run has kept. */
  readonly again?: boolean;
  readonly endpoint?: string;
  /** Files are kept and added to. What takes undelivered events (`overflow`, `err`, `failed`) is at all times. */
  readonly append?: boolean;
  readonly maximumLineBytes?: number;
  readonly http: HttpOptions;
  readonly tcp: TcpOptions;
  readonly listen: ListenOptions;
  /** Where the jitter of breakers starts. Default: by chance. */
  readonly seed?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What a run needs, open and checked. */
interface Voyage {
  readonly program: Program;
  /** Where the breakers of the run live. */
  readonly registry: CircuitBreakerRegistry;
  readonly sources: readonly Source[];
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly failed: Sink | undefined;
  /** The dashboard, where one is wanted. */
  readonly page: LivePage | undefined;
  /** What the user should know before it starts. */
  readonly warnings: readonly string[];
  /** A sink writes to stdout. */
  readonly stdoutIsTaken: boolean;
}

/** @throws whatever is wrong before the first event moves; what comes later is reported, with the summary. */
export async function run(path: string, options: RunOptions): Promise<ExitCode> {
  const { stdoutIsTaken, warnings, page, ...voyage } = await prepare(path, options);
  const plain = stdoutIsTaken && process.stdout.isTTY;
  const display = await openDisplay({ quiet: options.quiet === true, plain });
  const interrupt = new Interrupt(() => display.say(STOPPING));
  for (const warning of warnings) display.say(warning);
  if (page) display.say(`dashboard at ${page.url}`);
  for (const [index, spec] of options.in.entries()) {
    if (isListener(spec)) display.say(`listening at ${voyage.sources[index]?.name}`);
  }
  const reader = stdoutIsTaken ? stopWithReader(interrupt, display) : { isGone: false };
  const { endpoint, retries } = options;
  const { summary, error } = await ship({
    ...voyage,
    endpoint,
    retries,
    display,
    signal: interrupt.signal,
  });
  interrupt.release();
  page?.close();

  const fault = error === undefined ? undefined : faultOf(error);
  const summaryStream = stdoutIsTaken ? process.stderr : process.stdout;
  if (options.json) summaryStream.write(`${JSON.stringify(summary)}\n`);
  else if (fault === undefined || summary.events.read > 0) summaryStream.write(`${reportOf(summary)}\n`);
  if (fault !== undefined) process.stderr.write(`${fault.message}\n`);
  const end = reader.isGone && isAccountedFor(summary) ? EXIT.abandoned : exitCodeOf(summary);
  return fault?.exitCode ?? interrupt.exitCode ?? end;
}

async function prepare(path: string, options: RunOptions): Promise<Voyage> {
  if (path === STANDARD && options.in.includes(STANDARD)) {
    throw new CommandError(
      EXIT.usage,
      "stdin cannot be both the pipeline and the source",
      "give a file for one of them",
    );
  }
  const program = await loadPipeline(path);
  const specs = sinksByPort(options, program);
  const targets = [...specs.values(), ...(options.failed === undefined ? [] : [options.failed])];
  // The summary goes to stdout where no sink does.
  const written = targets.includes(STANDARD) ? targets : [...targets, STANDARD];
  await refuseSharedFiles(options.in, written);
  await refuseSharedFiles(path, written);
  const { sinks, failed } = await openSinks(specs, targets, options);
  const registry = new CircuitBreakerRegistry(options.seed === undefined ? {} : { seed: options.seed });
  const page = await openPage(registry, options);
  const sources = await openSources(options, registry).catch((error: unknown) => {
    page?.close();
    throw error;
  });
  const warnings = [
    ...program.warnings.map((warning) => warning.format()),
    ...portWarnings(specs, program, options.retries),
    ...(page?.warnings ?? []),
  ];
  const stdoutIsTaken = targets.includes(STANDARD);
  return { program, registry, sources, sinks, failed, page, warnings, stdoutIsTaken };
}

/** A reader that goes away (`| head`) wants no more: that is no failure of anybody. */
function stopWithReader(interrupt: Interrupt, display: Display): { readonly isGone: boolean } {
  const reader = { isGone: false };
  process.stdout.once("error", (error) => {
    reader.isGone = codeOf(error) === "EPIPE";
    display.say(
      reader.isGone ? "the reader of stdout went away: no more is read" : "stdout is broken: no more is read",
    );
    interrupt.stop();
  });
  return reader;
}

/** A server that listens would keep the process alive, so those that are open are closed when one cannot be opened. */
async function openSources(
  { in: specs, maximumLineBytes, tcp, listen, again }: RunOptions,
  registry: CircuitBreakerRegistry,
): Promise<readonly Source[]> {
  if (!specs.some(isListener))
    refuseIdle(listen, "options of servers of ours were given, but no source is listen:…", "--in listen:…");
  const options = {
    ...(maximumLineBytes === undefined ? {} : { maximumLineBytes }),
    tcp,
    listen: { ...listen, retryAfterMs: () => longestWaitMs(registry) },
  };
  const sources: Source[] = [];
  try {
    for (const spec of specs) {
      const source = await openSource(spec, options);
      sources.push(again ? new DeadLetterSource(source) : source);
    }
    return sources;
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
}

async function openSinks(
  specs: ReadonlyMap<string, string>,
  targets: readonly string[],
  { in: sources, failed, append = false, http, tcp }: RunOptions,
): Promise<Pick<Voyage, "sinks" | "failed">> {
  if (!targets.some(isHttp))
    refuseIdle(http, "options of HTTP requests were given, but no sink is a URL of HTTP", "--out URL");
  if (![...sources, ...targets].some(isUrl))
    refuseIdle(tcp, "options of connections were given, but there is no URL", "--out URL");
  const options = { append, http: { ...http, ...probeOf(tcp) }, tcp };
  const sinks = new Map<string, Sink>();
  const keeping = { ...options, append: true };
  for (const [port, spec] of specs)
    sinks.set(port, await openSink(spec, turnsAway(port) ? keeping : options));
  const deadLetters = failed === undefined ? undefined : new DeadLetterSink(await openSink(failed, keeping));
  return { sinks, failed: deadLetters };
}

/** Options that would change nothing are a misunderstanding. */
function refuseIdle(options: object, what: string, remedy: string): void {
  if (Object.keys(options).length > 0)
    throw new CommandError(EXIT.usage, what, `leave them out, or give ${remedy}`);
}

/** --no-probe means every sink that can be reached. */
function probeOf({ probe }: TcpOptions): HttpOptions {
  return probe === undefined ? {} : { probe };
}

/** Until the last of the open breakers lets a probe through, in ms; 0: none is open, or nobody knows. */
function longestWaitMs(registry: CircuitBreakerRegistry): number {
  return Math.max(0, ...Array.from(registry, (breaker) => breaker.retryAfterMs()).filter(Number.isFinite));
}
