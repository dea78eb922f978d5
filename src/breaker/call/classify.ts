/** What the end of a call says about its endpoint. */
import { reportUncaught } from "../platform.ts";

/** "ignored": neither a success nor a failure; the ticket is given back, which is neutral in every state. */
export type Outcome = "success" | "failure" | "ignored";

/**
 * Judges how a call ended: with a value or with an error. A number is a failure, and if the breaker is open
 * after it, the least time in ms from now for it to stay open (0..86,400,000; more counts as that).
 * undefined: as without it, a value is a success and an error a failure.
 */
export type Classify<T> = (end: PromiseSettledResult<T>) => Outcome | number | undefined;

/** The longest that `classify` can hold a breaker open, ms. */
const MAXIMUM_HOLD_MS = 86_400_000;

export interface Verdict {
  readonly outcome: Outcome;
  /** ms to stay open at least; undefined: look for a Retry-After. */
  readonly holdMs: number | undefined;
}

const VERDICTS: Readonly<Record<Outcome, Verdict>> = {
  success: { outcome: "success", holdMs: undefined },
  failure: { outcome: "failure", holdMs: undefined },
  ignored: { outcome: "ignored", holdMs: undefined },
};

/** What `classify` says. If it throws, or says what it cannot, that is reported as uncaught, and the usual rule holds. */
export function judge<T>(classify: Classify<T> | undefined, end: PromiseSettledResult<T>): Verdict {
  const usual = end.status === "fulfilled" ? VERDICTS.success : VERDICTS.failure;
  if (classify === undefined) return usual;
  try {
    const said = classify(end);
    return said === undefined ? usual : verdictOf(said);
  } catch (error) {
    reportUncaught(error);
    return usual;
  }
}

function verdictOf(said: Outcome | number): Verdict {
  if (typeof said === "number" && said >= 0) {
    return { outcome: "failure", holdMs: Math.min(said, MAXIMUM_HOLD_MS) };
  }
  if (typeof said === "string" && Object.hasOwn(VERDICTS, said)) return VERDICTS[said];
  const allowed = '"success", "failure", "ignored", a number of ms from 0, or undefined';
  throw new TypeError(`classify must return ${allowed}, got ${String(said)}`);
}
