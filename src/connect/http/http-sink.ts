/** Batches of NDJSON, posted to a URL. */

import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink, SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { reasonOf } from "../base/errors.ts";
import { withoutSecrets } from "../base/secrets.ts";
import type { Batch } from "./batch.ts";
import { BatchAnswers } from "./batch-answers.ts";
import { BatchQueue } from "./batch-queue.ts";
import { type HttpOptions, type ResolvedHttpOptions, resolveHttpOptions, targetOf } from "./http-options.ts";
import { type Answer, Poster, type PostTarget } from "./poster.ts";
import { RetryAfterTimer } from "./retry-after-timer.ts";
import { probe } from "./route.ts";

/**
 * Full batches that wait, from which on the sink is congested. Measured on loopback with 8 requests in flight: more does
 * not ship more events a second, since a source refills the queue faster than a response comes; and everything that
 * waits here has passed the breaker and still goes to an endpoint that fails.
 */
const QUEUED_BATCHES = 2;

/** What an HTTP sink did so far. */
export interface HttpCounters {
  /** Requests that were started. */
  readonly requests: number;
  /** Those of them that ended, and not in 2xx. */
  readonly requestsFailed: number;
  /** Responses by status; a request without a whole response is in none. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Sockets that were opened: connections are kept alive, so it need not be more than requests in flight. */
  readonly sockets: number;
}

/**
 * Each batch is one request, and its answer is the answer to every event in it: 2xx is an ack; a client error that tells of
 * the request alone (4xx but 401, 403, 407, 408, 421, 425, 429) rejects the events; anything else, a timeout or a broken
 * connection is a fail. Both have `meta.error`, and `meta.status` and `meta.retry_after_ms` where known. A batch that is
 * refused with 400, 413 or 422 is halved, and its halves are sent, until the event is found that is at fault.
 *
 * A request that finds a kept connection closed, before any byte of an answer, is sent once more. Otherwise it never tries
 * again by itself: `Graph.retry` does.
 *
 * `Retry-After` is obeyed: no request starts before that time, and what was accepted waits. Whoever comes before hears
 * a trigger, and a restore at the end, so that a breaker diverts events meanwhile; where there is none, the source stops.
 */
export class HttpSink implements Sink {
  /** The URL, without user and password, and with `***` for each value of its query. */
  readonly name: string;
  readonly #options: ResolvedHttpOptions;
  readonly #target: PostTarget;
  readonly #queue: BatchQueue;
  readonly #hold = new RetryAfterTimer(() => this.#release());
  readonly #statuses = new Map<number, number>();
  #poster: Poster | undefined;
  #context: SinkContext | undefined;
  #answers: BatchAnswers | undefined;
  #inFlight = 0;
  #requests = 0;
  #requestsFailed = 0;
  /** While it drains: when the last request may start, on the clock of performance.now(). */
  #endsAtMs = Number.POSITIVE_INFINITY;
  #emptied: (() => void)[] = [];

  /** @throws ConnectError for a URL that cannot be posted to; OptionError for an option out of range. */
  constructor(url: string, options?: HttpOptions) {
    this.#options = resolveHttpOptions(options);
    this.#target = targetOf(url, this.#options);
    this.#queue = new BatchQueue({ ...this.#options, onReady: () => this.#send() });
    const { origin, pathname, search } = this.#target.url;
    this.name = withoutSecrets(`${origin}${pathname}${search}`);
  }

  /** What it has sent and heard so far. */
  get counters(): HttpCounters {
    return {
      requests: this.#requests,
      requestsFailed: this.#requestsFailed,
      statuses: new Map(this.#statuses),
      sockets: this.#poster?.sockets ?? 0,
    };
  }

  /**
   * While the endpoint wants to be left alone, the trigger has told whoever comes before, so a full queue must not stop
   * a breaker from diverting: the limit doubles. It stays a limit, in case that nobody listens to triggers.
   */
  get congested(): boolean {
    return this.#queue.fullBatches >= QUEUED_BATCHES * (this.#hold.isOn ? 2 : 1);
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#answers = new BatchAnswers({
      format: this.#options.format,
      context,
      sendFirst: (batches) => this.#queue.putFirst(batches),
    });
    if (this.#options.probe) await probe(this.#target, this.name);
    this.#poster = await Poster.open(this.#target);
  }

