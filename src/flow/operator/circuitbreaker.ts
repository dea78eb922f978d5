/**
 * `qos::circuit_breaker`: guards what lies behind it.
 *
 * In: `in` asks to pass; an event at `err` is a failure of the endpoint. Out: `out` admitted, `overflow`
 * refused, `cb` breaker events, `err` malformed events and those that came by `err`. What became of an
 * admitted event comes against the flow. Time is that of events, insights and signals; there is no other.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { FlowEvent, Meta } from "../event.ts";
import { findMark, type Mark } from "../graph/mark.ts";
import type { OperatorHost } from "../host.ts";
import { type Insight, type Outcome, outcomeOf } from "../insight.ts";
import type { Signal } from "../signal.ts";
import { isEndpoint } from "./endpoint.ts";
import { type Guard, Guards } from "./guards.ts";
import { BreakerModes } from "./modes.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";
import { recordOf, turnedAway } from "./record.ts";
import { Routes } from "./routes.ts";
import type { BreakerSettings } from "./settings.ts";

/** The longest `retry_after_ms` that is believed: a day. */
const LONGEST_HOLD_MS = 86_400_000;

/** `qos::circuit_breaker`: asks a breaker for each event, and learns from contraflow how it ended (docs/rfc-0005.md). */
export class CircuitBreakerOperator implements Operator {
  /** Names of the input ports; the first is the default. */
  static readonly INPUTS: readonly string[] = ["in", "err"];
  /** Names of the output ports; the first is the default. */
  static readonly OUTPUTS: readonly string[] = ["out", "overflow", "cb", "err"];
  readonly inputs = CircuitBreakerOperator.INPUTS;
  readonly outputs = CircuitBreakerOperator.OUTPUTS;
  readonly makes = ["cb"];
  readonly #settings: BreakerSettings;
  readonly #host: OperatorHost;
  readonly #pauses: boolean;
  readonly #routes: Routes;
  readonly #modes: BreakerModes;
  readonly #guards: Guards;
  /** That of all events, where there is one endpoint. */
  #only: Guard | undefined;
  /** Under `pause`, while half-open: the event that has the probe. */
  #probe: Mark | undefined;
  /** Which sinks an endpoint has is learned from its answers. */
  #isForked = false;
  /** Upstream has been told to stop. */
  #stopped = false;
  // Set in connect, which comes before everything else.
  #context!: OperatorContext;
  #node!: number;
  #out!: Output;
  #overflow!: Output;
  #cb!: Output;
  #err!: Output;

