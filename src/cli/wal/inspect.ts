/** What `bluesmoke wal` does. */
import { writeSync } from "node:fs";
import { ConnectError, codeOf, fileFaultOf } from "../../connect/base/errors.ts";
import { LineBuffer } from "../../ndjson/line-buffer.ts";
import { inspectLog, type LogReport } from "../../wal/inspect.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { isSound, logText } from "./report.ts";

/** Flags of the subcommand. */
export interface WalFlags {
  readonly print?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** Bytes that are printed at once. */
const PRINT_SIZE = 262_144;

/** @throws CommandError for flags that exclude each other, ConnectError where the log cannot be read */
export async function inspect(folder: string, { print, verify, json }: WalFlags): Promise<ExitCode> {
  if (print && json) throw new CommandError(EXIT.usage, "--print and --json cannot be given together");
  const lines = new LineBuffer();
  const flush = (): void => {
    for (const part of lines.take()) writeAll(part);
  };
  const report = read(folder, {
    verifies: verify === true,
    ...(print && {
      onWaiting({ bytes, start, end }) {
        // The log reads on in the same buffer.
        const copy = new Uint8Array(bytes.subarray(start, end));
        lines.add({ data: undefined, text: undefined, raw: { bytes: copy, start: 0, end: copy.length } });
        if (lines.byteLength > PRINT_SIZE) flush();
      },
    }),
  });
  flush();
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else if (!print) process.stdout.write(`${logText(report, Date.now())}\n`);
  return isSound(report) ? EXIT.done : EXIT.undelivered;
}

function read(folder: string, options: Parameters<typeof inspectLog>[1]): LogReport {
  try {
    return inspectLog(folder, options);
  } catch (cause) {
    throw new ConnectError("ERR_SOURCE", { where: folder, what: fileFaultOf(cause), cause });
  }
}

/** To stdout, waiting for a pipe that is full: the whole log need not be in memory. */
function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(process.stdout.fd, bytes, at);
    } catch (error) {
      if (codeOf(error) === "EPIPE") process.exit(EXIT.abandoned);
      if (codeOf(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
