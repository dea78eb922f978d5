/** What readers make of bytes, and what a reader is. */
import type { RawText } from "./raw-text.ts";

/** One JSON text. `data` and `text` may be getters. */
export interface JsonItem {
  /** The value. */
  readonly data: unknown;
  /** Its JSON text, without a line feed. */
  readonly text: string;
  /** The bytes of that text, where they have no line break in them. */
  readonly raw?: RawText;
  /** True: the text was not validated, so `data` and `text` may throw. */
  readonly isUnchecked?: boolean;
}

/** Bytes that are not read as an event. */
export interface MalformedItem {
  /** What is wrong (`error`), where (`line`, or `element` and `byte`), and the text; see `MalformedText`. */
  readonly malformed: Readonly<Record<string, unknown>>;
}

export type Item = JsonItem | MalformedItem;

/** Cuts bytes into items. */
export interface ItemReader {
  /** True: the reader ignores all further bytes. */
  readonly done: boolean;
  /**
   * Reads the next bytes, and appends the items that end in them.
   *
   * @param chunk belongs to the reader and its items from now on: its bytes must not change.
   */
  feed(chunk: Uint8Array, items: Item[]): void;
  /** There are no more bytes. Appends the last item. */
  end(items: Item[]): void;
}

/**
 * Default limit of one line or one array element, in bytes. A longer one is malformed, and skipped in
 * constant memory.
 */
export const MAXIMUM_LINE_BYTES = 1_048_576;
