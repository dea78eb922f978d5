/** Results by key, in this process. */
import type { CacheTransport } from "./types.ts";

/** One less than a `Map` of V8 can hold. */
const MAXIMUM_ENTRIES = 2 ** 24 - 1;

/** A bounded cache. The entry that was stored first makes room for one with a new key. */
export class MemoryCache implements CacheTransport {
  /** Values by key, the oldest first, and when they expire: ms since 1970; 0: never. */
  readonly cache = new Map<string, [value: unknown, expiresAtMs: number]>();
  /** How many there are at most. */
  readonly maxEntries: number;

  /** @param maxEntries from 1; default: 2^24 - 1. */
  constructor(maxEntries: number = MAXIMUM_ENTRIES) {
    this.maxEntries = maxEntries;
  }

  /** What is stored under the key and has not expired; undefined: nothing. */
  get(key: string): unknown {
    const entry = this.cache.get(key);
    if (entry === undefined) return undefined;
    const [value, expiresAtMs] = entry;
    if (expiresAtMs === 0 || expiresAtMs > Date.now()) return value;
    this.cache.delete(key);
    return undefined;
  }

  /** Stores a value until `expiresAtMs` (ms since 1970; 0, the default: for ever). */
  set(key: string, value: unknown, expiresAtMs = 0): void {
    // Also where the entry of the key has expired: it goes then, and comes back as the newest.
    if (this.cache.size >= this.maxEntries && this.get(key) === undefined) {
      for (const oldest of this.cache.keys()) {
        this.cache.delete(oldest);
        break;
      }
    }
    this.cache.set(key, [value, expiresAtMs]);
  }

  /** Forgets a key. */
  delete(key: string): void {
    this.cache.delete(key);
  }

  /** Forgets everything. */
  flush(): void {
    this.cache.clear();
  }
}
