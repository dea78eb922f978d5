import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { parsed, start } from "../support/command.ts";
import { startHeld } from "../support/held.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

describe("--stop-timeout", () => {
  it("fails what is not delivered in time, keeps it in --failed, and ends with 1", async () => {
    const failed = join(await makeFolder(), "failed.ndjson");
    const { running } = await startHeld(OPEN_ROAD, "--failed", failed, "--stop-timeout", "1");
    running.child.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toContain("the stop took more than 1 s: what was left has failed");
    expect(stdout).toContain(`250 failed: `);
    expect(stdout).toContain(`kept in ${failed}`);
    expect(stdout).toContain("accounted for: all 250");
    expect(parsed(await readFile(failed, "utf8"))).toHaveLength(250);
    expect(code).toBe(1);
  });

  it("changes nothing where the run ends in time", async () => {
    const { running, endpoint } = await startHeld(OPEN_ROAD, "--stop-timeout", "60");
    running.child.kill("SIGTERM");
    endpoint.answering = (response) => response.end();
    endpoint.release();
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("250 delivered");
    expect(code).toBe(143);
  });

  it("ends a run whose dead letters cannot be written either", async () => {
    const pipe = join(await makeFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start(
      "run",
      pipeline,
      "--in",
      "-",
      "--out",
      "null:",
      "--failed",
      pipe,
      "--stop-timeout",
      "0",
      "--status",
      "127.0.0.1:0",
    );
    await vi.waitFor(() => expect(running.stderr).toContain("status at"), { timeout: 20_000 });
    running.child.kill("SIGTERM");
    expect((await running.ended).stdout).toContain("accounted for: all 0");
  });
});
