/** Tables in Markdown. */

/** Rows of the table whose header starts with `first`, cells without backticks. */
export function tableOf(markdown: string, first: string): string[][] {
  const start = markdown.indexOf(`\n| ${first} |`) + 1;
  const rows = markdown.slice(start, markdown.indexOf("\n\n", start)).split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}
