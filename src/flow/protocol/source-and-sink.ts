/** The two ends of a flow: where events come from and where they go to. Implemented in src/connect and by hosts. */
import type { RawText } from "../../ndjson/raw-text.ts";
import type { FlowEvent, Meta } from "./event.ts";
import type { Insight } from "./insight.ts";
import type { Signal } from "./signal.ts";

/** One item of a source: data, or a description of its fault. `data` and `text` may be getters that parse at the first use. */
export type SourceItem =
  | {
      /** The event. */
      readonly data: unknown;
      /** Its metadata. Default: none. */
      readonly meta?: Meta;
      /** The JSON text that `data` was read from, without a line feed. Sinks write it as it is unless the data is replaced. */
      readonly text?: string;
      /** The bytes of that text. */
      readonly raw?: RawText;
      /** True: no reader has looked whether the text is JSON, so `data` and `text` may throw. Default: false. */
      readonly isUnchecked?: boolean;
    }
  /** Goes to the pipeline's `err`, with `data` an object with the fault and its place (such as the line number). */
  | {
      /** The fault, and its place. */
      readonly malformed: Readonly<Record<string, unknown>>;
    };

/** Where events come from. Implemented by connectors and by hosts. */
export interface Source {
  /** For messages and the summary: a path, "stdin", … */
  readonly name: string;
  /** True: it gets acks and fails, and replays items that have failed. Default: false. */
  readonly transactional?: boolean;
  /**
   * False: a transactional source that keeps its place and sends nothing again. It hears `ack` and no `fail`. An event that
   * failed, or was refused, and that no sink has taken holds the acks up for good. Default: true.
   */
  readonly replays?: boolean;
  /** Asked for again only when everything before has been taken: back pressure. undefined: the end. May throw a ConnectError. */
  pull(): Promise<readonly SourceItem[] | undefined>;
  /**
   * Gets every trigger, restore, sink_start and drained that reaches the sources; if it is transactional also
   * `ack` (everything up to and including `id` has ended well) and `fail` (nothing from `id` on has: the next pull
   * begins with it, and the items of a pull that is waited for right now are thrown away). Ids count the items that it
   * handed over, from 1; after a fail they go on with the id that failed. Must not throw.
   */
  onInsight?(insight: Insight): void;
  /** Releases what it holds (files, sockets). Called once, also after an error, and also while a pull is pending. */
  close(): Promise<void>;
}

/** The side of the graph that a sink sees. Every event handed to `onEvent` is answered exactly once. */
export interface SinkContext {
  /**
   * The clock of the flow, in ms. It stands still while the graph hands something to the sink, so answers
   * that are given at once bear the time of what caused them and a recorded flow replays exactly.
   */
  now(): number;
  /** The event is where it belongs. `durationMs`: how long that took; NaN where unknown (the default). */
  ack(event: FlowEvent, durationMs?: number): void;
  /** As `ack` for each of the events: one report to the operators that took them, such as for a response to many events. */
  ackAll(events: readonly FlowEvent[], durationMs?: number): void;
  /**
   * It is not, and will not be by this sink alone: it may be sent again. `meta.error`: why; `meta.retry_after_ms`: how long
   * the endpoint asked to be left alone; `meta.final` true: no other try can help.
   */
  fail(event: FlowEvent, meta: Meta, durationMs?: number): void;
  /** As `fail` for each of the events. */
  failAll(events: readonly FlowEvent[], meta: Meta, durationMs?: number): void;
  /** It cannot be delivered, and the event is at fault, not the endpoint: no breaker counts it, and no try is made again. */
  reject(event: FlowEvent, meta: Meta): void;
  /** The event has no reader any more, such as when a client has gone: it ends as dropped, and says nothing about an endpoint. */
  drop(event: FlowEvent): void;
  /** The sink cannot take anything now / can again: its connection was lost, the endpoint asked it to wait. */
  contraflow(kind: "trigger" | "restore"): void;
  /** The sink fell below its limit: the sources go on once no sink is `congested`. */
  relieved(): void;
}

/** Where events go to. Implemented by connectors and by hosts. */
export interface Sink {
  /** For messages and the summary: a path, a URL, "stdout", … */
  readonly name: string;
  /** Called once, before the first event. A sink that cannot start throws a ConnectError. */
  start(context: SinkContext): Promise<void>;
  /** Owns the event until it has answered it. Must not throw. */
  onEvent(event: FlowEvent): void;
  /** Sees every signal, after every operator has. Must not throw. */
  onSignal?(signal: Signal): void;
  /** True while it wants no more events for now. It still takes those it is given: memory grows, nothing is lost. */
  readonly congested: boolean;
  /**
   * Sends the events that it keeps; resolves when every event has been answered. Called again when another sink's
   * answers brought new events meanwhile (breaker events), so it must not be the end of the sink.
   */
  drain(): Promise<void>;
  /** Releases what it holds. Called once, after drain, also after an error and also when it was never started. */
  close(): Promise<void>;
}
