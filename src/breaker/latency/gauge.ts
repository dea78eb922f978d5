/** Hearing how long calls took: by standing before two functions of the core, so that it costs nothing where nobody asks. */
import type { CoreExports } from "../../core/exports.ts";
import type { Switchboard } from "../switchboard.ts";

/** Told of each call of known duration that a breaker was told of. `weight`: of so many. */
export type Gauge = (address: number, nowMs: number, durationMs: number, weight: number) => void;

type Report = CoreExports["succeed"];

/** What was done to a board, for all of its gauges. */
interface Station {
  readonly gauges: Set<Gauge>;
  remove(): void;
}

const STATIONS = /* @__PURE__ */ new WeakMap<Switchboard, Station>();

/** From now on `execute` and its like time every call of that board, and `gauge` hears of it. Returns the undo. */
export function attachGauge(board: Switchboard, gauge: Gauge): () => void {
  const station = STATIONS.get(board) ?? stand(board);
  STATIONS.set(board, station);
  station.gauges.add(gauge);
  return () => {
    if (!station.gauges.delete(gauge) || station.gauges.size > 0) return;
    STATIONS.delete(board);
    station.remove();
  };
}

function stand(board: Switchboard): Station {
  const { core, terms } = board;
  const gauges = new Set<Gauge>();
  const before = { succeed: core.succeed, fail: core.fail };
  const listening =
    (report: Report): Report =>
    (breaker, stripe, ticket, nowMs, durationMs, weight) => {
      if (durationMs >= 0) for (const gauge of gauges) gauge(breaker, nowMs, durationMs, weight);
      return report(breaker, stripe, ticket, nowMs, durationMs, weight);
    };
  const after = { succeed: listening(before.succeed), fail: listening(before.fail) };
  Object.assign(core, after);
  terms.timeCalls(true);
  return {
    gauges,
    remove() {
      terms.timeCalls(false);
      // A thread that has detached has others by now, which refuse.
      if (core.succeed === after.succeed) Object.assign(core, before);
    },
  };
}
