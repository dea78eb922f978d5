/** The charts of one breaker over ten minutes: one time axis, and a reading in the caption of each. */
import uPlot from "uplot";
import type { History } from "../history.ts";
import { type Columns, HISTORY_SECONDS, NONE } from "../protocol.ts";
import { element, setText, svgElement } from "./dom.ts";
import { msText, perSecond, rateText, shareText, timeText } from "./format.ts";

const HEIGHT = 118;
/** Width of the labels of the axis at the left, in px: the same in all charts, so that their times stand below each other. */
const GUTTER = 58;
const AXIS_HEIGHT = 22;
const SYNC = "bluesmoke";

/** A line of a chart. */
interface Line {
  readonly title: string;
  /** Name of a colour: a CSS variable of the page. */
  readonly color: string;
  /** Filled down to 0; a stacked one is covered by those below it. */
  readonly isArea?: boolean;
  value(columns: Columns, at: number): number;
}

interface ChartSpec {
  readonly title: string;
  /** What a screen reader says besides the values. */
  readonly about: string;
  readonly lines: readonly Line[];
  /** Lines are sums: each stands on the one before. */
  readonly isStacked?: boolean;
  /** Highest value of the axis; default: that of the data. */
  readonly highest?: number;
  /** Values of the axis, where they are not chosen by the data. */
  readonly ticks?: readonly number[];
  format(value: number): string;
}

const percent = (value: number) => `${value}\u202f%`;

export const CHARTS = {
  rate: {
    title: "Success rate of the window",
    about: "Success rate in the window of the breaker, in percent",
    highest: 100,
    ticks: [0, 50, 100],
    lines: [
      { title: "", color: "--accent", value: ({ rate }, at) => (rate[at] === NONE ? NONE : rate[at]! / 100) },
    ],
    format: (value) => (value === NONE ? "–" : rateText(Math.round(value * 100))),
  },
  volume: {
    title: "Calls per second",
    about: "Calls per second: succeeded, failed and refused, stacked",
    isStacked: true,
    lines: [
      { title: "succeeded", color: "--calls", isArea: true, value: ({ succeeded }, at) => succeeded[at]! },
      { title: "failed", color: "--bad", isArea: true, value: ({ failed }, at) => failed[at]! },
      { title: "refused", color: "--refused", isArea: true, value: ({ refused }, at) => refused[at]! },
    ],
    format: perSecond,
  },
  share: {
    title: "Share of calls that may pass",
    about: "Share of calls that may pass, in percent",
    highest: 100,
    ticks: [0, 50, 100],
    lines: [
      {
        title: "",
        color: "--accent",
        isArea: true,
        value: ({ share }, at) => (share[at] === NONE ? NONE : share[at]! / 10),
      },
    ],
    format: (value) => (value === NONE ? "–" : shareText(value * 10)),
  },
  latency: {
    title: "Latency",
    about: "Latency in milliseconds: median and 99th percentile",
    lines: [
      { title: "p99", color: "--muted", value: ({ p99 }, at) => p99[at] ?? NONE },
      { title: "median", color: "--accent", value: ({ p50 }, at) => p50[at] ?? NONE },
    ],
    format: msText,
  },
} as const satisfies Readonly<Record<string, ChartSpec>>;

/** A chart on the page. */
export class Chart {
  readonly element: HTMLElement;
  readonly #spec: ChartSpec;
  readonly #history: History;
  readonly #target = element("div", "plot");
  readonly #readings: readonly HTMLElement[];
  readonly #time = element("span", "at");
  readonly #resized: ResizeObserver;
  #plot: uPlot | undefined;
  #columns: Columns | undefined;
  /** Below this rate the breaker opens, in percent. */
  limit: number | undefined;

