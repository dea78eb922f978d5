/** What breakers with given options would have done to the calls of a trace. */
import { SLOT_MASK, SLOT_SHADOW, STATE_CLOSED } from "../../../assembly/layout.ts";
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import { type CircuitBreakerEvent, EVENT_KINDS } from "../../breaker/events.ts";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { numberOption, objectOption } from "../../breaker/validate.ts";
import { type CallTrace, FAILURE, REFUSED, SUCCESS, spanOf } from "../calls/call-trace.ts";
import { EndQueue } from "./end-queue.ts";
import { type EndpointModel, type ModelOptions, recordedEnds, simulatedEnds } from "./endpoint-model.ts";
import { type Outage, outagesOf } from "./outages.ts";

/** How a trace is replayed. */
export interface ReplayOptions {
  /** Options of every breaker. Default: those of the library. */
  readonly defaults?: CircuitBreakerOptions | undefined;
  /** Options of single endpoints, over the defaults. */
  readonly endpoints?: Readonly<Record<string, CircuitBreakerOptions>> | undefined;
  /** Where jitter starts: a whole number from 0 to 2^53 - 1, default 1. */
  readonly seed?: number | undefined;
  /** Simulates endpoints instead of taking the recorded outcomes. */
  readonly model?: ModelOptions | undefined;
}

/** A time in which a breaker was not closed. */
export interface OpenTime {
  /** The name of the breaker. */
  readonly endpoint: string;
  /** Why it opened. */
  readonly cause: CircuitBreakerEvent["cause"];
  /** When it opened, in ms. */
  readonly atMs: number;
  /** ms; undefined: it was still open at the end. */
  readonly closedMs: number | undefined;
  /** What its window held. */
  readonly calls: number;
  /** Failed calls in the window then. */
  readonly failures: number;
  /** Slow calls in the window then. */
  readonly slow: number;
  /** Probes that failed before it closed. */
  readonly reopened: number;
}

/** What became of the calls of one endpoint, or of all. */
export interface CallCounts {
  /** All calls of the trace. */
  calls: number;
  /** Let through, and succeeded. */
  succeeded: number;
  /** Let through, and failed. */
  failed: number;
  /** Let through; the trace has no outcome, since they were refused when it was recorded. */
  unknown: number;
  /** Refused: they would have succeeded. */
  goodRefused: number;
  /** Refused: they would have failed. */
  failedSaved: number;
  /** Of those that were let through: while half-open or on a ramp. */
  probes: number;
  /** Refused then, too: no outcome is known. */
  unknownRefused: number;
}

/** An outage of the trace, and whether it was noticed. */
export interface NoticedOutage extends Omit<Outage, "endpoint"> {
  /** The name of the breaker. */
  readonly endpoint: string;
  /** ms from the first failure until the breaker opened or a throttle began; undefined: it did not. */
  readonly noticedAfterMs: number | undefined;
}

/** One endpoint of a replay. */
export interface EndpointReplay extends CallCounts {
  /** The name of the breaker. */
  readonly endpoint: string;
  /** Its openings, in order. */
  readonly openings: readonly OpenTime[];
  /** Its outages, in order. */
  readonly outages: readonly NoticedOutage[];
}

/** The result of a replay. */
export interface ReplayResult {
  /** Start of the first call, in ms. */
  readonly fromMs: number;
  /** End of the last call, in ms. */
  readonly toMs: number;
  /** Outcomes come from a model. */
  readonly isSimulated: boolean;
  /** The sums of all endpoints. */
  readonly total: CallCounts;
  /** Each endpoint, by name. */
  readonly endpoints: readonly EndpointReplay[];
  /** All events of the breakers, in order. */
  readonly events: readonly CircuitBreakerEvent[];
  /** Doubts about the trace and the options, one sentence each. */
  readonly warnings: readonly string[];
}

/** Gets each call: for a timeline. */
export type CallWatcher = (call: number, outcome: number, isRefused: boolean) => void;

