/** Every build of the core that there is, behind the same library. */
import { debugBase64 } from "../build/debug.ts";
import { releaseBase64 } from "../build/release.ts";
import { sharedBase64 } from "../build/shared.ts";
import { GuardedBreaker } from "../src/breaker/breaker.ts";
import { Registry, type RegistryOptions } from "../src/breaker/registry.ts";
import type { Delivery } from "../src/core/exports.ts";
import { deliver } from "../src/entry/base64.ts";

export interface Flavour {
  readonly name: string;
  readonly delivery: Delivery;
  createRegistry(options?: RegistryOptions): Registry;
}

function flavour(name: string, shared: boolean, base64: string): Flavour {
  const delivery = deliver(name, shared, () => base64);
  return {
    name,
    delivery,
    createRegistry: (options) =>
      new Registry(delivery, (endpoint, slot, board) => new GuardedBreaker(endpoint, slot, board), options),
  };
}

export const FLAVOURS: readonly Flavour[] = [
  flavour("debug", false, debugBase64),
  flavour("release", false, releaseBase64),
  flavour("shared", true, sharedBase64),
];
