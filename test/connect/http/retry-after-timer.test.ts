import { describe, expect, it, onTestFinished, vi } from "vitest";
import { RetryAfterTimer } from "../../../src/connect/http/retry-after-timer.ts";
import { Endpoint } from "../support/endpoint.ts";
import { push, ship } from "../support/shipping.ts";

/** Refuses the first request and asks to be left alone, then thanks for everything. */
async function restingEndpoint(retryAfter: string, status = 503): Promise<Endpoint> {
  return Endpoint.open((response, number) => {
    if (number === 1) response.writeHead(status, { "retry-after": retryAfter });
    response.end();
  });
}

/** A date that many seconds from now, as the header has it: whole seconds, rounded down. */
function dateIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toUTCString();
}

describe("Retry-After", () => {
  it("in seconds is obeyed: no request starts before, then the queue goes on", async () => {
    const endpoint = await restingEndpoint("1");
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 3);
    await recorder.until(({ acked }) => acked.length === 2);
    const [first, second] = endpoint.received;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(recorder.failed).toEqual([
      { data: 0, meta: { error: "HTTP 503", status: 503, retry_after_ms: 1_000 } },
    ]);
  });

  it("as a date is obeyed", async () => {
    const endpoint = await restingEndpoint(dateIn(2), 429);
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 2);
    await recorder.until(({ acked }) => acked.length === 1);
    const [first, second] = endpoint.received;
    const restMs = recorder.failed[0]?.meta.retry_after_ms;
    expect([1_000, 2_000]).toContain(restMs);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(Number(restMs));
  });

  it("is told to whoever comes before, after the failures and until it is over", async () => {
    const endpoint = await restingEndpoint("1");
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 2, requestsInFlight: 1 });
    push(sink, 4);
    await recorder.until(({ acked }) => acked.length === 2);
    expect(recorder.said).toEqual(["fail", "fail", "trigger", "restore", "ack", "ack"]);
  });

  it("lets a full queue grow once more, so that a breaker can divert, and no further", async () => {
    const endpoint = await restingEndpoint("3600");
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 3);
    expect(sink.congested).toBe(true);
    await recorder.until(({ relievedCount }) => relievedCount === 1);
    expect(sink.congested).toBe(false);
    push(sink, 2);
    expect(sink.congested).toBe(true);
  });

  it("holds back requests of other connections too", async () => {
    const endpoint = await Endpoint.open((response, number) => {
      if (number === 2) response.writeHead(503, { "retry-after": "3600" }).end();
    });
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 2 });
    push(sink, 4);
    await recorder.until(({ said }) => said.includes("trigger"));
    endpoint.answering = (response) => response.end();
    endpoint.release();
    await recorder.until(({ acked }) => acked.length === 1);
    expect(sink.counters.requests).toBe(2);
  });

  it("is not obeyed when the request succeeded, or when it says nothing useful", async () => {
    const values = ["3600", "-1", "soon", "0"];
    const endpoint = await Endpoint.open((response, number) => {
      response.writeHead(number === 1 ? 200 : 503, { "retry-after": values[number - 1] ?? "" }).end();
    });
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 4);
    await sink.drain();
    expect(recorder.said).toEqual(["ack", "fail", "fail", "fail"]);
    expect(recorder.failed.map(({ meta }) => meta.retry_after_ms)).toEqual([undefined, undefined, 0]);
  });
});

describe("RetryAfterTimer", () => {
  it("lasts until the latest end that was asked for, and ends once", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const onEnd = vi.fn();
    const hold = new RetryAfterTimer(onEnd);
    expect(hold.isOn).toBe(false);
    hold.extend(3_000);
    hold.extend(1_000);
    vi.advanceTimersByTime(2_999);
    expect([hold.isOn, hold.remainingMs, onEnd.mock.calls.length]).toEqual([true, 1, 0]);
    hold.extend(500);
    vi.advanceTimersByTime(499);
    expect(hold.isOn).toBe(true);
    vi.advanceTimersByTime(2);
    expect([hold.isOn, hold.remainingMs, onEnd.mock.calls.length]).toEqual([false, 0, 1]);
  });

  it("can be cancelled without a word", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const onEnd = vi.fn();
    const hold = new RetryAfterTimer(onEnd);
    hold.extend(10);
    hold.cancel();
    vi.advanceTimersByTime(1_000);
    expect(onEnd).not.toHaveBeenCalled();
  });
});
