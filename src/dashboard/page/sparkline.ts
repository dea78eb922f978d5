/** Calls of the last minute as a drawing of a line of text: successes, above them failures, above them refusals. */
import { MINUTE } from "../protocol.ts";
import { svgElement } from "./dom.ts";
import type { Breaker } from "./model.ts";

const WIDTH = 2 * MINUTE;
const HEIGHT = 24;
const PARTS = ["succeeded", "failed", "refused"] as const;

/** See the file. */
export class Sparkline {
  readonly element = svgElement("svg", {
    class: "spark",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: WIDTH,
    height: HEIGHT,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  readonly #paths = PARTS.map((part) => svgElement("path", { class: part }));

  constructor() {
    this.element.append(...this.#paths);
  }

  draw({ spark }: Breaker): void {
    let highest = 0;
    for (let at = 0; at < spark.length; at += 3) {
      highest = Math.max(highest, spark[at]! + spark[at + 1]! + spark[at + 2]!);
    }
    const scale = highest === 0 ? 0 : (HEIGHT - 1) / highest;
    const lines = ["", "", ""];
    for (let second = 0; second < MINUTE; second++) {
      let y = HEIGHT;
      for (let part = 0; part < 3; part++) {
        const height = spark[3 * second + part]! * scale;
        if (height <= 0) continue;
        const top = y - Math.max(height, 0.5);
        lines[part] += `M${2 * second + 1} ${y.toFixed(1)}V${top.toFixed(1)}`;
        y = top;
      }
    }
    for (const [part, path] of this.#paths.entries()) path.setAttribute("d", lines[part]!);
  }
}
