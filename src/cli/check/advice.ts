/** Options of breakers in a pipeline that are valid and cannot work. */
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import { checkOptions, type Finding, type Traffic } from "../../replay/advice/check-options.ts";
import type { Program } from "../../trickle/program.ts";

/** A finding about one breaker, with the names of options as trickle has them. */
export interface Advice extends Finding {
  readonly endpoint: string;
}

/**
 * Of the breakers that a pipeline makes when it is deployed; those of endpoints in the events are made later.
 *
 * @param traffic of each endpoint, what is known of it
 */
export function adviceFor(program: Program, traffic: Traffic): readonly Advice[] {
  const registry = new CircuitBreakerRegistry();
  program.deploy({ registry });
  return [...registry].flatMap(({ name: endpoint, options }) =>
    checkOptions(options, traffic).map(({ kind, option, message }) => ({
      endpoint,
      kind,
      option: snakeCase(option),
      message: snakeCase(message),
    })),
  );
}

function snakeCase(text: string): string {
  return text.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
}
