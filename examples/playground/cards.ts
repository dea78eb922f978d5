/** The cards and the table of the policies. */

import { byId, element, setText } from "../../src/dashboard/page/dom.ts";
import { Chart } from "./chart.ts";
import type { ChartData } from "./chart-data.ts";
import { CLOSED } from "./lab.ts";
import { POLICIES, type PolicyId } from "./policies.ts";
import { countOf, durationOf, STATE_TITLES } from "./words.ts";

/** What a card and its row show. */
export interface CardView {
  readonly state: number;
  /** What the policy does now, or did. */
  readonly doing: string;
  readonly balance: string;
  readonly data: ChartData;
  readonly good: number;
  readonly failed: number;
  readonly refused: number;
  readonly openings: number | undefined;
  readonly noticedMs: number | undefined;
  readonly backMs: number | undefined;
  readonly waitMs: number | undefined;
}

interface Card {
  readonly chart: Chart;
  readonly pill: HTMLElement;
  readonly doing: HTMLElement;
  readonly balance: HTMLElement;
  readonly cells: readonly HTMLElement[];
}

/** Makes all of them. */
export class Cards {
  readonly #cards = new Map<PolicyId, Card>();

  constructor() {
    for (const { id, title, about } of POLICIES) {
      const chart = new Chart(
        `${title}: calls per second over time, succeeded, failed and refused. The figures are in the table below.`,
      );
      const pill = element("span", "pill");
      const doing = element("p", "doing");
      const balance = element("p", "balance");
      const heading = element("h3", "", title);
      heading.id = `card-${id}`;
      const card = element(
        "article",
        "card",
        element("header", "", heading, pill),
        element("p", "what", about),
        chart.element,
        doing,
        balance,
      );
      card.setAttribute("aria-labelledby", heading.id);
      byId("cards").append(card);
      const cells = Array.from({ length: 7 }, () => element("td"));
      const name = element("th", "", title);
      name.scope = "row";
      document.querySelector("#figures tbody")!.append(element("tr", "", name, ...cells));
      this.#cards.set(id, { chart, pill, doing, balance, cells });
    }
  }

  render(views: ReadonlyMap<PolicyId, CardView>): void {
    const all = [...views.values()];
    const mostGood = Math.max(...all.map(({ good }) => good));
    const fewestFailed = Math.min(...all.map(({ failed }) => failed));
    const differ = new Set(all.map(({ good, failed }) => `${good} ${failed}`)).size > 1;
    for (const [id, view] of views) {
      const { chart, pill, doing, balance, cells } = this.#cards.get(id)!;
      pill.hidden = id === "none";
      pill.dataset.state = String(view.state);
      setText(pill, STATE_TITLES[view.state] ?? STATE_TITLES[CLOSED]!);
      setText(doing, view.doing);
      setText(balance, view.balance);
      chart.render(view.data);
      const texts = [
        countOf(view.good),
        countOf(view.failed),
        countOf(view.refused),
        view.openings === undefined ? "–" : countOf(view.openings),
        view.noticedMs === undefined ? "–" : durationOf(view.noticedMs),
        view.backMs === undefined ? "–" : durationOf(view.backMs),
        view.waitMs === undefined ? "–" : durationOf(view.waitMs),
      ];
      for (const [index, text] of texts.entries()) setText(cells[index]!, text);
      cells[0]!.classList.toggle("best", differ && view.good === mostGood);
      cells[1]!.classList.toggle("best", differ && view.failed === fewestFailed);
    }
  }

  /** Colours are those of the page now. */
  recolor(): void {
    for (const { chart } of this.#cards.values()) chart.recolor();
  }
}
