/**
 * Paths: `event.a["b"][0]`. Only own properties of records and elements of lists can be reached, so
 * `event.constructor` and `event.__proto__` are absent unless the event has such a field itself.
 */
import type { Path, Presence } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Compiler, Evaluate, Root, Subject } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./runtime-error.ts";

/** What `find` returns where there is nothing. */
const ABSENT = undefined;

/** Longer paths are shortened in messages. */
const SHOWN_CHARACTERS = 60;

interface CompiledPath {
  readonly path: Path;
  readonly source: SourceText;
  readonly root: Root;
  /** One for each segment. */
  readonly keys: readonly Evaluate[];
}

/** The value at the path; nothing there is an error. */
export function compilePath(path: Path, compiler: Compiler): Evaluate {
  const compiled = compileParts(path, compiler);
  const find = finder(compiled);
  return (subject) => {
    const value = find(subject);
    if (value === ABSENT) throw absence(compiled, subject);
    return value;
  };
}

/** `present path`, `absent path`: whatever stands in the way makes it absent and is no error. */
export function compilePresence(presence: Presence, compiler: Compiler): Evaluate {
  const find = finder(compileParts(presence.path, compiler));
  const wanted = presence.present;
  return (subject) => (find(subject) !== ABSENT) === wanted;
}

/** Every key is compiled once: compiling it twice would double the work with each level of nesting. */
function compileParts(path: Path, compiler: Compiler): CompiledPath {
  const keys = path.segments.map(({ key }) => compiler.compile(key));
  return { path, source: compiler.source, root: compiler.root(path), keys };
}

function finder({ path, root, keys }: CompiledPath): Evaluate {
  const names = path.segments.map(({ key }) => (key.kind === "literal" ? key.value : ABSENT));
  const isFixed = !names.includes(ABSENT);
  const { value: start, steps } = root;
  return (subject) => {
    let value = start(subject);
    for (let i = steps; i < names.length; i++) value = step(value, isFixed ? names[i] : keys[i]?.(subject));
    return value;
  };
}

/** Own properties only, in lists as in records. */
function step(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return typeof key === "number" && Object.hasOwn(value, key) ? value[key] : ABSENT;
  return isRecord(value) && typeof key === "string" && Object.hasOwn(value, key) ? value[key] : ABSENT;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Walks again, to say at which segment the path ends. */
function absence({ path, source, root, keys }: CompiledPath, subject: Subject): TrickleRuntimeError {
  const shown = (end: number) => `\`${excerpt(source.text.slice(path.at.start, end))}\``;
  let value = root.value(subject);
  for (const [index, segment] of path.segments.entries()) {
    if (index < root.steps) continue;
    const key = keys[index]?.(subject);
    const inner = step(value, key);
    if (inner === ABSENT) {
      const reason = mismatch(value, key, shown(segment.at.start)) ?? `${shown(segment.at.end)} is absent`;
      return new TrickleRuntimeError(source, segment.at, reason);
    }
    value = inner;
  }
  return new TrickleRuntimeError(source, path.at, `${shown(path.at.end)} is absent`);
}

/** Why the key cannot fit; undefined where the value merely does not have it. */
function mismatch(value: unknown, key: unknown, name: string): string | undefined {
  if (typeof key === "string")
    return isRecord(value) ? undefined : `${name} is ${kindOf(value)}, not a record`;
  if (typeof key === "number")
    return Array.isArray(value) ? undefined : `${name} is ${kindOf(value)}, not a list`;
  return `${name} is read by a string or a number, not by ${kindOf(key)}`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").replace(/[ .]+$/, "");
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
