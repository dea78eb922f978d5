/** Where the command speaks while it runs: stderr, so that stdout is free for events and the summary. */

export interface Display {
  /** Time between two progress lines in ms; Infinity: none is wanted. */
  readonly intervalMs: number;
  /** A line, or several, that stay. */
  say(text: string): void;
  /** The state of affairs in parts, of which a comma comes between two: on a terminal it replaces the one before. */
  progress(parts: readonly string[]): void;
  /** Takes the progress line away. Call before anything else writes to the terminal. */
  end(): void;
}

export interface DisplayOptions {
  /** Shows nothing at all. */
  readonly quiet: boolean;
  /** The terminal may not be redrawn, since events go there. */
  readonly plain: boolean;
}

/** A line that moves on a terminal, plain lines where there is none (or no log-update, which is an optional package). */
export async function openDisplay({ quiet, plain }: DisplayOptions): Promise<Display> {
  if (quiet) return SILENT;
  if (plain || !isDrawable(process.stderr)) return PLAIN;
  try {
    const { logUpdateStderr } = await import("log-update");
    return liveDisplay(logUpdateStderr);
  } catch {
    return PLAIN;
  }
}

/** Some pseudo terminals have no size: log-update shows nothing on them. */
function isDrawable({ isTTY, columns, rows }: typeof process.stderr): boolean {
  return isTTY && columns > 0 && rows > 0;
}

const SILENT: Display = { intervalMs: Number.POSITIVE_INFINITY, say() {}, progress() {}, end() {} };

const PLAIN: Display = {
  intervalMs: 2_000,
  say: (text) => process.stderr.write(`${text}\n`),
  progress: (parts) => process.stderr.write(`${parts.join(", ")}\n`),
  end() {},
};

/** Of what follows the first line of a folded one: as wide as the time before it. */
const INDENT = " ".repeat(9);

type Redraw = typeof import("log-update")["logUpdateStderr"];

function liveDisplay(redraw: Redraw): Display {
  let shown = "";
  return {
    intervalMs: 100,
    say(text) {
      // Not `redraw.persist`: it breaks long lines for good, also in what is copied from the terminal.
      redraw.clear();
      process.stderr.write(`${text}\n`);
      if (shown !== "") redraw(shown);
    },
    progress(parts) {
      shown = fold(parts, process.stderr.columns);
      redraw(shown);
    },
    end() {
      shown = "";
      redraw.clear();
      redraw.done();
    },
  };
}

/** Breaks the line between two parts where it would be longer than `width`. */
function fold(parts: readonly string[], width: number): string {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.length === 0 ? part : `${lines.at(-1)}, ${part}`;
    // Less than the width: a line that fills the last column would wrap on some terminals.
    if (lines.length === 0 || line.length < width) lines.splice(-1, 1, line);
    else lines.push(INDENT + part);
  }
  return lines.join("\n");
}
