/** What the tests of exports begin with. */

import { crc32 } from "../../src/breaker/archive/checksum.ts";
import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import type { Flavour } from "../flavours.ts";

export type Registry = ReturnType<Flavour["createRegistry"]>;
export type Breaker = ReturnType<Registry["get"]>;

/** A registry whose clock shows what was last set. */
export function stage(flavour: Flavour, defaults: CircuitBreakerOptions = {}, nowMs = 0) {
  const clock = { nowMs };
  const registry = flavour.createRegistry({ defaults, seed: 1, clock: () => clock.nowMs });
  return { registry, clock };
}

/** That many calls, admitted and reported at once. */
export function report(breaker: Breaker, nowMs: number, outcome: "success" | "failure", calls = 1): void {
  for (let i = 0; i < calls; i++) {
    const ticket = breaker.tryAcquire(nowMs);
    if (outcome === "success") breaker.onSuccess(ticket, nowMs);
    else breaker.onFailure(ticket, nowMs);
  }
}

/** Where the head of an archive has its size and its checksum, and where the head ends. */
const SIZE_AT = 12;
export const CHECKSUM_AT = 16;
export const HEAD_SIZE = 20;

/** The bytes with a checksum that is right: what a forger would write. */
export function reseal(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(SIZE_AT, copy.length, true);
  view.setUint32(CHECKSUM_AT, crc32(copy.subarray(HEAD_SIZE), crc32(copy.subarray(0, CHECKSUM_AT))), true);
  return copy;
}