const SEEDS = { from: 0, to: 9_007_199_254_740_991, whole: true };

/**
 * Replays calls with other options. A call that is let through ends as it was recorded, or as the model says; a refused one has
 * no effect: how the endpoint reacts to less load is in no trace.
 * @throws OptionError for bad options
 */
export function replayCalls(
  trace: CallTrace,
  options: ReplayOptions = {},
  watch?: CallWatcher,
): ReplayResult {
  const given = objectOption("options", options, ["defaults", "endpoints", "seed", "model"]) as ReplayOptions;
  const seed = numberOption("seed", given.seed, SEEDS, 1);
  const [fromMs, toMs] = spanOf(trace);
  const model = given.model ? simulatedEnds(trace, given.model) : recordedEnds(trace);
  const player = new Player(trace, given, seed, model, watch);
  player.play();
  const outages = outagesOf(trace);
  const endpoints = trace.endpoints.map((endpoint, index) => {
    const openings = openingsOf(player.events.filter((event) => event.endpoint === endpoint));
    const own = outages.filter((outage) => outage.endpoint === index);
    return {
      endpoint,
      ...player.counts[index]!,
      openings,
      outages: own.map((outage) => ({
        ...outage,
        endpoint,
        noticedAfterMs: noticeOf(outage, endpoint, player.events),
      })),
    };
  });
  return {
    fromMs,
    toMs,
    isSimulated: given.model !== undefined,
    total: sumOf(player.counts),
    endpoints,
    events: player.events,
    warnings: trace.warnings,
  };
}

class Player {
  readonly events: CircuitBreakerEvent[] = [];
  readonly counts: CallCounts[];
  readonly #trace: CallTrace;
  readonly #breakers: readonly CircuitBreaker[];
  readonly #model: EndpointModel;
  readonly #watch: CallWatcher | undefined;
  readonly #out = new EndQueue();
  /** By call, of those that are out: ticket, outcome, duration, and how many calls of the entry were made. */
  readonly #tickets: Int32Array;
  readonly #outcomes: Uint8Array;
  readonly #durations: Float64Array;
  readonly #made: Uint32Array;
  #nowMs = 0;

  constructor(
    trace: CallTrace,
    { defaults, endpoints = {} }: ReplayOptions,
    seed: number,
    model: EndpointModel,
    watch: CallWatcher | undefined,
  ) {
    const registry = new CircuitBreakerRegistry({ defaults, seed, clock: () => this.#nowMs });
    for (const kind of EVENT_KINDS) registry.on(kind, (event) => this.events.push(event));
    this.#breakers = trace.endpoints.map((name) =>
      registry.get(name, Object.hasOwn(endpoints, name) ? endpoints[name] : undefined),
    );
    this.counts = trace.endpoints.map(noCounts);
    this.#trace = trace;
    this.#model = model;
    this.#watch = watch;
    this.#tickets = new Int32Array(trace.count);
    this.#outcomes = new Uint8Array(trace.count);
    this.#durations = new Float64Array(trace.count);
    this.#made = new Uint32Array(trace.count);
  }

  play(): void {
    const { count, startMs } = this.#trace;
    for (let call = 0; call < count; call++) {
      const atMs = startMs[call]!;
      while (this.#out.nextMs <= atMs) {
        this.#nowMs = this.#out.nextMs;
        this.#end(this.#out.take());
      }
      this.#nowMs = atMs;
      this.#start(call, atMs);
    }
    while (this.#out.size > 0) {
      this.#nowMs = this.#out.nextMs;
      this.#end(this.#out.take());
    }
  }

  #start(call: number, atMs: number): void {
    const { endpoint, weights } = this.#trace;
    const breaker = this.#breakers[endpoint[call]!]!;
    const counts = this.counts[endpoint[call]!]!;
    const weight = weights[call]!;
    counts.calls += weight;
    const ticket = breaker.tryAcquire(atMs);
    const { outcome, durationMs } = this.#model.endOf(call, ticket !== 0);
    this.#watch?.(call, outcome, ticket === 0);
    const isClosed = breaker._core.stateOf(breaker._id >>> 0) === STATE_CLOSED || isShadow(ticket);
    // Of many calls at once, a breaker that is not closed lets one through.
    const made = ticket === 0 ? 0 : isClosed ? weight : 1;
    if (outcome === SUCCESS) counts.goodRefused += weight - made;
    else if (outcome === FAILURE) counts.failedSaved += weight - made;
    else counts.unknownRefused += weight - made;
    if (ticket === 0) return;
    if (!isClosed) counts.probes += made;
    if (outcome === REFUSED) {
      counts.unknown += made;
      breaker.release(ticket, atMs);
      return;
    }
    if (outcome === SUCCESS) counts.succeeded += made;
    else counts.failed += made;
    this.#tickets[call] = ticket;
    this.#outcomes[call] = outcome;
    this.#durations[call] = durationMs;
    this.#made[call] = made;
    if (durationMs > 0) this.#out.add(atMs + durationMs, call);
    else this.#end(call); // before the next call starts, as from the queue
  }

