/**
 * One process at a time writes to a log: a file in its folder that names the process. A process that was killed leaves its file;
 * the next one sees that no such process runs, or that the machine was started anew, and takes it over. Machines that share a
 * folder over a network do not see each other's processes: a log belongs on a local disk.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOCK_FILE = "lock";

/** Who holds the lock, as the file says. */
interface Holder {
  readonly pid: number;
  /** Of the start of the machine; "" where the system does not tell. */
  readonly boot: string;
  /** When the process began, in clock ticks since the start of the machine; "" where the system does not tell. */
  readonly began: string;
}

/** Takes the lock of a folder; returns what gives it back. @throws Error naming the process that holds it */
export function takeLock(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const own: Holder = { pid: process.pid, boot: bootId(), began: beginOf(process.pid) };
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(path, `${JSON.stringify(own)}\n`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > 0) throw error;
    }
    const holder = holderIn(path);
    if (holder !== undefined && isRunning(holder)) {
      throw new Error(`the log is in use by process ${holder.pid}`);
    }
    rmSync(path, { force: true });
  }
}

/** The process that holds the lock of a folder now; undefined: none does. */
export function lockHolder(folder: string): number | undefined {
  const holder = holderIn(join(folder, LOCK_FILE));
  return holder !== undefined && isRunning(holder) ? holder.pid : undefined;
}

function holderIn(path: string): Holder | undefined {
  try {
    const { pid, boot, began } = JSON.parse(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? { pid, boot: String(boot), began: String(began) } : undefined;
  } catch {
    return undefined; // it is gone, or was cut while it was written
  }
}

function isRunning({ pid, boot, began }: Holder): boolean {
  if (boot !== bootId()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return beginOf(pid) === began; // else another process has the number now
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
