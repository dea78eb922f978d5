import { spawnSync } from "node:child_process";
import { describe, expect, it, vi } from "vitest";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, MAIN, ndjson, numbered, Running, start } from "../support/command.ts";

const SCENARIO = ["--scenario", "healthy:0.3,failing:1,healthy:1.5"];
const hasScript = spawnSync("script", ["--version"]).status === 0;

function makeEvents(): Promise<string> {
  return makeFile("events.ndjson", ndjson(numbered(3_000)));
}

describe("bluesmoke demo", () => {
  it("shows what the server and the breaker do, ships refused events again, and compares", async () => {
    const { code, stdout, stderr } = await bluesmoke("demo", await makeEvents(), ...SCENARIO);
    expect(stderr).toContain("3,000 events of events.ndjson");
    expect(stderr).toMatch(
      /With the breaker:[\s\S]*server is failing[\s\S]*breaker server opened: [\s\S]*server is healthy[\s\S]*The same without/,
    );
    expect(stderr).toMatch(/the refused events, shipped again: [\d,]+ of [\d,]+ delivered/);
    expect(stdout).toMatch(/^spared: [\d,]+ of [\d,]+ requests to a server that was not healthy/m);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("accounted for: all 3,000 and 3,000");
    expect(code).toBe(0);
  });

  it("prints the comparison as one line of JSON", async () => {
    const { code, stdout, stderr } = await bluesmoke(
      ...["demo", await makeEvents(), ...SCENARIO, "--json", "--quiet"],
    );
    expect(stderr).toBe("");
    expect(stdout.trimEnd()).not.toContain("\n");
    const { withBreaker, withoutBreaker, spared, accounted } = JSON.parse(stdout);
    const { events } = withBreaker.summary;
    expect(events.read).toBe(3_000);
    expect(events.overflow).toBeGreaterThan(0);
    expect(withBreaker.again.events.delivered).toBe(events.overflow);
    expect(withoutBreaker.summary.events).toMatchObject({ read: 3_000, overflow: 0 });
    expect(spared.requests).toBeGreaterThan(0);
    expect(accounted).toBe(true);
    expect(code).toBe(0);
  });

  it("stops at SIGINT with what there is", async () => {
    const running = start("demo", await makeEvents(), "--scenario", "healthy:60");
    await vi.waitFor(() => expect(running.stderr).toContain("the server is healthy"), 20_000);
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(stdout).toMatch(/accounted for: all \d+\n$/);
    expect(code).toBe(130);
  });

  it.runIf(hasScript)("redraws its progress on a terminal", async () => {
    const args = [MAIN, "demo", await makeEvents(), "--scenario", "healthy:1", "--no-baseline"];
    const line = [process.execPath, ...args].map((word) => `'${word}'`).join(" ");
    const running = new Running(["-qec", `stty rows 24 cols 80; ${line}`, "/dev/null"], "script");
    const { code, stdout } = await running.ended;
    const erase = "\u001b[2K";
    expect(stdout.split(erase).length).toBeGreaterThan(3);
    expect(stdout).toMatch(/\d events\/s, [\d,]+ delivered, breaker server closed/);
    expect(stdout).toContain("accounted for: all 3,000");
    expect(code).toBe(0);
  });
});