  onEvent(event: FlowEvent): void {
    try {
      this.#queue.add(event);
    } catch (error) {
      this.#context?.reject(event, { error: reasonOf(error) });
    }
    if (this.#isEnding) this.#queue.hurry();
  }

  /**
   * Takes at most two timeouts: for one timeout requests may start. Against an endpoint that hangs it takes one, since
   * the first timeout ends it; a `Retry-After` that lasts longer ends it at once. What could not be sent fails.
   */
  async drain(): Promise<void> {
    const { timeoutMs } = this.#options;
    this.#endsAtMs = performance.now() + timeoutMs;
    const end = setTimeout(() => this.#abandon("the flow ended"), timeoutMs);
    this.#abandonHopeless();
    this.#queue.hurry();
    if (!this.#isEmpty) await new Promise<void>((resolve) => this.#emptied.push(resolve));
    clearTimeout(end);
  }

  async close(): Promise<void> {
    this.#hold.cancel();
    this.#abandon("the sink was closed");
    await this.#poster?.close();
    if (!this.#isEmpty) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  get #isEnding(): boolean {
    return this.#endsAtMs < Number.POSITIVE_INFINITY;
  }

  get #isEmpty(): boolean {
    return this.#queue.isEmpty && this.#inFlight === 0;
  }

  /** Starts as many requests as may start now. */
  #send(): void {
    while (
      this.#inFlight < this.#options.requestsInFlight &&
      !this.#hold.isOn &&
      this.#poster !== undefined
    ) {
      const wasCongested = this.congested;
      const batch = this.#queue.take();
      if (batch === undefined) return;
      void this.#exchange(batch, this.#poster);
      if (wasCongested && !this.congested) this.#context?.relieved();
    }
  }

  async #exchange(batch: Batch, poster: Poster): Promise<void> {
    this.#inFlight++;
    this.#requests++;
    const body = Buffer.concat(batch.takeBody());
    const sent = (await this.#options.compression?.compress(body)) ?? body;
    const startedMs = performance.now();
    const answer = await poster.post(sent);
    this.#inFlight--;
    this.#count(answer);
    const wasHeld = this.#hold.isOn;
    if (answer.retryAfterMs !== undefined && answer.retryAfterMs > 0) this.#hold.extend(answer.retryAfterMs);
    // First the answers: a breaker counts them, and they may open it, before the trigger opens it by force.
    this.#answers?.settle(batch, answer, performance.now() - startedMs);
    if (this.#hold.isOn && !wasHeld) this.#announceHold();
    if (this.#isEnding) this.#abandonHopeless(answer);
    this.#send();
    this.#wakeIfEmpty();
  }

  #count(answer: Answer): void {
    if (answer.error !== undefined) this.#requestsFailed++;
    if (answer.status !== undefined) {
      this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1);
    }
  }

  #announceHold(): void {
    this.#context?.contraflow("trigger");
    this.#context?.relieved();
  }

  #release(): void {
    this.#context?.contraflow("restore");
    this.#send();
  }

  /** While it drains: an endpoint that hangs or wants to be left alone for longer than we stay gets no more requests. */
  #abandonHopeless(answer?: Answer): void {
    const restMs = Math.ceil(this.#hold.remainingMs);
    if (answer?.timedOut) this.#abandon("the flow ended and the endpoint hangs");
    else if (this.#hold.isOn && performance.now() + restMs > this.#endsAtMs) {
      this.#abandon(`the flow ended and the endpoint asked for ${restMs} ms of rest`);
    }
  }

  /** Fails whatever has not been sent. */
  #abandon(reason: string): void {
    const meta = { error: `not sent: ${reason}` };
    for (const event of this.#queue.takeAll()) this.#context?.fail(event, meta);
    this.#wakeIfEmpty();
  }

  #wakeIfEmpty(): void {
    if (this.#isEmpty) for (const resolve of this.#emptied.splice(0)) resolve();
  }
}
