/** From the answer to a request to the answers of its events. */
import type { FlowEvent, Meta } from "../../flow/protocol/event.ts";
import type { SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { reasonOf } from "../base/errors.ts";
import type { Batch } from "./batch.ts";
import type { BodyFormat, ItemFailure } from "./format/body-format.ts";
import type { Answer } from "./poster.ts";
import { isAboutRequest, mayBeOneEvent } from "./status-class.ts";

/**
 * Events of one batch that are found one by one, if none of its parts is taken in between: an endpoint that takes nothing
 * at all gets no more requests than that for each batch.
 */
const MOST_REFUSED_ALONE = 8;

export interface BatchAnswersParts {
  readonly format: BodyFormat;
  readonly context: SinkContext;
  /** Sends these batches before all others. */
  readonly sendFirst: (batches: readonly Batch[]) => void;
}

export class BatchAnswers {
  readonly #parts: BatchAnswersParts;

  constructor(parts: BatchAnswersParts) {
    this.#parts = parts;
  }

  /** Answers each event of the batch, or sends the halves of the batch. */
  settle(batch: Batch, answer: Answer, durationMs: number): void {
    if (answer.error === undefined) this.#settleTaken(batch, answer, durationMs);
    else if (isAboutRequest(answer.status)) this.#settleRefused(batch, answer);
    else this.#parts.context.failAll(batch.events, this.#metaOf(answer), durationMs);
  }

  #settleTaken({ events, whole }: Batch, answer: Answer, durationMs: number): void {
    const { format, context } = this.#parts;
    if (whole !== undefined) whole.refused = 0;
    if (format.failuresIn === undefined) {
      context.ackAll(events, durationMs);
      return;
    }
    let failures: ReadonlyMap<number, ItemFailure>;
    try {
      failures = format.failuresIn(answer.text, events.length);
    } catch (error) {
      context.failAll(events, { error: reasonOf(error), status: answer.status }, durationMs);
      return;
    }
    if (failures.size === 0) context.ackAll(events, durationMs);
    else this.#settleEach(events, failures, durationMs);
  }

  #settleEach(
    events: readonly FlowEvent[],
    failures: ReadonlyMap<number, ItemFailure>,
    durationMs: number,
  ): void {
    const { context } = this.#parts;
    context.ackAll(
      events.filter((_, number) => !failures.has(number)),
      durationMs,
    );
    for (const [number, { kind, error, status }] of failures) {
      const event = events[number]!; // the format has numbered the events
      if (kind === "fail") context.fail(event, { error, status }, durationMs);
      else context.reject(event, { error, status });
    }
  }

  /** One event among many may be at fault: a batch is halved until it is found, and fails alone. */
  #settleRefused(batch: Batch, answer: Answer): void {
    const isHopeless = (batch.whole?.refused ?? 0) >= MOST_REFUSED_ALONE;
    const halves = mayBeOneEvent(answer.status) && !isHopeless ? batch.halves() : undefined;
    if (halves !== undefined) {
      this.#parts.sendFirst(halves);
      return;
    }
    if (batch.whole !== undefined) batch.whole.refused += batch.events.length;
    const meta = this.#metaOf(answer);
    for (const event of batch.events) this.#parts.context.reject(event, meta);
  }

  #metaOf({ error, status, retryAfterMs, text }: Answer): Meta {
    const reason = this.#parts.format.reasonIn?.(text);
    return {
      error: reason === undefined ? error : `${error}: ${reason}`,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    };
  }
}
