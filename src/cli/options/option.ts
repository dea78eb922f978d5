/** One option of the command: a flag on the command line, and a key of the same name in a config file. */
import type { Kind } from "./kind.ts";

export interface OptionSpec {
  /** The key, in camelCase. The flag is the same in kebab-case: `batchSize` is `--batch-size`. */
  readonly key: string;
  readonly kind: Kind;
  /** For the help and the documents, without the default. */
  readonly text: string;
  /** The value that it has where it is not given. */
  readonly initial?: number | string | boolean;
  /** Says what happens where it is not given and there is no such value. */
  readonly initialText?: string;
  /** Where its value goes in the options of a run, such as `http.batchSize`. Default: its key. */
  readonly to?: string;
  /** Heading in the help. Default: that of all options. */
  readonly group?: string;
}

/** Values by key: those that were given. */
export type Values = Readonly<Record<string, unknown>>;

/** `--batch-size <events>` */
export function flagOf({ key, kind }: OptionSpec): string {
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flag = `--${kind.negated ? "no-" : ""}${name}`;
  return kind.placeholder === undefined ? flag : `${flag} ${kind.placeholder}`;
}

/** The text with the default. */
export function describe({ text, initial, initialText }: OptionSpec): string {
  const said = initialText ?? initial;
  return said === undefined || said === false || said === true ? text : `${text} (default: ${said})`;
}
