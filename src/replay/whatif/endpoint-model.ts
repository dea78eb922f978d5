/** What becomes of a call: as it was recorded, or as a model of the endpoint has it. */
import { numberOption, objectOption } from "../../breaker/validate.ts";
import { type CallTrace, FAILURE, REFUSED, SUCCESS } from "../calls/call-trace.ts";

/** A model of each endpoint: it bears so many calls, and answers after so long. */
export interface ModelOptions {
  /** Calls that it bears a second; more fail. 0.001..1,000,000,000. */
  readonly capacity: number;
  /** ms that an answer takes; default: as recorded, and the median of the recorded ones where that is unknown. */
  readonly latencyMs?: number | undefined;
}

/** What happens to a call that is let through. */
export interface CallEnd {
  /** SUCCESS, FAILURE, or REFUSED where no outcome is known. */
  outcome: number;
  /** ms; NaN: unknown. */
  durationMs: number;
}

/** Decides about calls in the order of their starts. */
export interface EndpointModel {
  /** @param isAdmitted whether the call is made now; one that is refused is no load. */
  endOf(call: number, isAdmitted: boolean): CallEnd;
}

/** ms: capacity is judged over this time. */
const LOAD_MS = 1_000;

/** As recorded: a call that was refused then has no outcome. */
export function recordedEnds({ outcomes, durationMs }: CallTrace): EndpointModel {
  const end = { outcome: 0, durationMs: 0 }; // one for all calls
  return {
    endOf(call) {
      end.outcome = outcomes[call]!;
      end.durationMs = durationMs[call]!;
      return end;
    },
  };
}

/**
 * A call fails if it was recorded as failed while the recorded load was within the capacity (then load is not the reason), or
 * if the calls that were let through in the last second are more than the capacity. Otherwise it succeeds, also if it was refused
 * or failed by too much load in the recording.
 * @throws OptionError for bad options
 */
export function simulatedEnds(trace: CallTrace, options: ModelOptions): EndpointModel {
  const given = objectOption("model", options, ["capacity", "latencyMs"]);
  const capacity = numberOption("model.capacity", given.capacity, { from: 0.001, to: 1e9 });
  const latency = given.latencyMs === undefined ? undefined : { from: 0, to: 86_400_000 };
  const latencyMs = latency ? numberOption("model.latencyMs", given.latencyMs, latency) : undefined;
  const { endpoints, endpoint, startMs, durationMs, outcomes, weights } = trace;
  const usualMs = latencyMs ?? medianOf(trace);
  const recorded = endpoints.map(() => new Load());
  const simulated = endpoints.map(() => new Load());
  return {
    endOf(call, isAdmitted) {
      const index = endpoint[call]!;
      const wasMade = outcomes[call] !== REFUSED;
      const atMs = startMs[call]!;
      const before = recorded[index]!.at(atMs, wasMade ? weights[call]! : 0);
      const now = simulated[index]!.at(atMs, isAdmitted ? weights[call]! : 0);
      const isDown = outcomes[call] === FAILURE && before <= capacity;
      const known = durationMs[call]!;
      const isKnown = latencyMs === undefined && wasMade && known >= 0;
      return {
        outcome: isDown || now > capacity ? FAILURE : SUCCESS,
        durationMs: isKnown ? known : usualMs,
      };
    },
  };
}

/** Calls of the last LOAD_MS. */
class Load {
  readonly #times: number[] = [];
  readonly #weights: number[] = [];
  #first = 0;
  #sum = 0;

  /** Adds calls; returns how many there are in the last LOAD_MS. */
  at(timeMs: number, weight: number): number {
    while (this.#first < this.#times.length && this.#times[this.#first]! <= timeMs - LOAD_MS) {
      this.#sum -= this.#weights[this.#first++]!;
    }
    if (this.#first > 10_000) {
      this.#times.splice(0, this.#first);
      this.#weights.splice(0, this.#first);
      this.#first = 0;
    }
    if (weight > 0) {
      this.#times.push(timeMs);
      this.#weights.push(weight);
      this.#sum += weight;
    }
    return this.#sum;
  }
}

/** The median of the known durations of successes; 0 where none is known. */
function medianOf({ outcomes, durationMs }: CallTrace): number {
  const known = durationMs.filter((ms, call) => outcomes[call] === SUCCESS && ms >= 0).sort();
  return known[known.length >>> 1] ?? 0;
}
