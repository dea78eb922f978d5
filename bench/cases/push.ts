/** Events from memory through graphs. */
import { loadFlights } from "../flights.ts";
import { loadLibrary } from "../library.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";

/** in → out, and nothing between them. */
export const DIRECT = "select event from in into out;";

/** in → an operator that does nothing → out. */
export const PASSTHROUGH = `
define generic::passthrough operator pass;
create operator pass;
select event from in into pass;
select event from pass into out;
`;

/** The usual pipeline: in → breaker → out, with ports for what is refused and for breaker events. */
export const GUARDED = `
define qos::circuit_breaker operator cb
with
  backoff = "exponential",
  detector = "success_rate_over_time_window",
end;
create operator cb;
select event from in into cb;
select event from cb into out;
select event from cb/overflow into out/overflow;
select event from cb/cb into out/cb;
`;

/** Pushes events; each is acknowledged before the next. */
export async function pushing(pipeline: string, scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const graph = await library.deploy(pipeline, library.registry());
  const clock = new Clock();
  await graph.start(clock.nowMs);
  const items = loadFlights(LOOP).map((data) => ({ data }));
  return counted(items.length, items.length, () => {
    const before = graph.ledger.delivered;
    for (const item of items) {
      clock.nowMs += STEP_MS;
      graph.push(0, item, clock.nowMs);
    }
    return graph.ledger.delivered - before;
  });
}
