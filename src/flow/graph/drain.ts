/** The end of a flow: every event that is on its way ends. */
import type { AttachedSinks } from "./attached-sinks.ts";
import type { GraphCore } from "./graph-core.ts";
import type { OperatorList } from "./operator-list.ts";

export interface DrainParts {
  readonly core: GraphCore;
  readonly operators: OperatorList;
  readonly sinks: AttachedSinks;
  /** Time of the signal `drain`, in ms. */
  readonly atMs: number;
  /** Resolves at the next tick. */
  readonly nextTick: () => Promise<void>;
}

/**
 * Drains the operators, then the sinks, for as long as their answers bring new events, or events wait to be sent again; then
 * every sink is `drained`.
 *
 * @throws the first error of a sink, after all are drained
 */
export async function drainAll({ core, operators, sinks, atMs, nextTick }: DrainParts): Promise<void> {
  const { clock, ends, propagation } = core;
  const isSending = (): boolean => ends.undelivered.waiting > 0 || operators.isSending;
  let before: number;
  operators.drain(atMs);
  do {
    before = sinks.handed;
    await allDone(sinks.all.map((node) => node.sink.drain()));
    operators.drain(clock.now()); // an answer may have brought an event that an operator keeps
    if (isSending()) await nextTick();
  } while (sinks.handed > before || isSending());
  for (const node of sinks.all) propagation.propagate("drained", node, clock.now());
}

/** Waits for all. @throws the first error of them */
export async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
