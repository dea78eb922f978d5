import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LoggedFlow, temporaryFolder } from "./support/flow.ts";
import { disk } from "./support/full-disk.ts";

vi.mock("node:fs", async (original) => (await import("./support/full-disk.ts")).fullDisk(await original()));

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  disk.free = Number.POSITIVE_INFINITY;
});

describe("qos::wal on a full disk", () => {
  it("stops upstream, says so once, and goes on with every event when there is space", async () => {
    const flow = await LoggedFlow.start({ folder });
    flow.push("a");
    await flow.turn();
    disk.free = 10;
    flow.push("b");
    await flow.turn();
    for (let second = 0; second < 3; second++) await flow.turn(1_000);
    expect([flow.graph.triggered, flow.out.data]).toEqual([true, ["a"]]);
    flow.push("c"); // it was on its way
    await flow.turn();
    expect(flow.problems).toEqual([
      `${folder}: cannot be written: no space left on the device; the flow waits`,
    ]);
    disk.free = Number.POSITIVE_INFINITY;
    await flow.turn(1_000);
    expect([flow.graph.triggered, flow.out.data]).toEqual([false, ["a", "b", "c"]]);
    flow.out.context.ackAll(flow.out.events);
    await flow.turn();
    expect(flow.graph.accounting).toMatchObject({ read: 3, delivered: 3, waiting: 0, inFlight: 0 });
  });

  it("delivers what is in the log, and gives back its segments", async () => {
    const flow = await LoggedFlow.start({ folder, options: ", segment_bytes = 65536" });
    for (let i = 0; i < 8; i++) {
      flow.push("x".repeat(40_000));
      await flow.turn();
    }
    await flow.turnUntil(() => flow.out.events.length === 8);
    disk.free = 0;
    flow.push("waits");
    await flow.turn(1_000);
    const before = readdirSync(folder).length;
    flow.out.context.ackAll(flow.out.events);
    await flow.turn(1_000);
    expect(readdirSync(folder).length).toBeLessThan(before - 2);
    disk.free = Number.POSITIVE_INFINITY;
    await flow.turnUntil(() => flow.out.events.length === 9);
    expect(flow.out.data.at(-1)).toBe("waits");
  });

  it("sends no more than read_count events before it is written that they are done", async () => {
    const flow = await LoggedFlow.start({ folder, options: ", read_count = 3" });
    flow.out.context.contraflow("trigger");
    for (let i = 0; i < 10; i++) flow.push(i);
    await flow.turn();
    flow.out.answer = "ack";
    disk.free = 0;
    flow.out.context.contraflow("restore");
    await flow.turn();
    expect(flow.out.data).toEqual([0, 1, 2]);
    disk.free = Number.POSITIVE_INFINITY;
    await flow.turn();
    expect(flow.out.data).toHaveLength(10);
  });

  it("turns away what it cannot write when the flow was stopped meanwhile", async () => {
    const flow = await LoggedFlow.start({ folder });
    disk.free = 0;
    flow.push("a");
    flow.graph.stopRetrying();
    expect(flow.graph.accounting).toMatchObject({ err: 0, inFlight: 1 });
    await flow.turnUntil(() => flow.graph.accounting.inFlight === 0);
    expect(flow.graph.accounting).toMatchObject({ read: 1, err: 1, inFlight: 0, waiting: 0 });
    disk.free = Number.POSITIVE_INFINITY;
  });

  it("turns away what it could not write when the flow is stopped", async () => {
    const flow = await LoggedFlow.start({ folder });
    disk.free = 0;
    flow.push("a");
    await flow.turn();
    flow.graph.stopRetrying();
    expect(flow.graph.accounting).toMatchObject({ read: 1, err: 1, inFlight: 0, waiting: 0 });
    expect(flow.balance).toBe(0);
    disk.free = Number.POSITIVE_INFINITY;
  });
});
