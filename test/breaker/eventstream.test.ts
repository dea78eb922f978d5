import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { uncaughtOf } from "./uncaught.ts";

function setUp() {
  const registry = new CircuitBreakerRegistry({ seed: 1 });
  return { registry, breaker: registry.get("payments") };
}

describe("once", () => {
  it("hears one event of a breaker, or of a registry, and no more", () => {
    const { registry, breaker } = setUp();
    const heard: string[] = [];
    breaker.once("opened", ({ endpoint }) => heard.push(`breaker ${endpoint}`));
    registry.once("opened", ({ endpoint }) => heard.push(`registry ${endpoint}`));
    for (let n = 0; n < 3; n++) {
      breaker.forceOpen();
      breaker.enable();
    }
    expect(heard).toEqual(["breaker payments", "registry payments"]);
  });

  it("can be undone before, and is done even if the listener throws", async () => {
    const { breaker } = setUp();
    breaker.once("opened", () => expect.unreachable())();
    const uncaught = await uncaughtOf(async () => {
      breaker.once("opened", () => {
        throw new Error("a bug of the listener");
      });
      breaker.forceOpen();
      breaker.enable();
      breaker.forceOpen();
    });
    expect(uncaught).toEqual([new Error("a bug of the listener")]);
  });

  it("takes functions only", () => {
    const { breaker } = setUp();
    expect(() => breaker.once("opened", 5 as never)).toThrow(/^a listener of "opened" must be a function$/);
  });
});

describe("the async iterator of events", () => {
  it("gives every event since it was made, and ends with its signal", async () => {
    const { registry, breaker } = setUp();
    const controller = new AbortController();
    const stream = registry.events({ signal: controller.signal });
    breaker.forceOpen();
    breaker.enable();
    const first = await stream.next();
    setTimeout(() => {
      breaker.disable();
      controller.abort();
    });
    const rest: string[] = [];
    for await (const { kind } of stream) rest.push(kind);
    expect([first.value?.kind, ...rest]).toEqual(["opened", "closed", "disabled"]);
    breaker.enable();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("stops to listen when the loop over it is left", async () => {
    const { breaker } = setUp();
    const stream = breaker.events({ kinds: ["opened"] });
    breaker.forceOpen();
    for await (const event of stream) {
      expect(event.cause).toBe("mode");
      break;
    }
    breaker.enable();
    breaker.forceOpen();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("wakes every reader that waits when it ends", async () => {
    const { breaker } = setUp();
    const stream = breaker.events();
    const readers = [stream.next(), stream.next()];
    await stream.return();
    expect(await Promise.all(readers)).toEqual(Array(2).fill({ done: true, value: undefined }));
  });

  it("keeps what a slow reader can have, drops the oldest, and says how many", async () => {
    const { breaker } = setUp();
    const stream = breaker.events({ kinds: ["opened"], capacity: 2 });
    for (let n = 0; n < 5; n++) {
      breaker.forceOpen(n + 1);
      breaker.enable(n + 1);
    }
    expect(stream.dropped).toBe(3);
    expect((await stream.next()).value?.atMs).toBe(4);
  });

  it("is over at once when its signal is aborted already, and checks its options", async () => {
    const { breaker } = setUp();
    const stream = breaker.events({ signal: AbortSignal.abort() });
    breaker.forceOpen();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(() => breaker.events({ capacity: 0 })).toThrow(
      /^capacity must be a whole number from 1 to 1000000, got 0$/,
    );
  });
});
