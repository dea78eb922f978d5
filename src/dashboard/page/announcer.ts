/** Says outages: to screen readers, in the title and by the icon. */

import { byId, setAttribute, setText } from "./dom.ts";
import type { Breaker, Model } from "./model.ts";

/** Names in one announcement. */
const MAXIMUM_NAMES = 3;

/** See the file. */
export class Announcer {
  readonly #model: Model;
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')!; // index.html has it
  #open = new Set<string>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** After each message. */
  render(): void {
    const isOpen = ({ condition }: Breaker) => condition === "open" || condition === "half-open";
    const now = [...this.#model.breakers.values()].filter(isOpen).map(({ name }) => name);
    const opened = now.filter((name) => !this.#open.has(name));
    const present = new Set(now);
    const closed = [...this.#open].filter((name) => !present.has(name));
    this.#open = present;
    const parts = [
      ...(opened.length > 0 ? [`${listed(opened)} opened`] : []),
      ...(closed.length > 0 ? [`${listed(closed)} closed`] : []),
    ];
    if (parts.length > 0) setText(byId("outages"), `${parts.join("; ")}.`);
    this.#mark();
  }

  #mark(): void {
    const { title = "" } = document.body.dataset;
    const count = this.#model.sums?.open ?? 0;
    const text = count > 0 ? `(${count} open) ${title}` : title;
    if (document.title !== text) document.title = text;
    const { calm = "", outage = "" } = this.#icon.dataset;
    setAttribute(this.#icon, "href", count > 0 ? outage : calm);
  }
}

function listed(names: readonly string[]): string {
  const others = names.length - MAXIMUM_NAMES;
  if (others <= 0) return names.join(", ");
  return `${names.slice(0, MAXIMUM_NAMES).join(", ")} and ${others} more`;
}
