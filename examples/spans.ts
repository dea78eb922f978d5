/** Spans of OpenTelemetry for calls behind a breaker: its name, its state, and why a call was refused. */
import { SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { type CallFunction, type CircuitBreaker, type ExecuteOptions, isCircuitOpenError } from "bluesmoke";

/** `breaker.execute(fn, options)` inside a span, which is the active one while `fn` runs. */
export function executeTraced<T>(
  breaker: CircuitBreaker,
  fn: CallFunction<T>,
  options?: ExecuteOptions<T>,
  tracer: Tracer = trace.getTracer("bluesmoke"),
): Promise<T> {
  return tracer.startActiveSpan(`call ${breaker.name}`, async (span) => {
    span.setAttributes({ "circuitbreaker.name": breaker.name, "circuitbreaker.state": breaker.state });
    try {
      return await breaker.execute(fn, options);
    } catch (error) {
      // A trace that ends here without a span below it: the endpoint was never asked.
      if (isCircuitOpenError(error)) span.setAttribute("circuitbreaker.refusal", error.reason);
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
