/** The table of breakers: one row each, updated in place, in the order that was chosen. */
import { NONE } from "../protocol.ts";
import { byId, element, setAttribute, setText } from "./dom.ts";
import { durationText, perSecond, rateText, shareText } from "./format.ts";
import type { Breaker, Condition, Model } from "./model.ts";
import { Sparkline } from "./sparkline.ts";

/** Rows on the page, at most; a search reaches the others. */
const MAXIMUM_ROWS = 1_000;

/** A column that the table can be sorted by. */
export type Order = "trouble" | "name" | "rate" | "calls" | "refused";

interface Column {
  readonly order: Order | undefined;
  readonly title: string;
  readonly className: string;
  readonly direction: "ascending" | "descending";
}

const COLUMNS: readonly Column[] = [
  { order: "name", title: "Breaker", className: "name", direction: "ascending" },
  { order: "trouble", title: "State", className: "state", direction: "descending" },
  { order: "rate", title: "Success", className: "number rate", direction: "ascending" },
  { order: "calls", title: "Calls/s", className: "number calls", direction: "descending" },
  { order: "refused", title: "Refused/s", className: "number refused", direction: "descending" },
  { order: undefined, title: "Last minute", className: "minute", direction: "descending" },
];

const COMPARE: Readonly<Record<Order, (a: Breaker, b: Breaker) => number>> = {
  trouble: (a, b) => a.rank - b.rank,
  name: () => 0,
  // Without calls there is no rate: last.
  rate: (a, b) => (a.rate === NONE ? 20_000 : a.rate) - (b.rate === NONE ? 20_000 : b.rate),
  calls: (a, b) => b.calls - a.calls,
  refused: (a, b) => b.refused - a.refused,
};

/** Of states in the table and elsewhere. */
export const CONDITION_TEXTS: Readonly<Record<Condition, string>> = {
  open: "open",
  "half-open": "half-open",
  throttled: "throttled",
  "forced-open": "forced open",
  closed: "closed",
  shadow: "shadow",
  disabled: "disabled",
};

class RowView {
  readonly element = element("tr");
  readonly link = element("a");
  readonly #state = element("span", "pill");
  readonly #rate = element("td", "number rate");
  readonly #calls = element("td", "number calls");
  readonly #refused = element("td", "number refused");
  readonly #spark = new Sparkline();
  /** Its figures have been written once. */
  #isDrawn = false;
  isVisible = false;

