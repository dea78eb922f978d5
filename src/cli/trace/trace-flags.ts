/** Flags that every command over a trace has. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { FieldNames } from "../../replay/formats/ndjson.ts";
import { TRACE_FORMATS } from "../../replay/formats/read-trace.ts";

const FIELDS = ["endpoint", "time", "end", "duration", "status", "outcome"];

/** Adds them. */
export function addTraceFlags(command: Command): void {
  command
    .addOption(
      new Option("--format <name>", "of the trace (default: what it looks like)").choices([...TRACE_FORMATS]),
    )
    .addOption(
      new Option(
        "--by <what>",
        "what calls of one endpoint have in common: its name, or the first part of the path",
      ).choices(["endpoint", "path"]),
    )
    .option("--fields <names>", "of NDJSON, such as endpoint=host,duration=took:s,status=code", readFields);
}

function readFields(text: string): FieldNames {
  const fields: Record<string, string> = {};
  for (const part of text.split(",")) {
    const [, name = "", path] = /^(\w+)=(.+)$/.exec(part.trim()) ?? [];
    if (!FIELDS.includes(name) || path === undefined) {
      throw new InvalidArgumentError(`Give NAME=PATH, separated by commas; names are ${FIELDS.join(", ")}.`);
    }
    fields[name] = path;
  }
  return fields;
}
