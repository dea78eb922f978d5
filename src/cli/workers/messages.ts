/** Messages between the main thread of a run and its workers. */
import type { LineRange } from "../../ndjson/ranges.ts";
import type { RegistryHandle } from "../../threads/shared-registry.ts";
import type { ExitCode } from "../base/exit.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { RunSnapshot } from "../view/snapshot.ts";

/** All that a worker is made of. */
export interface WorkerParts {
  /** The pipeline as text, and its name in messages. */
  readonly pipeline: { readonly text: string; readonly file: string };
  readonly options: RunOptions;
  /** Sinks by port, as the user spelled them. */
  readonly ports: ReadonlyMap<string, string>;
  /** For each source the range that this worker reads. */
  readonly ranges: readonly (LineRange | undefined)[];
  /** Of the registry that all threads share. */
  readonly handle: RegistryHandle;
}

/** `go`: the sinks of all workers have started, so events may move. */
export type ToWorker = "go" | "stop" | "reopen";

/** An error as the command prints it. */
export interface WorkerFault {
  readonly exitCode: ExitCode;
  readonly message: string;
}

export type FromWorker =
  /** The sinks have started. */
  | { readonly kind: "ready"; readonly snapshot: RunSnapshot }
  | { readonly kind: "counts"; readonly snapshot: RunSnapshot }
  /** A line for the user. */
  | { readonly kind: "say"; readonly line: string }
  | {
      readonly kind: "end";
      readonly snapshot: RunSnapshot | undefined;
      readonly fault: WorkerFault | undefined;
      readonly isCut: boolean;
    };