  constructor({ name }: Breaker) {
    this.link.textContent = name;
    this.link.title = name;
    this.link.href = `#/${encodeURIComponent(name)}`;
    this.link.tabIndex = -1;
    const head = element("th", "name", this.link);
    head.scope = "row";
    const minute = element("td", "minute");
    minute.append(this.#spark.element);
    this.element.append(
      head,
      element("td", "state", this.#state),
      this.#rate,
      this.#calls,
      this.#refused,
      minute,
    );
  }

  update(breaker: Breaker, nowMs: number): void {
    const { condition, rate, calls, refused } = breaker;
    setAttribute(this.element, "data-condition", breaker.isPoor ? "poor" : condition);
    setAttribute(this.#state, "class", `pill ${condition}`);
    setText(this.#state, stateText(breaker, nowMs));
    // A thousand rows of new figures each second would be laid out for nothing: those that cannot be seen wait until they are.
    if (!this.isVisible && this.#isDrawn) return;
    this.#isDrawn = true;
    setText(this.#rate, rateText(rate));
    setAttribute(this.#rate, "class", `number rate${breaker.hasFew ? " few" : ""}`);
    setText(this.#calls, perSecond(calls));
    setText(this.#refused, refused === 0 ? "" : perSecond(refused));
    this.#spark.draw(breaker);
  }
}

/** "open 4 s" with the time until a probe, "throttled 40 %" with the share that passes. */
export function stateText(
  { condition, retryAtMs, share }: Pick<Breaker, "condition" | "retryAtMs" | "share">,
  nowMs: number,
): string {
  const text = CONDITION_TEXTS[condition];
  if (condition === "open" && retryAtMs > 0) return `${text} ${durationText(retryAtMs - nowMs)}`;
  const isPartly = condition === "throttled" || (condition === "half-open" && share > 0);
  return isPartly ? `${text} ${shareText(share)}` : text;
}

/** See the file. */
export class Table {
  order: Order = "trouble";
  /** Which breakers are shown. */
  filter: (breaker: Breaker) => boolean = () => true;
  /** Called when other rows can be seen. */
  onScroll = () => {};
  readonly #model: Model;
  readonly #body = byId("rows");
  readonly #views = new Map<Breaker, RowView>();
  readonly #breakers = new WeakMap<Element, Breaker>();
  readonly #visible: IntersectionObserver;
  readonly #heads: HTMLTableCellElement[];
  #selected = "";
  /** The breaker whose link is in the tab order. */
  #current: Breaker | undefined;
  #shown: Breaker[] = [];

  constructor(model: Model) {
    this.#model = model;
    this.#visible = new IntersectionObserver((entries) => this.#onVisible(entries), { rootMargin: "100px" });
    this.#heads = COLUMNS.map((column) => this.#head(column));
    byId("columns").append(...this.#heads);
    this.#body.addEventListener("focusin", ({ target }) => this.#enter((target as Element).closest("tr")));
    this.#body.addEventListener("click", (event) => {
      const row = (event.target as Element).closest("tr");
      const view = row && this.#views.get(this.#breakers.get(row)!);
      if (view && event.target !== view.link) view.link.click();
    });
  }

  /** The breaker that is shown beside the table. */
  select(name: string): void {
    this.#selected = name;
    for (const [breaker, { element: row, link }] of this.#views) {
      row.classList.toggle("selected", breaker.name === name);
      if (breaker.name === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** Brings the rows up to date. */
  render(): void {
    const { breakers } = this.#model;
    const present = new Set(breakers.values());
    for (const breaker of this.#views.keys()) if (!present.has(breaker)) this.#remove(breaker);
    const meant = [...present].filter(this.filter);
    const compare = COMPARE[this.order];
    meant.sort((a, b) => compare(a, b) || (a.name < b.name ? -1 : 1));
    this.#shown = meant.slice(0, MAXIMUM_ROWS);
    const shown = new Set(this.#shown);
    for (const breaker of this.#views.keys()) if (!shown.has(breaker)) this.#remove(breaker);
    this.#place();
    this.#describe(meant.length);
  }

  /** Breakers whose rows can be seen. */
  visible(): ReadonlySet<Breaker> {
    return new Set([...this.#views].flatMap(([breaker, { isVisible }]) => (isVisible ? [breaker] : [])));
  }

  /** Moves the focus by so many rows. */
  move(by: number): void {
    const at = this.#current ? this.#shown.indexOf(this.#current) : -1;
    const isInside = this.#body.contains(document.activeElement);
    const to = Math.max(0, Math.min(this.#shown.length - 1, isInside || at < 0 ? at + by : at));
    this.focus(this.#shown[to]);
  }

  /** Focuses a row; the current one without a breaker. */
  focus(breaker: Breaker | undefined = this.#current ?? this.#shown[0]): void {
    const view = breaker && this.#views.get(breaker);
    view?.link.focus({ preventScroll: true });
    view?.element.scrollIntoView({ block: "nearest" });
  }

  #head({ order, title, className, direction }: Column): HTMLTableCellElement {
    const head = element("th", className);
    head.scope = "col";
    if (order === undefined) {
      head.append(title);
      return head;
    }
    const button = element("button", "", title);
    button.type = "button";
    button.addEventListener("click", () => {
      this.order = order;
      this.#markOrder();
      this.render();
    });
    head.append(button);
    if (order === this.order) head.ariaSort = direction;
    return head;
  }

  #markOrder(): void {
    for (const [at, { order, direction }] of COLUMNS.entries()) {
      this.#heads[at]!.ariaSort = order === this.order ? direction : null;
    }
  }

  /** Puts the rows into order: what is in its place is not touched, so that it keeps its focus. */
  #place(): void {
    const nowMs = this.#model.now();
    let next: Element | null = this.#body.firstElementChild;
    for (const breaker of this.#shown) {
      const view = this.#views.get(breaker) ?? this.#add(breaker);
      view.update(breaker, nowMs);
      if (view.element === next) next = next.nextElementSibling;
      else this.#move(view, next);
    }
    if (!this.#current || !this.#views.has(this.#current)) this.#setCurrent(this.#shown[0]);
  }

  #move({ element: row, link }: RowView, before: Element | null): void {
    const isFocused = document.activeElement === link;
    this.#body.insertBefore(row, before);
    if (isFocused) link.focus({ preventScroll: true });
  }

  #add(breaker: Breaker): RowView {
    const view = new RowView(breaker);
    view.element.classList.toggle("selected", breaker.name === this.#selected);
    this.#views.set(breaker, view);
    this.#breakers.set(view.element, breaker);
    this.#visible.observe(view.element);
    return view;
  }

  #remove(breaker: Breaker): void {
    const view = this.#views.get(breaker)!;
    this.#visible.unobserve(view.element);
    view.element.remove();
    this.#views.delete(breaker);
  }

  #onVisible(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const breaker = this.#breakers.get(target);
      const view = breaker && this.#views.get(breaker);
      if (!breaker || !view) continue;
      view.isVisible = isIntersecting;
      if (isIntersecting) view.update(breaker, this.#model.now());
    }
    this.onScroll();
  }

  #enter(row: Element | null): void {
    const breaker = row ? this.#breakers.get(row) : undefined;
    if (breaker) this.#setCurrent(breaker);
  }

  #setCurrent(breaker: Breaker | undefined): void {
    const before = this.#current && this.#views.get(this.#current);
    if (before) before.link.tabIndex = -1;
    this.#current = breaker;
    const view = breaker && this.#views.get(breaker);
    if (view) view.link.tabIndex = 0;
  }

  #describe(meant: number): void {
    const { sums, breakers } = this.#model;
    const empty = byId("empty");
    empty.hidden = this.#shown.length > 0 || sums === undefined;
    setText(empty, breakers.size > 0 ? "No breaker matches." : "There is no breaker yet.");
    const unlisted = byId("unlisted");
    const hidden = (sums?.unlisted ?? 0) + meant - this.#shown.length;
    unlisted.hidden = hidden === 0;
    setText(unlisted, `${hidden.toLocaleString("en")} more: closed with fewer calls, or without any.`);
  }
}
