/** Node's `EventEmitter` with the types of the events of a breaker. */
import { EventEmitter } from "node:events";
import { warn } from "../breaker/platform.ts";
import type { Events } from "./types.ts";

type AnyListener = (...args: any[]) => void;

/** An emitter whose listeners get the arguments of their event. */
export interface BreakerEmitter<TI extends unknown[], TR> extends EventEmitter {
  on<K extends keyof Events>(event: K, listener: (...args: Events<TI, TR>[K]) => void): this;
  on(event: string | symbol, listener: AnyListener): this;
  once<K extends keyof Events>(event: K, listener: (...args: Events<TI, TR>[K]) => void): this;
  once(event: string | symbol, listener: AnyListener): this;
  addListener<K extends keyof Events>(event: K, listener: (...args: Events<TI, TR>[K]) => void): this;
  addListener(event: string | symbol, listener: AnyListener): this;
}

/** The class itself, under that type. */
export const TypedEmitter = EventEmitter as unknown as new <TI extends unknown[], TR>() => BreakerEmitter<
  TI,
  TR
>;

/** Emits an event. What a listener throws is a warning: it changes no call. */
export function tell(emitter: EventEmitter, event: string, ...args: unknown[]): void {
  try {
    emitter.emit(event, ...args);
  } catch (error) {
    warn(error);
  }
}
