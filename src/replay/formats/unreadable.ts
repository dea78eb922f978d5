/** Why a trace has none of the formats: what it looks like instead. */
import { TraceError } from "../trace-error.ts";

/** First bytes of compressed files. */
const COMPRESSED: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];
/** How a HAR and an answer of Prometheus begin, whatever their members' order. */
const DOCUMENTS: readonly (readonly [name: string, begin: RegExp])[] = [
  ["the trace is a HAR", /^\s*\{\s*"log"\s*:\s*\{/],
  ["the trace is an answer of Prometheus", /^\s*\{\s*"(?:status|data)"\s*:[^{]*\{?[^{]*"resultType"/],
];
const BEGIN_LENGTH = 1_000;

/** @throws TraceError for bytes that are no text to read: compressed, or blank */
export function refuseNoText(bytes: Uint8Array, text: string): void {
  const packed = COMPRESSED.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte));
  if (packed)
    throw new TraceError("foreign", `the trace is compressed (${packed[0]}): unpack it first,`, "byte 0", 0);
  if (text.trim() === "") {
    throw new TraceError("empty", "the trace is empty but for blanks", `byte ${bytes.length}`, 0);
  }
}

/** An error about a document that can be told by its begin, and is no JSON. undefined: it is another text. */
export function cutDocument(text: string, error: unknown): TraceError | undefined {
  const [name] = DOCUMENTS.find(([, begin]) => begin.test(text.slice(0, BEGIN_LENGTH))) ?? [];
  if (name === undefined) return undefined;
  const bytesUpTo = (at: number) => `byte ${new TextEncoder().encode(text.slice(0, at)).length}`;
  if (isCut(text)) return new TraceError("truncated", `${name} that is cut off`, bytesUpTo(text.length), 0);
  const [, position = "0"] = /position (\d+)/.exec((error as Error).message) ?? []; // not every runtime says it
  return new TraceError("damaged", `${name} that is no JSON`, bytesUpTo(Number(position)), 0);
}

/** Whether objects, arrays or a string are open at the end. */
function isCut(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (isString) {
      if (letter === "\\") at++;
      else if (letter === '"') isString = false;
    } else if (letter === '"') isString = true;
    else if (letter === "{" || letter === "[") depth++;
    else if (letter === "}" || letter === "]") depth--;
  }
  return isString || depth > 0;
}

/** For one JSON document of another kind. undefined: nothing more can be said. */
export function otherDocument(value: unknown): TraceError | undefined {
  const { status, error, data } = (value ?? {}) as {
    readonly status?: unknown;
    readonly error?: unknown;
    readonly data?: { readonly resultType?: unknown };
  };
  if (status === "error" && typeof error === "string") {
    return new TraceError("foreign", `the trace is an error of Prometheus ("${error}")`, "byte 0", 0);
  }
  if (typeof data?.resultType === "string") {
    const what = `the trace is a ${data.resultType} of Prometheus; the answer of query_range is a matrix:`;
    return new TraceError("foreign", what, "data.resultType", 0);
  }
  return undefined;
}

/** For lines of which none is of a format. */
export function foreignLines(lines: readonly string[], formats: readonly string[]): TraceError {
  const first = lines.findIndex((line) => line.trim() !== "");
  const where = `line ${first + 1}`;
  if (isObject(lines[first]!)) {
    const what =
      "the lines are JSON, but without a time and an outcome of a known name: say which are theirs by `fields`,";
    return new TraceError("foreign", what, where, 0);
  }
  return new TraceError("foreign", `the trace has none of the formats ${formats.join(", ")}`, where, 0);
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
