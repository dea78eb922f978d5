import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { EVENT_KINDS } from "../../src/breaker/events.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { channelName, publishEvents } from "../../src/entry/diagnostics.ts";

/** What is published on all channels during `act`. */
function published(act: () => void): unknown[] {
  const messages: unknown[] = [];
  const add = (message: unknown, name: string | symbol) => void messages.push([name, message]);
  for (const kind of EVENT_KINDS) subscribe(channelName(kind), add);
  act();
  for (const kind of EVENT_KINDS) unsubscribe(channelName(kind), add);
  return messages;
}

describe("publishEvents", () => {
  it("publishes the events of a registry, one channel a kind, until it is undone", () => {
    const registry = new CircuitBreakerRegistry();
    const breaker = registry.get("a");
    const messages = published(() => {
      const stop = publishEvents(registry);
      breaker.forceOpen(5);
      breaker.enable(6);
      breaker.disable(7);
      stop();
      stop();
      breaker.forceOpen(8);
    });
    expect(messages).toEqual([
      ["bluesmoke:opened", expect.objectContaining({ kind: "opened", endpoint: "a", atMs: 5 })],
      ["bluesmoke:closed", expect.objectContaining({ kind: "closed", atMs: 6 })],
      ["bluesmoke:disabled", expect.objectContaining({ kind: "disabled", atMs: 7 })],
    ]);
    expect(registry._engine.dispatcher.hasListeners).toBe(false);
  });

  it("publishes the events of one breaker, until the end of a `using`", () => {
    const breaker = new CircuitBreaker("alone");
    const messages = published(() => {
      {
        using _stop = publishEvents(breaker);
        new CircuitBreaker("other").forceOpen();
        breaker.forceOpen();
      }
      breaker.enable();
    });
    expect(messages).toEqual([["bluesmoke:opened", expect.objectContaining({ endpoint: "alone" })]]);
  });
});
