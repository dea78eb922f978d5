/** Options that are texts. */
import { wrongType } from "../../breaker/validate.ts";

/** The value, if it is a string of one character at least, or undefined. Throws an OptionError. */
export function textOption(option: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw wrongType(option, "a string of one character at least", value);
}

/** The list, if each of its values is a string of one character at least, or undefined. Throws an OptionError. */
export function textsOption(option: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType(option, "an array of strings", value);
  for (const [index, item] of value.entries()) textOption(`${option}[${index}]`, item ?? null);
  return [...value];
}
