/**
 * `bluesmoke/auto`: the library with the core that may run here, decided where it runs. Importing it does nothing yet;
 * `load` fetches one of both, so that a page that compiles WebAssembly never carries the other.
 * @module bluesmoke/auto
 */
import type { CircuitBreaker, CircuitBreakerRegistry } from "./main.ts";

export * from "../breaker/index.ts";

/** What `load` gives. Both flavours have the same classes and answer the same, bit for bit. */
export interface Library {
  /** Which core it is. */
  readonly flavour: "release" | "js";
  /** As `bluesmoke` exports it. */
  readonly CircuitBreaker: typeof CircuitBreaker;
  /** As `bluesmoke` exports it. */
  readonly CircuitBreakerRegistry: typeof CircuitBreakerRegistry;
}

/** The shortest module that there is: its magic number and version. */
const EMPTY_MODULE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

let loaded: Promise<Library> | undefined;

/** The library over WebAssembly, or over plain JavaScript where WebAssembly is refused. Decided once. */
export function load(): Promise<Library> {
  loaded ??= (isWasmAllowed() ? loadWasm() : loadJavaScript()).catch((error: unknown) => {
    loaded = undefined; // what could not be fetched may be there the next time
    throw error;
  });
  return loaded;
}

async function loadWasm(): Promise<Library> {
  const { CircuitBreaker, CircuitBreakerRegistry } = await import("./main.ts");
  return { flavour: "release", CircuitBreaker, CircuitBreakerRegistry };
}

async function loadJavaScript(): Promise<Library> {
  const { CircuitBreaker, CircuitBreakerRegistry } = await import("./js.ts");
  return { flavour: "js", CircuitBreaker, CircuitBreakerRegistry };
}

/** A page that refuses reports the attempt as a violation of its policy, once. */
function isWasmAllowed(): boolean {
  try {
    new WebAssembly.Module(new Uint8Array(EMPTY_MODULE));
    return true;
  } catch {
    return false;
  }
}
