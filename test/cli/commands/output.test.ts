import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, MAIN } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

/** The command, whose stdout is a disk without space. */
function onFullDisk(...args: readonly string[]) {
  const full = openSync("/dev/full", "w");
  try {
    return spawnSync(process.execPath, [MAIN, ...args], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
  } finally {
    closeSync(full);
  }
}

describe.skipIf(!existsSync("/dev/full"))("a stdout that cannot be written", () => {
  it("is an error: nobody has read the summary", async () => {
    const [pipeline, source] = [await makeFile("p.trickle", OPEN_ROAD), await makeFile("in.ndjson", "1\n")];
    for (const args of [
      ["run", pipeline, "--in", source, "--out", "null:", "--json"],
      ["--help"],
      ["graph", pipeline],
    ]) {
      const { status, stderr } = onFullDisk(...args);
      expect(stderr).toContain("error: stdout cannot be written: no space left on the device");
      expect(status).toBe(4);
    }
  });

  it("fails the events of a run whose sink it is, and the exit code stays that of the run", async () => {
    const [pipeline, source] = [
      await makeFile("p.trickle", OPEN_ROAD),
      await makeFile("in.ndjson", "1\n2\n"),
    ];
    const { status, stderr } = onFullDisk("run", pipeline, "--in", source, "--out", "-", "--retries", "0");
    expect(stderr).toContain("2 failed: cannot be written: no space left on the device (2), not kept");
    expect(stderr).toContain("accounted for: all 2");
    expect(status).toBe(1);
  });
});

describe("bluesmoke help", () => {
  it("of a command that there is not is an error which names the nearest one", async () => {
    const wrong = await bluesmoke("help", "chek");
    expect(wrong.stderr).toBe('error: unknown command "chek"\ndid you mean check?\n');
    expect([wrong.stdout, wrong.code]).toEqual(["", 2]);
    expect((await bluesmoke("help", "nothing")).stderr).toContain("commands are run, check, graph");
    for (const args of [["help"], ["help", "run"]]) {
      expect((await bluesmoke(...args)).stdout).toMatch(/^Usage: bluesmoke/);
    }
  });
});
