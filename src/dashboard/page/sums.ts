/** The figures at the top: states of all breakers, and their calls. */
import type { Sums } from "../protocol.ts";
import { NONE } from "../protocol.ts";
import { byId, element, setAttribute, setText } from "./dom.ts";
import { perSecond, rateText, whole } from "./format.ts";

interface Figure {
  readonly title: string;
  readonly className: string;
  value(sums: Sums): string;
  /** Whether it stands out. */
  isOn?(sums: Sums): boolean;
}

const FIGURES: readonly Figure[] = [
  { title: "Open", className: "open", value: ({ open }) => whole(open), isOn: ({ open }) => open > 0 },
  {
    title: "Half-open",
    className: "half-open",
    value: ({ halfOpen }) => whole(halfOpen),
    isOn: ({ halfOpen }) => halfOpen > 0,
  },
  {
    title: "Closed",
    className: "closed",
    value: ({ breakers, open, halfOpen }) => whole(breakers - open - halfOpen),
  },
  {
    title: "Calls/s",
    className: "rate",
    value: ({ succeeded, failed }) => perSecond(succeeded === NONE ? NONE : succeeded + failed),
  },
  {
    title: "Success",
    className: "rate",
    value: ({ succeeded, failed }) =>
      rateText(succeeded + failed <= 0 ? NONE : (10_000 * succeeded) / (succeeded + failed)),
  },
  { title: "Refused/s", className: "rate", value: ({ refused }) => perSecond(refused) },
];

/** See the file. */
export class SumsView {
  readonly #values = FIGURES.map(({ title, className }) => {
    const value = element("dd", "", "–");
    byId("sums").append(element("div", className, element("dt", "", title), value));
    return value;
  });

  render(sums: Sums): void {
    for (const [at, { value, isOn }] of FIGURES.entries()) {
      setText(this.#values[at]!, value(sums));
      setAttribute(this.#values[at]!.parentElement!, "data-on", isOn?.(sums) ? "yes" : "no");
    }
  }
}
