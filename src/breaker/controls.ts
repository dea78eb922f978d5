/** What is done to a breaker from outside: switched, reset, held open. */
import type { Core } from "../core/core.ts";
import { Calls } from "./call/calls.ts";
import type { Mode } from "./options/options.ts";
import { MODE_CODES } from "./options/policy.ts";
import { checkTime } from "./time/clock.ts";

/** @internal Changes a breaker in a core; bits, negative while another thread has it. */
export type Change = (core: Core, breaker: number, stripe: number, nowMs: number) => number;

/** The part of a breaker that whoever operates it uses. */
export abstract class Controls extends Calls {
  /** @internal Makes a change, however often that has to be tried; tells what came of it. */
  protected abstract change(by: Change, nowMs: number | undefined): void;

  /** While it is open: lets it stay open at least until then (such as a `Retry-After` asks for). */
  holdOpen(untilMs: number, nowMs?: number): void {
    const until = checkTime(untilMs);
    this.change((core, breaker, stripe, now) => core.hold(breaker, stripe, until, now), nowMs);
  }

  /** Refuses everything until `enable`, `disable` or `shadow`; no time heals it. */
  forceOpen(nowMs?: number): void {
    this.switchTo("forced_open", nowMs);
  }

  /** Judges and refuses; from another mode it starts closed with an empty window at level 0. */
  enable(nowMs?: number): void {
    this.switchTo("enabled", nowMs);
  }

  /** Passes everything and counts nothing. */
  disable(nowMs?: number): void {
    this.switchTo("disabled", nowMs);
  }

  /** Counts, judges and tells what it would have done, and refuses nothing. */
  shadow(nowMs?: number): void {
    this.switchTo("shadow", nowMs);
  }

  /** Starts over in its mode: closed (unless forced open), empty window, level 0. */
  reset(nowMs?: number): void {
    this.change((core, breaker, stripe, now) => core.reset(breaker, stripe, now), nowMs);
  }

  /** @internal */
  protected switchTo(mode: Mode, nowMs: number | undefined): void {
    this.change((core, breaker, stripe, now) => core.switchTo(breaker, stripe, MODE_CODES[mode], now), nowMs);
  }
}
