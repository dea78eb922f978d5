/** Every build of the core that there is, behind the same library. */
import { debugBase64 } from "../build/debug.ts";
import { releaseBase64 } from "../build/release.ts";
import { sharedBase64 } from "../build/shared.ts";
import { GuardedBreaker } from "../src/breaker/breaker.ts";
import { Registry, type RegistryOptions } from "../src/breaker/registry.ts";
import type { Delivery } from "../src/core/exports.ts";
import { deliver, type WasmDelivery } from "../src/entry/base64.ts";
import { JAVASCRIPT } from "../src/entry/javascript.ts";

export interface Flavour {
  readonly name: string;
  readonly delivery: Delivery;
  createRegistry(options?: RegistryOptions): Registry;
}

function flavourOf<Kind extends Delivery>(delivery: Kind): Flavour & { readonly delivery: Kind } {
  return {
    name: delivery.flavour,
    delivery,
    createRegistry: (options) =>
      new Registry(delivery, (endpoint, slot, board) => new GuardedBreaker(endpoint, slot, board), options),
  };
}

/** The builds that are Wasm modules. */
export const WASM_FLAVOURS: readonly (Flavour & { readonly delivery: WasmDelivery })[] = [
  flavourOf(deliver("debug", false, () => debugBase64)),
  flavourOf(deliver("release", false, () => releaseBase64)),
  flavourOf(deliver("shared", true, () => sharedBase64)),
];

/** Those, and the one in plain JavaScript. */
export const FLAVOURS: readonly Flavour[] = [...WASM_FLAVOURS, flavourOf(JAVASCRIPT)];
