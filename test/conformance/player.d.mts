import type { Script } from "./script.ts";

/** As much of a registry's options as the script sets. */
export interface SceneOptions {
  readonly seed: number;
  readonly clock: () => number;
}

/** What playing has shown. */
export interface Report {
  readonly steps: number;
  readonly differences: readonly string[];
}

export declare const EVENT_FIELDS: readonly string[];
export declare function read(text: string): Script;
export declare function play(
  script: Script,
  library: object,
  createRegistry?: (options: SceneOptions) => object,
): Report;
export declare function exportsOf(
  script: Script,
  library: object,
  createRegistry: (options: SceneOptions) => object,
): readonly string[];
