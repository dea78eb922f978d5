/**
 * Which sinks the events of an endpoint go to, and which of those are broken.
 *
 * A trigger names a sink and no endpoint. Where an operator has one breaker, its endpoint is all that lies behind
 * `out`. Where it has a breaker for each value and several sinks, answers show it: a sink that answers for an
 * endpoint is a sink of that endpoint. So a broken sink opens the breakers of its endpoints, and no others.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { OperatorContext } from "../protocol/operator.ts";

export class SinkMap {
  readonly #context: () => OperatorContext;
  /** One breaker stands for all sinks behind the operator. */
  readonly #hasOneEndpoint: boolean;
  /** Senders of a trigger that have not sent their restore, with the sinks that they speak for. */
  readonly #broken = new Map<number, readonly number[]>();
  /** Sinks that have answered for an endpoint. Endpoints with the same sinks share one set. */
  readonly #sinksOf = new Map<CircuitBreaker, ReadonlySet<number>>();
  readonly #sets = new Map<string, ReadonlySet<number>>();
  /** The sinks behind the port `out`; they are known once the graph starts. */
  #all: readonly number[] | undefined;

  constructor(context: () => OperatorContext, hasOneEndpoint: boolean) {
    this.#context = context;
    this.#hasOneEndpoint = hasOneEndpoint;
  }

  get isAnyBroken(): boolean {
    return this.#broken.size > 0;
  }

  /** True where the events of one endpoint may go to some of the sinks only. */
  get isForked(): boolean {
    return !this.#hasOneEndpoint && this.#sinksBehind.length > 1;
  }

  /** Whether events that the operator admits come to a sink that `sender` speaks for. Ports that turn away lead to none. */
  leadsTo(sender: number): boolean {
    return this.#spokenFor(sender).some((sink) => this.#sinksBehind.includes(sink));
  }

  /** A sender is broken, or no longer. True when that is a change. */
  setBroken(sender: number, isBroken: boolean): boolean {
    if (this.#broken.has(sender) === isBroken) return false;
    if (isBroken) this.#broken.set(sender, this.#spokenFor(sender));
    else this.#broken.delete(sender);
    return true;
  }

  /** An answer for an endpoint came from there. True when that is a new sink of the endpoint. */
  observeSink(breaker: CircuitBreaker, from: number): boolean {
    const known = this.#sinksOf.get(breaker);
    if (known?.has(from) === true) return false;
    const sinks = new Set([...(known ?? []), ...this.#spokenFor(from)]);
    if (sinks.size === (known?.size ?? 0)) return false;
    this.#sinksOf.set(breaker, this.#shared(sinks));
    return true;
  }

  /** Whether a sink of that endpoint is broken; as long as no sink has answered for it, whether all are. */
  isBroken(breaker: CircuitBreaker): boolean {
    if (this.#broken.size === 0) return false;
    if (this.#hasOneEndpoint) return true;
    const broken = new Set([...this.#broken.values()].flat());
    const sinks = this.#sinksOf.get(breaker);
    return sinks === undefined
      ? this.#sinksBehind.every((sink) => broken.has(sink))
      : [...sinks].some((sink) => broken.has(sink));
  }

  /** The operator uses the breaker no more. */
  forget(breaker: CircuitBreaker): void {
    this.#sinksOf.delete(breaker);
  }

  get #sinksBehind(): readonly number[] {
    this.#all ??= this.#spokenFor(this.#context().node);
    return this.#all;
  }

  #spokenFor(from: number): readonly number[] {
    return this.#context().sinksOf(from);
  }

  #shared(sinks: ReadonlySet<number>): ReadonlySet<number> {
    const key = [...sinks].sort((a, b) => a - b).join();
    const known = this.#sets.get(key) ?? sinks;
    this.#sets.set(key, known);
    return known;
  }
}
