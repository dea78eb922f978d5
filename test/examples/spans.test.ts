import { SpanStatusCode } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { executeTraced } from "../../examples/spans.ts";
import { CircuitBreaker } from "../../src/entry/main.ts";

function setUp() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const breaker = new CircuitBreaker("payments", { detector: { kind: "consecutive_failures", failures: 1 } });
  const call = (fn: () => Promise<string>) =>
    executeTraced(breaker, fn, undefined, provider.getTracer("test")).catch(String);
  return { call, exporter };
}

describe("the spans of the example", () => {
  it("have the name and the state of the breaker, and the error of a call", async () => {
    const { call, exporter } = setUp();
    expect(await call(async () => "paid")).toBe("paid");
    expect(await call(() => Promise.reject(new Error("down")))).toBe("Error: down");
    const [first, second] = exporter.getFinishedSpans();
    expect(first).toMatchObject({
      name: "call payments",
      attributes: { "circuitbreaker.name": "payments", "circuitbreaker.state": "closed" },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(second).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: "Error: down" },
      events: [{ name: "exception", attributes: { "exception.message": "down" } }],
    });
  });

  it("say that a call was refused, and why", async () => {
    const { call, exporter } = setUp();
    await call(() => Promise.reject(new Error("down")));
    expect(await call(async () => "paid")).toMatch(/^CircuitOpenError/);
    expect(exporter.getFinishedSpans()[1]).toMatchObject({
      attributes: { "circuitbreaker.state": "open", "circuitbreaker.refusal": "open" },
      events: [{ attributes: { "exception.type": "ERR_CIRCUIT_OPEN" } }],
    });
  });
});
