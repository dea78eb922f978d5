/** Options that are true or false. */
import { wrongType } from "../../breaker/validate.ts";

/** The value, if it is true or false; `fallback` if it is undefined. Throws an OptionError. */
export function flagOption(option: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? fallback;
  throw wrongType(option, "true or false", value);
}
