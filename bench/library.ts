/**
 * The adapter: a build of the library by the path of its package, behind one interface.
 *
 * Cases that use it can measure two builds in one run (compare-builds.mjs), also one of version 0.1. A case calls the
 * methods of the build itself; only what 0.1 spelt in another way goes through a function here.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./root.ts";
import type { Scale } from "./section.ts";

/** What a call is given; of 0.1 its signal instead. */
export interface CallObject {
  readonly signal: AbortSignal;
}

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly fallback?: (error: unknown, refused: boolean) => number;
}

/** What is used of a breaker. Times in ms. */
export interface LibraryBreaker {
  execute(fn: (call: never) => PromiseLike<number>, options?: CallOptions): Promise<number>;
  executeSync(fn: () => number): number;
  wrap(fn: () => PromiseLike<number>): () => Promise<number>;
  tryAcquire(nowMs?: number): number;
  onSuccess(ticket: number, nowMs?: number, durationMs?: number): void;
  onFailure(ticket: number, nowMs?: number, durationMs?: number): void;
  snapshot(nowMs?: number): { readonly state: string; readonly calls: number };
  forceOpen(): void;
  enable(): void;
  readonly id: number;
  readonly state: string;
}

/** What is used of a registry. */
export interface LibraryRegistry {
  get(name: string, options?: object): LibraryBreaker;
  on(kind: string, listener: (event: unknown) => void): () => void;
  readonly size: number;
}

/** Columns of a batch; taken again after a breaker is made. */
export interface LibraryBatch {
  readonly breakers: Uint32Array;
  readonly outcomes: Uint8Array;
}

/** What is used of a graph of the flow. */
export interface LibraryGraph {
  attach(port: string, sink: object): void;
  start(nowMs: number): Promise<void>;
  push(source: number, item: { readonly data: object }, nowMs: number): void;
  readonly accounting?: { readonly delivered: number };
  /** Its name in version 0.1. */
  readonly ledger?: { readonly delivered: number };
}

/** What a call does with its signal. */
type WithSignal = (signal: AbortSignal) => PromiseLike<number>;

/** A build. */
export interface Library {
  readonly version: string;
  /** The file of its main entry, for `import`. */
  readonly entry: string;
  /** The file of its command. */
  readonly command: string;
  registry(options?: object): LibraryRegistry;
  /** A registry for threads, attached by this thread only. */
  sharedRegistry(options?: object): Promise<LibraryRegistry>;
  /** `breaker.execute(({ signal }) => use(signal), options)` as a function of no arguments: a new closure each time. */
  reading(breaker: LibraryBreaker, use: WithSignal, options?: CallOptions): () => Promise<number>;
  /** The same with a function that takes the call object, or the signal, and leaves it unread. */
  ignoring(breaker: LibraryBreaker, call: () => PromiseLike<number>): () => Promise<number>;
  /** Adds an observer of calls. @throws Error where the build has none */
  observeCalls(registry: LibraryRegistry, observer: () => void): void;
  exportState(registry: LibraryRegistry): unknown;
  evictIdle(registry: LibraryRegistry, nowMs: number): number;
  createBatch(registry: LibraryRegistry, size: number): LibraryBatch;
  acquireBatch(registry: LibraryRegistry, batch: LibraryBatch, count: number, nowMs: number): void;
  reportBatch(registry: LibraryRegistry, batch: LibraryBatch, count: number, nowMs: number): void;
  /** A graph of trickle source over a registry, whose port `out` acknowledges at once. */
  deploy(source: string, registry: LibraryRegistry): Promise<LibraryGraph>;
  /** Runs the events of a file through a graph that was not started. @returns how many were delivered */
  ship(graph: LibraryGraph, path: string): Promise<number>;
}

type Unknown = Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;
type RegistryClass = new (options?: object) => LibraryRegistry;

/** The conditions of Node's `import`. */
const CONDITIONS = ["node", "import", "module-sync", "default"];

/** The package of a build: `scale.build`, or this repository. @throws Error when it is not built */
export function buildPath({ build }: Pick<Scale, "build">): string {
  return build ?? ROOT;
}

/** The file that a package exports under a subpath. @throws Error when there is none */
export function entryFile(root: string, subpath: string): string {
  const { exports } = manifestOf(root);
  const file = resolveTarget((exports as Readonly<Record<string, unknown>>)[subpath]);
  const path = join(root, file ?? "");
  if (file === undefined || !existsSync(path)) {
    throw new Error(`${root} has no "${subpath}": build it with npm run build`);
  }
  return path;
}

