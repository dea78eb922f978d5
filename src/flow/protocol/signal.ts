/** Control that moves forward beside events: every operator and sink sees it. */
export type SignalKind =
  | "start"
  | "tick"
  | "drain"
  | "shutdown"
  | "circuit_breaker_enabled"
  | "circuit_breaker_disabled";

/** One signal on its way through the graph. */
export interface Signal {
  /** Its meaning. */
  readonly kind: SignalKind;
  /** Time of the signal in ms, on the same clock as `ingestMs` of events. */
  readonly atMs: number;
  /** circuit_breaker_*: the endpoint that is meant; none: every breaker. */
  readonly endpoint?: string;
}

/** Time between two ticks in ms; the first comes at once. The same as tremor's. */
export const TICK_MS = 100;
