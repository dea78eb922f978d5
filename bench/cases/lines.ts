/** Lines of NDJSON from memory: what it costs to find them, to judge them and to parse them. */
import type { Item } from "../../src/ndjson/item.ts";
import { LineReader, type LineReaderOptions } from "../../src/ndjson/line-reader.ts";
import type { Scale, Work } from "../section.ts";
import { counted } from "../work.ts";

/** As the source of a file reads. */
const CHUNK_SIZE = 65_536;
const CHUNKS = 16;
const LINE_FEED = 10;

/** A line of 50 bytes, or of 1,000. */
export type Width = "narrow" | "wide";

/** Cuts and parses each line at once, as version 0.1 did. */
export function parsing(width: Width, scale: Scale): Work {
  const { chunks, count } = linesOf(width, scale);
  return counted(count, count, () => {
    let objects = 0;
    let rest = "";
    for (const chunk of chunks) {
      const end = chunk.lastIndexOf(LINE_FEED);
      const text = rest + chunk.toString("utf8", 0, end);
      for (const line of text.split("\n")) objects += countOf(JSON.parse(line));
      rest = chunk.toString("utf8", end + 1);
    }
    return objects;
  });
}

/** Finds the lines, and judges them unless `validate` is false. */
export function finding(width: Width, scale: Scale, options?: LineReaderOptions): Work {
  return reading(width, scale, options, (items) => items.length);
}

/** Finds and judges the lines, and parses them one by one. */
export function using(width: Width, scale: Scale): Work {
  return reading(width, scale, {}, (items) => {
    let objects = 0;
    for (const item of items) objects += "data" in item ? countOf(item.data) : 0;
    return objects;
  });
}

function reading(
  width: Width,
  scale: Scale,
  options: LineReaderOptions | undefined,
  use: (items: readonly Item[]) => number,
): Work {
  const { chunks, count } = linesOf(width, scale);
  return counted(count, count, () => {
    const reader = new LineReader(options);
    let used = 0;
    for (const chunk of chunks) {
      const items: Item[] = [];
      reader.feed(chunk, items);
      used += use(items);
    }
    return used;
  });
}

function linesOf(
  width: Width,
  { short }: Scale,
): { readonly chunks: readonly Buffer[]; readonly count: number } {
  const size = CHUNK_SIZE * (short ? 2 : CHUNKS);
  const lines: string[] = [];
  for (let length = 0; length < size; length += lines.at(-1)!.length) {
    lines.push(`${JSON.stringify(width === "wide" ? wide(lines.length) : narrow(lines.length))}\n`);
  }
  const bytes = Buffer.from(lines.join(""));
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE) chunks.push(bytes.subarray(at, at + CHUNK_SIZE));
  return { chunks, count: lines.length };
}

function narrow(number: number): object {
  return { delay: (number % 200) - 20, distance: 100 + (number % 2_400), time: (number % 9_999) / 100 };
}

function wide(number: number): object {
  return {
    id: number,
    host: `web-${number % 20}.example.com`,
    agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36",
    tags: ["checkout", "europe", "mobile"],
    ok: true,
    parent: null,
    times: Array.from({ length: 24 }, (_, index) => ((number + index) % 997) / 10),
    message: 'the payment of "order" was taken, '.repeat(18),
  };
}

/** 1 for an event. */
function countOf(value: unknown): number {
  return typeof value === "object" && value !== null ? 1 : 0;
}
