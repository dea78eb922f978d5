/** What a pipeline has to know of `qos::wal`. */
import type { OperatorDefinition } from "../flow/operators/catalog.ts";
import { Wal, type WalHost } from "./operator.ts";
import { readWal, type WalSettings } from "./options.ts";

/**
 * The definition of `qos::wal`, for `operators` of `compile`.
 *
 * @param host `onProblem`: default is that of the host of the pipeline, and else `process.emitWarning`. `now`: default `Date.now`.
 */
export function walOperator(host: Partial<WalHost> = {}): OperatorDefinition<WalSettings> {
  return {
    type: "qos::wal",
    inputs: Wal.INPUTS,
    outputs: Wal.OUTPUTS,
    nanoseconds: ["max_age", "sync_interval", "drain_timeout"],
    read: readWal,
    create: (settings, { onProblem = warn }) => new Wal(settings, { onProblem, now: Date.now, ...host }),
  };
}

function warn(text: string): void {
  process.emitWarning(text, "BluesmokeWal");
}
