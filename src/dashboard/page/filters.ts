/** The search and the filters above the table. */
import { byId, element, setText } from "./dom.ts";
import type { Breaker, Model } from "./model.ts";

type Filter = "all" | "trouble" | "open" | "switched";

const FILTERS: readonly (readonly [name: Filter, title: string, test: (breaker: Breaker) => boolean])[] = [
  ["all", "All", () => true],
  ["trouble", "Trouble", (breaker) => breaker.isTrouble],
  [
    "open",
    "Open",
    ({ condition }) => condition === "open" || condition === "half-open" || condition === "forced-open",
  ],
  ["switched", "Switched", ({ condition }) => ["forced-open", "disabled", "shadow"].includes(condition)],
];

/** See the file. */
export class Filters {
  readonly search = byId<HTMLInputElement>("search");
  readonly #counts = new Map<Filter, HTMLElement>();
  readonly #buttons = new Map<Filter, HTMLButtonElement>();
  #chosen: Filter = "all";

  /** @param changed called when another choice was made. */
  constructor(changed: () => void) {
    this.search.addEventListener("input", changed);
    for (const [name, title] of FILTERS) {
      const count = element("span", "count");
      const button = element("button", "", title, count);
      button.type = "button";
      button.addEventListener("click", () => {
        this.#chosen = name;
        this.#mark();
        changed();
      });
      this.#counts.set(name, count);
      this.#buttons.set(name, button);
      byId("filters").append(button);
    }
    this.#mark();
  }

  /** The test of the present choice. */
  test(): (breaker: Breaker) => boolean {
    const [, , test] = FILTERS.find(([name]) => name === this.#chosen)!;
    const words = this.search.value.trim().toLowerCase().split(/\s+/);
    return (breaker) => test(breaker) && words.every((word) => breaker.key.includes(word));
  }

  /** How many breakers each filter would show. */
  render({ breakers }: Model): void {
    const counts = FILTERS.map(() => 0);
    for (const breaker of breakers.values()) {
      for (const [at, [, , test]] of FILTERS.entries()) if (test(breaker)) counts[at]!++;
    }
    for (const [at, [name]] of FILTERS.entries())
      setText(this.#counts.get(name)!, counts[at]!.toLocaleString("en"));
  }

  #mark(): void {
    for (const [name, button] of this.#buttons) button.ariaPressed = String(name === this.#chosen);
  }
}
