/** What the library weighs in a program: see weight.mjs. */
export interface Weights {
  readonly budgets: readonly { readonly title: string; readonly bytes: number; readonly budget: number }[];
  readonly features: readonly { readonly name: string; readonly bytes: number }[];
  readonly entries: readonly { readonly name: string; readonly alone: number; readonly added: number }[];
}

export function weigh(program: string): Promise<number>;
export function weighAll(): Promise<Weights>;
export function pageOf(weights: Weights): string;
export function readmeWith(readme: string, weights: Pick<Weights, "budgets">): string;
