/**
 * Which sinks the events of an endpoint go to, and which of those are broken.
 *
 * A trigger names a sink and no endpoint. Where an operator has one breaker, its endpoint is all that lies behind
 * `out`. Where it has a breaker for each value and several sinks, the answers tell: whoever answers for an
 * endpoint is on its way. So a sink that breaks takes along the endpoints behind it, and no others.
 */
import type { Guard } from "./guards.ts";
import type { OperatorContext } from "./operator.ts";

export class Routes {
  readonly #context: () => OperatorContext;
  /** One breaker stands for everything behind the operator. */
  readonly #isOne: boolean;
  /** Senders of a trigger that have not sent their restore, with the sinks that they speak for. */
  readonly #broken = new Map<number, readonly number[]>();
  /** The sinks behind the port `out`; they are known once the graph starts. */
  #sinks: readonly number[] | undefined;

  constructor(context: () => OperatorContext, isOne: boolean) {
    this.#context = context;
    this.#isOne = isOne;
  }

  get anyBroken(): boolean {
    return this.#broken.size > 0;
  }

  /** True where the events of one endpoint may go to some of the sinks only. */
  get isForked(): boolean {
    return !this.#isOne && this.#all.length > 1;
  }

  /** Whether events that the operator admits come to a sink that `sender` speaks for. What turns them away is not asked. */
  leadTo(sender: number): boolean {
    return this.#sinksOf(sender).some((sink) => this.#all.includes(sink));
  }

  /** A sender is broken, or no longer. True when that is news. */
  mind(sender: number, isBroken: boolean): boolean {
    if (this.#broken.has(sender) === isBroken) return false;
    if (isBroken) this.#broken.set(sender, this.#sinksOf(sender));
    else this.#broken.delete(sender);
    return true;
  }

  /** An answer for an endpoint came from there. True when that is news. */
  learn({ sinks }: Guard, from: number): boolean {
    const before = sinks.size;
    if (!sinks.has(from)) for (const sink of this.#sinksOf(from)) sinks.add(sink);
    return sinks.size > before;
  }

  /** Whether a sink of that endpoint is broken; while nobody has answered for it yet, whether all are. */
  isBroken({ sinks }: Guard): boolean {
    if (this.#broken.size === 0) return false;
    if (this.#isOne) return true;
    const broken = new Set([...this.#broken.values()].flat());
    return sinks.size > 0
      ? [...sinks].some((sink) => broken.has(sink))
      : this.#all.every((sink) => broken.has(sink));
  }

  get #all(): readonly number[] {
    this.#sinks ??= this.#sinksOf(this.#context().node);
    return this.#sinks;
  }

  #sinksOf(from: number): readonly number[] {
    return this.#context().sinksOf(from);
  }
}
