/** Numbers on the command line. */
import { InvalidArgumentError } from "commander";

/** Reads a number without a sign or an exponent. @throws InvalidArgumentError when it is none, or out of range */
export function readNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`Give a number from ${from} to ${to}.`);
  };
}
