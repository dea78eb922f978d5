/** The state of a breaker, or of all breakers of a registry, as plain JSON data, and back. See docs/export-format.md. */
import { DID_TRANSITION } from "../../assembly/layout.ts";
import { CircuitBreaker } from "../breaker/breaker.ts";
import { checkTime, isOfThisLoop } from "../breaker/clock.ts";
import type { Engine } from "../breaker/engine.ts";
import { timeWithoutLag } from "../breaker/loop-lag.ts";
import { type ResolvedOptions, resolveOptions } from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { numberOption } from "../breaker/validate.ts";
import { generationAfter } from "../core/core.ts";
import { addressIn, type BreakerState, latestOf, readState } from "../core/state.ts";
import { writeState } from "../core/write-state.ts";
import { type ExportedState, StateWriter } from "./export-format.ts";
import { ImportError } from "./import-error.ts";
import { type ImportedBreaker, readExport } from "./read-export.ts";

export type { TotalCounts } from "../core/totals.ts";
export type {
  ExportedBreaker,
  ExportedState,
  ExportedThrottle,
  ExportedTime,
  ExportedTotals,
  ExportedWindow,
} from "./export-format.ts";
export { type ImportError, type ImportFault, isImportError } from "./import-error.ts";

/**
 * Names, options, states, windows and counters of a breaker, or of all breakers of a registry, as plain JSON data. Checks
 * each breaker first, as `check` does. Not in it: tickets (probes that are out count as released), listeners, and options
 * that are functions (`classify`, `fallback`, `clock`); a backoff given as a function is exported as its steps.
 * @param nowMs time of the export in ms; default: the clock.
 * @throws RangeError when `nowMs` is no time.
 */
export function exportState(target: CircuitBreaker | CircuitBreakerRegistry, nowMs?: number): ExportedState {
  const writer = new StateWriter();
  if (isBreaker(target)) {
    target._refresh();
    target.check(nowMs);
    const { _core: core, _id: id } = target;
    writer.add(target.name, target.options, readState(addressIn(core, id >>> 0)));
  } else {
    const now = timeOf(target, nowMs);
    writeAll(target, [...namesOf(target)], now, writer);
  }
  return writer.data;
}

/**
 * The same for a registry in parts of `size` breakers: each is data of its own, made when it is asked for. For many
 * breakers, since others have their turn between two parts: a part of 1,000 breakers takes a few ms.
 * @param nowMs time of the export in ms; default: the clock, read for each part.
 * @param size breakers of a part: a whole number from 1 to 1,000,000, default 1,000.
 * @throws RangeError when `nowMs` is no time; OptionError when `size` is out of range.
 */
export function exportStates(
  registry: CircuitBreakerRegistry,
  nowMs?: number,
  size = 1_000,
): IterableIterator<ExportedState> {
  if (nowMs !== undefined) checkTime(nowMs);
  return exportParts(registry, nowMs, numberOption("size", size, { from: 1, to: 1_000_000, whole: true }));
}

function* exportParts(
  registry: CircuitBreakerRegistry,
  nowMs: number | undefined,
  size: number,
): IterableIterator<ExportedState> {
  let part: string[] = [];
  const write = () => {
    const writer = new StateWriter();
    writeAll(registry, part, timeOf(registry, nowMs), writer);
    part = [];
    return writer.data;
  };
  for (const name of namesOf(registry)) if (part.push(name) === size) yield write();
  if (part.length > 0) yield write();
}

function* namesOf({ _core: { names } }: CircuitBreakerRegistry): IterableIterator<string> {
  for (const address of names.addresses()) {
    const name = names.nameOf(address);
    if (name !== undefined) yield name;
  }
}

/** The time for a check, as `check` of a breaker takes it. */
function timeOf({ _engine: { clock } }: CircuitBreakerRegistry, nowMs: number | undefined): number {
  if (nowMs !== undefined) return checkTime(nowMs);
  return isOfThisLoop(clock) ? timeWithoutLag(clock()) : clock();
}

/** First checks all, then writes: a check may call listeners, and they may change and delete breakers. */
function writeAll(
  registry: CircuitBreakerRegistry,
  names: readonly string[],
  nowMs: number,
  writer: StateWriter,
): void {
  const { _core: core, _engine: engine } = registry;
  const policyOf = (address: number) => engine.policies.at(core.policyOf(address));
  for (const name of names) {
    const address = core.names.find(name);
    if (!address) continue;
    const stripe = core.stripeOf(address, policyOf(address).placed);
    if (core.exports.check(address, stripe, nowMs) & DID_TRANSITION) engine.dispatcher.dispatch();
  }
  for (const name of names) {
    const address = core.names.find(name);
    if (!address) continue;
    const { options } = registry._objects.get(name) ?? registry._policyAt(address, name);
    writer.add(name, options, readState(addressIn(core, address)));
  }
}