/** Loads a build. */
export async function loadLibrary(scale: Pick<Scale, "build">): Promise<Library> {
  const root = buildPath(scale);
  const entry = entryFile(root, ".");
  const main = (await import(pathToFileURL(entry).href)) as Unknown & {
    readonly CircuitBreakerRegistry: RegistryClass;
  };
  const { version, bin } = manifestOf(root);
  const load = async (subpath: string) =>
    (await import(pathToFileURL(entryFile(root, subpath)).href)) as Unknown;
  const build = { version, entry, command: join(root, Object.values(bin)[0] ?? "") };
  const { CircuitBreakerRegistry } = main;
  const registry = (options?: object) => new CircuitBreakerRegistry(options);
  const deploy = async (source: string, over: LibraryRegistry) => {
    const [{ compile }, { NullSink }] = (await Promise.all([
      load("./trickle"),
      load("./connect"),
    ])) as unknown as [
      { compile: (text: string) => { deploy(options: object): LibraryGraph } },
      { NullSink: new () => object },
    ];
    const graph = compile(source).deploy({ registry: over });
    graph.attach("out", new NullSink());
    return graph;
  };
  const ship = async (graph: LibraryGraph, path: string) => {
    const [{ openSource }, { runFlow }] = (await Promise.all([
      load("./connect"),
      load("./flow"),
    ])) as unknown as [
      { openSource: (path: string) => Promise<object> },
      { runFlow: (parts: object) => Promise<{ readonly delivered: number }> },
    ];
    return (await runFlow({ graph, source: await openSource(path) })).delivered;
  };
  const common = { ...build, registry, deploy, ship };
  return isFirstVersion(main) ? firstVersion(common, main) : { ...common, ...currentForms(main, load) };
}

/** 0.1 exports from a registry by a method. */
function isFirstVersion({ CircuitBreakerRegistry }: { readonly CircuitBreakerRegistry: RegistryClass }) {
  return "export" in CircuitBreakerRegistry.prototype;
}

type Common = Pick<Library, "version" | "entry" | "command" | "registry" | "deploy" | "ship">;

function currentForms(
  main: Unknown,
  load: (subpath: string) => Promise<Unknown>,
): Omit<Library, keyof Common> {
  const { exportState, evictIdle, createBatch, observeCalls } = main as unknown as Library;
  const { acquireBatch, reportBatch } = main as unknown as Record<
    "acquireBatch" | "reportBatch",
    (batch: LibraryBatch, count: number, nowMs: number) => void
  >;
  return {
    exportState,
    evictIdle,
    createBatch,
    observeCalls,
    acquireBatch: (_registry, batch, count, nowMs) => acquireBatch(batch, count, nowMs),
    reportBatch: (_registry, batch, count, nowMs) => reportBatch(batch, count, nowMs),
    sharedRegistry: async (options = {}) => {
      const { createSharedRegistry } = await load("./threads");
      return createSharedRegistry!({ threads: 2, ...options }) as LibraryRegistry;
    },
    reading: (breaker, use, options) =>
      options === undefined
        ? () => breaker.execute(({ signal }: CallObject) => use(signal))
        : () => breaker.execute(({ signal }: CallObject) => use(signal), options),
    ignoring: (breaker, call) => () => breaker.execute((_call: CallObject) => call()),
  };
}

/** The names of 0.1. */
function firstVersion(common: Common, main: { readonly CircuitBreakerRegistry: RegistryClass }): Library {
  interface Methods {
    export(): unknown;
    evictIdle(nowMs: number): number;
    batch(size: number): LibraryBatch;
    acquireBatch(batch: LibraryBatch, count: number, nowMs: number): void;
    reportBatch(batch: LibraryBatch, count: number, nowMs: number): void;
  }
  const methods = (registry: LibraryRegistry) => registry as unknown as Methods;
  const { CircuitBreakerRegistry } = main as unknown as {
    readonly CircuitBreakerRegistry: { shared(options: object): LibraryRegistry };
  };
  const shared = (options: object) => CircuitBreakerRegistry.shared(options);
  return {
    ...common,
    exportState: (registry) => methods(registry).export(),
    evictIdle: (registry, nowMs) => methods(registry).evictIdle(nowMs),
    createBatch: (registry, size) => methods(registry).batch(size),
    observeCalls: () => {
      throw new Error("0.1 has no observers of calls");
    },
    acquireBatch: (registry, batch, count, nowMs) => methods(registry).acquireBatch(batch, count, nowMs),
    reportBatch: (registry, batch, count, nowMs) => methods(registry).reportBatch(batch, count, nowMs),
    sharedRegistry: async (options = {}) => shared({ threads: 2, ...options }),
    reading: (breaker, use, options) =>
      options === undefined
        ? () => breaker.execute((signal: AbortSignal) => use(signal))
        : () => breaker.execute((signal: AbortSignal) => use(signal), options),
    ignoring: (breaker, call) => () => breaker.execute((_signal: AbortSignal) => call()),
  };
}

interface Manifest {
  readonly version: string;
  readonly exports: unknown;
  readonly bin: Readonly<Record<string, string>>;
}

function manifestOf(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
}

/** The first condition that Node meets. */
function resolveTarget(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const found = CONDITIONS.includes(condition) ? resolveTarget(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
