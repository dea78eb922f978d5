/**
 * What the options of a breaker mean, by name, for docs/options.md and the JSON Schema. The library does without these texts:
 * they are no part of its bundle. Ranges and defaults come from the tables in src/breaker/options.ts.
 *
 * `text` is what the table says behind the range; `range` and `initial` stand for those of the table where the table
 * cannot say them in short; `schema` is for values that are neither numbers nor names; null: no JSON.
 */
const DELAY = { type: "number", minimum: 1, maximum: 86_400_000 };

export const TEXTS = {
  // Of a breaker.
  detector: { range: "a name, an object, or an array of different kinds (any one trips)" },
  backoff: { range: "a name, an object, a function of the level, an iterable of delays" },
  decayMs: { text: "closed time that lowers the level by one, 0: closing resets it" },
  halfOpen: { range: "an object: see the next rows" },
  overload: {
    range: '`"throttle"`, `"none"`, or an object: see the last table; requires a time window',
    text: "refuses a part of the calls of an overloaded endpoint",
    initial: '`"none"`',
  },
  maximumPending: {
    text: "calls that may be pending at once; more are refused as busy; requires a time window",
    initial: "any number",
  },
  mode: {},
  timeoutMs: { text: "a call that takes longer fails", initial: "no limit" },
  classify: {
    range: 'a function of the end of a call: `"success"`, `"failure"`, `"ignored"`, or ms to stay open',
    initial: "a value is a success, an error a failure",
    schema: null,
  },
  fallback: {
    range: "a function of the error: the result of a call that failed or was refused",
    initial: "the error is thrown",
    schema: null,
  },
  // Of halfOpen.
  probes: { text: "calls let through at once while half-open" },
  successesToClose: { text: "successful probes that close" },
  toleratedFailures: { text: "failed probes that do not open it again" },
  probeTimeoutMs: { text: "a probe that has not reported by then has failed" },
  ramp: { range: "then, before it closes, a growing share of the calls passes: see the next two" },
  // Of halfOpen.ramp.
  shares: {
    range: "up to 64 growing shares, each 0.001 to 0.999; `[]`: no ramp",
    schema: { type: "array", maxItems: 64, items: { type: "number", minimum: 0.001, maximum: 0.999 } },
  },
  stepMs: { text: "how long each of them holds" },
  // Of detectors.
  requiredSuccessRate: {
    text: "opens when strictly below",
    initial: "`0.8`; of a time window with `overload` `0.2`",
  },
  minimumCalls: { text: "fewer calls give no verdict; in a count window at most its `calls`" },
  slowCallMs: { text: "a call that takes longer is slow", initial: "none is slow" },
  maximumSlowRate: { text: "opens when strictly above; requires `slowCallMs`" },
  windowMs: { text: "length of the window" },
  buckets: { text: "slices of the window, each at least 1 ms long" },
  hungAfterMs: {
    range: "1 to two buckets less than `windowMs`",
    text: "a call that is out for longer counts as a failure until it ends",
    initial: "none hangs",
  },
  calls: { text: "exactly the last so many" },
  failures: { text: "in a row" },
  // Of overload.
  successRate: { text: "a throttle refuses calls while the rate of the newest buckets is below" },
  maximumRefused: { text: "largest share of the calls that it refuses" },
  // Of backoffs.
  delayMs: { text: "the same delay each time" },
  initialMs: { text: "the delay of level 0" },
  factor: { text: "from one level to the next" },
  maximumMs: { range: "`initialMs` to 86,400,000", text: "no delay is longer" },
  delaysMs: {
    range:
      "1 to 64 delays of 1 to 86,400,000, an iterable of them, or a function of the level; the last repeats",
    schema: { type: "array", minItems: 1, maxItems: 64, items: DELAY },
  },
  jitter: { text: "how a delay is spread by chance" },
};
