/** Events from memory through graphs. */
import type { FlowEvent } from "../../src/flow/protocol/event.ts";
import type { Sink, SinkContext } from "../../src/flow/protocol/source-and-sink.ts";
import { compile } from "../../src/trickle/compile.ts";
import { loadFlights, provideFlights } from "../flights.ts";
import { loadLibrary } from "../library.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, countedLater, LOOP, STEP_MS } from "../work.ts";
import { CircuitBreakerRegistry } from "./fixtures.ts";

/** in → out, and nothing between them. */
export const DIRECT = "select event from in into out;";

/** in → an operator that does nothing → out. */
export const PASSTHROUGH = `
define generic::passthrough operator pass;
create operator pass;
select event from in into pass;
select event from pass into out;
`;

/** The usual pipeline: in → breaker → out, with ports for what is refused and for breaker events. */
export const GUARDED = `
define qos::circuit_breaker operator cb
with
  backoff = "exponential",
  detector = "success_rate_over_time_window",
end;
create operator cb;
select event from in into cb;
select event from cb into out;
select event from cb/overflow into out/overflow;
select event from cb/cb into out/cb;
`;

/** As GUARDED, with an expression that reads the data of each event and keeps them all. */
export const READING = GUARDED.replace("from in into cb", "from in where event.distance >= 0 into cb");

/** Ships the events of a file into a sink that only counts. */
export async function shippingFile(pipeline: string, scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const { path, count } = provideFlights(scale);
  const registry = library.registry();
  return countedLater(count, count, async () => library.ship(await library.deploy(pipeline, registry), path));
}

/** Events of one response. */
const RESPONSE = 100;

/** Keeps events, and acknowledges 100 of them by one answer, as a sink of HTTP batches does. */
class BatchSink implements Sink {
  readonly name = "batches";
  readonly congested = false;
  #events: FlowEvent[] = [];
  #context: SinkContext | undefined;

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    this.#events.push(event);
    if (this.#events.length === RESPONSE) this.#answer();
  }

  async drain(): Promise<void> {
    this.#answer();
  }

  async close(): Promise<void> {}

  #answer(): void {
    const events = this.#events;
    this.#events = [];
    this.#context?.ackAll(events, 1);
  }
}

/** Pushes events whose data is never read; 100 are acknowledged by one answer. */
export async function pushingBatches(pipeline: string): Promise<Work> {
  const graph = compile(pipeline).deploy({ registry: new CircuitBreakerRegistry() });
  graph.attach("out", new BatchSink());
  const clock = new Clock();
  await graph.start(clock.nowMs);
  const items = loadFlights(LOOP - (LOOP % RESPONSE)).map((data) => ({ data }));
  return counted(items.length, items.length, () => {
    const before = graph.accounting.delivered;
    for (const item of items) {
      clock.nowMs += STEP_MS;
      graph.push(0, item, clock.nowMs);
    }
    return graph.accounting.delivered - before;
  });
}

/** Pushes events; each is acknowledged before the next. */
export async function pushing(pipeline: string, scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const graph = await library.deploy(pipeline, library.registry());
  const clock = new Clock();
  await graph.start(clock.nowMs);
  const items = loadFlights(LOOP).map((data) => ({ data }));
  return counted(items.length, items.length, () => {
    const accounting = graph.accounting ?? graph.ledger;
    const before = accounting?.delivered ?? 0;
    for (const item of items) {
      clock.nowMs += STEP_MS;
      graph.push(0, item, clock.nowMs);
    }
    return (accounting?.delivered ?? 0) - before;
  });
}
