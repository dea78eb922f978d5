/** What a benchmark is made of: sections of cases, and comparisons between them. */
import type { PeerName } from "./peers.ts";

/** What a case has made ready to be measured. */
export interface Work {
  /** Operations in one `run`. */
  readonly operations: number;
  /** `run` gives a promise to wait for. */
  readonly waits: boolean;
  /** Does them. Called as often as the measuring needs. */
  run(): void | Promise<void>;
  /** Throws when the runs so far did not do what they claim to have done. */
  verify(): void;
}

/** How large a case shall be. */
export interface Scale {
  /** A short run: less data, so that it only proves that the case works. */
  readonly short: boolean;
}

/** One thing that is measured, in a process of its own. */
export interface Case {
  /** `<operation>, <situation>`; unique in its section. */
  readonly name: string;
  /** The case of this section that its ratio refers to; default: the first case. */
  readonly baseline?: string;
  /** The package of bench/compare that it measures. The first case of a peer in a group of one baseline is what ratios to that peer refer to. */
  readonly peer?: PeerName;
  prepare(scale: Scale): Work | Promise<Work>;
}

/** A number that is read once and not against a clock, in a process of its own: bytes, seconds. */
export interface Reading {
  /** What is read; unique in its section. */
  readonly name: string;
  readonly unit: string;
  /** It is to be at most that; default: there is no target. */
  readonly target?: number;
  /** The package of bench/compare that it needs. */
  readonly peer?: PeerName;
  /** NaN: it cannot be read here. */
  take(scale: Scale): number | Promise<number>;
}

/**
 * A figure about a case, mostly a claim: beside another one or alone,
 * judged by the median over all rounds. Without `to` the figure is absolute: ns for an operation, or operations a second.
 */
export interface Comparison {
  /** What is compared, as one phrase. */
  readonly what: string;
  readonly of: string;
  readonly to?: string;
  /** Subtracted from the times of both first: the floor that they stand on. */
  readonly above?: string;
  /** "time": how long `of` takes, or how many times as long; "rate": how many operations it does a second, or how many times as many. */
  readonly by: "time" | "rate";
  /** A time is to be at most, a rate at least that; default: there is no target, the figure stands beside others. */
  readonly target?: number;
}

export interface Section {
  /** For `--filter`. */
  readonly name: string;
  readonly title: string;
  /** What an operation is, such as "call". */
  readonly operation: string;
  readonly cases: readonly Case[];
  readonly comparisons: readonly Comparison[];
  readonly readings?: readonly Reading[];
  /** Throws when the cases would compare what is not the same. Called once, before anything is measured. */
  check?(scale: Scale): void;
}
