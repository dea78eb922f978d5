/**
 * One process at a time writes to a log: a file in its folder names the process. The file of a process that was killed stays; the
 * next process sees that no such process runs, or that the machine was started anew, and removes it.
 *
 * A process makes its own file first and looks at the others then, and no process removes the file of one that runs. So of two
 * that start at once at most one gets the log, and it may be none.
 *
 * Machines that share a folder over a network, and containers that share one on one machine, do not see each other's processes:
 * a log belongs to one of them.
 */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";

/** `lock.<pid>.<begin of the process>.<nonce>.<boot id>`; the two that the system tells may be "". */
const NAME = /^lock\.(\d+)\.(\d*)\.(\w+)\.([\w-]*)$/;
/** Clocks that are set move the time of the start of the machine; in ms. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Who holds a lock, as the name of its file says. */
interface Holder {
  readonly name: string;
  readonly pid: number;
  /** When the process began, in clock ticks since the start of the machine. */
  readonly began: string;
  /** Of the start of the machine. */
  readonly boot: string;
}

/** Takes the lock of a folder; returns what gives it back. @throws Error naming the process that holds it */
export function takeLock(folder: string): () => void {
  const nonce = Math.random().toString(36).slice(2); // threads of one process have its number
  const own = `lock.${process.pid}.${beginOf(process.pid)}.${nonce}.${bootId()}`;
  const path = join(folder, own);
  closeSync(openSync(path, "wx"));
  const release = (): void => rmSync(path, { force: true });
  for (const holder of holdersIn(folder)) {
    if (holder.name === own) continue;
    if (isRunning(folder, holder)) {
      release();
      throw new Error(`the log is in use by process ${holder.pid}`);
    }
    rmSync(join(folder, holder.name), { force: true });
  }
  return release;
}

/** The process that holds the lock of a folder now; undefined: none does. */
export function lockHolder(folder: string): number | undefined {
  return holdersIn(folder).find((holder) => isRunning(folder, holder))?.pid;
}

function holdersIn(folder: string): Holder[] {
  return readdirSync(folder)
    .map((name) => NAME.exec(name))
    .filter((match) => match !== null)
    .map(([name, pid, began = "", , boot = ""]) => ({ name, pid: Number(pid), began, boot }));
}

function isRunning(folder: string, { name, pid, began, boot }: Holder): boolean {
  if (boot !== bootId()) return false;
  if (boot === "" && isOlderThanBoot(join(folder, name))) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return beginOf(pid) === began; // else another process has the number now
}

/** Where the system has no id of its start. */
function isOlderThanBoot(path: string): boolean {
  const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return madeMs < Date.now() - uptime() * 1_000 - CLOCK_TOLERANCE_MS;
}

function bootId(): string {
  return textOf("/proc/sys/kernel/random/boot_id").trim();
}

/** Field 22 of /proc/PID/stat, see proc(5); the second field is a name in brackets, which may have blanks. */
function beginOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
