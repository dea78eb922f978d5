/** The time until the next probe, counted down. */
import { element, setText } from "./dom.ts";
import { durationText } from "./format.ts";

const INTERVAL_MS = 100;

/** See the file. */
export class Countdown {
  readonly element = element("p", "countdown");
  readonly #number = element("strong");
  readonly #bar = element("progress");
  readonly #now: () => number;
  #untilMs = 0;
  #totalMs = 1;
  #timer = 0;

  /** @param now the time of the server. */
  constructor(now: () => number) {
    this.#now = now;
    this.#bar.max = 1;
    this.#bar.ariaLabel = "Time until the next probe";
    this.element.append(element("span", "", "Next probe in "), this.#number, this.#bar);
    this.element.hidden = true;
  }

  /** @param untilMs 0: there is nothing to count. */
  set(untilMs: number): void {
    if (untilMs === this.#untilMs) return;
    this.#untilMs = untilMs;
    this.#totalMs = Math.max(1, untilMs - this.#now());
    this.element.hidden = untilMs <= 0;
    clearInterval(this.#timer);
    if (untilMs <= 0) return;
    this.#timer = window.setInterval(() => this.#draw(), INTERVAL_MS);
    this.#draw();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #draw(): void {
    const leftMs = Math.max(0, this.#untilMs - this.#now());
    // The state stays open until a call comes: only that can be the probe.
    setText(this.element.firstChild!, leftMs === 0 ? "The next call is the probe" : "Next probe in ");
    setText(this.#number, leftMs === 0 ? "" : durationText(leftMs, leftMs < 60_000 ? 1 : 0));
    this.#bar.value = leftMs / this.#totalMs;
  }
}
