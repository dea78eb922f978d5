/**
 * The reports in a bucket of NATS, by a watch that runs only while they are asked for. Not by `history` or `keys`: their end
 * is the last pending message, and where that is replaced meanwhile they never end.
 */
import type { StoredReport } from "./store.ts";

/** A value that a watch delivers. */
export interface NatsWatchedEntry {
  /** Its key. */
  readonly key: string;
  /** Its bytes. */
  readonly value: Uint8Array;
  /** "PUT", "DEL" or "PURGE". */
  readonly operation: string;
  /** Values that are pending after it. */
  readonly delta?: number;
}

/** The values of a bucket as they change. */
export interface NatsWatch extends AsyncIterable<NatsWatchedEntry> {
  /** Ends it. */
  stop(): void;
}

interface Arrived {
  readonly value: Uint8Array;
  readonly atMs: number;
}

/** ms to wait for the values that are there when a watch begins. */
const FIRST_MS = 200;
/** Lives of a report without a question after which the watch ends. */
const IDLE_LIVES = 5;

export class NatsReports {
  readonly #nameOf: (key: string) => string;
  readonly #arrived = new Map<string, Arrived>();
  #watch: NatsWatch | undefined;
  #arrivedMs = 0;
  #askedMs = 0;

  constructor(nameOf: (key: string) => string) {
    this.#nameOf = nameOf;
  }

  /** Those that arrived within a life. A watch that was silent for longer is begun anew. */
  async read(bucket: { watch(): Promise<NatsWatch> }, lifeMs: number): Promise<readonly StoredReport[]> {
    this.#askedMs = performance.now();
    if (!this.#watch || this.#askedMs - this.#arrivedMs > lifeMs) await this.#begin(bucket, lifeMs);
    const oldestMs = performance.now() - lifeMs;
    const alive: StoredReport[] = [];
    for (const [key, { value, atMs }] of this.#arrived) {
      if (atMs >= oldestMs) alive.push([this.#nameOf(key), value]);
      else this.#arrived.delete(key);
    }
    return alive;
  }

  async #begin(bucket: { watch(): Promise<NatsWatch> }, lifeMs: number): Promise<void> {
    this.end();
    const watch = await bucket.watch();
    this.#watch = watch;
    this.#arrivedMs = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_MS);
      void this.#consume(watch, lifeMs, resolve).finally(() => {
        clearTimeout(timer);
        resolve();
        if (this.#watch === watch) this.#watch = undefined;
      });
    });
  }

  async #consume(watch: NatsWatch, lifeMs: number, onFirst: () => void): Promise<void> {
    try {
      for await (const { key, value, operation, delta } of watch) {
        const nowMs = performance.now();
        this.#arrivedMs = nowMs;
        if (operation === "PUT") this.#arrived.set(key, { value, atMs: nowMs });
        else this.#arrived.delete(key);
        if (delta === 0) onFirst();
        if (nowMs - this.#askedMs > IDLE_LIVES * lifeMs) break;
      }
    } catch {
      // The connection is closed, or the bucket is gone: the next question begins anew.
    } finally {
      watch.stop();
    }
  }

  /** Ends the watch. */
  end(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }
}
