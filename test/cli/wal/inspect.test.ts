import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WriteAheadLog } from "../../../src/wal/log/log.ts";
import { makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke } from "../support/command.ts";

/** Three segments of 40 events, of which the first 50 and number 100 are done. */
async function makeLog(): Promise<string> {
  const folder = await makeFolder();
  const log = new WriteAheadLog({
    folder,
    segmentBytes: 3_000,
    sync: "never",
    syncIntervalMs: 1_000,
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    onProblem: () => {},
    onLost: () => {},
  });
  for (let id = 1; id <= 120; id++) {
    log.append({ text: `{"id":${id},"pad":"${"-".repeat(50)}"}`, meta: undefined });
    if (id % 40 === 0) await log.flush();
  }
  for (let id = 1; id <= 50; id++) log.ack(id);
  log.ack(100);
  await log.close();
  return folder;
}

async function contentOf(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const entries = names.map(async (name) => [name, await readFile(join(folder, name), "latin1")]);
  return Object.fromEntries(await Promise.all(entries));
}

describe("bluesmoke wal", () => {
  it("shows segments, what waits and since when, and changes nothing", async () => {
    const folder = await makeLog();
    const before = await contentOf(folder);
    const { code, stdout } = await bluesmoke("wal", folder, "--verify");
    expect(stdout).toContain(`69 events waiting in ${folder}, the oldest for `);
    expect(stdout).toMatch(/for \d+ days/);
    expect(stdout).toContain("(2026-01-02T03:04:05.000Z)");
    expect(stdout).toContain("2 segments, 8,053 bytes");
    expect(stdout).toContain("; done up to event 50; no process uses it");
    expect(stdout).toMatch(/0{14}41\.log {2}[\d,]+ bytes, events 41 to 80, 30 waiting/);
    expect(stdout).toMatch(/0{14}81\.log {2}[\d,]+ bytes, events 81 to 120, 39 waiting/);
    expect(code).toBe(0);
    expect(await contentOf(folder)).toEqual(before);
  });

  it("prints what waits, as it came, in its order", async () => {
    const folder = await makeLog();
    const { stdout } = await bluesmoke("wal", folder, "--print");
    const ids = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    const wanted = Array.from({ length: 70 }, (_, index) => index + 51).filter((id) => id !== 100);
    expect(ids).toEqual(wanted);
  });

  it("prints all of it as one line of JSON", async () => {
    const folder = await makeLog();
    const { stdout } = await bluesmoke("wal", folder, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      folder,
      waiting: 69,
      position: 50,
      oldestMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      corrupt: [],
      segments: [
        { firstId: 41, lastId: 80, waiting: 30 },
        { firstId: 81, lastId: 120, waiting: 39 },
      ],
    });
  });

  it("finds damage in a segment in the middle with --verify, and ends with 1", async () => {
    const folder = await makeLog();
    const [name = ""] = (await readdir(folder)).filter((file) => file.endsWith("41.log"));
    const bytes = await readFile(join(folder, name));
    bytes[2_000] = (bytes[2_000] as number) ^ 1;
    await writeFile(join(folder, name), bytes);
    await writeFile(join(folder, `${name}.7.corrupt`), "an older one");
    const { code, stdout } = await bluesmoke("wal", folder, "--verify");
    expect(stdout).toMatch(/41\.log: \d+ bytes are damaged: the next run sets the segment aside/);
    expect(stdout).toContain(`set aside, damaged: ${name}.7.corrupt, 12 bytes`);
    expect(stdout).toContain("68 events waiting");
    expect(code).toBe(1);
  });

  it("says what is wrong with a folder that it cannot read", async () => {
    const { code, stderr } = await bluesmoke("wal", "/nowhere/at/all");
    expect([code, stderr]).toEqual([4, "error: /nowhere/at/all: no such file or folder\n"]);
  });

  it("refuses --print with --json", async () => {
    const { code, stderr } = await bluesmoke("wal", await makeLog(), "--print", "--json");
    expect([code, stderr]).toEqual([2, "error: --print and --json cannot be given together\n"]);
  });
});
