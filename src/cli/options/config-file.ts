/** The config file of a run: every flag as a key. docs/adr/0039 says why it is JSON with comments. */
import { readFile, stat } from "node:fs/promises";
import { fileFaultOf } from "../../connect/base/errors.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import { type CommentedJson, parseCommentedJson, SyntaxFault } from "./commented-json.ts";
import { hasVariables, substitute, variableNames } from "./environment.ts";
import { ValueError } from "./kind.ts";
import { nearest } from "./nearest.ts";
import type { OptionSpec, Values } from "./option.ts";

/** What else a config file may have in it. */
export const OTHER_KEYS = ["$schema", "pipeline"] as const;

export interface Config {
  /** Path of the pipeline; undefined: the file names none. */
  readonly pipeline: string | undefined;
  /** By key of the table. */
  readonly values: Values;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Bytes. A larger file is no config file: most likely it has the events. */
const LARGEST = 1_048_576;
/** Faults that are printed at once. */
const MOST_FAULTS = 10;

/**
 * Reads and checks it. Nothing is opened, and nothing of the values is used before all are right.
 *
 * @throws CommandError for a file that cannot be read, with each fault that is in it: its line, the key and the range.
 */
export async function loadConfig(
  path: string,
  specs: readonly OptionSpec[],
  environment: Environment = process.env,
): Promise<Config> {
  return readConfig(await readText(path), path, specs, environment);
}

/** @param path for messages. @throws CommandError as `loadConfig` */
export function readConfig(
  text: string,
  path: string,
  specs: readonly OptionSpec[],
  environment: Environment,
): Config {
  const json = parse(text, path);
  const { value } = json;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CommandError(EXIT.usage, `${path}:${json.placeOf([])}: expected an object of options`, HINT);
  const values: Record<string, unknown> = {};
  let pipeline: string | undefined;
  const faults: string[] = [];
  for (const [key, given] of Object.entries(value)) {
    try {
      if (key === "pipeline") pipeline = pathIn(given, environment);
      else if (key !== "$schema") values[key] = readValue(specOf(key, specs), given, environment);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      faults.push(`${path}:${json.placeOf([key])}: error: ${error.message}`);
    }
  }
  if (faults.length > 0) throw new CommandError(EXIT.usage, textOf(faults), HINT);
  return { pipeline, values };
}

const HINT = "bluesmoke help run has all options; a key is a flag in camelCase";

/** The first one stands behind the `error: ` of the command. */
function textOf(faults: readonly string[]): string {
  const shown = faults.slice(0, MOST_FAULTS);
  const rest = faults.length - shown.length;
  return [
    (shown[0] ?? "").replace(": error: ", ": "),
    ...shown.slice(1),
    ...(rest > 0 ? [`${rest} more errors`] : []),
  ].join("\n");
}

function specOf(key: string, specs: readonly OptionSpec[]): OptionSpec {
  const spec = specs.find((known) => known.key === key);
  if (spec !== undefined) return spec;
  const meant = nearest(key, [...specs.map((known) => known.key), ...OTHER_KEYS]);
  throw new ValueError(`unknown key "${key}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`);
}

function readValue({ key, kind }: OptionSpec, given: unknown, environment: Environment): unknown {
  const isText = kind.schema.type === "string" || "enum" in kind.schema;
  try {
    const value = substituted(given, environment);
    if (typeof given === "string" && hasVariables(given) && !isText) return kind.parse(String(value));
    return kind.check(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    // The value of a variable may be a secret: only its name is printed.
    const names = variablesIn(given);
    const message = names.length === 0 ? error.message : error.message.replace(/, got .*/s, "");
    throw new ValueError(
      `${key} ${message}${names.length === 0 ? "" : ` (it has the value of ${names.join(", ")} in it)`}`,
    );
  }
}

function pathIn(given: unknown, environment: Environment): string {
  if (typeof given === "string" && given !== "") return substitute(given, environment);
  throw new ValueError("pipeline must be the path of a pipeline");
}

/** The value with variables replaced in all strings, at any depth. */
function substituted(value: unknown, environment: Environment): unknown {
  if (typeof value === "string") return hasVariables(value) ? substitute(value, environment) : value;
  if (Array.isArray(value)) return value.map((item) => substituted(item, environment));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substituted(item, environment)]),
  );
}

function variablesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return variableNames(value);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(variablesIn) : [];
}

function parse(text: string, path: string): CommentedJson {
  try {
    return parseCommentedJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    throw new CommandError(
      EXIT.usage,
      `${path}:${error.place}: ${error.message}`,
      "the file is JSON with comments",
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST) throw new Error(`${size} bytes are too many for a config file`);
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandError(
      EXIT.usage,
      `${path}: cannot be read: ${fileFaultOf(error)}`,
      "give the path of a config file",
    );
  }
}
