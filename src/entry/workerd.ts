/**
 * `bluesmoke` on workerd, which compiles no bytes: the release build of the core arrives as a module of its own, which
 * the runtime has compiled before. Importing it does nothing yet.
 */
import module from "../../build/release.wasm";
import { GuardedBreaker } from "../breaker/breaker.ts";
import { type CircuitBreakerOptions, resolveOptions } from "../breaker/options/options.ts";
import { Registry, type RegistryOptions } from "../breaker/registry.ts";
import { type Slot, Switchboard } from "../breaker/switchboard.ts";
import { deliverModule } from "./wasm.ts";

export * from "../breaker/index.ts";

const RELEASE = /* @__PURE__ */ deliverModule("release", module);

let board: Switchboard | undefined;

/** Where breakers live that belong to no registry. */
function ownBoard(): Switchboard {
  board ??= new Switchboard(RELEASE);
  return board;
}

/** A circuit breaker for one endpoint. */
export class CircuitBreaker extends GuardedBreaker {
  /** @throws OptionError for bad options, TypeError for a bad name. */
  constructor(name: string, options?: CircuitBreakerOptions);
  /** @internal A breaker of a registry. */
  constructor(name: string, slot: Slot, home: Switchboard);
  constructor(name: string, options?: CircuitBreakerOptions | Slot, home?: Switchboard) {
    const board = home ?? ownBoard();
    super(name, home ? (options as Slot) : board.admit(name, resolveOptions(options)), board);
  }
}

/** Breakers by endpoint, in one memory. Synchronous; needs no size in advance. */
export class CircuitBreakerRegistry extends Registry<CircuitBreaker> {
  /** @throws OptionError for bad defaults, RangeError for a bad seed. */
  constructor(options?: RegistryOptions) {
    super(RELEASE, (name, slot, home) => new CircuitBreaker(name, slot, home), options);
  }
}
