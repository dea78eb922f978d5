/**
 * Memory of the line scanner, and what it says of a line.
 *
 * Shared with the host (src/ndjson/), so it stays portable: no imports, no AssemblyScript types, no decorators.
 *
 *   byte  0                1008
 *        +----------------+--------------------------+----------------+
 *        | stack of       | text, PADDING_SIZE bytes | results,       |
 *        | open brackets  | behind it                | 4 bytes a line |
 *        +----------------+--------------------------+----------------+
 */

/** The line is one valid JSON text. */
export const LINE_VALID = 0;
/** The line has no text: spaces, tabs and carriage returns only. */
export const LINE_BLANK = 1;
/** The line is not valid JSON, not valid UTF-8, or nested deeper than `MAXIMUM_DEPTH`. */
export const LINE_UNSURE = 2;

/** A result is the offset of the line feed in the text, shifted by so many bits, and a LINE_ code. */
export const VERDICT_BITS = 2;
/** Bytes of a result. */
export const RESULT_SIZE = 4;

/** Open brackets and braces inside one another that the scanner judges. */
export const MAXIMUM_DEPTH = 1000;
/** One byte for each open bracket or brace: the one around it. */
export const STACK_OFFSET = 0;
/** A multiple of 16, at least `MAXIMUM_DEPTH`. */
export const STACK_SIZE = 1008;

/** First byte of the text. */
export const TEXT_OFFSET = STACK_OFFSET + STACK_SIZE;
/** The scanner reads so many bytes at once: up to so many behind the text. */
export const PADDING_SIZE = 16;
