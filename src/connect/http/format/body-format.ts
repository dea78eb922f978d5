/** How events become the body of a request, and what the answer says of each. */
import type { JsonEvent } from "../../../ndjson/event-line.ts";

/** A body that is filled event by event. */
export interface Body {
  /** Bytes that `take` would return. */
  readonly byteLength: number;
  /**
   * Adds an event.
   *
   * @returns false, and adds nothing, where the body has an event already and would exceed its limit
   * @throws TypeError for an event that has no form in this format; nothing is added
   */
  add(event: JsonEvent): boolean;
  /** The whole body. It is not used afterwards. */
  take(): Uint8Array[];
}

/** Why one event of a batch was not taken. */
export interface ItemFailure {
  /** `fail`: the endpoint is at fault, and another try may help. `reject`: the event is. */
  readonly kind: "fail" | "reject";
  readonly error: string;
  readonly status: number;
}

/** One format of bodies. */
export interface BodyFormat {
  readonly contentType: string;
  /** Bytes of an answer that are kept for `failuresIn` and `reasonIn`; 0: none. */
  readonly answerBytes: number;
  /** What is wrong with the URL for this format; undefined: nothing. */
  faultIn?(url: URL): string | undefined;
  /** @param limit bytes of the body, at most, unless a single event has more. */
  begin(limit: number): Body;
  /**
   * Reads the answer to a request that succeeded as a whole.
   *
   * @param count events in the request.
   * @returns failures by the number of the event, from 0
   * @throws Error where the answer does not say what became of each event
   */
  failuresIn?(answer: string, count: number): ReadonlyMap<number, ItemFailure>;
  /** What the answer to a request that failed says, in one line; undefined: nothing. */
  reasonIn?(answer: string): string | undefined;
}
