import { describe, expect, it } from "vitest";
import type { DetailMessage } from "../../src/dashboard/protocol.ts";
import { call, connect, pass, stage } from "./fixture.ts";

describe("the stream of one breaker", () => {
  it("has its figures, why it is open, and until when", async () => {
    const page = stage();
    const payments = page.registry.get("payments");
    const overview = await connect(page);
    await overview.next();
    call(payments, 3, 2, new Error("boom"));
    const openedAtMs = Date.now();
    const stream = await connect<DetailMessage>(page, "/x/stream?breaker=payments&zone=Asia/Tokyo");
    const { now, text, facts, events, missing } = await stream.next();
    expect(missing).toBeUndefined();
    expect(now).toMatchObject({
      state: 1,
      mode: 0,
      share: 0,
      level: 1,
      opened: 1,
      retryAtMs: openedAtMs + 30_000,
    });
    expect(text).toMatch(
      /^open since 21:00:00: 2 calls failed in a row, last error: boom; next probe in 30 s/,
    );
    expect(facts).toEqual({ detectors: "2 failures in a row", backoff: "30 s" });
    expect(events?.map(({ kind, error }) => [kind, error])).toEqual([["opened", "boom"]]);
    await Promise.all([stream.leave(), overview.leave()]);
  });

  it("has the history since a page is connected in its first message, then one point a second", async () => {
    const page = stage();
    const payments = page.registry.get("payments");
    call(payments, 1);
    const overview = await connect(page);
    await overview.next();
    for (let second = 0; second < 5; second++) {
      call(payments, 7);
      await overview.next();
    }
    const stream = await connect<DetailMessage>(page, "/stream?breaker=payments");
    const first = await stream.next();
    expect(first.history?.lastSecond).toBe(Math.floor(Date.now() / 1_000));
    expect(first.history?.succeeded.slice(-5)).toEqual([7, 7, 7, 7, 7]);
    expect(first.history?.p50).toEqual([]);
    call(payments, 9);
    const next = await stream.next();
    expect(next.history).toBeUndefined();
    expect(next.facts).toBeUndefined();
    expect(next.events).toEqual([]);
    expect(next.point).toMatchObject({
      second: Math.floor(Date.now() / 1_000),
      succeeded: 9,
      failed: 0,
      state: 0,
    });
    await Promise.all([stream.leave(), overview.leave()]);
  });

  it("is there for a breaker that has no row in the table", async () => {
    const page = stage({ maximum: 1 });
    call(page.registry.get("busy"), 100);
    call(page.registry.get("calm"), 2);
    const stream = await connect<DetailMessage>(page, "/stream?breaker=calm");
    await stream.next();
    call(page.registry.get("calm"), 4);
    expect((await stream.next()).point).toMatchObject({ succeeded: 4 });
    await stream.leave();
  });

  it("says that there is no such breaker, and begins when there is one", async () => {
    const page = stage();
    const stream = await connect<DetailMessage>(page, "/stream?breaker=later");
    expect(await stream.next()).toMatchObject({ missing: true });
    expect(page.registry.has("later")).toBe(false);
    call(page.registry.get("later"), 1);
    const message = await stream.next();
    expect(message.missing).toBeUndefined();
    expect(message.facts).toBeDefined();
    await stream.leave();
  });

  it("has latency where the program measures it, and goes on where that throws", async () => {
    let isBroken = false;
    const latency = (name: string) => {
      if (isBroken) throw new Error(name);
      return { p50Ms: 12, p99Ms: 80 };
    };
    const page = stage({ latency });
    call(page.registry.get("payments"), 1);
    const stream = await connect<DetailMessage>(page, "/stream?breaker=payments");
    expect((await stream.next()).point).toMatchObject({ p50: 12, p99: 80 });
    isBroken = true;
    expect((await stream.next()).point).toMatchObject({ p50: -1, p99: -1 });
    await stream.leave();
  });

  it("knows switches and the way back as events", async () => {
    const page = stage();
    const payments = page.registry.get("payments");
    const stream = await connect<DetailMessage>(page, "/stream?breaker=payments&zone=Mars/Olympus");
    await stream.next();
    payments.forceOpen();
    payments.enable();
    payments.trip();
    await pass(30_000);
    call(payments, 1);
    payments.shadow();
    payments.disable();
    payments.reset();
    const { events = [] } = await stream.next();
    expect(events.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      "opened: forced open by a switch: all calls are refused",
      "closed: enabled by a switch",
      "opened: it was tripped; next probe in 30 s",
      "half_opened: the delay has ended",
      "closed: the probe succeeded",
      "shadowed: in shadow mode by a switch: no call is refused",
      "disabled: disabled by a switch: all calls pass uncounted",
      "reset: it was reset",
    ]);
    await stream.leave();
  });

  it("keeps the history for a page that is loaded anew within a minute, and forgets it then", async () => {
    const page = stage();
    call(page.registry.get("payments"), 1);
    const points = async () => {
      const stream = await connect<DetailMessage>(page, "/stream?breaker=payments");
      const { history } = await stream.next();
      await stream.next();
      await stream.leave();
      return history?.state.filter((state) => state >= 0).length ?? 0;
    };
    expect(await points()).toBe(1);
    await pass(10_000);
    expect(await points()).toBe(3);
    await pass(60_000);
    expect(await points()).toBe(1);
  });
});
