/** What one can listen to: a breaker, or all breakers of a registry. */
import type { Undo } from "../dispose.ts";
import { EVENT_KINDS, type EventKind } from "./event.ts";
import { EventStream, type EventStreamOptions } from "./eventstream.ts";
import { checkListener, type Listener } from "./listeners.ts";

export abstract class Source {
  /** Listens to one kind of event; returns the undo. Listeners run inside the call that caused the event. */
  abstract on(kind: EventKind, listener: Listener): Undo;

  /** Listens to the next event of that kind only; returns the undo. */
  once(kind: EventKind, listener: Listener): Undo {
    checkListener(kind, listener); // `on` sees another one
    const off = this.on(kind, (event) => {
      off();
      listener(event);
    });
    return off;
  }

  /** Its events as an async iterator, from now on until the loop over it is left. */
  events(options?: EventStreamOptions): EventStream {
    return new EventStream(EVENT_KINDS, (kind, listener) => this.on(kind, listener), options);
  }
}
