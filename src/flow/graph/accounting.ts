/** The accounting of one graph: how many events were read, and how they ended. */
import { DISPOSITION, type FlowEvent, JOINED, OWNED } from "../protocol/event.ts";

/**
 * Counts of events since the start. At any time
 * `read + recovered + forked = delivered + overflow + err + failed + dropped + filtered + waiting + inFlight`, and once a flow is
 * drained `inFlight` is 0. Without a log, `recovered`, `forked` and `waiting` are 0. An event counts once, however many copies of
 * it moved; `DISPOSITION` says which disposition wins.
 */
export interface Accounting {
  /** Events and malformed items that the sources handed over. */
  readonly read: number;
  /** A sink at `out`, or at a port of the user's own, has them. */
  readonly delivered: number;
  /** Refused by a breaker: a sink at `overflow` has them, or that port leads nowhere. */
  readonly overflow: number;
  /** Malformed: a sink at `err` has them, or that port leads nowhere. */
  readonly err: number;
  /** A sink could not deliver them. */
  readonly failed: number;
  /**
   * Copies of failed events that the sink for them has taken, see `Graph.attachDeadLetter`: as many as `failed` where all are
   * kept; more where several sinks failed one event, or a source replayed it.
   */
  readonly deadLettered: number;
  /** They came to a port that leads nowhere. */
  readonly dropped: number;
  /** A `where` or `having` left them out. */
  readonly filtered: number;
  /** Found waiting in a log when it was opened: of an earlier run. */
  readonly recovered: number;
  /** Copies that a log has taken of events that did not end by that: other copies of them went elsewhere. */
  readonly forked: number;
  /** In a log now, and in no sink: kept for the next run if this one ends. */
  readonly waiting: number;
  /** Read and not ended yet. */
  readonly inFlight: number;
  /** Events made by operators (breaker events) that ended; in none of the counts above. */
  readonly breakerEvents: number;
  /** Of these, the ones that a sink could not deliver. */
  readonly breakerEventsFailed: number;
  /** Answers to copies that were answered before: the bug of a sink. They change nothing else. */
  readonly answeredTwice: number;
}

/** The accounting as the graph keeps it. */
export class Counts implements Accounting {
  read = 0;
  delivered = 0;
  overflow = 0;
  err = 0;
  failed = 0;
  deadLettered = 0;
  dropped = 0;
  filtered = 0;
  recovered = 0;
  forked = 0;
  waiting = 0;
  inFlight = 0;
  breakerEvents = 0;
  breakerEventsFailed = 0;
  answeredTwice = 0;

  /** A log found events of an earlier run. */
  recover(count: number): void {
    this.recovered += count;
    this.waiting += count;
  }

  /** Events of a log were lost. */
  lose(count: number): void {
    this.waiting -= count;
    this.failed += count;
  }

  /** A log has taken a copy of an event. */
  store(): void {
    this.forked++; // until the event has ended by that
    this.waiting++;
  }

  /** An event of a log goes on. */
  send(): void {
    this.waiting--;
    this.inFlight++;
  }

  /** An event of a log is back in it. */
  putBack(): void {
    this.inFlight--;
    this.waiting++;
  }

  /** A source handed something over. */
  enter(): void {
    this.read++;
    this.inFlight++;
  }

  /** Every copy of the event is answered: `root.disposition` is final. */
  close(root: FlowEvent): void {
    if (root.source < 0 && root.source !== OWNED) this.#closeMade(root);
    else {
      this.inFlight--;
      if (root.disposition === DISPOSITION.delivered) this.delivered++;
      else this.#count(root);
    }
  }

  #closeMade(root: FlowEvent): void {
    if (root.source === JOINED) return; // the events in it are counted
    this.breakerEvents++;
    if (root.disposition === DISPOSITION.failed) this.breakerEventsFailed++;
  }

  #count(root: FlowEvent): void {
    switch (root.disposition) {
      case DISPOSITION.logged:
        this.forked--;
        break;
      case DISPOSITION.overflow:
        this.overflow++;
        break;
      case DISPOSITION.err:
        this.err++;
        break;
      case DISPOSITION.failed:
        this.failed++;
        break;
      case DISPOSITION.filtered:
        this.filtered++;
        break;
      default:
        this.dropped++;
    }
  }
}
