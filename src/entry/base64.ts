/** Bytes that travel as text inside JavaScript: runs everywhere, needs no file and no fetch. */
import type { Delivery } from "../core/exports.ts";

/** A build of the core as base64; compiled when first asked for, once for all registries. */
export function deliver(flavour: string, shared: boolean, base64: () => string): Delivery {
  let module: WebAssembly.Module | undefined;
  return {
    flavour,
    shared,
    module: () => {
      module ??= new WebAssembly.Module(decode(base64()));
      return module;
    },
  };
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
