/** Registries and many breakers as a whole: seconds, microseconds, bytes. Each reading in a process of its own. */
import { type Library, type LibraryRegistry, loadLibrary } from "../library.ts";
import type { Scale } from "../section.ts";
import { collector } from "./allocation.ts";
import { OPTIONS } from "./options.ts";

const BREAKERS = 1_000_000;
const FEW_BREAKERS = 5_000;
const OPTION_SETS = 4_000;
const FEW_OPTION_SETS = 200;
const REGISTRIES = 1_000;
const FEW_REGISTRIES = 50;
const MS_PER_S = 1_000;
const MIB = 2 ** 20;

async function secondsOf(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / MS_PER_S;
}

function fill(registry: LibraryRegistry, count: number): void {
  for (let number = 0; number < count; number++) registry.get(`endpoint ${number}`);
  if (registry.size !== count) throw new Error(`there are ${registry.size} breakers of ${count}`);
}

function filled(library: Library, { short }: Scale): LibraryRegistry {
  const registry = library.registry({ defaults: OPTIONS, clock: () => 1 });
  fill(registry, short ? FEW_BREAKERS : BREAKERS);
  return registry;
}

/** s for one breaker each of 4,000 sets of options that differ in one number. */
export async function optionSets(scale: Scale): Promise<number> {
  const registry = (await loadLibrary(scale)).registry();
  const count = scale.short ? FEW_OPTION_SETS : OPTION_SETS;
  return secondsOf(() => {
    for (let number = 0; number < count; number++) {
      const detector = { kind: "success_rate_over_time_window", windowMs: 10_000 + number };
      registry.get(`endpoint ${number}`, { ...OPTIONS, detector });
    }
  });
}

/** s to export a million breakers. */
export async function exporting(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const registry = filled(library, scale);
  return secondsOf(() => library.exportState(registry));
}

/** µs for a registry with one breaker; all are kept. */
export async function creatingRegistries(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const count = scale.short ? FEW_REGISTRIES : REGISTRIES;
  const kept: LibraryRegistry[] = [];
  library.registry().get("endpoint"); // compiles the module
  const seconds = await secondsOf(() => {
    for (let number = 0; number < count; number++) {
      const registry = library.registry();
      registry.get("endpoint");
      kept.push(registry);
    }
  });
  return (seconds * 1e6) / kept.length;
}

/** kB of the process for a registry with one breaker. */
export async function bytesOfRegistries(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const collect = collector();
  library.registry().get("endpoint");
  collect();
  const before = process.memoryUsage.rss();
  const kept: LibraryRegistry[] = [];
  const count = scale.short ? FEW_REGISTRIES : REGISTRIES;
  for (let number = 0; number < count; number++) {
    const registry = library.registry();
    registry.get("endpoint");
    kept.push(registry);
  }
  collect();
  return Math.max(0, process.memoryUsage.rss() - before) / kept.length / 1_024;
}

/** MB of the process that a million breakers add, none of whose objects the caller keeps. */
export async function memoryOfBreakers(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const collect = collector();
  collect();
  const before = process.memoryUsage.rss();
  const registry = filled(library, scale);
  collect();
  const added = Math.max(0, process.memoryUsage.rss() - before) / MIB;
  if (registry.size === 0) throw new Error("the registry is empty"); // so that it lives until here
  return added;
}

/** Bytes on the heap of each breaker whose object the caller keeps, beyond those that are there anyway. */
export async function bytesOfKeptObjects(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const collect = collector();
  const registry = library.registry({ defaults: OPTIONS, clock: () => 1 });
  const count = scale.short ? FEW_BREAKERS : 100_000;
  fill(registry, count);
  const kept = new Array<unknown>(count).fill(undefined);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let number = 0; number < count; number++) kept[number] = registry.get(`endpoint ${number}`);
  collect();
  const after = process.memoryUsage().heapUsed;
  if (kept.length === 0 || registry.size === 0) throw new Error("nothing is kept"); // so that both live until here
  return Math.max(0, after - before) / count;
}

/** Bytes on the heap that breakers take whose objects the caller does not keep: names, and objects that the registry keeps. */
export async function heapOfBreakers(scale: Scale): Promise<number> {
  const library = await loadLibrary(scale);
  const collect = collector();
  library.registry().get("endpoint");
  collect();
  const before = process.memoryUsage().heapUsed;
  const registry = library.registry({ defaults: OPTIONS, clock: () => 1 });
  const count = scale.short ? FEW_BREAKERS : 100_000;
  fill(registry, count);
  collect();
  const after = process.memoryUsage().heapUsed;
  if (registry.size === 0) throw new Error("the registry is empty"); // so that it lives until here
  return Math.max(0, after - before) / count;
}
