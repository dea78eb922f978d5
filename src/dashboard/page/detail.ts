/** The view of one breaker. */
import { History } from "../history.ts";
import {
  type Columns,
  type DetailMessage,
  type Facts,
  HISTORY_SECONDS,
  type LogEntry,
  NONE,
  type Now,
} from "../protocol.ts";
import { CHARTS, Chart, Lane } from "./charts.ts";
import { Countdown } from "./countdown.ts";
import { byId, element, setAttribute, setText } from "./dom.ts";
import { EventList } from "./events.ts";
import { rateText, shareText, whole } from "./format.ts";
import { conditionOf } from "./model.ts";
import { openStream } from "./stream.ts";
import { Switches } from "./switches.ts";
import { CONDITION_TEXTS } from "./table.ts";

const MAXIMUM_EVENTS = 100;

const FIGURES: readonly (readonly [title: string, about: string, value: (now: Now) => string])[] = [
  ["Success rate", "Of the calls in the window of the breaker", ({ rate }) => rateText(rate)],
  ["Calls", "Calls in the window of the breaker", ({ calls }) => whole(calls)],
  ["Failed", "Of the calls in the window", ({ failures }) => whole(failures)],
  ["Slow", "Of the calls in the window", ({ slow }) => whole(slow)],
  ["Share", "Of the calls that may pass now", ({ share }) => shareText(share)],
  ["Pending", "Calls that are out, where the breaker has hungAfterMs", ({ pending }) => whole(pending)],
  ["Level", "Times that it opened in a row: the backoff grows with it", ({ level }) => whole(level)],
  ["Opened", "Times that it opened since it was made", ({ opened }) => whole(opened)],
];

/** See the file. Made when a breaker is chosen, destroyed when another one is. */
export class Detail {
  readonly name: string;
  readonly #history = new History();
  readonly #pill = element("span", "pill");
  readonly #why = element("p", "why");
  readonly #missing = element("p", "empty", "There is no breaker of this name now.");
  readonly #body = element("div", "detail-body");
  readonly #figures = FIGURES.map(() => element("dd", "", "–"));
  readonly #facts = element("dl", "facts");
  readonly #lane = new Lane();
  readonly #list: EventList;
  readonly #noEvents = element("p", "empty", "None in the last ten minutes.");
  readonly #countdown: Countdown;
  readonly #switches: Switches | undefined;
  readonly #charts: Readonly<Record<keyof typeof CHARTS, Chart>>;
  readonly #close: () => void;
  #events: LogEntry[] = [];

