/**
 * `qos::circuit_breaker`: guards the sinks behind it (docs/rfc-0005.md).
 *
 * In: `in` asks to pass; an event at `err` is a failure of the endpoint. Out: `out` admitted, `overflow`
 * refused, `cb` breaker events, `err` malformed events and those that came by `err`. The outcome of an
 * admitted event comes against the flow. Time is that of events, insights and signals; the operator reads no clock.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerEvent } from "../../breaker/events.ts";
import { Correlation, findCorrelation, outcomeOf } from "../protocol/correlation.ts";
import type { FlowEvent } from "../protocol/event.ts";
import type { AckAll, Insight } from "../protocol/insight.ts";
import type { Operator, OperatorContext, Output } from "../protocol/operator.ts";
import type { Signal } from "../protocol/signal.ts";
import { recordOf, turnedAway } from "./breaker-record.ts";
import type { BreakerSettings } from "./circuit-breaker-options.ts";
import { isEndpoint } from "./endpoint.ts";
import { EndpointBreakers } from "./endpoint-breakers.ts";
import { EndpointPolicy } from "./endpoint-policy.ts";
import { errorIn, reportOutcome, turnAway } from "./event-outcome.ts";
import type { OperatorHost } from "./host.ts";
import { BreakerModes } from "./modes.ts";
import { SinkMap } from "./sink-map.ts";
import { SuccessReport } from "./success-report.ts";
import { UpstreamControl } from "./upstream-control.ts";

/** `qos::circuit_breaker`: asks a breaker for each event, and gets the outcome by contraflow (docs/rfc-0005.md). */
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
  readonly #sinks: SinkMap;
  readonly #modes: BreakerModes;
  readonly #breakers: EndpointBreakers;
  readonly #successes: SuccessReport;
  /** That of all events, where there is one endpoint. */
  #only: CircuitBreaker | undefined;
  /** Of the latest event that was admitted: the next one shares it, where it has the same ticket. */
  #latest: Correlation | undefined;
  /** The sinks of an endpoint are those that answer for it. */
  #isForked = false;
  // Set in connect, which comes before everything else.
  #upstream!: UpstreamControl;
  #context!: OperatorContext;
  #node!: number;
  #out!: Output;
  #overflow!: Output;
  #cb!: Output;
  #err!: Output;

  constructor(settings: BreakerSettings, host: OperatorHost) {
    const { registry } = host;
    const hasOneEndpoint = typeof settings.endpoint !== "function";
    this.#settings = settings;
    this.#host = host;
    this.#pauses = settings.method === "pause";
    this.#successes = new SuccessReport(registry);
    this.#sinks = new SinkMap(() => this.#context, hasOneEndpoint);
    this.#modes = new BreakerModes(registry, this.#sinks);
    const { idleMs, maximumBreakers } = settings;
    const limits = { idleMs: hasOneEndpoint ? Number.POSITIVE_INFINITY : idleMs, maximumBreakers };
    const policy = new EndpointPolicy(registry, settings.breaker);
    this.#breakers = new EndpointBreakers(registry, policy, limits, {
      onBreakerEvent: (event) => this.#emitBreakerEvent(event),
      onLeave: (breaker) => {
        this.#modes.forget(breaker);
        this.#sinks.forget(breaker);
      },
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
    if (typeof endpoint !== "function") {
      this.#only = this.#breakers.take(endpoint ?? this.#host.endpoint ?? context.name, 0);
    }
    this.#upstream = new UpstreamControl({
      context,
      paused: this.#pauses ? this.#only : undefined,
      passesBroken: () => this.#sinks.isAnyBroken && this.#modes.isAnyBroken(this.#breakers.unenforced),
    });
    if (this.#only !== undefined) this.#modes.initialize(this.#only, 0);
  }

  onEvent(event: FlowEvent, port: string): void {
    const breaker = this.#only ?? this.#breakerOf(event);
    if (breaker === undefined) return;
    if (port === "err") this.#fail(breaker, event);
    else this.#ask(breaker, event);
    if (this.#pauses) this.#upstream.update(event.ingestMs);
  }

  onSignal(signal: Signal): void {
    const { kind, atMs, endpoint } = signal;
    if (kind === "tick") this.#breakers.tick(atMs);
    else if (kind === "circuit_breaker_enabled") this.#switchAll("enabled", endpoint, atMs);
    else if (kind === "circuit_breaker_disabled") this.#switchAll("disabled", endpoint, atMs);
    else if (kind === "start") this.#isForked = this.#sinks.isForked;
    else if (kind === "shutdown") this.#end();
    this.#upstream.update(atMs);
  }

  onInsight(insight: Insight): boolean {
    const correlation = findCorrelation(insight.correlations, this.#node);
    if (correlation === undefined) return this.#onContraflow(insight);
    const outcome = outcomeOf(correlation, insight);
    if (outcome !== undefined) {
      reportOutcome(outcome, correlation, insight);
      if (this.#pauses) {
        this.#upstream.noteOutcome(correlation);
        this.#upstream.update(insight.atMs);
      }
    }
    if (this.#isForked && insight.kind !== "release") this.#observeSink(correlation, insight);
    return false;
  }

  onAckAll(acks: AckAll): void {
    const { events } = acks;
    for (let i = 0; i < events.length; ) {
      const { correlations } = events[i] as FlowEvent;
      const from = i;
      // Events that share their correlations have the same ticket.
      do i++;
      while (i < events.length && events[i]?.correlations === correlations);
      const correlation = findCorrelation(correlations, this.#node);
      if (correlation !== undefined) this.#onAcks(correlation, acks, correlation.isShared ? i - from : 1);
    }
    this.#successes.send(acks.atMs);
    if (this.#isForked) this.#observeSinks(acks);
    if (this.#pauses) this.#upstream.update(acks.atMs);
  }

  /** @param count of the calls that it stands for: one, unless it is shared */
  #onAcks(correlation: Correlation, acks: AckAll, count: number): void {
    const outcome = outcomeOf(correlation, acks);
    if (outcome === undefined) return;
    if (this.#pauses) this.#upstream.noteOutcome(correlation);
    const breaker = correlation.about as CircuitBreaker; // no other operator correlates with our node
    if (outcome === "ack") this.#successes.add(breaker, correlation.value, acks, count);
    else breaker.release(correlation.value, acks.atMs);
  }

  #observeSinks(acks: AckAll): void {
    for (const { correlations } of acks.events) {
      const correlation = findCorrelation(correlations, this.#node);
      if (correlation !== undefined) this.#observeSink(correlation, acks);
    }
  }

  #observeSink({ about }: Correlation, { from, atMs }: Pick<Insight, "from" | "atMs">): void {
    const breaker = about as CircuitBreaker;
    if (!this.#breakers.has(breaker.name) || !this.#sinks.observeSink(breaker, from)) return;
    this.#modes.onSinkChange(breaker, atMs);
    this.#upstream.update(atMs);
  }

  /** True for a trigger or restore of a sink of ours: it stops here. That of a sink for refused events goes on. */
  #onContraflow({ kind, from, atMs }: Insight): boolean {
    if (kind !== "trigger" && kind !== "restore") return false;
    if (!this.#sinks.leadsTo(from)) return false;
    if (this.#sinks.setBroken(from, kind === "trigger")) {
      for (const breaker of this.#breakers) this.#modes.onSinkChange(breaker, atMs);
    }
    this.#upstream.update(atMs);
    return true;
  }

  #ask(breaker: CircuitBreaker, event: FlowEvent): void {
    const ticket = breaker.tryAcquire(event.ingestMs);
    if (ticket === 0) {
      turnAway(event, { circuit_breaker: turnedAway(breaker, event.ingestMs, false) }, this.#overflow);
      return;
    }
    const latest = this.#latest;
    if (latest?.value === ticket && latest.about === breaker && latest.next === event.correlations) {
      event.correlations = latest;
    } else {
      this.#correlate(event, ticket, breaker);
    }
    this.#out.emit(event);
  }

  /** Under `pause` each event has a correlation of its own: it shows which one has the probe. */
  #correlate(event: FlowEvent, ticket: number, breaker: CircuitBreaker): void {
    const correlation = new Correlation(this.#node, ticket, breaker, event.correlations, !this.#pauses);
    event.correlations = correlation;
    if (this.#pauses) this.#upstream.noteAdmission(correlation);
    else this.#latest = correlation;
  }

  /** Counts as one call that failed, if the breaker would let a call through; then the event goes out by `err`. */
  #fail(breaker: CircuitBreaker, event: FlowEvent): void {
    const ticket = breaker.tryAcquire(event.ingestMs);
    if (ticket !== 0) breaker.onFailure(ticket, event.ingestMs, Number.NaN, 1, 0, errorIn(event.meta));
    turnAway(event, { circuit_breaker: turnedAway(breaker, event.ingestMs, true) }, this.#err);
  }

  /** Sends an event to `err` for which there is no breaker. */
  #breakerOf(event: FlowEvent): CircuitBreaker | undefined {
    let fault: unknown = "the event names no endpoint";
    try {
      const endpoint = this.#settings.endpoint;
      const name = typeof endpoint === "function" ? endpoint(event) : endpoint;
      if (isEndpoint(name))
        return this.#breakers.ask(name, event.ingestMs) ?? this.#take(name, event.ingestMs);
    } catch (error) {
      fault = error;
    }
    turnAway(event, { error: fault instanceof Error ? fault.message : String(fault) }, this.#err);
    return undefined;
  }

  #take(endpoint: string, atMs: number): CircuitBreaker {
    const breaker = this.#breakers.take(endpoint, atMs);
    this.#modes.initialize(breaker, atMs);
    this.#upstream.update(atMs);
    return breaker;
  }

  #emitBreakerEvent(event: CircuitBreakerEvent): void {
    this.#cb.emit(this.#context.event(event.atMs, recordOf(event)));
  }

  #switchAll(mode: "enabled" | "disabled", endpoint: string | undefined, atMs: number): void {
    this.#modes.setOrder(mode, endpoint);
    for (const breaker of this.#breakers) {
      if (endpoint === undefined || breaker.name === endpoint) this.#modes.apply(breaker, atMs);
    }
  }

  #end(): void {
    this.#breakers.close();
    for (const breaker of this.#breakers) this.#modes.end(breaker);
  }
}
