/** Which sink takes what leaves the pipeline by which port. */
import { ERR, OVERFLOW } from "../../flow/protocol/port-name.ts";
import type { Program } from "../../trickle/program.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import { BREAKER_EVENTS } from "../view/summary.ts";

const OUT = "out";

export interface PortOptions {
  /** Short for the port `out`. */
  readonly out?: string;
  /** Short for the port `overflow`. */
  readonly overflow?: string;
  /** Sinks by port. */
  readonly port?: Readonly<Record<string, string>>;
}

/**
 * The sinks by port, as the user spelled them.
 *
 * @throws CommandError for a port that the pipeline has not, a port given twice, and where nothing takes `out`.
 */
export function sinksByPort(options: PortOptions, program: Program): ReadonlyMap<string, string> {
  const sinks = new Map(Object.entries(options.port ?? {}));
  addShort(sinks, OUT, options.out);
  addShort(sinks, OVERFLOW, options.overflow);
  for (const port of sinks.keys()) refuseUnknown(port, program.outputs);
  if (program.outputs.includes(OUT) && !sinks.has(OUT)) {
    throw new CommandError(
      EXIT.usage,
      "nothing takes the port out",
      'give --out SINK, such as a URL, a file or "-"',
    );
  }
  return sinks;
}

/** What happens to events at ports that no sink takes: one sentence for each. */
export function portWarnings(
  sinks: ReadonlyMap<string, string>,
  program: Program,
  retries: number,
): readonly string[] {
  return program.outputs.filter((port) => !sinks.has(port)).flatMap((port) => warningsOf(port, retries > 0));
}

function addShort(sinks: Map<string, string>, port: string, sink: string | undefined): void {
  if (sink === undefined) return;
  if (sinks.has(port)) {
    throw new CommandError(
      EXIT.usage,
      `two sinks for the port ${port}`,
      `give --${port} or --port ${port}=…, not both`,
    );
  }
  sinks.set(port, sink);
}

function refuseUnknown(port: string, known: readonly string[]): void {
  if (known.includes(port)) return;
  const hint = `its ports are ${known.join(", ")}; a select … into out/${port} would make one`;
  throw new CommandError(EXIT.usage, `the pipeline has no port ${port}`, hint);
}

function warningsOf(port: string, waits: boolean): readonly string[] {
  // Malformed events are shown, see MalformedSink.
  if (port === BREAKER_EVENTS || port === ERR) return [];
  if (port === OVERFLOW && waits)
    return ["warning: refused events wait for the breaker, and the source with them: give --overflow FILE"];
  if (port === OVERFLOW) return ["warning: refused events are counted, but not kept: give --overflow FILE"];
  return [`warning: nothing takes the port ${port}, its events are dropped: give --port ${port}=SINK`];
}