/**
 * Takes over what `exportState` has given, on this clock: all times move by the difference of the clocks, so an open breaker
 * stays open for what was left of its delay. Listeners get no event.
 *
 * A breaker takes the state of the one breaker in `data`, whatever its name. Of a registry, those that are there already take
 * the state of theirs, the others are made. A breaker that is there keeps its options, its `id` and its listeners; its
 * tickets are late from then on; it takes a time window only if its own buckets are as long, and of a count window as many
 * calls as it holds. A breaker that is made gets the options of the data, with `classify` and `fallback` of the registry.
 *
 * Nothing happens to a breaker that was deleted.
 * @param nowMs time of the import in ms; default: the clock.
 * @throws ImportError for data of another version, truncated, damaged or foreign data; RangeError when `nowMs` is no time or
 * there is no memory; RegistryFullError beyond the limit of `limitBreakers`. Nothing is changed then, but that idle breakers
 * may have been evicted.
 */
export function importState(
  target: CircuitBreaker | CircuitBreakerRegistry,
  data: ExportedState,
  nowMs?: number,
): void {
  const clock = isBreaker(target) ? target._clock : target._engine.clock;
  const now = nowMs === undefined ? clock() : checkTime(nowMs);
  const breakers = readExport(data);
  if (!isBreaker(target)) {
    importAll(target, breakers, now);
    return;
  }
  const [breaker] = breakers;
  if (!breaker || breakers.length > 1) {
    throw new ImportError("content", `breakers must be 1 for a breaker, got ${breakers.length}`);
  }
  if (target._isRemoved) return;
  target._refresh();
  restore(target._engine, target._id >>> 0, breaker.state, now);
}

function isBreaker(target: CircuitBreaker | CircuitBreakerRegistry): target is CircuitBreaker {
  return target instanceof CircuitBreaker || "tryAcquire" in target;
}

function importAll(
  registry: CircuitBreakerRegistry,
  breakers: readonly ImportedBreaker[],
  nowMs: number,
): void {
  const { names } = registry._core;
  const missing = breakers.filter(({ name }) => !names.find(name));
  if (missing.length > 0) {
    registry._makeRoom?.(missing[0]!.name, missing.length, new Set(breakers.map(({ name }) => name)));
    createAll(registry, missing);
  }
  for (const { name, state } of breakers) restore(registry._engine, names.find(name), state, nowMs);
}

/** Makes all breakers or, when there is no memory for all, none. */
function createAll(registry: CircuitBreakerRegistry, breakers: readonly ImportedBreaker[]): void {
  const { policies } = registry._engine;
  const optionsFor = optionsReader(registry);
  const made: string[] = [];
  try {
    for (const { name, options } of breakers) {
      const policy = policies.of(optionsFor(name, options));
      const address = registry._enter(name, policy);
      made.push(name);
      // Defaults of calls are in the object of a breaker, not in memory.
      if (registry._policyAt(address, name) !== policy) registry._keep(name, address, policy);
    }
  } catch (error) {
    for (const name of made) registry.delete(name);
    throw error;
  }
}

/**
 * The options of a breaker that is made: those of the registry where they are the same but for functions, so that both share
 * a policy and the breaker can be evicted; else those of the data with the functions of the registry.
 */
function optionsReader({ _optionsFor: baseFor }: CircuitBreakerRegistry) {
  const texts = new Map<ResolvedOptions, string>();
  const results = new Map<ResolvedOptions, [base: ResolvedOptions, options: ResolvedOptions]>();
  const textOf = (options: ResolvedOptions) => {
    const text = texts.get(options) ?? JSON.stringify(options);
    texts.set(options, text);
    return text;
  };
  return (name: string, options: ResolvedOptions): ResolvedOptions => {
    const base = baseFor(name);
    const known = results.get(options);
    if (known?.[0] === base) return known[1];
    const { classify, fallback } = base;
    const isSame = textOf(base) === textOf(options);
    const result = isSame ? base : resolveOptions({ ...options, classify, fallback });
    results.set(options, [base, result]);
    return result;
  };
}

/** Writes the state of a breaker, as if it had been seen at `nowMs`; begins a new generation and writes no journal. */
function restore({ core, dispatcher }: Engine, address: number, state: BreakerState, nowMs: number): void {
  const place = addressIn(core, address);
  const generation = generationAfter(core.generationOf(address));
  writeState(place, state, Math.max(nowMs, latestOf(place)), generation);
  const listeners = dispatcher.toOne.get(address);
  dispatcher.forget(address); // why it was open
  if (listeners) dispatcher.toOne.set(address, listeners);
}
