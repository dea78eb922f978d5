/** A million breakers by name: what they take, and how long to make. Each reading in a process of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CircuitBreakerOptions } from "../../src/breaker/options/options.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { Chance } from "../chance.ts";
import type { Scale } from "../section.ts";
import { median } from "../statistics.ts";
import { rawBreakers } from "./subjects.ts";

const COUNT = 1_000_000;
const FEW = 5_000;
const SECOND_MS = 1_000;
const SHORT_WAIT_MS = 10;
const SEED = 5;

function countOf({ short }: Scale): number {
  return short ? FEW : COUNT;
}

/** Names are made and dropped on the way, as keys are that come out of data. */
function fill(registry: CircuitBreakerRegistry, count: number): void {
  for (let number = 0; number < count; number++) registry.get(`endpoint ${number}`);
  if (registry.size !== count) throw new Error(`there are ${registry.size} breakers of ${count}`);
}

function registryWith(count: number): CircuitBreakerRegistry {
  const registry = new CircuitBreakerRegistry({ clock: () => 1 });
  fill(registry, count);
  return registry;
}

function secondsOf(work: () => void): number {
  const startMs = performance.now();
  work();
  return (performance.now() - startMs) / SECOND_MS;
}

const SLOW_CALLS: CircuitBreakerOptions = {
  detector: { kind: "success_rate_over_time_window", buckets: 10, slowCallMs: 100 },
};

/** Bytes of linear memory from one breaker to the next, without names: ten buckets, slow calls, one stripe. */
export function bytesOfOne(): number {
  const { addresses } = rawBreakers(100, SLOW_CALLS);
  const distances = addresses.slice(1).map((address, before) => address - addresses[before]!); // one less
  return median([...distances]); // here and there a block of names lies between two
}

/** Bytes of linear memory by breaker, with its name, its place in the directory, and what growth has left over. */
export function bytesWithName(scale: Scale): number {
  const count = countOf(scale);
  const { core, addresses } = rawBreakers(1);
  const policy = core.policyOf(addresses[0]!); // one was made
  for (let number = 0; number < count; number++) core.endpoints.findOrCreate(`endpoint ${number}`, policy);
  return core.memory.memory.buffer.byteLength / count;
}

/** MB of the whole process. */
export function resident(scale: Scale): number {
  const registry = registryWith(countOf(scale));
  const bytes = process.memoryUsage.rss();
  if (registry.size === 0) throw new Error("the registry is empty"); // so that it lives until here
  return bytes / 2 ** 20;
}

/** MB of the process without a registry. */
export function residentBefore(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}

/** s. */
export function creation(scale: Scale): number {
  const registry = new CircuitBreakerRegistry({ clock: () => 1 });
  return secondsOf(() => fill(registry, countOf(scale)));
}

/** ns for one `get` of a name that is known. */
export function lookup(scale: Scale): number {
  const count = countOf(scale);
  const registry = registryWith(count);
  const chance = new Chance(SEED);
  const seconds = secondsOf(() => {
    for (let number = 0; number < count; number++) registry.get(`endpoint ${chance.below(count)}`);
  });
  return (seconds * 1e9) / count;
}

/** s. */
export function eviction(scale: Scale): number {
  const count = countOf(scale);
  const registry = registryWith(count);
  let evicted = 0;
  const seconds = secondsOf(() => {
    evicted = registry.evictIdle(2);
  });
  if (evicted !== count) throw new Error(`${evicted} of ${count} were evicted`);
  return seconds;
}

/** s for as many breakers in the memory of those that were evicted. */
export function recreation(scale: Scale): number {
  const registry = registryWith(countOf(scale));
  registry.evictIdle(2);
  return secondsOf(() => fill(registry, countOf(scale)));
}

/** Timers, handles and requests that the registry and its breakers hold. */
export function activeHandles(scale: Scale): number {
  const before = process.getActiveResourcesInfo().length;
  const registry = registryWith(countOf(scale));
  return process.getActiveResourcesInfo().length - before + (registry.size === 0 ? 1 : 0);
}

/** ms of processor time in a second in which nobody calls; the second before is the collector's. */
export async function idleTime(scale: Scale): Promise<number> {
  const waitMs = scale.short ? SHORT_WAIT_MS : SECOND_MS;
  const registry = registryWith(countOf(scale));
  await sleep(waitMs);
  const start = process.cpuUsage();
  await sleep(waitMs);
  const { user, system } = process.cpuUsage(start);
  if (registry.size === 0) throw new Error("the registry is empty"); // so that it lives until here
  return (user + system) / 1_000;
}
