/** The parts of a benchmark: sections of cases, and comparisons between them. */
import type { Scoreboard } from "./goodput/scoreboard.ts";
import type { PeerName } from "./peers.ts";

/** A prepared case. */
export interface Work {
  /** Operations in one `run`. */
  readonly operations: number;
  /** `run` returns a promise. */
  readonly waits: boolean;
  /** Does the operations; called many times. */
  run(): void | Promise<void>;
  /** @throws Error when the checksum of the runs is wrong */
  verify(): void;
}

/** The size of a case, and the build that it measures. */
export interface Scale {
  /** A short run: less data, so that it only proves that the case works. */
  readonly short: boolean;
  /** All settings of a section that otherwise plays a part of them. Default: false. */
  readonly full?: boolean;
  /** Path of the package whose build is measured; default: this repository. Cases of `library.ts` observe it. */
  readonly build?: string;
}

/** One measured operation, in a process of its own. */
export interface Case {
  /** `<operation>, <situation>`; unique in its section. */
  readonly name: string;
  /** The case of this section that its ratio refers to; default: the first case. */
  readonly baseline?: string;
  /** The package of bench/compare that it measures. Ratios to a peer refer to its first case with the same baseline. */
  readonly peer?: PeerName;
  /** It measures the library through `library.ts`: compare-builds.mjs can run it against two builds. Default: false. */
  readonly ofBuild?: boolean;
  /** How many times as long as with the older build it may take in compare-builds.mjs; default: 1.05. */
  readonly buildBound?: number;
  prepare(scale: Scale): Work | Promise<Work>;
}

/** A number that is read once, in a process of its own: bytes, seconds. */
export interface Reading {
  /** Unique in its section. */
  readonly name: string;
  readonly unit: string;
  /** The maximum; default: there is no target. */
  readonly target?: number;
  /** The package of bench/compare that it needs. */
  readonly peer?: PeerName;
  /** As of a case. */
  readonly ofBuild?: boolean;
  /** How many times the reading of the older build the newer may be in compare-builds.mjs; default: 1.05. */
  readonly buildBound?: number;
  /** NaN: it cannot be read here. */
  take(scale: Scale): number | Promise<number>;
}

/**
 * A figure about a case, mostly with a target: the median over all rounds.
 * Without `to` it is absolute: ns for an operation, or operations a second.
 */
export interface Comparison {
  /** The comparison as one phrase. */
  readonly what: string;
  readonly of: string;
  readonly to?: string;
  /** A case whose time is subtracted from both first. */
  readonly above?: string;
  /** "time": the time of `of`, or its ratio to that of `to`; "rate": the same of operations a second. */
  readonly by: "time" | "rate";
  /** The maximum of a time, the minimum of a rate; default: there is no target. */
  readonly target?: number;
}

export interface Section {
  /** For `--filter`. */
  readonly name: string;
  readonly title: string;
  /** The name of an operation, such as "call". */
  readonly operation: string;
  readonly cases: readonly Case[];
  readonly comparisons: readonly Comparison[];
  readonly readings?: readonly Reading[];
  /** A simulation in simulated time, played once, in the process of the scheduler. `report` is called with each step. */
  play?(scale: Scale, report: (step: string) => void): Promise<Scoreboard>;
  /** Called once, before the first round. @throws Error when the cases do not do the same */
  check?(scale: Scale): void;
}
