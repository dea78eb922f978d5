/** What the charts show: a history in bars. */
import { CLOSED, type Columns } from "./lab.ts";

/** What a chart shows; times are in seconds. */
export interface ChartData {
  readonly from: number;
  readonly to: number;
  /** Where each bar begins; all are equally long. */
  readonly times: readonly number[];
  /** Calls per second. */
  readonly good: readonly number[];
  readonly failed: readonly number[];
  readonly refused: readonly number[];
  readonly state: readonly number[];
  /** Length of a bar. */
  readonly width: number;
  /** Begin and end of the trouble. */
  readonly marks: readonly number[];
  /** Highest value of the axis: the same in all charts. */
  readonly highest: number;
}

const BARS = 360;

/** The history from a second on, in so many bars that a chart can show. */
export function chartDataOf(
  columns: Columns,
  forgotten: number,
  range: readonly [from: number, to: number],
  rest: Pick<ChartData, "marks" | "highest">,
): ChartData {
  const [from, to] = range;
  const width = Math.max(1, Math.ceil((to - from) / BARS));
  const first = Math.ceil(Math.max(from, forgotten) / width) * width;
  const data = { times: [], good: [], failed: [], refused: [], state: [] } as Record<string, number[]>;
  const end = Math.min(forgotten + columns.good.length, to);
  for (let second = first; second + width <= end; second += width) {
    const at = second - forgotten;
    data.times!.push(second);
    for (const name of ["good", "failed", "refused"] as const) {
      let sum = 0;
      for (let i = at; i < at + width; i++) sum += columns[name][i]!;
      data[name]!.push(sum / width);
    }
    let state = CLOSED;
    for (let i = at; i < at + width; i++) {
      const one = columns.state[i]!;
      if (one !== CLOSED && (state === CLOSED || one < state)) state = one;
    }
    data.state!.push(state);
  }
  return { from, to, width, ...rest, ...(data as unknown as Columns & { times: number[] }) };
}
