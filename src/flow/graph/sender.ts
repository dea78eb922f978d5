/** Where insights start, and the operators that take them. */
import type { Operator } from "../protocol/operator.ts";

/** An operator that takes insights. */
export type Listener = Operator & Required<Pick<Operator, "onInsight">>;

/** A place that insights start from. */
export interface Sender {
  /** Its number, as insights show it. */
  readonly number: number;
  /** The node of the topology that it stands for: a sink stands for its output. */
  readonly node: number;
  /** Every listener that can reach it, the nearest first. */
  readonly listeners: readonly Listener[];
}
