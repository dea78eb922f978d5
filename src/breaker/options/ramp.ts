/** The gradual return: options, and how much passes when. */
import type { RampRule } from "../../core/policy.ts";
import { numberOption, objectOption, outOfRange, wrongType } from "./check.ts";

/** After the probes a growing share of calls passes before the breaker closes. */
export interface RampOptions {
  /** Shares, one after the other, evenly spread over the calls. Up to 64, growing, each 0.001..0.999; default 0.1, 0.25, 0.5. None: no ramp. */
  readonly shares?: readonly number[];
  /** How long each of them holds. 1..86,400,000 ms, default 5,000. */
  readonly stepMs?: number;
}

/** A ramp with every value filled in. */
export type Ramp = Required<RampOptions>;

const DEFAULTS: Ramp = { shares: [0.1, 0.25, 0.5], stepMs: 5_000 };
const MAXIMUM_SHARES = 64;

/**
 * Checks what is said, and nothing else.
 * @throws OptionError that names option, range and value.
 */
export function readRamp(option: string, value: unknown): RampOptions {
  const { shares, stepMs } = objectOption(option, value, ["shares", "stepMs"]);
  return {
    ...(shares !== undefined && { shares: resolveShares(`${option}.shares`, shares) }),
    ...(stepMs !== undefined && {
      stepMs: numberOption(`${option}.stepMs`, stepMs, { from: 1, to: 86_400_000 }),
    }),
  };
}

/** What is named, over what holds otherwise; undefined where there is to be no ramp. */
export function completeRamp(named: RampOptions | undefined, base: Ramp | undefined): Ramp | undefined {
  if (named === undefined) return base;
  const ramp = { ...(base ?? DEFAULTS), ...named };
  return ramp.shares.length === 0 ? undefined : frozen(ramp);
}

/** A frozen copy. */
export function frozen({ shares, stepMs }: RampRule): Ramp {
  return Object.freeze({ shares: Object.freeze([...shares]), stepMs });
}

function resolveShares(option: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw wrongType(option, "an array of numbers", value);
  if (value.length > MAXIMUM_SHARES) throw outOfRange(option, `at most ${MAXIMUM_SHARES} shares`, value);
  const shares = value.map((share, index) =>
    numberOption(`${option}[${index}]`, share, { from: 0.001, to: 0.999 }),
  );
  shares.forEach((share, index) => {
    const before = shares[index - 1] ?? 0;
    if (share <= before)
      throw outOfRange(`${option}[${index}]`, `more than ${before}, the share before it`, share);
  });
  return shares;
}

/** The share of calls that passes so many ms after the ramp began; 1 when it is over. The core reckons it the same way. */
export function shareAfter(ramp: Ramp | undefined, sinceMs: number): number {
  return ramp?.shares[Math.floor(Math.max(sinceMs, 0) / ramp.stepMs)] ?? 1;
}
