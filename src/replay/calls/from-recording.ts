/** A recording as calls: what a replay with other options needs. */
import { OP_FAILURE, OP_REFUSED, OP_SUCCESS } from "../record/format.ts";
import { type Recording, readRecords } from "../record/recording.ts";
import { type CallTrace, CallTraceBuilder, FAILURE, MAXIMUM_WEIGHT, REFUSED, SUCCESS } from "./call-trace.ts";

/** Outcomes and refusals; a recording says when a call ended. @throws TraceError when a record is damaged */
export function callsOf(recording: Recording): CallTrace {
  const { endpoints, dropped } = recording.header;
  const builder = new CallTraceBuilder();
  readRecords(recording, ({ op, endpoint, atMs, argument, weight }) => {
    if (op !== OP_SUCCESS && op !== OP_FAILURE && op !== OP_REFUSED) return;
    const { name } = endpoints[endpoint]!;
    const outcome = op === OP_SUCCESS ? SUCCESS : op === OP_FAILURE ? FAILURE : REFUSED;
    const startMs = argument >= 0 ? Math.max(0, atMs - argument) : atMs;
    builder.add(name, startMs, argument, outcome, Math.min(Math.max(weight, 1), MAXIMUM_WEIGHT));
  });
  if (dropped > 0) builder.warnings.push(`${dropped} earlier outcomes were overwritten in the recording`);
  return builder.build();
}
