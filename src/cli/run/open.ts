/** Opens the sources and sinks of a run. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { openSink, openSource } from "../../connect/open.ts";
import { OVERFLOW, turnsAway } from "../../flow/protocol/port-name.ts";
import type { Sink, Source } from "../../flow/protocol/source-and-sink.ts";
import type { RunOptions } from "../options/run-options.ts";
import { SINK_SCHEMES, SOURCE_SCHEMES } from "./broker-schemes.ts";
import { deadLetterSink, deadLetterSource } from "./dead-letter.ts";
import { MappedSink } from "./mapped-sink.ts";

export interface OpenSinks {
  readonly sinks: ReadonlyMap<string, Sink>;
  /** The sink for what the others fail; undefined: none. */
  readonly failed: Sink | undefined;
}

/**
 * A server that listens keeps the process alive: where one source cannot be opened, the others are closed.
 *
 * @param registry for the time that a client is asked to wait
 */
export async function openSources(
  { in: specs, source: general, tcp, tls, listen, again }: RunOptions,
  registry: CircuitBreakerRegistry,
): Promise<readonly Source[]> {
  const options = {
    ...general,
    tcp: { ...tcp, tls },
    listen: { ...listen, retryAfterMs: () => longestWaitMs(registry) },
    schemes: SOURCE_SCHEMES,
  };
  const sources: Source[] = [];
  try {
    for (const spec of specs) {
      const source = await openSource(spec, options);
      sources.push(again ? deadLetterSource(source) : source);
    }
    return sources;
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
}

/** @param ports sinks by port, as the user spelled them */
export async function openSinks(
  ports: ReadonlyMap<string, string>,
  { overflow, failed, append = false, rotateBytes, rotate, http, tcp, tls }: RunOptions,
): Promise<OpenSinks> {
  // --no-probe means every sink that can be reached.
  const options = {
    append,
    ...(rotateBytes === undefined ? {} : { rotateBytes }),
    ...(rotate === undefined ? {} : { rotateMs: rotate * 1_000 }),
    http: { ...http, tls, ...(tcp.probe === undefined ? {} : { probe: tcp.probe }) },
    tcp: { ...tcp, tls },
    schemes: SINK_SCHEMES,
  };
  const keeping = { ...options, append: true };
  const sinks = new Map<string, Sink>();
  for (const [port, spec] of ports) {
    const sink = await openSink(spec, turnsAway(port) ? keeping : options);
    // --overflow keeps events as they were read, so that they can be shipped again; a --port takes what the pipeline made.
    const isAsRead = port === OVERFLOW && overflow !== undefined;
    sinks.set(port, isAsRead ? new MappedSink(sink, (event) => event.discardChanges()) : sink);
  }
  const deadLetters = failed === undefined ? undefined : deadLetterSink(await openSink(failed, keeping));
  return { sinks, failed: deadLetters };
}

/** ms until the last of the open breakers lets a probe through; 0: none is open, or it opens for no known time. */
function longestWaitMs(registry: CircuitBreakerRegistry): number {
  return Math.max(0, ...Array.from(registry, (breaker) => breaker.retryAfterMs()).filter(Number.isFinite));
}
