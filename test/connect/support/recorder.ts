/** A sink's context that keeps what it is told. */

import { FlowEvent, type Meta } from "../../../src/flow/protocol/event.ts";
import type { SinkContext } from "../../../src/flow/protocol/source-and-sink.ts";

export interface Failure {
  readonly data: unknown;
  readonly meta: Meta;
}

export class Recorder implements SinkContext {
  readonly acked: unknown[] = [];
  readonly durations: number[] = [];
  readonly failed: Failure[] = [];
  readonly rejected: Failure[] = [];
  readonly dropped: unknown[] = [];
  /** Everything that the sink said, in order: "ack", "fail", "trigger", "restore". */
  readonly said: string[] = [];
  relievedCount = 0;
  #waiting: { isReached: () => boolean; resolve: () => void }[] = [];

  now(): number {
    return 0;
  }

  ack(event: FlowEvent, durationMs = Number.NaN): void {
    this.acked.push(event.data);
    this.durations.push(durationMs);
    this.#say("ack");
  }

  ackAll(events: readonly FlowEvent[], durationMs?: number): void {
    for (const event of events) this.ack(event, durationMs);
  }

  failAll(events: readonly FlowEvent[], meta: Meta, durationMs?: number): void {
    for (const event of events) this.fail(event, meta, durationMs);
  }

  fail(event: FlowEvent, meta: Meta, durationMs = Number.NaN): void {
    this.failed.push({ data: event.data, meta });
    this.durations.push(durationMs);
    this.#say("fail");
  }

  reject(event: FlowEvent, meta: Meta): void {
    this.rejected.push({ data: event.data, meta });
    this.#say("reject");
  }

  drop(event: FlowEvent): void {
    this.dropped.push(event.data);
    this.#say("drop");
  }

  contraflow(kind: "trigger" | "restore"): void {
    this.#say(kind);
  }

  relieved(): void {
    this.relievedCount++;
    this.#look();
  }

  /** Answers so far. */
  get answered(): number {
    return this.acked.length + this.failed.length + this.rejected.length + this.dropped.length;
  }

  /** Resolves as soon as the sink has said enough. */
  until(isReached: (recorder: Recorder) => boolean): Promise<void> {
    if (isReached(this)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isReached: () => isReached(this), resolve }));
  }

  #say(word: string): void {
    this.said.push(word);
    this.#look();
  }

  #look(): void {
    const due = this.#waiting.filter((one) => one.isReached());
    this.#waiting = this.#waiting.filter((one) => !due.includes(one));
    for (const one of due) one.resolve();
  }
}

let latestId = 0;

export function eventOf(data: unknown): FlowEvent {
  latestId++;
  return new FlowEvent(0, latestId, 0, { data });
}
