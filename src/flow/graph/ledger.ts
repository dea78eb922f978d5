/** The books of one graph: what was read and how it ended. */
import { FATE, type FlowEvent, JOINED } from "../event.ts";

/**
 * Counts of events since the start. At any time
 * `read = delivered + overflow + err + failed + dropped + filtered + inFlight`, and once a flow is drained
 * `inFlight` is 0. An event counts once, however many copies of it moved; `FATE` says which fate wins.
 */
export interface Ledger {
  /** Events and malformed items that the sources handed over. */
  readonly read: number;
  /** A sink at `out`, or at a port of the user's own, has them. */
  readonly delivered: number;
  /** Refused by a breaker: a sink at `overflow` has them, or nobody reads that port. */
  readonly overflow: number;
  /** Malformed: a sink at `err` has them, or nobody reads that port. */
  readonly err: number;
  /** A sink could not deliver them. */
  readonly failed: number;
  /**
   * Copies of failed events that the sink for them has taken, see `Graph.keepFailed`: as many as `failed` where all are
   * kept; more where several sinks failed one event, or a source replayed it.
   */
  readonly failedKept: number;
  /** They came to a port that leads nowhere. */
  readonly dropped: number;
  /** A `where` or `having` left them out. */
  readonly filtered: number;
  /** Read and not ended yet. */
  readonly inFlight: number;
  /** Events made by operators (breaker events) that ended; in none of the counts above. */
  readonly breakerEvents: number;
  /** Of these, the ones that a sink could not deliver. */
  readonly breakerEventsFailed: number;
  /** Answers to copies that were answered before: the bug of a sink. They change nothing else. */
  readonly answeredTwice: number;
}

/** The ledger as the graph keeps it. */
export class Tally implements Ledger {
  read = 0;
  delivered = 0;
  overflow = 0;
  err = 0;
  failed = 0;
  failedKept = 0;
  dropped = 0;
  filtered = 0;
  inFlight = 0;
  breakerEvents = 0;
  breakerEventsFailed = 0;
  answeredTwice = 0;

  /** A source handed something over. */
  enter(): void {
    this.read++;
    this.inFlight++;
  }

  /** Every copy of the event is answered: `root.fate` is final. */
  close(root: FlowEvent): void {
    if (root.source < 0) this.#closeMade(root);
    else {
      this.inFlight--;
      if (root.fate === FATE.delivered) this.delivered++;
      else this.#count(root);
    }
  }

  #closeMade(root: FlowEvent): void {
    if (root.source === JOINED) return; // the events in it are counted
    this.breakerEvents++;
    if (root.fate === FATE.failed) this.breakerEventsFailed++;
  }

  #count(root: FlowEvent): void {
    switch (root.fate) {
      case FATE.overflow:
        this.overflow++;
        break;
      case FATE.err:
        this.err++;
        break;
      case FATE.failed:
        this.failed++;
        break;
      case FATE.filtered:
        this.filtered++;
        break;
      default:
        this.dropped++;
    }
  }
}
