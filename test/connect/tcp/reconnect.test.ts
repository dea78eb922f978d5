import { describe, expect, it, onTestFinished } from "vitest";
import { Dialer } from "../../../src/connect/tcp/dialer.ts";
import { Retries, resolveReconnect } from "../../../src/connect/tcp/reconnect.ts";
import { LineServer } from "../support/lineserver.ts";

function delays(options: object, count: number, random?: () => number): (number | undefined)[] {
  const retries = new Retries(resolveReconnect(options), random);
  return Array.from({ length: count }, () => retries.next());
}

describe("a dialer", () => {
  it("makes as many tries after a first one that failed as after a loss: the first uses up none", async () => {
    const server = await LineServer.open();
    const { port } = server;
    const givenUp: string[] = [];
    let ups = 0;
    const rules = resolveReconnect({ intervalMs: 10, maximumRetries: 2 });
    const open = async () => {
      const done = new Promise<void>((resolve) => {
        const dialer = new Dialer({
          address: { host: "127.0.0.1", port, path: "" },
          tls: undefined,
          timeoutMs: 1_000,
          rules,
          onUp: () => ups++,
          onDown: () => {},
          onGivenUp: (reason) => {
            givenUp.push(reason);
            resolve();
          },
        });
        onTestFinished(() => dialer.close());
        void dialer.dial().catch((error: Error) => dialer.redial(error.message));
      });
      return done;
    };
    const afterLoss = open();
    await expect.poll(() => ups).toBe(1);
    await server.die();
    await afterLoss;
    await open();
    expect(ups).toBe(1);
    expect(givenUp).toEqual([0, 1].map(() => expect.stringContaining("(given up after 2 tries)")));
  });
});

describe("the rules for reconnecting", () => {
  it("begin at 500 ms, and each delay is 1.5 times the one before, in whole ms", () => {
    expect(delays({ randomized: false }, 5)).toEqual([500, 750, 1_125, 1_687, 2_530]);
  });

  it("draw each delay from between the one before and itself, by default", () => {
    expect(delays({}, 4, () => 0)).toEqual([500, 500, 750, 1_125]);
    expect(delays({}, 4, () => 0.5)).toEqual([500, 625, 937, 1_406]);
    expect(Math.max(...(delays({}, 40, () => 1 - Number.EPSILON) as number[]))).toBeLessThanOrEqual(60_000);
  });

  it("never wait longer than the longest delay, for ever", () => {
    const all = delays({ randomized: false, intervalMs: 100, growthRate: 10, maximumIntervalMs: 5_000 }, 100);
    expect(all.slice(0, 4)).toEqual([100, 1_000, 5_000, 5_000]);
    expect(all.at(-1)).toBe(5_000);
  });

  it("keep the same delay where nothing grows, not even by rounding", () => {
    expect(delays({ randomized: false, growthRate: 1 }, 3)).toEqual([500, 500, 500]);
    expect(delays({ randomized: false, intervalMs: 10, growthRate: 1.05 }, 3)).toEqual([10, 10, 10]);
  });

  it("end after the last try", () => {
    expect(delays({ maximumRetries: 2, randomized: false }, 4)).toEqual([500, 750, undefined, undefined]);
    expect(delays({ maximumRetries: 0 }, 1)).toEqual([undefined]);
  });

  it("begin again after a reset", () => {
    const retries = new Retries(resolveReconnect({ randomized: false, maximumRetries: 2 }));
    expect([retries.next(), retries.next(), retries.next()]).toEqual([500, 750, undefined]);
    retries.reset();
    expect([retries.count, retries.latestMs]).toEqual([0, 0]);
    expect(retries.next()).toBe(500);
  });

  it.each([
    [{ intervalMs: 9 }, "reconnect.intervalMs must be a whole number from 10 to 3600000, got 9"],
    [{ growthRate: 0.5 }, "reconnect.growthRate must be 1 to 100, got 0.5"],
    [
      { intervalMs: 900, maximumIntervalMs: 800 },
      "reconnect.maximumIntervalMs must be a whole number from 900",
    ],
    [{ maximumRetries: -1 }, "reconnect.maximumRetries must be a whole number from 0 to 1000000, got -1"],
    [{ randomized: 1 }, "reconnect.randomized must be true or false, got 1"],
    [{ retries: 1 }, 'unknown option "reconnect.retries"'],
  ])("refuse %o", (options, message) => {
    expect(() => resolveReconnect(options)).toThrow(message);
  });
});
