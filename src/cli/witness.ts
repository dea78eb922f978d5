/** Why events fail: the ledger counts them, and whoever reads the summary wants the reason. */

import type { Sink, SinkContext } from "../flow/ends.ts";
import type { FlowEvent, Meta } from "../flow/event.ts";
import type { Signal } from "../flow/signal.ts";

/** More reasons than this are counted together: some have a time or a name in them. */
const MAXIMUM_REASONS = 8;
const OTHER = "other reasons";

/** Stands before a sink, passes everything on in both directions, and counts the reasons of its failures. */
export class Witness implements Sink {
  readonly name: string;
  readonly sink: Sink;
  readonly #reasons = new Map<string, number>();

  constructor(sink: Sink) {
    this.name = sink.name;
    this.sink = sink;
  }

  /** Events that the sink failed, by what it said. */
  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
  }

  get congested(): boolean {
    return this.sink.congested;
  }

  start(context: SinkContext): Promise<void> {
    return this.sink.start(new WitnessedContext(context, (meta) => this.#note(meta)));
  }

  onEvent(event: FlowEvent): void {
    this.sink.onEvent(event);
  }

  onSignal(signal: Signal): void {
    this.sink.onSignal?.(signal);
  }

  drain(): Promise<void> {
    return this.sink.drain();
  }

  close(): Promise<void> {
    return this.sink.close();
  }

  #note(meta: Meta): void {
    const said = typeof meta.error === "string" ? meta.error : "no reason given";
    const reason = this.#reasons.has(said) || this.#reasons.size < MAXIMUM_REASONS ? said : OTHER;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }
}

class WitnessedContext implements SinkContext {
  readonly #context: SinkContext;
  readonly #onFail: (meta: Meta) => void;

  constructor(context: SinkContext, onFail: (meta: Meta) => void) {
    this.#context = context;
    this.#onFail = onFail;
  }

  now(): number {
    return this.#context.now();
  }

  ack(event: FlowEvent, durationMs?: number): void {
    this.#context.ack(event, durationMs);
  }

  fail(event: FlowEvent, meta: Meta, durationMs?: number): void {
    this.#onFail(meta);
    this.#context.fail(event, meta, durationMs);
  }

  drop(event: FlowEvent): void {
    this.#context.drop(event);
  }

  contraflow(kind: "trigger" | "restore"): void {
    this.#context.contraflow(kind);
  }

  relieved(): void {
    this.#context.relieved();
  }
}
