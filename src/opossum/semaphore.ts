/** How many calls may be under way at once. */
import { ourError } from "./errors.ts";

/** A counter of free places, with a queue of those that wait for one. */
export class Semaphore {
  readonly #places: number;
  /** Counted up from 0, so that V8 keeps it as a small number. */
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  /** @param count places. */
  constructor(count: number) {
    this.#places = count;
  }

  /** Free places. Read only. */
  get count(): number {
    return this.#places - this.#taken;
  }

  /** Takes a place if one is free. */
  test(): boolean {
    if (this.#places - this.#taken < 1) return false;
    this.#taken++;
    return true;
  }

  /**
   * Waits for a place and takes it; resolves to the function that gives it back.
   * @param timeoutMs rejects with the code ETIMEDOUT after that many ms; default: waits without limit.
   */
  take(timeoutMs?: number): Promise<() => void> {
    const release = () => this.release();
    if (this.test()) return Promise.resolve(release);
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const enter = () => {
        clearTimeout(timer);
        this.#taken++;
        resolve(release);
      };
      this.#waiting.add(enter);
      if (!timeoutMs) return;
      timer = setTimeout(() => {
        this.#waiting.delete(enter);
        reject(ourError(`Timed out after ${timeoutMs}ms`, "ETIMEDOUT"));
      }, timeoutMs);
    });
  }

  /** Gives a place back; the first that waits takes it. */
  release(): void {
    this.#taken--;
    if (this.#waiting.size === 0) return;
    for (const enter of this.#waiting) {
      this.#waiting.delete(enter);
      enter();
      break;
    }
  }
}
