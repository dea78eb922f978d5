/** Names and excerpts come out of events: they are input of others. */

/** Without what could move the cursor of a terminal, turn the direction of the text, or begin a new line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, " ");
}
