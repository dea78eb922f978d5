import { describe, expect, it } from "vitest";
import { behind } from "./behind.ts";

const MS = 1_000_000;

/** How many of 1,000 events pass. */
function passing({ out, push }: Awaited<ReturnType<typeof behind>>, atMs: number): number {
  const before = out.events.length;
  for (let i = 0; i < 1_000; i++) push(i, atMs);
  return out.events.length - before;
}

describe("qos::percentile", () => {
  it("passes everything until an answer is bad", async () => {
    expect(passing(await behind("qos::percentile", { timeout: MS }), 0)).toBe(1_000);
  });

  it("takes step_down off the share for each bad answer: a fail, or one slower than timeout", async () => {
    const flow = await behind("qos::percentile", { timeout: MS });
    for (const name of ["a", "b", "c"]) flow.push(name, 0);
    flow.at(1).fail(0);
    flow.at(2).ack(1, 1.5);
    flow.at(2).ack(2, 1);
    expect(passing(flow, 3)).toBeCloseTo(901, -1);
  });

  it("adds step_up for each good answer, up to everything", async () => {
    const flow = await behind("qos::percentile", { timeout: MS, step_down: 0.5, step_up: 0.25 });
    for (let i = 0; i < 5; i++) flow.push(i, 0);
    flow.at(1).fail(0);
    flow.at(1).ack(1, 0);
    expect(passing(flow, 1)).toBe(750);
    for (const index of [2, 3, 4]) flow.at(1).ack(index, 0);
    expect(passing(flow, 1)).toBe(1_000);
  });

  it("spreads what it passes evenly, so that a replay is the same", async () => {
    const { out, overflow, push, at } = await behind("qos::percentile", { timeout: MS, step_down: 0.75 });
    push("a", 0);
    at(0).fail(0);
    for (let i = 1; i <= 12; i++) push(i, 1);
    expect(out.data.slice(1)).toEqual([4, 8, 12]);
    expect(overflow.data).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11]);
  });

  it("lets one of 65,536 through when the share is 0, so that an answer can raise it again", async () => {
    const { out, overflow, push, at } = await behind("qos::percentile", { timeout: MS, step_down: 1 });
    push("a", 0);
    at(0).fail(0);
    for (let i = 0; i < 65_536; i++) push(i, 1);
    expect([out.events.length, overflow.events.length]).toEqual([2, 65_535]);
  });

  it("lets triggers and restores go on to whom they are for", async () => {
    const { out, told } = await behind("qos::percentile", { timeout: MS });
    out.context.contraflow("trigger");
    out.context.contraflow("restore");
    expect(told().map(([kind]) => kind)).toEqual(["trigger", "restore"]);
  });
});
