import { describe, expect, it } from "vitest";
import type { OverviewMessage } from "../../src/dashboard/protocol.ts";
import { call, connect, type Stage, stage } from "./fixture.ts";

const CONNECTION_REFUSED = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

function stageOf(count: number): Stage {
  const page = stage();
  for (let n = 0; n < count; n++) call(page.registry.get(`service-${n}.example`), 10);
  return page;
}

/** States by name, as a page that has read all messages has them. */
class Reader {
  readonly names = new Map<number, string>();
  readonly rows = new Map<string, readonly number[]>();

  read({ names = [], rows = [], gone = [] }: OverviewMessage): void {
    for (const [id, name] of names) this.names.set(id, name);
    for (const row of rows) this.rows.set(this.names.get(row[0])!, row as readonly number[]);
    for (const id of gone) this.rows.delete(this.names.get(id)!);
  }
}

describe("the stream of all breakers", () => {
  it("has all of them in its first message, and only what has changed in the next ones", async () => {
    const page = stageOf(3);
    const stream = await connect<OverviewMessage>(page);
    const first = await stream.next();
    expect(stream.text).toMatch(/^retry: 2000\ndata: \{.*\}\n\n$/);
    expect(first.names?.map(([, name]) => name).sort()).toEqual([0, 1, 2].map((n) => `service-${n}.example`));
    expect(first.sums).toMatchObject({ breakers: 3, open: 0, succeeded: -1, unlisted: 0 });
    await stream.next(); // rates are known from the second one on
    call(page.registry.get("service-1.example"), 5);
    const next = await stream.next();
    expect(next.names).toBeUndefined();
    expect(next.rows?.map(([id]) => id)).toEqual([
      first.names?.find(([, name]) => name === "service-1.example")?.[0],
    ]);
    expect(next.sums).toMatchObject({ succeeded: 5, failed: 0, refused: 0 });
    await stream.leave();
  });

  it("says what opened, when it may be probed, and why", async () => {
    const page = stageOf(2);
    const stream = await connect<OverviewMessage>(page);
    await stream.next();
    call(page.registry.get("service-1.example"), 0, 2, CONNECTION_REFUSED);
    const openedAtMs = Date.now();
    const { rows, sums, events } = await stream.next();
    const [, state, mode, share] = rows?.[0] ?? [];
    expect([state, mode, share]).toEqual([1, 0, 0]);
    expect(rows?.[0]?.[9]).toBe(openedAtMs + 30_000);
    expect(sums.open).toBe(1);
    expect(events).toEqual([
      {
        number: 1,
        atMs: openedAtMs,
        endpoint: "service-1.example",
        kind: "opened",
        text: "2 calls failed in a row; next probe in 30 s",
        error: "ECONNREFUSED: connect ECONNREFUSED",
      },
    ]);
    await stream.leave();
  });

  it("tells of breakers that are gone", async () => {
    const page = stageOf(3);
    const stream = await connect<OverviewMessage>(page);
    const { names } = await stream.next();
    page.registry.delete("service-0.example");
    const { gone } = await stream.next();
    expect(gone).toEqual([names?.find(([, name]) => name === "service-0.example")?.[0]]);
    await stream.leave();
  });

  it("takes at most 25 kB a second while 1,000 breakers change, and sends those that opened first", async () => {
    const page = stageOf(1_000);
    const stream = await connect<OverviewMessage>(page);
    const reader = new Reader();
    reader.read(await stream.next());
    expect(reader.rows.size).toBe(1_000);
    for (let second = 1; second <= 6; second++) {
      let n = 0;
      for (const breaker of page.registry) call(breaker, (n++ % 89) + second);
      if (second === 3) {
        for (let at = 500; at < 520; at++)
          call(page.registry.get(`service-${at}.example`), 0, 2, CONNECTION_REFUSED);
      }
      const message = await stream.next();
      expect(stream.text.length).toBeLessThan(25_000);
      expect(message.rows?.length).toBeGreaterThan(400);
      reader.read(message);
      if (second !== 3) continue;
      const open = [...reader.rows].filter(([, [, state]]) => state === 1).map(([name]) => name);
      expect(open.length).toBe(20);
    }
    // In turn: none is left behind.
    const stale = [...reader.rows.values()].filter((row) => (row[5] ?? 0) <= 0);
    expect(stale).toEqual([]);
    await stream.leave();
  });

  it("stays below 25 kB when all breakers open at once, and has told of all of them soon", async () => {
    const page = stageOf(1_000);
    const stream = await connect<OverviewMessage>(page);
    const reader = new Reader();
    reader.read(await stream.next());
    for (const breaker of page.registry) call(breaker, 0, 2, new Error("x".repeat(300)));
    const openAfter = [];
    for (let second = 1; second <= 4; second++) {
      reader.read(await stream.next());
      expect(Buffer.byteLength(stream.text)).toBeLessThan(25_000);
      openAfter.push([...reader.rows.values()].filter(([, state]) => state === 1).length);
    }
    expect(openAfter[0]).toBeGreaterThan(200);
    expect(openAfter.at(-1)).toBe(1_000);
    await stream.leave();
  });

  it("shows a part of a large registry, and sums the rest", async () => {
    const page = stage({ maximum: 10 });
    for (let n = 0; n < 50; n++) call(page.registry.get(`service-${n}`), 1 + n);
    call(page.registry.get("service-0"), 0, 2);
    const stream = await connect<OverviewMessage>(page);
    const { rows, names, sums } = await stream.next();
    expect(rows).toHaveLength(10);
    expect(names?.[0]?.[1]).toBe("service-0"); // first what is not closed
    expect(sums).toMatchObject({ breakers: 50, unlisted: 40, open: 1 });
    await stream.leave();
  });

  it("is the same sample for pages that ask at the same time", async () => {
    const page = stageOf(5);
    const [one, other] = [
      await connect<OverviewMessage>(page),
      await connect<OverviewMessage>(page, "/a/stream"),
    ];
    expect(await one.next()).toEqual(await other.next());
    await Promise.all([one.leave(), other.leave()]);
  });

  it("escapes nothing but what JSON does: names are data", async () => {
    const page = stage();
    const name = `</script>\n\u2028"é💥`;
    call(page.registry.get(name), 1);
    const stream = await connect<OverviewMessage>(page);
    expect((await stream.next()).names?.[0]?.[1]).toBe(name);
    expect(stream.text.match(/\n/g)).toHaveLength(3); // one line of data
    await stream.leave();
  });
});

describe("minutes", () => {
  it("are what a sparkline showed before the page was opened", async () => {
    const page = stageOf(1);
    const stream = await connect<OverviewMessage>(page);
    const { names } = await stream.next();
    for (let second = 0; second < 10; second++) {
      call(page.registry.get("service-0.example"), 20);
      await stream.next();
    }
    const id = names![0]![0];
    const response = await page.handler(new Request(`http://127.0.0.1:9300/minutes?ids=${id},77,x`));
    const { second, minutes } = (await response.json()) as { second: number; minutes: [number, number[]][] };
    expect(second).toBe(Math.floor(Date.now() / 1_000));
    expect(minutes).toHaveLength(1);
    expect(minutes[0]![1]).toHaveLength(180);
    expect(minutes[0]![1].slice(-3)).toEqual([20, 0, 0]);
    expect(minutes[0]![1].slice(0, 3)).toEqual([0, 0, 0]);
    await stream.leave();
  });
});
