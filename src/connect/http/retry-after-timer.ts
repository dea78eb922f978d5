/** The time during which an endpoint wants to be left alone. */
export class RetryAfterTimer {
  readonly #onEnd: () => void;
  /** On the clock of performance.now(). */
  #untilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onEnd called once when the time is over, not after `cancel`. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** True from `extend` until `onEnd` or `cancel`. */
  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** Ms from now to the end; 0 when it is not on. */
  get remainingMs(): number {
    return this.isOn ? Math.max(this.#untilMs - performance.now(), 0) : 0;
  }

  /** From now on at least `delayMs`: the latest end of all that were asked for counts. */
  extend(delayMs: number): void {
    const untilMs = performance.now() + delayMs;
    if (this.isOn && untilMs <= this.#untilMs) return;
    this.#untilMs = untilMs;
    clearTimeout(this.#timer);
    // Rounded up: a timer drops fractions, and a request must not start early.
    this.#timer = setTimeout(() => this.#end(), Math.ceil(delayMs) + 1);
  }

  /** Ends it without a word. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(): void {
    this.#timer = undefined;
    this.#onEnd();
  }
}