  #end(call: number): void {
    const breaker = this.#breakers[this.#trace.endpoint[call]!]!;
    const ticket = this.#tickets[call]!;
    const durationMs = this.#durations[call]!;
    if (this.#outcomes[call] === SUCCESS)
      breaker.onSuccess(ticket, this.#nowMs, durationMs, this.#made[call]);
    else breaker.onFailure(ticket, this.#nowMs, durationMs, this.#made[call]);
  }
}

/** Let through only because of shadow mode: all calls are. */
function isShadow(ticket: number): boolean {
  return (ticket & SLOT_MASK) === SLOT_SHADOW;
}

function noCounts(): CallCounts {
  return {
    calls: 0,
    succeeded: 0,
    failed: 0,
    unknown: 0,
    probes: 0,
    goodRefused: 0,
    failedSaved: 0,
    unknownRefused: 0,
  };
}

function sumOf(counts: readonly CallCounts[]): CallCounts {
  const total = noCounts();
  for (const one of counts)
    for (const key of Object.keys(total) as (keyof CallCounts)[]) total[key] += one[key];
  return total;
}

/** The times in which a breaker was not closed. */
export function openingsOf(events: readonly CircuitBreakerEvent[]): OpenTime[] {
  const openings: { -readonly [Key in keyof OpenTime]: OpenTime[Key] }[] = [];
  let isClosed = true;
  for (const { kind, endpoint, cause, atMs, calls, failures, slow, to } of events) {
    if (kind === "opened" && isClosed) {
      openings.push({ endpoint, cause, atMs, closedMs: undefined, calls, failures, slow, reopened: 0 });
      isClosed = false;
    } else if (kind === "opened") openings.at(-1)!.reopened++;
    else if (to === "closed" && !isClosed) {
      openings.at(-1)!.closedMs = atMs;
      isClosed = true;
    }
  }
  return openings;
}

/** ms until a breaker reacted: 0 where it was not closed when the outage began. */
function noticeOf(
  { fromMs, toMs }: Outage,
  endpoint: string,
  events: readonly CircuitBreakerEvent[],
): number | undefined {
  let isReacting = false;
  for (const event of events) {
    if (event.endpoint !== endpoint) continue;
    if (event.atMs > toMs) break;
    if (event.atMs >= fromMs && isReacting) return 0;
    const reacts = event.kind === "opened" || event.kind === "throttled";
    if (event.atMs >= fromMs && reacts) return event.atMs - fromMs;
    if (event.to !== "closed" || reacts) isReacting = true;
    else if (event.kind === "closed" || event.kind === "restored" || event.kind === "reset")
      isReacting = false;
  }
  return isReacting ? 0 : undefined;
}
