/** Node's `EventEmitter` with the types of the events of a breaker. */
import { EventEmitter } from "node:events";
import { warn } from "../breaker/platform.ts";
import type { Events } from "./types.ts";

/** An emitter whose listeners get the arguments of their event. */
export interface BreakerEmitter<TI extends unknown[], TR> extends EventEmitter {
  /** @internal */
  readonly _isHeard: boolean;
  on<K extends keyof Events>(event: K, listener: (...args: Events<TI, TR>[K]) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once<K extends keyof Events>(event: K, listener: (...args: Events<TI, TR>[K]) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
  addListener<K extends keyof Events>(event: K, listener: (...args: Events<TI, TR>[K]) => void): this;
  addListener(event: string | symbol, listener: (...args: any[]) => void): this;
}

/** Knows whether it has ever had a listener: without one nothing need be emitted. */
class ListeningEmitter extends EventEmitter {
  /** @internal */
  _isHeard = false;

  override on(event: string | symbol, listener: (...args: any[]) => void): this {
    this._isHeard = true;
    return super.on(event, listener);
  }

  override addListener(event: string | symbol, listener: (...args: any[]) => void): this {
    this._isHeard = true;
    return super.addListener(event, listener);
  }

  override prependListener(event: string | symbol, listener: (...args: any[]) => void): this {
    this._isHeard = true;
    return super.prependListener(event, listener);
  }
}

/** The class under that type. */
export const TypedEmitter = ListeningEmitter as unknown as new <TI extends unknown[], TR>() => BreakerEmitter<
  TI,
  TR
>;

// A constant of this file: what a program puts in its place must be called.
const emitOfNode = EventEmitter.prototype.emit;

/** Emits an event. What a listener throws is a warning: it changes no call. */
export function tell(emitter: Heard, event: string, ...args: unknown[]): void {
  try {
    emitter.emit(event, ...args);
  } catch (error) {
    warn(error);
  }
}

interface Heard {
  readonly _isHeard: boolean;
  emit(event: string | symbol, ...args: any[]): boolean;
}

/** Whether an event must be emitted: it has had a listener, or its `emit` is not that of Node. */
export function isHeard(emitter: Heard): boolean {
  return emitter._isHeard || emitter.emit !== emitOfNode;
}
