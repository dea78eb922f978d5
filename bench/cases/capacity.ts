/** A million breakers by name: memory and time. Each reading has a process of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Library, type LibraryRegistry, loadLibrary } from "../library.ts";
import { Random } from "../random.ts";
import type { Scale } from "../section.ts";

const COUNT = 1_000_000;
const FEW = 5_000;
const SECOND_MS = 1_000;
const SHORT_WAIT_MS = 10;
const SEED = 5;

function countOf({ short }: Scale): number {
  return short ? FEW : COUNT;
}

/** Names are new strings that are dropped, like keys out of data. */
function fill(registry: LibraryRegistry, count: number): void {
  for (let number = 0; number < count; number++) registry.get(`endpoint ${number}`);
  if (registry.size !== count) throw new Error(`there are ${registry.size} breakers of ${count}`);
}

function emptyRegistry(library: Library): LibraryRegistry {
  return library.registry({ clock: () => 1 });
}

async function registryOf(scale: Scale): Promise<LibraryRegistry> {
  const registry = emptyRegistry(await loadLibrary(scale));
  fill(registry, countOf(scale));
  return registry;
}

function secondsOf(work: () => void): number {
  const startMs = performance.now();
  work();
  return (performance.now() - startMs) / SECOND_MS;
}

/** MB of the whole process. */
export async function resident(scale: Scale): Promise<number> {
  const registry = await registryOf(scale);
  const bytes = process.memoryUsage.rss();
  if (registry.size === 0) throw new Error("the registry is empty"); // so that it lives until here
  return bytes / 2 ** 20;
}

/** MB of the process without a registry. */
export async function residentBefore(scale: Scale): Promise<number> {
  await loadLibrary(scale);
  return process.memoryUsage.rss() / 2 ** 20;
}

/** s. */
export async function creation(scale: Scale): Promise<number> {
  const registry = emptyRegistry(await loadLibrary(scale));
  return secondsOf(() => fill(registry, countOf(scale)));
}

/** ns for one `get` of a name that is known, made anew each time. */
export async function lookup(scale: Scale): Promise<number> {
  const count = countOf(scale);
  const registry = await registryOf(scale);
  const random = new Random(SEED);
  const seconds = secondsOf(() => {
    for (let number = 0; number < count; number++) registry.get(`endpoint ${random.below(count)}`);
  });
  return (seconds * 1e9) / count;
}

/** s. */
export async function eviction(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const registry = emptyRegistry(library);
  const count = countOf(scale);
  fill(registry, count);
  let evicted = 0;
  const seconds = secondsOf(() => {
    evicted = library.evictIdle(registry, 2);
  });
  if (evicted !== count) throw new Error(`${evicted} of ${count} were evicted`);
  return seconds;
}

/** s for as many breakers in the memory of those that were evicted. */
export async function recreation(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const registry = emptyRegistry(library);
  fill(registry, countOf(scale));
  library.evictIdle(registry, 2);
  return secondsOf(() => fill(registry, countOf(scale)));
}

/** Timers, handles and requests that the registry and its breakers hold. */
export async function activeHandles(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const before = process.getActiveResourcesInfo().length;
  const registry = emptyRegistry(library);
  fill(registry, countOf(scale));
  return process.getActiveResourcesInfo().length - before + (registry.size === 0 ? 1 : 0);
}

/** ms of processor time in a second without calls; the second before is the collector's. */
export async function idleTime(scale: Scale): Promise<number> {
  const waitMs = scale.short ? SHORT_WAIT_MS : SECOND_MS;
  const registry = await registryOf(scale);
  await sleep(waitMs);
  const start = process.cpuUsage();
  await sleep(waitMs);
  const { user, system } = process.cpuUsage(start);
  if (registry.size === 0) throw new Error("the registry is empty"); // so that it lives until here
  return (user + system) / 1_000;
}
