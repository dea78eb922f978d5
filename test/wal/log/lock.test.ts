import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { lockHolder, takeLock } from "../../../src/wal/log/lock.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-lock-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const locks = (): string[] => readdirSync(folder).filter((name) => name.startsWith("lock."));

function boot(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/** As a process leaves it that is killed. */
function leave(pid: number, began: string, bootId = boot()): void {
  closeSync(openSync(join(folder, `lock.${pid}.${began}.abc.${bootId}`), "wx"));
}

describe("the lock of a log", () => {
  it("is held until it is given back", () => {
    const release = takeLock(folder);
    expect(lockHolder(folder)).toBe(process.pid);
    expect(() => takeLock(folder)).toThrow(`the log is in use by process ${process.pid}`);
    expect(locks()).toHaveLength(1);
    release();
    expect([locks(), lockHolder(folder)]).toEqual([[], undefined]);
    takeLock(folder)();
  });

  it("is that of another process as long as that runs", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child, "spawn");
    const stat = `/proc/${child.pid}/stat`;
    let began = "";
    try {
      began = readFileSync(stat, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
    } catch {
      // The system has no /proc.
    }
    leave(child.pid ?? 0, began);
    expect(() => takeLock(folder)).toThrow(`in use by process ${child.pid}`);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    takeLock(folder)();
    expect(locks()).toEqual([]);
  });

  it("is taken over from a process whose number another one has now", () => {
    if (boot() === "") return; // only a system that tells when a process began can know
    leave(process.pid, "1");
    expect(lockHolder(folder)).toBeUndefined();
    takeLock(folder)();
  });

  it("is taken over from another start of the machine", () => {
    if (boot() === "") return;
    leave(process.pid, "", "00000000-0000-0000-0000-000000000000");
    takeLock(folder)();
  });

  it("is no matter of files with other names", () => {
    for (const name of ["lock", "lock.", "lock.x.1.a.b", "0000000000000001.log"]) {
      closeSync(openSync(join(folder, name), "wx"));
    }
    takeLock(folder)();
  });
});
