/** The breakers of one guard by key: no more than so many at once, and none is evicted while a request of it is out. */
import { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { warn } from "../breaker/platform.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { evictIfIdle, isRegistryFullError } from "../features/eviction.ts";
import { checkKey } from "./options.ts";

/** Breakers that are looked at for an idle one when a key is new. */
const LOOKS = 64;

/** The breaker of a key. */
export interface Entry {
  readonly breaker: CircuitBreaker;
  /** Requests that are out. */
  pending: number;
}

/** See the file. */
export class Keys {
  readonly _breakers: CircuitBreakerRegistry;
  readonly _maximum: number;
  /** The one that was looked at last is the last. */
  readonly _entries = new Map<string, Entry>();
  _hasWarned = false;

  constructor(breakers: CircuitBreakerRegistry, maximum: number) {
    this._breakers = breakers;
    this._maximum = maximum;
  }

  /**
   * The breaker of a key; undefined where there is no room for another one.
   * @throws OptionError for what cannot be the name of a breaker.
   */
  find(key: string): Entry | undefined {
    return this._entries.get(key) ?? this._add(checkKey(key, MAXIMUM_NAME_LENGTH));
  }

  _add(key: string): Entry | undefined {
    if (this._entries.size >= this._maximum && !this._makeRoom()) return this._warn(key);
    let breaker: CircuitBreaker;
    try {
      breaker = this._breakers.get(key);
    } catch (error) {
      if (isRegistryFullError(error)) return this._warn(key); // by a limit of the registry itself
      throw error;
    }
    const entry = { breaker, pending: 0 };
    this._entries.set(key, entry);
    return entry;
  }

  /** Evicts one idle breaker; false where none of those that were looked at is idle. */
  _makeRoom(): boolean {
    let looks = Math.min(LOOKS, this._entries.size);
    for (const [key, entry] of this._entries) {
      if (looks-- === 0) break;
      this._entries.delete(key);
      if (entry.pending === 0 && evictIfIdle(this._breakers, key)) return true;
      this._entries.set(key, entry);
    }
    return false;
  }

  _warn(key: string): undefined {
    if (this._hasWarned) return;
    this._hasWarned = true;
    warn(
      new Error(
        `no breaker for ${JSON.stringify(key)}: all ${this._entries.size} keys are in use; requests with new keys pass unguarded. ` +
          "Let key give fewer names (a template of the path), or raise maximumKeys",
      ),
    );
  }
}