  constructor(settings: BreakerSettings, host: OperatorHost) {
    this.#settings = settings;
    this.#host = host;
    this.#pauses = settings.method === "pause";
    this.#routes = new Routes(() => this.#context, typeof settings.endpoint !== "function");
    this.#modes = new BreakerModes(host.registry, this.#routes);
    this.#guards = new Guards(host.registry, settings.breaker, (event) => {
      this.#cb.emit(this.#context.event(event.atMs, recordOf(event)));
    });
  }

  connect(context: OperatorContext): void {
    this.#context = context;
    this.#node = context.node;
    this.#out = context.output("out");
    this.#overflow = context.output("overflow");
    this.#cb = context.output("cb");
    this.#err = context.output("err");
    const { endpoint } = this.#settings;
    if (typeof endpoint === "function") return;
    this.#only = this.#guards.take(endpoint ?? this.#host.endpoint ?? context.name, 0);
    this.#modes.welcome(this.#only, 0);
  }

  onEvent(event: FlowEvent, port: string): void {
    const guard = this.#only ?? this.#guardOf(event);
    if (guard === undefined) return;
    if (port === "err") this.#fail(guard.breaker, event);
    else this.#ask(guard.breaker, event);
    if (this.#pauses) this.#steer(event.ingestMs);
  }

  onSignal(signal: Signal): void {
    const { kind, atMs, endpoint } = signal;
    if (kind === "tick") this.#tick(atMs);
    else if (kind === "circuit_breaker_enabled") this.#order("enabled", endpoint, atMs);
    else if (kind === "circuit_breaker_disabled") this.#order("disabled", endpoint, atMs);
    else if (kind === "start") this.#isForked = this.#routes.isForked;
    else if (kind === "shutdown") this.#leave();
    this.#steer(atMs);
  }

  onInsight(insight: Insight): boolean {
    const mark = findMark(insight.marks, this.#node);
    if (mark === undefined) return this.#heed(insight);
    this.#report(mark, insight);
    if (this.#isForked) this.#learn(mark, insight);
    return false;
  }

  /** True for what is about a sink of ours: it stops here. One that takes only what was refused is no matter of the breaker. */
  #heed({ kind, from, atMs }: Insight): boolean {
    if (kind !== "trigger" && kind !== "restore") return false;
    if (!this.#routes.leadTo(from)) return false;
    if (this.#routes.mind(from, kind === "trigger")) {
      for (const guard of this.#guards) this.#modes.heed(guard, atMs);
    }
    this.#steer(atMs);
    return true;
  }

  #learn(mark: Mark, { kind, from, atMs }: Insight): void {
    if (kind === "release") return;
    const guard = this.#guards.find((mark.about as CircuitBreaker).name);
    if (guard === undefined || !this.#routes.learn(guard, from)) return;
    this.#modes.heed(guard, atMs);
    this.#steer(atMs);
  }

  #ask(breaker: CircuitBreaker, event: FlowEvent): void {
    const ticket = breaker.tryAcquire(event.ingestMs);
    if (ticket === 0) {
      this.#turnAway(event, { circuit_breaker: turnedAway(breaker, event.ingestMs, false) }, this.#overflow);
      return;
    }
    event.mark(this.#node, ticket, breaker);
    if (this.#pauses && breaker.state === "half_open") this.#probe = event.marks;
    this.#out.emit(event);
  }

  /** Counts as one call that failed, if the breaker would let a call through; then the event goes out by `err`. */
  #fail(breaker: CircuitBreaker, event: FlowEvent): void {
    const ticket = breaker.tryAcquire(event.ingestMs);
    if (ticket !== 0) breaker.onFailure(ticket, event.ingestMs, Number.NaN, 1, 0, errorIn(event.meta));
    this.#turnAway(event, { circuit_breaker: turnedAway(breaker, event.ingestMs, true) }, this.#err);
  }

  #turnAway(event: FlowEvent, meta: Meta, port: Output): void {
    event.meta = event.meta === undefined ? meta : { ...event.meta, ...meta };
    port.emit(event);
  }

  #report(mark: Mark, insight: Insight): void {
    const outcome = outcomeOf(mark, insight);
    if (outcome === undefined) return;
    const breaker = mark.about as CircuitBreaker; // no other operator marks with our node
    if (outcome === "ack") breaker.onSuccess(mark.value, insight.atMs, insight.durationMs);
    else this.#unsucceed(outcome, breaker, mark.value, insight);
    if (this.#pauses) this.#settleProbe(mark, insight.atMs);
  }

  #unsucceed(outcome: Outcome, breaker: CircuitBreaker, ticket: number, insight: Insight): void {
    const { atMs, durationMs, meta } = insight;
    if (outcome === "release") {
      breaker.release(ticket, atMs);
      return;
    }
    breaker.onFailure(ticket, atMs, durationMs, 1, holdOf(meta?.retry_after_ms), errorIn(meta));
  }

  #settleProbe(mark: Mark, atMs: number): void {
    if (this.#probe === mark) this.#probe = undefined;
    this.#steer(atMs);
  }

  /** Sends an event to `err` for which there is no breaker. */
  #guardOf(event: FlowEvent): Guard | undefined {
    let fault: unknown = "the event names no endpoint";
    try {
      const endpoint = this.#settings.endpoint;
      const name = typeof endpoint === "function" ? endpoint(event) : endpoint;
      if (isEndpoint(name)) return this.#askedFor(name, event.ingestMs);
    } catch (error) {
      fault = error;
    }
    this.#turnAway(event, { error: fault instanceof Error ? fault.message : String(fault) }, this.#err);
    return undefined;
  }

  /** A breaker that comes late is told what the others know. */
  #askedFor(endpoint: string, atMs: number): Guard {
    const known = this.#guards.find(endpoint);
    if (known !== undefined) {
      known.askedMs = atMs;
      return known;
    }
    const guard = this.#guards.take(endpoint, atMs);
    this.#modes.welcome(guard, atMs);
    this.#steer(atMs);
    return guard;
  }

  #tick(atMs: number): void {
    for (const { breaker } of this.#guards) breaker.check(atMs);
    if (this.#only === undefined) this.#guards.leaveIdle(this.#settings.idleMs, atMs);
  }

  #order(mode: "enabled" | "disabled", endpoint: string | undefined, atMs: number): void {
    this.#modes.order(mode, endpoint);
    for (const guard of this.#guards) {
      if (endpoint === undefined || guard.breaker.name === endpoint) this.#modes.apply(guard, atMs);
    }
  }

  #leave(): void {
    this.#guards.close();
    for (const guard of this.#guards) this.#modes.leave(guard);
  }

  /** Tells upstream to stop or to go on, when that has changed. */
  #steer(atMs: number): void {
    // A probe that was never answered decides nothing in the next half-open state, which a tick may begin.
    if (this.#probe !== undefined && this.#only?.breaker.state === "open") this.#probe = undefined;
    const stop = this.#wantsStop(atMs);
    if (stop === this.#stopped) return;
    this.#stopped = stop;
    this.#context.contraflow(stop ? "trigger" : "restore", atMs);
  }

  /** Whoever refuses nothing while a sink is broken must stop upstream instead; so does `pause` at all times. */
  #wantsStop(atMs: number): boolean {
    if (this.#routes.anyBroken && [...this.#guards].some(passesAll)) return true;
    if (!this.#pauses || this.#only === undefined) return false;
    const { breaker } = this.#only;
    if (breaker.state === "half_open") return this.#probe !== undefined;
    return breaker.retryAfterMs(atMs) > 0;
  }
}

/** Although a sink on its way is broken. */
function passesAll({ minds, breaker: { mode } }: Guard): boolean {
  return minds && (mode === "disabled" || mode === "shadow");
}

/** The error that the metadata of a failure names. */
function errorIn(meta: Meta | undefined): unknown {
  return meta?.error === undefined ? undefined : { message: meta.error, code: meta.status };
}

/** A sink may say anything. */
function holdOf(retryAfterMs: unknown): number {
  if (typeof retryAfterMs !== "number" || !Number.isFinite(retryAfterMs)) return 0;
  return Math.min(Math.max(retryAfterMs, 0), LONGEST_HOLD_MS);
}
