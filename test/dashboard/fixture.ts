/** A registry with a page, on timers that the test moves. */
import { onTestFinished, vi } from "vitest";
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { type Dashboard, dashboard } from "../../src/dashboard/dashboard.ts";
import type { DashboardOptions } from "../../src/dashboard/options.ts";

export const ORIGIN = "http://127.0.0.1:9300";

/** A page of a registry, both new. */
export interface Stage {
  readonly registry: CircuitBreakerRegistry;
  readonly handler: Dashboard;
}

/** Time stands still from now on: `pass` moves it. Breakers open at the second failure in a row, for 30 s. */
export function stage(options?: DashboardOptions): Stage {
  vi.useFakeTimers({
    now: Date.UTC(2026, 0, 1, 12),
    toFake: ["Date", "performance", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  onTestFinished(() => void vi.useRealTimers());
  const registry = new CircuitBreakerRegistry({
    clock: () => Date.now(),
    defaults: {
      detector: { kind: "consecutive_failures", failures: 2 },
      backoff: { kind: "constant", delayMs: 30_000 },
    },
  });
  const handler = dashboard(registry, options);
  onTestFinished(() => handler.close());
  return { registry, handler };
}

/** Lets ms pass. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** A request as a page would send it. */
export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}${path}`, { headers });
}

/** So many calls of a breaker end well, so many do not. */
export function call(breaker: CircuitBreaker, succeeded: number, failed = 0, error?: unknown): void {
  for (let n = 0; n < succeeded; n++) breaker.onSuccess(breaker.tryAcquire());
  for (let n = 0; n < failed; n++) breaker.onFailure(breaker.tryAcquire(), undefined, undefined, 1, 0, error);
}

/** The messages of a stream, one by one. */
export interface Messages<Message> {
  /** The next one; lets a second pass where it is not due yet. */
  next(): Promise<Message>;
  /** Text of the latest one, with all that belongs to the protocol. */
  readonly text: string;
  /** Goes away. */
  leave(): Promise<void>;
}

/** Connects a page. */
export async function connect<Message>({ handler }: Stage, path = "/stream"): Promise<Messages<Message>> {
  const response = await handler(get(path));
  const reader = response.body!.getReader(); // a stream has a body
  const decoder = new TextDecoder();
  let isFirst = true;
  const messages = {
    text: "",
    async next(): Promise<Message> {
      const reading = reader.read();
      if (!isFirst) await pass(1_000);
      isFirst = false;
      messages.text = decoder.decode((await reading).value);
      const data = messages.text.split("\n").find((line) => line.startsWith("data: "));
      return JSON.parse(data!.slice(6)) as Message; // every message has data
    },
    leave: () => reader.cancel(),
  };
  return messages;
}
