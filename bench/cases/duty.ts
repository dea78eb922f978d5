/** What a thread of a crew is told. */
import type { PlacedPolicy } from "../../src/core/core.ts";

export interface Duty {
  /** Cells as in GATE. */
  readonly gate: Int32Array<SharedArrayBuffer>;
  readonly threads: number;
  /** Which of the threads it is, from 0. */
  readonly number: number;
  /** Of this thread in one run; a power of two. */
  readonly outcomes: number;
  readonly task:
    | { readonly kind: "swap" }
    | {
        readonly kind: "breakers";
        readonly memory: WebAssembly.Memory;
        readonly token: number;
        readonly addresses: Uint32Array;
        readonly policy: PlacedPolicy;
      };
}
