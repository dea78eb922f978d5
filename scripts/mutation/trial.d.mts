/** See trial.mjs. */
export class Copy {
  readonly folder: string;
  constructor(root: string);
  remove(): void;
  tryQuickly(
    mutant: Mutant,
    source: string,
    options: TrialOptions,
  ): Promise<"compile" | "quick" | "timeout" | "survived">;
}

/** The characters from `start` to `end` of a file are replaced. */
export interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Random steps against the model for each flavour, and the seed of their cases. */
export interface TrialOptions {
  readonly steps: number;
  readonly seed: number;
}
