/** Traffic for tests of the search: four endpoints, one of which goes down several times. */
import { type CallTrace, CallTraceBuilder, FAILURE, SUCCESS } from "../../../src/replay/calls/call-trace.ts";
import { chanceOf } from "../../../src/replay/tune/space.ts";

export const START_MS = 1_000_000;

/** @param downs when the first endpoint is down: from and to in seconds */
export function trafficOf(
  seconds: number,
  perSecond: number,
  downs: readonly (readonly [number, number])[],
  seed = 5,
): CallTrace {
  const chance = chanceOf(seed);
  const builder = new CallTraceBuilder();
  const calls = seconds * perSecond;
  for (let call = 0; call < calls; call++) {
    const atMs = (call * 1_000) / perSecond;
    const endpoint = chance(4);
    const isDown = endpoint === 0 && downs.some(([from, to]) => atMs >= from * 1_000 && atMs < to * 1_000);
    const fails = chance(1_000) < (isDown ? 950 : 5);
    builder.add(
      `e${endpoint}`,
      START_MS + atMs,
      isDown ? 20 + chance(50) : 5 + chance(20),
      fails ? FAILURE : SUCCESS,
    );
  }
  return builder.build();
}
