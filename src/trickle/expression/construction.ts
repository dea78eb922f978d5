/** Lists and records written in a pipeline. */
import type { List, Literal, RecordLiteral, Text } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { Compiler, Evaluate, Subject } from "./evaluate.ts";
import { compileText } from "./text.ts";

/** A new list for each event: its holder may keep it. */
export function compileList(list: List, compiler: Compiler): Evaluate {
  const items = list.items.map((item) => compiler.compile(item));
  return (subject) => items.map((item) => item(subject));
}

/** A new record each time. Of two computed keys that turn out equal the later one stays. */
export function compileRecord(record: RecordLiteral, compiler: Compiler): Evaluate {
  refuseTwins(record, compiler);
  const fields = record.fields.map(({ key, value }) => ({
    key: compileKey(key, compiler),
    value: compiler.compile(value),
  }));
  return (subject) => {
    const made: Record<string, unknown> = {};
    for (const { key, value } of fields) put(made, key(subject), value(subject));
    return made;
  };
}

/** An assignment to "__proto__" would change the prototype, one to "toString" fails where prototypes are frozen. */
function put(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key in record) {
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    record[key] = value;
  }
}

function compileKey(key: Literal | Text, compiler: Compiler): (subject: Subject) => string {
  if (key.kind === "text") return compileText(key, compiler);
  const name = String(key.value);
  return () => name;
}

function refuseTwins(record: RecordLiteral, compiler: Compiler): void {
  const seen = new Set<unknown>();
  for (const { key } of record.fields) {
    if (key.kind !== "literal") continue;
    if (seen.has(key.value)) {
      throw new TrickleError(compiler.source, key.at, `the key "${key.value}" is set twice`);
    }
    seen.add(key.value);
  }
}
