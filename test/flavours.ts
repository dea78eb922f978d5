/** Every build of the core for one thread, behind the same library. */
import { instantiateSync } from "@assemblyscript/loader";
import { debugText } from "../build/debug.ts";
import { releaseText } from "../build/release.ts";
import { sharedText } from "../build/shared.ts";
import { smallText } from "../build/small.ts";
import { createCore } from "../src/breaker/engine.ts";
import { CircuitBreakerRegistry, type RegistryOptions } from "../src/breaker/registry.ts";
import type { CoreExports, CoreModule } from "../src/core/module.ts";
import { decodeText } from "../src/core/wasm-text.ts";
import { coreModule as javascript } from "../src/entry/javascript.ts";
import { createSharedRegistry } from "../src/entry/threads.ts";
import { inlineModule } from "../src/entry/wasm.ts";

export interface Flavour {
  readonly name: string;
  readonly module: CoreModule;
  createRegistry(options?: RegistryOptions): CircuitBreakerRegistry;
}

function flavourOf(module: CoreModule): Flavour {
  return {
    name: module.flavour,
    module,
    createRegistry: (options) => new CircuitBreakerRegistry(options, createCore(options?.seed, module)),
  };
}

/** The build with assertions: the loader of AssemblyScript decodes their messages. */
const debug: CoreModule = {
  ...inlineModule("debug", false, debugText),
  instantiate: (heap) =>
    instantiateSync<Record<string, unknown>>(decodeText(debugText), {
      env: { memory: heap as WebAssembly.Memory },
    }).exports as unknown as CoreExports,
};

/** The builds that are Wasm modules. */
export const WASM_FLAVOURS: readonly Flavour[] = [
  flavourOf(debug),
  flavourOf(inlineModule("release", false, releaseText)),
  flavourOf(inlineModule("small", false, smallText)),
];

/** Those, and the one in plain JavaScript. */
export const FLAVOURS: readonly Flavour[] = [...WASM_FLAVOURS, flavourOf(javascript)];

/** Those, and the one for threads, in one of them. */
export const ALL_FLAVOURS: readonly Flavour[] = [
  ...FLAVOURS,
  {
    name: "shared",
    module: inlineModule("shared", true, sharedText),
    createRegistry: (options) => createSharedRegistry({ threads: 1, ...options }),
  },
];
