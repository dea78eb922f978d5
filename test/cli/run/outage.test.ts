import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, numbered, parsed, type Running, start } from "../support/command.ts";
import { MortalServer } from "../support/mortal.ts";
import { GUARDED } from "../support/pipeline.ts";

/** Feeds handfuls of numbered events until `done`; returns how many there were in all. */
async function feedUntil(running: Running, done: () => boolean, fed: number): Promise<number> {
  let count = fed;
  while (!done() && running.child.exitCode === null) {
    running.feed(numbered(20, count));
    count += 20;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return count;
}

describe("bluesmoke run, while the server dies and comes back", () => {
  it("opens, probes, closes, and loses nothing: what was not delivered can be shipped again", async () => {
    const server = await MortalServer.open();
    const pipeline = await makeFile("p.trickle", GUARDED);
    const folder = await makeFolder();
    const [refused, lost] = [join(folder, "refused.ndjson"), join(folder, "failed.ndjson")];
    const running = start(
      ...["run", pipeline, "--in", "-", "--out", server.url, "--overflow", refused, "--failed", lost],
      ...["--endpoint", "payments", "--timeout", "60000", "--json", "--retries", "0"],
    );

    let fed = await feedUntil(running, () => server.events.length >= 200, 0);
    await server.die();
    fed = await feedUntil(running, () => running.stderr.includes("the probe failed"), fed);
    await server.live();
    const before = server.events.length;
    fed = await feedUntil(running, () => running.stderr.includes("breaker payments closed"), fed);
    fed = await feedUntil(running, () => server.events.length >= before + 200, fed);
    running.child.stdin.end();
    const { code, stdout, stderr } = await running.ended;

    expect(stderr).toMatch(/breaker payments opened: 3 calls failed in a row[\s\S]*half-open[\s\S]*closed/);
    const { events, breakers, unaccounted, failedTo, deadLettered } = JSON.parse(stdout);
    expect(unaccounted).toBe(0);
    expect(breakers).toMatchObject([{ endpoint: "payments", state: "closed" }]);
    expect(code).toBe(1);

    const kept = parsed(await readFile(refused, "utf8"));
    expect(events.read).toBe(fed);
    expect(events.overflow).toBe(kept.length);
    expect(events.overflow).toBeGreaterThan(0);
    // No event is in two places, none is anybody else's, and all that are in neither place were said to have failed.
    const ids = [...server.events, ...kept].map((event) => (event as { id: number }).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id >= 0 && id < fed)).toBe(true);
    const missing = fed - ids.length;
    const answerLost = server.events.length - events.delivered;
    expect(answerLost).toBeGreaterThanOrEqual(0);
    expect(events.failed).toBe(missing + answerLost);
    // They are kept as well, so that nothing at all is missing.
    const failed = parsed(await readFile(lost, "utf8"));
    expect([failedTo, deadLettered]).toEqual([lost, events.failed]);
    expect(failed.length).toBe(events.failed);
    expect(
      new Set([...ids, ...failed.map((letter) => (letter as { event: { id: number } }).event.id)]).size,
    ).toBe(fed);

    const again = await bluesmoke("run", pipeline, "--in", refused, "--out", server.url);
    expect(again.stdout).toContain(`accounted for: all ${kept.length.toLocaleString("en-US")}`);
    expect(again.code).toBe(0);
    expect(server.events.length).toBe(ids.length);
  });

  it("sends again what failed, and what was refused, so that a restart of the server loses nothing", async () => {
    const server = await MortalServer.open();
    const pipeline = await makeFile("p.trickle", GUARDED);
    const running = start(
      ...["run", pipeline, "--in", "-", "--out", server.url, "--endpoint", "payments", "--json"],
    );
    let fed = await feedUntil(running, () => server.events.length >= 200, 0);
    await server.die();
    fed = await feedUntil(running, () => running.stderr.includes("the probe failed"), fed);
    running.child.stdin.end();
    await server.live();
    const { code, stdout } = await running.ended;

    const { events, resent, unaccounted, failures } = JSON.parse(stdout);
    expect([unaccounted, failures]).toEqual([0, {}]);
    expect(events).toMatchObject({ read: fed, delivered: fed, failed: 0, overflow: 0 });
    expect(resent).toBeGreaterThan(0);
    expect(new Set(server.events.map((event) => (event as { id: number }).id)).size).toBe(fed);
    expect(code).toBe(0);
  });
});
