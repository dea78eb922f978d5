import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import { channelName, publishEvents } from "../../src/entry/diagnostics.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";

describe("diagnostics_channel", () => {
  it("carries the events of a registry, one channel a kind, until it is undone", () => {
    const registry = new CircuitBreakerRegistry();
    const stop = publishEvents(registry);
    const heard: unknown[] = [];
    const hear = (message: unknown, name: string | symbol) => void heard.push([name, message]);
    subscribe(channelName("opened"), hear);
    registry.get("a").forceOpen(5);
    registry.get("a").enable(6);
    stop();
    registry.get("a").forceOpen(7);
    unsubscribe(channelName("opened"), hear);
    expect(heard).toEqual([
      ["bluesmoke:opened", expect.objectContaining({ kind: "opened", endpoint: "a", atMs: 5 })],
    ]);
  });
});
