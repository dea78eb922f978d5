import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { EVENT_KINDS } from "../../src/breaker/events.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { isOptionError } from "../../src/breaker/validate.ts";
import { type EventsOptions, events } from "../../src/features/event-iterator.ts";

function setUp() {
  const registry = new CircuitBreakerRegistry({ seed: 1 });
  return { registry, breaker: registry.get("payments") };
}

describe("events", () => {
  it("gives every event of a registry since it was made, and ends with its signal", async () => {
    const { registry, breaker } = setUp();
    const controller = new AbortController();
    const iterator = events(registry, { signal: controller.signal });
    breaker.forceOpen();
    breaker.enable();
    const first = await iterator.next();
    setTimeout(() => {
      breaker.disable();
      controller.abort();
    });
    const rest: string[] = [];
    for await (const { kind } of iterator) rest.push(kind);
    expect([first.value?.kind, ...rest]).toEqual(["opened", "closed", "disabled"]);
    breaker.enable();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(registry._engine.dispatcher.hasListeners).toBe(false);
  });

  it("gives the events of one breaker of a registry, or of one without registry", async () => {
    const { registry, breaker } = setUp();
    for (const source of [breaker, new CircuitBreaker("alone")]) {
      const iterator = events(source);
      registry.get("other").forceOpen();
      source.forceOpen();
      source.enable();
      expect((await iterator.next()).value).toMatchObject({ kind: "opened", endpoint: source.name });
      expect((await iterator.next()).value).toMatchObject({ kind: "closed", endpoint: source.name });
      await iterator.return();
    }
  });

  it("stops listening when the loop over it is left", async () => {
    const { breaker } = setUp();
    const iterator = events(breaker, { kinds: ["opened"] });
    breaker.forceOpen();
    for await (const event of iterator) {
      expect(event.cause).toBe("mode");
      break;
    }
    expect(breaker._engine.dispatcher.hasListeners).toBe(false);
    breaker.enable();
    breaker.forceOpen();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("stops listening at the end of an `await using`", async () => {
    const { breaker } = setUp();
    {
      await using iterator = events(breaker);
      breaker.forceOpen();
      expect((await iterator.next()).value?.kind).toBe("opened");
    }
    expect(breaker._engine.dispatcher.hasListeners).toBe(false);
  });

  it("ends every reader that waits when it ends", async () => {
    const { breaker } = setUp();
    const iterator = events(breaker);
    const readers = [iterator.next(), iterator.next()];
    await iterator.return();
    expect(await Promise.all(readers)).toEqual(Array(2).fill({ done: true, value: undefined }));
  });

  it("gives readers that wait their events in order", async () => {
    const { breaker } = setUp();
    const iterator = events(breaker);
    const readers = [iterator.next(), iterator.next()];
    breaker.forceOpen();
    breaker.enable();
    expect((await Promise.all(readers)).map(({ value }) => value?.kind)).toEqual(["opened", "closed"]);
  });

  it("keeps the latest events for a slow reader, drops the oldest, and counts them", async () => {
    const { breaker } = setUp();
    const iterator = events(breaker, { kinds: ["opened"], capacity: 3 });
    const open = (atMs: number) => {
      breaker.forceOpen(atMs);
      breaker.enable(atMs);
    };
    for (let atMs = 1; atMs <= 5; atMs++) open(atMs);
    expect(iterator.dropped).toBe(2);
    const times = [(await iterator.next()).value?.atMs];
    for (let atMs = 6; atMs <= 7; atMs++) open(atMs);
    for (let n = 0; n < 3; n++) times.push((await iterator.next()).value?.atMs);
    expect([iterator.dropped, times]).toEqual([3, [3, 5, 6, 7]]);
    await iterator.return();
  });

  it("gives an event once for a kind that is named twice", async () => {
    const { breaker } = setUp();
    const iterator = events(breaker, { kinds: ["opened", "opened", "closed"] });
    breaker.forceOpen();
    breaker.enable();
    expect((await iterator.next()).value?.kind).toBe("opened");
    expect((await iterator.next()).value?.kind).toBe("closed");
    await iterator.return();
  });

  it("is over at once when its signal is aborted already, and never listens", async () => {
    const { breaker } = setUp();
    const iterator = events(breaker, { signal: AbortSignal.abort() });
    expect(breaker._engine.dispatcher.hasListeners).toBe(false);
    breaker.forceOpen();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it.each<[unknown, string]>([
    [{ capacity: 0 }, "capacity must be a whole number from 1 to 1000000, got 0"],
    [{ signal: "x" }, 'signal must be an AbortSignal, got "x"'],
    [{ signal: null }, "signal must be an AbortSignal, got null"],
    [{ signal: {} }, "signal must be an AbortSignal, got an object"],
    [{ kinds: ["opened", "open"] }, `kinds[1] must be one of "${EVENT_KINDS.join('", "')}", got "open"`],
    [{ kinds: "opened" }, 'kinds must be an array of kinds of events, got "opened"'],
    [
      { kind: "opened" },
      'unknown option "kind"; expected one of kinds, signal, capacity; did you mean "kinds"?',
    ],
    [null, "options must be an object, got null"],
  ])("refuses %j before it listens", (options, message) => {
    const { registry, breaker } = setUp();
    for (const source of [registry, breaker]) {
      try {
        events(source, options as EventsOptions);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ message });
        expect(isOptionError(error)).toBe(true);
      }
      expect(registry._engine.dispatcher.hasListeners).toBe(false);
    }
  });
});
