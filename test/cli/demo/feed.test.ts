import { describe, expect, it } from "vitest";
import { Feed, type FeedOptions, type Timing } from "../../../src/cli/demo/feed.ts";
import type { Source } from "../../../src/flow/protocol/source-and-sink.ts";
import { numbered } from "../support/command.ts";

/** Hands over its events a thousand at a time. */
function sourceOf(count: number): Source {
  const items = numbered(count).map((data) => ({ data }));
  return {
    name: "events",
    pull: async () => (items.length === 0 ? undefined : items.splice(0, 1_000)),
    close: async () => {},
  };
}

/** Time that only moves when somebody sleeps, or by hand. */
class Clock implements Timing {
  ms = 0;

  now(): number {
    return this.ms;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.ms += ms;
  }
}

function open(count: number, options: Partial<FeedOptions> = {}): { feed: Feed; clock: Clock } {
  const clock = new Clock();
  const feed = new Feed(sourceOf(count), { eventsPerSecond: 1_000, limit: count, timing: clock, ...options });
  return { feed, clock };
}

async function countAll(feed: Feed): Promise<number> {
  let count = 0;
  for (let items = await feed.pull(); items !== undefined; items = await feed.pull()) count += items.length;
  return count;
}

describe("a feed", () => {
  it("hands over every event, at its rate", async () => {
    const { feed, clock } = open(2_500);
    expect(await countAll(feed)).toBe(2_500);
    expect(clock.ms).toBe(2_500);
  });

  it("ends at its limit", async () => {
    const { feed } = open(2_500, { limit: 1_200 });
    expect(await countAll(feed)).toBe(1_200);
  });

  it("piles up while nobody reads, and hands that over at once", async () => {
    const { feed, clock } = open(2_000);
    await feed.pull();
    clock.ms = 500;
    expect(await feed.pull()).toHaveLength(490);
  });

  it("begins when the first event is asked for", async () => {
    let begun = 0;
    const { feed, clock } = open(100, { onBegin: () => begun++ });
    clock.ms = 60_000;
    expect(await feed.pull()).toHaveLength(10);
    await feed.pull();
    expect(begun).toBe(1);
  });

  it("ends when it is closed", async () => {
    const { feed } = open(100);
    await feed.close();
    expect(await feed.pull()).toBeUndefined();
  });
});
