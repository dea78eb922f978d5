/** When a graph sends events again that were not delivered. */
import { numberOption, objectOption } from "../../breaker/validate.ts";

/** When events are sent again. All are optional. */
export interface RetryOptions {
  /** Tries after the first, for each event. 0 to 1,000,000; default 16. */
  readonly retries?: number;
  /**
   * For how long an event is sent again, in ms after its first failure or refusal. 0 to 86,400,000; default 300,000. Nor is
   * any while the flow has delivered nothing for so long.
   */
  readonly forMs?: number;
  /** Events that wait to be sent again; while there are so many, no source is read. 1 to 10,000,000; default 20,000. */
  readonly maximumWaiting?: number;
}

export type ResolvedRetryOptions = Readonly<Required<RetryOptions>>;

/** @throws OptionError naming option, range and value. */
export function resolveRetry(options: RetryOptions): ResolvedRetryOptions {
  const given = objectOption("retry", options, ["retries", "forMs", "maximumWaiting"]);
  return {
    retries: numberOption("retry.retries", given.retries, { from: 0, to: 1_000_000, whole: true }, 16),
    forMs: numberOption("retry.forMs", given.forMs, { from: 0, to: 86_400_000 }, 300_000),
    maximumWaiting: numberOption(
      "retry.maximumWaiting",
      given.maximumWaiting,
      { from: 1, to: 10_000_000, whole: true },
      20_000,
    ),
  };
}