  constructor(spec: ChartSpec, history: History) {
    this.#spec = spec;
    this.#history = history;
    this.#readings = spec.lines.map(() => element("output", "reading"));
    const legend = spec.lines.map(({ title, color }, at) => {
      const swatch = element("i", `swatch ${color.slice(2)}`);
      return element("span", "entry", ...(title ? [swatch, `${title} `] : []), this.#readings[at]!);
    });
    const caption = element("figcaption", "", element("h3", "", spec.title), ...legend, this.#time);
    this.#target.setAttribute("role", "img");
    this.element = element("figure", "chart", caption, this.#target);
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this.#target);
  }

  /** Draws what the history holds now. */
  render(columns: Columns): void {
    this.#columns = columns;
    this.#plot ??= this.#create();
    this.#plot.setData(dataOf(this.#spec, columns), false);
    this.#plot.setScale("x", rangeOf(columns));
    this.#read();
  }

  /** Colours are those of the page now. */
  recolor(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#columns) this.render(this.#history.columns());
  }

  destroy(): void {
    this.#resized.disconnect();
    this.#plot?.destroy();
  }

  #fit(): void {
    const width = this.#target.clientWidth;
    if (this.#plot && width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  /** The values under the cursor, or the latest. */
  #read(): void {
    const columns = this.#columns;
    if (!columns) return;
    const count = columns.state.length;
    const at = this.#plot?.cursor.idx ?? count - 1;
    const texts = this.#spec.lines.map((line) => this.#spec.format(line.value(columns, at) ?? NONE));
    for (const [index, text] of texts.entries()) setText(this.#readings[index]!, text);
    const isLatest = this.#plot?.cursor.idx == null;
    setText(this.#time, isLatest ? "" : timeText((columns.lastSecond - count + 1 + at) * 1_000));
    if (isLatest) this.#target.ariaLabel = `${this.#spec.about}. Now: ${texts.join(", ")}.`;
  }

  #create(): uPlot {
    const { lines, highest, ticks, format } = this.#spec;
    const color = colorsOf(this.element);
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = {
      stroke: color("--muted"),
      font,
      grid: { stroke: color("--grid"), width: 1 },
      ticks: { show: false },
    };
    return new uPlot(
      {
        width: Math.max(this.#target.clientWidth, 100),
        height: HEIGHT,
        padding: [8, 18, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: SYNC }, points: { show: false } },
        scales: {
          x: { time: true },
          y: { range: (_, __, most) => [0, highest ?? niceAbove(most)] },
        },
        axes: [
          {
            ...axis,
            size: AXIS_HEIGHT,
            gap: 4,
            space: 64,
            incrs: [60, 120, 300],
            grid: { show: false },
            values: (_, at) => at.map(clockText),
          },
          {
            ...axis,
            size: GUTTER,
            gap: 6,
            space: 24,
            ...(ticks ? { splits: () => [...ticks], values: () => ticks.map(percent) } : {}),
            ...(ticks ? {} : { values: (_, at) => at.map((value) => (value === 0 ? "0" : format(value))) }),
          },
        ],
        // Sums are drawn from the largest down, so that each covers what is below it.
        series: [
          {},
          ...lines
            .map(({ color: name, isArea }) => ({
              stroke: color(name),
              width: isArea ? 1 : 1.5,
              points: { show: false },
              ...(isArea ? { fill: color(`${name}-fill`) } : {}),
              ...(isArea ? { paths: uPlot.paths.stepped!({ align: -1 }) } : {}),
            }))
            .reverse(),
        ],
        hooks: {
          drawClear: [(plot) => this.#shade(plot, color)],
          draw: [(plot) => this.#drawLimit(plot, color)],
          setCursor: [() => this.#read()],
        },
      },
      [[], ...lines.map(() => [])],
      this.#target,
    );
  }

  /** Marks the time in which the breaker was not closed. */
  #shade({ ctx, bbox, valToPos }: uPlot, color: (name: string) => string): void {
    for (const { from, to, state } of this.#columns ? runsOf(this.#columns) : []) {
      if (state <= 0) continue;
      const left = Math.max(bbox.left, valToPos(from, "x", true));
      const right = Math.min(bbox.left + bbox.width, valToPos(to, "x", true));
      ctx.fillStyle = color(state === 1 ? "--open-shade" : "--half-shade");
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
  }

  #drawLimit({ ctx, bbox, valToPos }: uPlot, color: (name: string) => string): void {
    if (this.limit === undefined) return;
    const y = Math.round(valToPos(this.limit, "y", true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = color("--bad");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}

/** A time in which the state was the same; NONE: not sampled. Seconds since 1970. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly state: number;
}

/** The states one after the other. */
export function runsOf({ state, lastSecond }: Columns): Run[] {
  const first = lastSecond - state.length + 1;
  const runs: Run[] = [];
  let from = 0;
  for (let at = 1; at <= state.length; at++) {
    if (at < state.length && state[at] === state[from]) continue;
    runs.push({ from: first + from, to: first + at, state: state[from]! });
    from = at;
  }
  return runs;
}

/** The states over time as a strip of colours, with a mark for each event. */
export class Lane {
  readonly element = element("div", "lane");
  readonly #svg = svgElement("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  readonly #marks = element("div", "marks");

  constructor() {
    this.#marks.ariaHidden = "true"; // the list below has all of them
    this.element.append(this.#svg, this.#marks);
  }

  render(columns: Columns, events: readonly { readonly atMs: number; readonly kind: string }[]): void {
    const { min, max } = rangeOf(columns);
    this.#svg.setAttribute("viewBox", `0 0 ${max - min} 1`);
    const rects = runsOf(columns).map(({ from, to, state }) =>
      svgElement("rect", { class: `state-${state}`, x: from - min, y: 0, width: to - from, height: 1 }),
    );
    this.#svg.replaceChildren(...rects);
    const marks = events.map(({ atMs, kind }) => {
      const tick = element("i", `tick ${kind}`);
      tick.style.left = `${(100 * (atMs / 1_000 - min)) / (max - min)}%`;
      return tick;
    });
    this.#marks.replaceChildren(...marks);
  }
}

/** Ten minutes up to the latest second. */
function rangeOf({ lastSecond }: Columns): { min: number; max: number } {
  return { min: lastSecond + 1 - HISTORY_SECONDS, max: lastSecond + 1 };
}

function dataOf({ lines, isStacked }: ChartSpec, columns: Columns): uPlot.AlignedData {
  const count = columns.state.length;
  const first = columns.lastSecond - count + 1;
  const times = Array.from({ length: count }, (_, at) => first + at);
  const series: (number | null)[][] = [];
  for (const line of lines) {
    const below = isStacked ? series.at(-1) : undefined;
    series.push(
      times.map((_, at) => {
        const value = line.value(columns, at);
        return value === NONE ? null : value + (below?.[at] ?? 0);
      }),
    );
  }
  return [times, ...series.reverse()] as uPlot.AlignedData;
}

/** A round number a little above: 1, 2, 2.5 or 5 times a power of ten. */
function niceAbove(most: number | null): number {
  if (most === null || most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most * 1.05));
  return power * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= most * 1.05) ?? 10);
}

function clockText(second: number): string {
  return timeText(second * 1_000).slice(0, second % 60 === 0 ? 5 : 8);
}

/** Colours by the name of their variable. */
function colorsOf(target: Element): (name: string) => string {
  const style = getComputedStyle(target.isConnected ? target : document.body);
  return (name) => style.getPropertyValue(name).trim();
}
