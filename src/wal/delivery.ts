/** Events on their way out of a log: read in its order, sent on within bounds, sent again until they are done. */
import { DISPOSITION, type Disposition, type FlowEvent, type Meta } from "../flow/protocol/event.ts";
import type { OnEnd } from "../flow/protocol/operator.ts";
import type { WriteAheadLog } from "./log/log.ts";
import { OpenEvent } from "./open-event.ts";

/** Bytes of the events that are read and not done, before no more are read. One event may have more. */
const MAXIMUM_OPEN_BYTES = 33_554_432;
/** Before the second try, in ms; each further wait is twice as long. */
const FIRST_DELAY_MS = 100;
/** No wait is longer, in ms, unless the endpoint asks for it. */
const LONGEST_DELAY_MS = 10_000;
/** The longest wait for a breaker that does not say when it lets events pass, in ms. */
const LONGEST_REFUSAL_MS = 1_000;
/** After an error of the file system, in ms. */
const READ_AGAIN_MS = 1_000;

export interface DeliveryParts {
  readonly log: WriteAheadLog;
  /** Events that are sent and not written to be done, at most: so many may be sent again by the next process. */
  readonly readCount: number;
  /** Makes an event of the graph. */
  readonly own: (open: OpenEvent, onEnd: OnEnd) => FlowEvent;
  /** Takes an event that is to be sent now. */
  readonly emit: (event: FlowEvent, open: OpenEvent) => void;
  /** An event is done, or is to be sent again: there is something to do in the next turn of the event loop. */
  readonly onEnded: (isDone: boolean) => void;
  /** The log cannot be read. */
  readonly onFailed: (error: unknown) => void;
  /** In ms. */
  readonly now: () => number;
}

export class Delivery {
  readonly #parts: DeliveryParts;
  /** Read, and not sent yet: from `#next` on, in the order of the log. */
  #queue: OpenEvent[] = [];
  #next = 0;
  /** To be sent again. */
  #again: OpenEvent[] = [];
  /** Before then none of them is due, in ms. */
  #nextDueMs = Number.POSITIVE_INFINITY;
  /** Sent, and not answered. */
  #inFlight = 0;
  /** Done, and not written yet. */
  #unwritten = 0;
  /** Bytes of all that are open. */
  #openBytes = 0;
  #isReading = false;
  /** Not before then is the log read again, in ms. */
  #readMs = 0;
  /** Something behind the log is broken, or the flow stops. */
  #isHeld = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** True: nothing is sent on for now. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  /** So many events are done that the log has to write which; else that can wait for the next tick. */
  get hasToWrite(): boolean {
    return this.#unwritten * 2 >= this.#parts.readCount;
  }

  /** The log has written which events are done. */
  noteWritten(): void {
    this.#unwritten = 0;
  }

  /** Sends what is due, and reads on. */
  goOn(): void {
    if (this.#isHeld) return;
    this.#sendAgain();
    this.#sendNew();
    if (!this.#isReading && this.#wantsMore && this.#parts.now() >= this.#readMs) void this.#read();
  }

  get #wantsMore(): boolean {
    const open = this.#queue.length - this.#next + this.#again.length + this.#inFlight;
    return !this.#isHeld && open < this.#parts.readCount && this.#openBytes < MAXIMUM_OPEN_BYTES;
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#wantsMore) {
        const records = await this.#parts.log.read();
        if (records.length === 0) break;
        for (const record of records) this.#take(new OpenEvent(record));
        if (!this.#isHeld) this.#sendNew();
      }
    } catch (error) {
      this.#readMs = this.#parts.now() + READ_AGAIN_MS;
      this.#parts.onFailed(error);
    }
    this.#isReading = false;
  }

  #take(open: OpenEvent): void {
    this.#openBytes += open.byteLength;
    this.#queue.push(open);
  }

  /** In the order of the log. */
  #sendAgain(): void {
    const nowMs = this.#parts.now();
    if (nowMs < this.#nextDueMs) return;
    const waiting = this.#again.sort((a, b) => a.id - b.id);
    this.#again = [];
    this.#nextDueMs = Number.POSITIVE_INFINITY;
    for (const open of waiting) {
      if (open.dueMs <= nowMs && this.#maySend) this.#send(open);
      else this.#wait(open);
    }
  }

  #sendNew(): void {
    while (this.#next < this.#queue.length && this.#maySend) {
      const open = this.#queue[this.#next] as OpenEvent;
      this.#next++;
      this.#send(open);
    }
    if (this.#next < this.#queue.length) return;
    this.#queue = [];
    this.#next = 0;
  }

  get #maySend(): boolean {
    return !this.#isHeld && this.#inFlight + this.#unwritten < this.#parts.readCount;
  }

  #send(open: OpenEvent): void {
    this.#inFlight++;
    const event = this.#parts.own(open, (disposition, meta) => this.#end(open, disposition, meta));
    this.#parts.emit(event, open);
  }

  /** True: the event stays in the log, and is sent again. */
  #end(open: OpenEvent, disposition: Disposition, meta: Meta | undefined): boolean {
    this.#inFlight--;
    const isRefused = disposition === DISPOSITION.overflow;
    const isDone = !isRefused && (disposition !== DISPOSITION.failed || meta?.final === true);
    if (isDone) {
      this.#unwritten++;
      this.#openBytes -= open.byteLength;
      this.#parts.log.ack(open.id);
    } else {
      open.detach();
      open.dueMs = this.#parts.now() + (isRefused ? refusalDelay(open, meta) : failureDelay(open, meta));
      this.#wait(open);
    }
    this.#parts.onEnded(isDone);
    return !isDone;
  }

  #wait(open: OpenEvent): void {
    this.#again.push(open);
    this.#nextDueMs = Math.min(this.#nextDueMs, open.dueMs);
  }
}

/** Twice as long after each try, or as long as the endpoint asked for. Counts the try. */
function failureDelay(open: OpenEvent, meta: Meta | undefined): number {
  open.tries++;
  open.refusals = 0;
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (open.tries - 1), LONGEST_DELAY_MS);
  return Math.max(delayMs, positive(meta?.retry_after_ms));
}

/** Until the breaker lets events pass; where it does not say when, a little longer each time. Counts the refusal. */
function refusalDelay(open: OpenEvent, meta: Meta | undefined): number {
  open.refusals++;
  const breaker = meta?.circuit_breaker;
  const said = typeof breaker === "object" && breaker !== null && "retry_after_ms" in breaker;
  const askedMs = said ? positive(breaker.retry_after_ms) : 0;
  return askedMs > 0 ? askedMs : Math.min(FIRST_DELAY_MS * 2 ** (open.refusals - 1), LONGEST_REFUSAL_MS);
}

/** Sinks and events may say anything. */
function positive(ms: unknown): number {
  return typeof ms === "number" && ms > 0 && ms < Number.POSITIVE_INFINITY ? ms : 0;
}
