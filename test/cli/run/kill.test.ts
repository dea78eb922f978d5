import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { ok } from "../../connect/support/endpoint.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmokeOn, ndjson, numbered, parsed, type Running, start } from "../support/command.ts";
import { startHeld } from "../support/held.ts";
import { GUARDED, OPEN_ROAD } from "../support/pipeline.ts";

const PATIENCE = { timeout: 20_000, interval: 10 };

async function interrupt(running: Running): Promise<void> {
  running.child.kill("SIGINT");
  await vi.waitFor(() => expect(running.stderr).toContain("stopping: what is under way ends"), PATIENCE);
}

describe("bluesmoke run, stopped", () => {
  it("ends what is under way at the first SIGINT, prints the summary, and exits with 130", async () => {
    const { running, endpoint } = await startHeld(GUARDED);
    await interrupt(running);
    endpoint.answering = ok;
    endpoint.release();
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("interrupted before the end of stdin");
    expect(stdout).toContain("250 delivered");
    expect(stdout).toContain("accounted for: all 250");
    expect(code).toBe(130);
  });

  it("ends what is under way at SIGTERM as well", async () => {
    const { running, endpoint } = await startHeld(GUARDED);
    running.child.kill("SIGTERM");
    await vi.waitFor(() => expect(running.stderr).toContain("stopping: what is under way ends"), PATIENCE);
    endpoint.answering = ok;
    endpoint.release();
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("accounted for: all 250");
    expect(code).toBe(143);
  });

  it("ends at SIGTERM although nobody reads the named pipe that it writes to", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const pipe = join(await makeFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    const running = start("run", pipeline, "--in", "listen:tcp://127.0.0.1:0", "--out", pipe);
    await vi.waitFor(() => expect(running.stderr).toContain("listening at"), PATIENCE);
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("accounted for: all 0");
    expect(code).toBe(143);
  });

  it("ends at once at the second SIGINT", async () => {
    const { running } = await startHeld(GUARDED);
    await interrupt(running);
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(stdout).toBe("");
    expect(code).toBe(130);
  });

  it("leaves whole lines, the last one excepted, when it is killed in the middle", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const out = join(await makeFolder(), "out.ndjson");
    const running = start("run", pipeline, "--in", "-", "--out", out);
    for (let fed = 0; fed < 100_000; fed += 1_000) running.feed(numbered(1_000, fed));
    await vi.waitFor(() => expect(statSync(out).size).toBeGreaterThan(200_000), PATIENCE);
    running.child.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");

    const written = readFileSync(out, "utf8");
    const whole = parsed(written.slice(0, written.lastIndexOf("\n")));
    expect(whole).toEqual(numbered(whole.length));
  });

  it("reads no more when the reader of stdout goes away, says so without a stack, and blames nobody", async () => {
    const pipeline = await makeFile("p.trickle", GUARDED);
    const source = await makeFile("events.ndjson", ndjson(numbered(300_000)));
    const running = start("run", pipeline, "--in", source, "--out", "-");
    running.child.stdout.once("data", () => running.child.stdout.destroy());
    const { code, stderr } = await running.ended;
    expect(stderr).toContain("the reader of stdout went away: no more is read");
    expect(stderr).toMatch(/^ +[\d,]+ dropped: they came to .* stdout when its reader had gone$/m);
    expect(stderr).toContain("1 breaker, never opened");
    expect(stderr).not.toContain("failed");
    expect(stderr).toContain("interrupted before the end of");
    expect(stderr).toMatch(/accounted for: all [\d,]+\n$/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(141);
  });

  it("does not mind when nobody reads its summary", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start("run", pipeline, "--in", "-", "--out", "null:");
    running.child.stdout.destroy();
    running.child.stdin.end("{}\n");
    const { code, stderr } = await running.ended;
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("takes an input without events for what it is: nothing to do", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const { code, stdout } = await bluesmokeOn("", "run", pipeline, "--in", "-", "--out", "null:");
    expect(stdout).toContain("accounted for: all 0");
    expect(code).toBe(0);
  });
});
