/** A chart of calls per second: succeeded, failed and refused on top of each other, and the state behind them. */
import uPlot from "uplot";
import { element } from "../../src/dashboard/page/dom.ts";
import type { ChartData } from "./chart-data.ts";
import { HALF_OPEN, OPEN } from "./lab.ts";
import { shortOf, timeOf } from "./words.ts";

const HEIGHT = 132;

const LINES = ["refused", "failed", "good"] as const;

/** See the file. */
export class Chart {
  readonly element = element("div", "plot");
  readonly #resized: ResizeObserver;
  #plot: uPlot | undefined;
  #data: ChartData | undefined;

  /** @param name what a screen reader says; the figures are in the table and in the sentences */
  constructor(name: string) {
    this.element.setAttribute("role", "img");
    this.element.ariaLabel = name;
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this.element);
  }

  render(data: ChartData): void {
    this.#data = data;
    this.#plot ??= this.#create();
    this.#plot.setData(stacked(data) as uPlot.AlignedData, false);
    this.#plot.setScale("x", { min: data.from, max: data.to });
    this.#plot.setScale("y", { min: 0, max: data.highest });
  }

  /** Colours are those of the page now. */
  recolor(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#data) this.render(this.#data);
  }

  #fit(): void {
    const width = this.element.clientWidth;
    if (this.#plot && width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  #create(): uPlot {
    const color = colors();
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = {
      stroke: color("--muted"),
      font,
      grid: { stroke: color("--grid"), width: 1 },
      ticks: { show: false },
    };
    const stepped = uPlot.paths.stepped!({ align: 1 });
    return new uPlot(
      {
        width: Math.max(this.element.clientWidth, 100),
        height: HEIGHT,
        padding: [6, 24, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, auto: false }, y: { auto: false } },
        axes: [
          {
            ...axis,
            size: 24,
            gap: 4,
            space: 60,
            grid: { show: false },
            incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400],
            values: (_, at) => at.map((second) => timeOf(second * 1_000)),
          },
          { ...axis, size: 44, gap: 5, space: 28, values: (_, at) => at.map(shortOf) },
        ],
        // Sums are drawn from the largest down, so that each covers what is below it.
        series: [
          {},
          ...LINES.map((name) => ({
            stroke: color(`--${name}`),
            fill: color(`--${name}-fill`),
            width: 1,
            points: { show: false },
            paths: stepped,
          })),
        ],
        hooks: {
          drawClear: [(plot) => this.#shade(plot, color)],
          draw: [(plot) => this.#mark(plot, color)],
        },
      },
      [[], ...LINES.map(() => [])] as unknown as uPlot.AlignedData,
      this.element,
    );
  }

  /** Where the breaker was not closed. */
  #shade({ ctx, bbox, valToPos }: uPlot, color: (name: string) => string): void {
    const { times = [], state = [], width = 1 } = this.#data ?? {};
    for (let at = 0; at < times.length; at++) {
      const one = state[at];
      if (one !== OPEN && one !== HALF_OPEN) continue;
      const left = Math.max(bbox.left, valToPos(times[at]!, "x", true));
      while (state[at + 1] === one) at++; // one rectangle, or the edges between bars would be seen
      const right = Math.min(bbox.left + bbox.width, valToPos(times[at]! + width, "x", true));
      ctx.fillStyle = color(one === OPEN ? "--open-shade" : "--half-shade");
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
  }

  /** Where the trouble begins and ends. */
  #mark({ ctx, bbox, valToPos }: uPlot, color: (name: string) => string): void {
    ctx.save();
    ctx.strokeStyle = color("--mark");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const second of this.#data?.marks ?? []) {
      const x = Math.round(valToPos(second, "x", true)) + 0.5;
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}

/** Sums from the top; a last point ends the last bar. */
function stacked({ times, good, failed, refused, width }: ChartData): number[][] {
  const rows: number[][] = [[], [], [], []];
  for (let at = 0; at <= times.length; at++) {
    const own = Math.min(at, times.length - 1);
    if (own < 0) break;
    rows[0]!.push(at < times.length ? times[at]! : times[own]! + width);
    rows[1]!.push(good[own]! + failed[own]! + refused[own]!);
    rows[2]!.push(good[own]! + failed[own]!);
    rows[3]!.push(good[own]!);
  }
  return rows;
}

/** Colours by the name of their variable. */
function colors(): (name: string) => string {
  const style = getComputedStyle(document.body);
  return (name) => style.getPropertyValue(name).trim();
}
