/**
 * The end of an event, when every copy of it is answered: it counts, or its log takes it back, or it is sent again, or the sink
 * for failed events gets it first.
 */
import { DISPOSITION, type FlowEvent, type Meta, OWNED } from "../protocol/event.ts";
import type { FlowClock } from "../protocol/flow-clock.ts";
import type { OnEnd } from "../protocol/operator.ts";
import type { Counts } from "./accounting.ts";
import { OwnedEvent } from "./owned-event.ts";
import type { Sender } from "./sender.ts";
import type { SourceTrackers } from "./source-tracker.ts";
import { Undelivered } from "./undelivered.ts";

/** The sink for events that other sinks fail. */
export interface DeadLetter extends Sender {
  /** Takes an event that no sink has taken, and why. */
  takeFailed(root: FlowEvent, failed: Meta): void;
}

export interface EventEndsParts {
  readonly clock: FlowClock;
  readonly counts: Counts;
  readonly trackers: SourceTrackers;
  /** An event enters the graph again. */
  readonly enter: (root: FlowEvent) => void;
}

export class EventEnds {
  /** Events that are sent again, or go to the sink for failed events. */
  readonly undelivered: Undelivered;
  readonly #clock: FlowClock;
  readonly #counts: Counts;
  readonly #trackers: SourceTrackers;
  /** Events of logs, by their root. */
  readonly #owned = new Map<FlowEvent, OwnedEvent>();
  #deadLetter: DeadLetter | undefined;

  constructor({ clock, counts, trackers, enter }: EventEndsParts) {
    this.#clock = clock;
    this.#counts = counts;
    this.#trackers = trackers;
    this.undelivered = new Undelivered({
      now: () => clock.now(),
      delivered: () => counts.delivered,
      enter,
      takeFailed: (root, failed) => this.#takeFailed(root, failed),
      end: (root) => this.#end(root),
    });
  }

  /** From now on this sink gets events that others fail. */
  attachDeadLetter(deadLetter: DeadLetter): void {
    this.#deadLetter = deadLetter;
  }

  /** From now on `onEnd` is called with the end of an event of a log. The event goes on. */
  own(event: FlowEvent, onEnd: OnEnd): void {
    this.#owned.set(event, new OwnedEvent(onEnd));
    this.#counts.send();
  }

  /** Every copy of the event is answered. */
  close(root: FlowEvent): void {
    if (root.source === OWNED && this.#takesBack(root)) return;
    if (this.undelivered.attempts.size > 0 && this.undelivered.take(root)) return;
    this.#end(root);
  }

  /** A copy has failed. Events that operators have made are neither sent again nor taken by the sink for failed events. */
  noteFailure(event: FlowEvent, sender: Sender, meta: Meta): void {
    if (event.source === OWNED) this.#owned.get(event.root)?.fail(meta);
    else if (event.source >= 0 && sender !== this.#deadLetter) this.undelivered.noteFailure(event.root, meta);
  }

  /** A copy was refused, at an `overflow` that leads nowhere. */
  noteRefusal(event: FlowEvent): void {
    if (event.source === OWNED) this.#owned.get(event.root)?.refuse(event.meta);
    else this.undelivered.waits(event, isOnlyCopy(event));
  }

  /** True where an event that was refused, and that a sink has failed before, does not go to the sink for refused events. */
  waits(event: FlowEvent): boolean {
    if (event.source !== OWNED) return this.undelivered.waits(event, false);
    this.#owned.get(event.root)?.refuse(event.meta);
    return true;
  }

  #end(root: FlowEvent): void {
    this.#counts.close(root);
    if (root.source >= 0 && this.#trackers.anyTransactional) this.#trackers.end(root, this.#clock.now());
  }

  #takeFailed(root: FlowEvent, failed: Meta): boolean {
    if (this.#deadLetter === undefined) return false;
    this.#deadLetter.takeFailed(root, failed);
    return true;
  }

  /** Asks the owner whether the event has ended. One that has failed for good goes to the sink for failed events first. */
  #takesBack(root: FlowEvent): boolean {
    const owned = this.#owned.get(root);
    if (owned === undefined || root.disposition === 0) return false; // never: it has an owner, and was answered
    if (!owned.isDeadLetter) {
      if (owned.onEnd(root.disposition, owned.meta)) {
        this.#owned.delete(root);
        this.#counts.putBack();
        return true;
      }
      if (root.disposition === DISPOSITION.failed) {
        const meta = owned.meta ?? {};
        this.undelivered.reasons.add(meta);
        owned.isDeadLetter = true;
        if (this.#takeFailed(root, meta)) return true;
      }
    }
    this.#owned.delete(root);
    return false;
  }
}

/** No other copy is on its way, or has ended before. */
function isOnlyCopy({ root }: FlowEvent): boolean {
  return root.copies === 1 && root.disposition === 0;
}