  /** @param now the time of the server; @param back leaves the view. */
  constructor(name: string, now: () => number, back: () => void) {
    this.name = name;
    this.#countdown = new Countdown(now);
    this.#switches = document.body.dataset.controls === "yes" ? new Switches(name) : undefined;
    this.#charts = {
      rate: new Chart(CHARTS.rate, this.#history),
      volume: new Chart(CHARTS.volume, this.#history),
      share: new Chart(CHARTS.share, this.#history),
      latency: new Chart(CHARTS.latency, this.#history),
    };
    this.#charts.latency.element.hidden = true;
    const list = element("ol", "events");
    this.#list = new EventList(list, MAXIMUM_EVENTS, false);
    this.#fill(list, back);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const search = new URLSearchParams({ breaker: name, zone: timeZone ?? "UTC" });
    this.#close = openStream<DetailMessage>(`stream?${search}`, {
      onMessage: (message) => this.#onMessage(message),
    });
  }

  recolor(): void {
    for (const chart of Object.values(this.#charts)) chart.recolor();
  }

  destroy(): void {
    this.#close();
    this.#countdown.stop();
    for (const chart of Object.values(this.#charts)) chart.destroy();
    byId("detail").replaceChildren();
  }

  #fill(list: HTMLOListElement, back: () => void): void {
    const close = element("button", "back");
    close.type = "button";
    close.ariaLabel = "Back to all breakers";
    close.setAttribute("aria-keyshortcuts", "Escape");
    close.addEventListener("click", back);
    const heading = element("h2", "", this.name);
    heading.id = "detail-name";
    heading.title = this.name;
    const figures = element("dl", "figures");
    for (const [at, [title, about]] of FIGURES.entries()) {
      const figure = element("div", "", element("dt", "", title), this.#figures[at]!);
      figure.title = about;
      figures.append(figure);
    }
    const charts = Object.values(this.#charts).map((chart) => chart.element);
    const events = element(
      "section",
      "history",
      element("h3", "", "Events of ten minutes"),
      list,
      this.#noEvents,
    );
    this.#body.append(
      element("div", "reason", this.#why, this.#countdown.element),
      ...(this.#switches ? [this.#switches.element] : []),
      figures,
      element("div", "charts", this.#lane.element, ...charts),
      events,
      this.#facts,
    );
    this.#missing.hidden = true;
    byId("detail").replaceChildren(
      element("header", "detail-head", close, heading, this.#pill),
      this.#missing,
      this.#body,
    );
  }

  #onMessage(message: DetailMessage): void {
    const { missing = false, history, facts, now, text, point, events = [] } = message;
    this.#missing.hidden = !missing;
    this.#body.hidden = missing;
    this.#pill.hidden = missing;
    if (history) this.#load(history);
    if (point) this.#history.add(point);
    if (facts) this.#showFacts(facts);
    if (text !== undefined) setText(this.#why, text);
    this.#addEvents(events);
    if (!now) return;
    this.#showNow(now);
    this.#render();
  }

  /** The first message of a connection: everything from before is in it. */
  #load(columns: Columns): void {
    const first = columns.lastSecond - columns.state.length + 1;
    for (let at = 0; at < columns.state.length; at++) {
      if (columns.state[at] === NONE) continue;
      this.#history.add({
        second: first + at,
        state: columns.state[at]!,
        share: columns.share[at]!,
        rate: columns.rate[at]!,
        succeeded: columns.succeeded[at]!,
        failed: columns.failed[at]!,
        refused: columns.refused[at]!,
        p50: columns.p50[at] ?? NONE,
        p99: columns.p99[at] ?? NONE,
      });
    }
    this.#events = [];
    this.#list.clear();
  }

  #addEvents(events: readonly LogEntry[]): void {
    if (events.length > 0) {
      this.#list.add(events);
      this.#events = [...this.#events, ...events].slice(-MAXIMUM_EVENTS);
    }
    this.#noEvents.hidden = this.#events.length > 0;
  }

  #showFacts({ detectors, backoff, requiredSuccessRate }: Facts): void {
    this.#charts.rate.limit = requiredSuccessRate === undefined ? undefined : requiredSuccessRate * 100;
    const fact = (title: string, text: string) =>
      element("div", "", element("dt", "", title), element("dd", "", text));
    this.#facts.replaceChildren(fact("Opens on", detectors), fact("Stays open for", backoff));
  }

  #showNow(now: Now): void {
    const condition = conditionOf(now.state, now.mode, now.share);
    setAttribute(this.#pill, "class", `pill ${condition}`);
    setText(this.#pill, CONDITION_TEXTS[condition]);
    setAttribute(byId("detail"), "data-condition", condition);
    for (const [at, [, , value]] of FIGURES.entries()) setText(this.#figures[at]!, value(now));
    this.#countdown.set(condition === "open" ? now.retryAtMs : 0);
    this.#switches?.render(now.mode);
  }

  #render(): void {
    const columns = this.#history.columns();
    if (columns.state.length === 0) return;
    const { rate, volume, share, latency } = this.#charts;
    latency.element.hidden = columns.p50.length === 0;
    for (const chart of latency.element.hidden ? [rate, volume, share] : [rate, volume, share, latency]) {
      chart.render(columns);
    }
    const oldestMs = (columns.lastSecond - HISTORY_SECONDS) * 1_000;
    this.#events = this.#events.filter(({ atMs }) => atMs >= oldestMs);
    this.#lane.render(columns, this.#events);
  }
}
